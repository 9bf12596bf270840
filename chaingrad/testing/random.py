"""Tests with the same random numbers in every run."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.backends import cuda

__all__ = ['do_setup', 'do_teardown', 'fix_random', 'generate_seed']

_saved_states: list[tuple[Any, Any]] = []  # of Python's and NumPy's generators, before each do_setup


def do_setup(deterministic: bool = True) -> None:
    """Seed Python's, NumPy's and CuPy's global generators; `do_teardown` restores the first two.

    Args:
        deterministic: whether to use the same seed every time.
    """
    _saved_states.append((random.getstate(), np.random.get_state()))
    seed = 0 if deterministic else random.SystemRandom().getrandbits(32)
    random.seed(seed)
    np.random.seed(seed)
    if cuda.available:
        cuda.cupy.random.seed(seed)


def do_teardown() -> None:
    """Restore the states that the generators had before the last `do_setup`."""
    python_state, numpy_state = _saved_states.pop()
    random.setstate(python_state)
    np.random.set_state(numpy_state)


def fix_random(*, setup_method: str = 'setUp', teardown_method: str = 'tearDown') -> Callable[[Any], Any]:
    """Give a test function, or each test of a class, the same random numbers in every run.

    Args:
        setup_method: name of a class's method that is called before each test.
        teardown_method: name of the method that is called after each test.

    Returns:
        A decorator of a function or class.

    Example:
        >>> import numpy as np
        >>> from chaingrad import testing
        >>> @testing.fix_random()
        ... def draw():
        ...     return np.random.rand()
        >>> draw() == draw()
        True
    """

    def decorate(target: Any) -> Any:
        if not isinstance(target, type):
            return _with_fixed_numbers(target)
        setup = getattr(target, setup_method, None)
        teardown = getattr(target, teardown_method, None)

        def before(self: Any, *args: Any, **kwargs: Any) -> None:
            do_setup()
            if setup is not None:
                setup(self, *args, **kwargs)

        def after(self: Any, *args: Any, **kwargs: Any) -> None:
            try:
                if teardown is not None:
                    teardown(self, *args, **kwargs)
            finally:
                do_teardown()

        setattr(target, setup_method, before if setup is None else functools.wraps(setup)(before))
        setattr(target, teardown_method, after if teardown is None else functools.wraps(teardown)(after))
        return target

    return decorate


def _with_fixed_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        do_setup()
        try:
            return function(*args, **kwargs)
        finally:
            do_teardown()

    return run


def generate_seed() -> int:
    """Draw a seed in [0, 2 ** 31 - 1) from the fixed generators.

    Raises:
        RuntimeError: when called outside of `fix_random`.

    Example:
        >>> from chaingrad import testing
        >>> testing.fix_random()(testing.generate_seed)()
        209652396
    """
    if not _saved_states:
        raise RuntimeError('generate_seed: there are no fixed random numbers. Decorate the test with fix_random().')
    return int(np.random.randint(0x7FFFFFFF))
