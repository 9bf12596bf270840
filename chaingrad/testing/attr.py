"""Marks for tests that need a GPU or much time. A test that cannot run is skipped."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any

from chaingrad.autograd.backends import cuda
from chaingrad.backends import intel64

__all__ = [
    'chainerx',
    'check_available',
    'cudnn',
    'get_error',
    'gpu',
    'ideep',
    'is_available',
    'multi_gpu',
    'slow',
]


def is_available() -> bool:
    """Say whether there are a GPU and CuPy.

    Example:
        >>> from chaingrad.testing import attr
        >>> attr.is_available() in (True, False)
        True
    """
    return bool(cuda.available)


def get_error() -> Exception | None:
    """Return the error that says why no GPU can be used; None if one can."""
    try:
        cuda.check_cuda_available()
    except Exception as error:
        return error
    return None


def check_available() -> None:
    """Raise the error that says why no GPU can be used, if none can.

    Raises:
        RuntimeError: when there is no GPU or no CuPy.
    """
    cuda.check_cuda_available()


def multi_gpu(gpu_num: int) -> Callable[[Any], Any]:
    """Mark a test that needs several GPUs.

    Args:
        gpu_num: number of GPUs.

    Returns:
        A decorator of a test function, method or class.
    """

    def decorate(test: Any) -> Any:
        count = cuda.cupy.cuda.runtime.getDeviceCount() if is_available() else 0
        if count >= gpu_num:
            return test
        return unittest.skip(f'needs {gpu_num} GPU(s), there are {count}')(test)

    return decorate


def gpu(f: Any) -> Any:
    """Mark a test that needs a GPU.

    Args:
        f: test function, method or class.

    Example:
        >>> from chaingrad.testing import attr
        >>> @attr.gpu
        ... def test_on_gpu():
        ...     pass
    """
    return multi_gpu(1)(f)


cudnn = gpu


def slow(*args: Any, **kwargs: Any) -> Any:
    """Mark a test that takes long; its attribute `slow` becomes True.

    Args:
        args: the test function, method or class.
        kwargs: not used.

    Example:
        >>> from chaingrad.testing import attr
        >>> @attr.slow
        ... def test_all_of_it():
        ...     pass
        >>> test_all_of_it.slow
        True
    """
    if not args:
        return slow
    args[0].slow = True
    return args[0]


def chainerx(*args: Any, **kwargs: Any) -> Any:
    """Mark a test that needs ChainerX, which chaingrad does not have: it is always skipped."""
    skip = unittest.skip('chaingrad has no ChainerX arrays')
    return skip(args[0]) if args else skip


def ideep(*args: Any, **kwargs: Any) -> Any:
    """Mark a test that needs oneDNN, which `config.use_ideep` switches; it is skipped where that is not installed."""
    skip = unittest.skipUnless(intel64.is_ideep_available(), 'needs oneDNN')
    return skip(args[0]) if args else skip
