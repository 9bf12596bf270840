"""Random numbers that are the same in every run of a test."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.backends import cuda

__all__ = ['do_setup', 'do_teardown', 'fix_random', 'generate_seed']

_saved: list[tuple[Any, Any]] = []  # the states before each do_setup that has no do_teardown yet


def do_setup(deterministic: bool = True) -> None:
    """Seed Python's, NumPy's and CuPy's global generators; `do_teardown` puts the first two back.

    Args:
        deterministic: whether to use the same seed every time.
    """
    _saved.append((random.getstate(), np.random.get_state()))
    seed = 0 if deterministic else random.SystemRandom().getrandbits(32)
    random.seed(seed)
    np.random.seed(seed)
    if cuda.available:
        cuda.cupy.random.seed(seed)


def do_teardown() -> None:
    """Put the generators back into the state before the last `do_setup`."""
    of_python, of_numpy = _saved.pop()
    random.setstate(of_python)
    np.random.set_state(of_numpy)


def fix_random(*, setup_method: str = 'setUp', teardown_method: str = 'tearDown') -> Callable[[Any], Any]:
    """Give a test function, or each test of a class, the same random numbers in every run.

    Args:
        setup_method: name of the method of a class that is called before each test.
        teardown_method: name of the one that is called afterwards.

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
            return _surrounded(target)
        setup, teardown = (getattr(target, name, None) for name in (setup_method, teardown_method))

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


def _surrounded(function: Any) -> Any:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        do_setup()
        try:
            return function(*args, **kwargs)
        finally:
            do_teardown()

    return run


def generate_seed() -> int:
    """Return a seed drawn from the fixed generators, in [0, 2 ** 31 - 1).

    Raises:
        RuntimeError: outside of `fix_random`.

    Example:
        >>> from chaingrad import testing
        >>> testing.fix_random()(testing.generate_seed)()
        209652396
    """
    if not _saved:
        raise RuntimeError('generate_seed: there are no fixed random numbers. Decorate the test with fix_random().')
    return int(np.random.randint(0x7FFFFFFF))
