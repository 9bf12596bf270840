"""How many threads compute: those of the BLAS library that NumPy calls, those of oneDNN, and those of our kernels.

Threads that wait for work spin: on a machine that is busy, or for small arrays, one thread may be many times as fast
as two. `set_threads` reaches the BLAS library by threadpoolctl (extra `repro`), or by itself where NumPy was installed
from a wheel; where neither can be done, it sets the environment variables, which count when Python starts.
"""

from __future__ import annotations

import ctypes
import functools
import os
import pathlib
import warnings
from typing import Any

import numpy as np

from chaingrad.autograd.configuration import config
from chaingrad.functions.kernels import thread_pool
from chaingrad.functions.kernels.thread_pool import VARIABLES, processors
from chaingrad.functions.kernels.twins import find_onednn

# The names of OpenBLAS's functions in NumPy's wheels; {} is get or set.
_IN_WHEELS = ('scipy_openblas_{}_num_threads64_', 'scipy_openblas_{}_num_threads', 'openblas_{}_num_threads64_')


class _Chosen:
    """Whether this process has called `set_threads`."""

    number: int | None = None


def set_threads(n: int) -> None:
    """Set the number of threads that compute: of the BLAS library in the whole process, of oneDNN in this thread.

    The environment variables are set as well, for processes that are started later. Another number of threads may
    change the last bits of results. `python -m chaingrad info` prints what is in force.

    Args:
        n (int): number of threads, at least 1.

    Raises:
        TypeError: when n is no int.
        ValueError: when n is less than 1.

    Example:
        >>> import chaingrad
        >>> chaingrad.set_threads(1)
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f'set_threads: n must be an int, but it is {n!r}.')
    if n < 1:
        raise ValueError(f'set_threads: n must be at least 1, but it is {n}. Write set_threads(1) for one thread.')
    for name in VARIABLES:
        os.environ[name] = str(n)
    _Chosen.number = int(n)
    apply_threads(int(n))
    if blas_threads() != n and n <= processors():
        warnings.warn(
            f'set_threads: the BLAS library of this process keeps {blas_threads()} threads, not {n}. Install '
            f'threadpoolctl (pip install chaingrad[repro]), or set OMP_NUM_THREADS={n} before Python starts.',
            stacklevel=2,
        )


def apply_threads(n: int) -> None:
    """Set the number of threads of the libraries that are loaded, and nothing else."""
    thread_pool.use(n)
    found = _threadpoolctl()
    if found is not None:
        found.threadpool_limits(n)
    else:
        for library, names in _wheel_libraries():
            getattr(library, names.format('set'))(n)
    if config.use_ideep != 'never':
        onednn = find_onednn()
        if onednn is not None:
            onednn.set_threads(n)


def blas_threads() -> int:
    """Return the number of threads of the BLAS library, on which the order of its sums depends."""
    found = _threadpoolctl()
    if found is not None:
        return max((pool['num_threads'] for pool in found.threadpool_info() if pool['user_api'] == 'blas'), default=1)
    for library, names in _wheel_libraries():
        return int(getattr(library, names.format('get'))())
    for name in ('OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'OMP_NUM_THREADS'):
        if os.environ.get(name, '').isdigit():
            return int(os.environ[name])
    return processors()


def chosen_by() -> str | None:
    """Return who has chosen the number of threads: 'set_threads', an environment variable, or None."""
    if _Chosen.number is not None:
        return f'set_threads({_Chosen.number})'
    given = [f'{name}={os.environ[name]}' for name in VARIABLES if os.environ.get(name)]
    return given[0] if given else None


def in_force() -> str:
    """Return a sentence on the threads for `python -m chaingrad info`."""
    onednn = find_onednn()
    others = '' if onednn is None or onednn.threads() is None else f', oneDNN {onednn.threads()}'
    kernels = f'kernels {thread_pool.count()}, of {processors()} processors ({chosen_by() or "by default"})'
    return f'BLAS {blas_threads()}{others}, {kernels}'


def _threadpoolctl() -> Any:
    try:
        import threadpoolctl
    except ImportError:
        return None
    return threadpoolctl


@functools.cache
def _wheel_libraries() -> list[tuple[Any, str]]:
    """Return the OpenBLAS of NumPy's wheel, which is loaded already, and the names of its functions."""
    package = pathlib.Path(np.__file__).parent
    found = []
    for path in [*package.parent.glob('numpy.libs/*openblas*'), *package.glob('.dylibs/*openblas*')]:
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        found += [(library, names) for names in _IN_WHEELS if hasattr(library, names.format('set'))][:1]
    return found
