"""Small helpers: expected warnings, patches, and tests that need certain packages."""

from __future__ import annotations

import contextlib
import importlib.metadata
import operator
import re
import unittest
import unittest.mock
import warnings
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ['assert_warns', 'patch', 'with_requires', 'without_requires']

_COMPARE = {
    '==': operator.eq,
    '!=': operator.ne,
    '>=': operator.ge,
    '<=': operator.le,
    '>': operator.gt,
    '<': operator.lt,
}


@contextlib.contextmanager
def assert_warns(expected: type[Warning]) -> Iterator[None]:
    """Raise AssertionError unless a warning is given inside a `with` block. Other warnings go on.

    Args:
        expected: its category, or a parent of it.

    Example:
        >>> import warnings
        >>> from chaingrad import testing
        >>> with testing.assert_warns(DeprecationWarning):
        ...     warnings.warn('old', DeprecationWarning)
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        yield
    wanted = [w for w in caught if issubclass(w.category, expected)]
    for w in caught:
        if w not in wanted:
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)
    if not wanted:
        others = ', '.join(w.category.__name__ for w in caught) or 'none at all'
        raise AssertionError(f'assert_warns: a {expected.__name__} was expected, but there was {others}.')


def patch(target: str, *args: Any, **kwargs: Any) -> Any:
    """Replace an object while a test or a `with` block runs: `unittest.mock.patch`.

    Args:
        target: dotted path of the object.
        args: further arguments of `unittest.mock.patch`.
        kwargs: the same.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> from chaingrad import testing
        >>> with testing.patch('chaingrad.functions.sigmoid', return_value=3):
        ...     F.sigmoid(np.ones(1))
        3
    """
    return unittest.mock.patch(target, *args, **kwargs)


def _version(text: str) -> tuple[int, ...]:
    """Return the numbers of a release, without trailing zeros: 1.10.0rc1 is (1, 10)."""
    numbers = [int(part) for part in re.match(r'\d+(?:\.\d+)*|', text)[0].split('.') if part]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _is_met(requirement: str) -> bool:
    parts = re.fullmatch(r'\s*([\w.-]+)(?:\[[^]]*\])?\s*(.*?)\s*', requirement)
    conditions = [c.strip() for c in parts[2].split(',') if c.strip()] if parts else [requirement]
    compared = [re.fullmatch(r'(==|!=|>=|<=|>|<)\s*([\w.+!-]+)', condition) for condition in conditions]
    if parts is None or None in compared:
        raise ValueError(f"with_requires: a requirement must look like 'numpy>=2.0,<3', but it is {requirement!r}.")
    try:
        version = _version(importlib.metadata.version(parts[1]))
    except importlib.metadata.PackageNotFoundError:
        return False
    return all(_COMPARE[c[1]](version, _version(c[2])) for c in compared if c)


def with_requires(*requirements: str) -> Callable[[Any], Any]:
    """Skip a test unless packages are installed.

    Args:
        requirements: such as `'numpy>=2.0,<3'`; all must be met. Release numbers are compared, nothing behind them.

    Raises:
        ValueError: when a requirement cannot be read.

    Example:
        >>> from chaingrad import testing
        >>> @testing.with_requires('numpy>=1.0')
        ... def test_with_numpy():
        ...     print('ran')
        >>> test_with_numpy()
        ran
    """
    unmet = [requirement for requirement in requirements if not _is_met(requirement)]
    return unittest.skipIf(unmet, f'requires {", ".join(unmet)}')


def without_requires(*requirements: str) -> Callable[[Any], Any]:
    """Skip a test if all of some packages are installed.

    Args:
        requirements: as for `with_requires`.

    Example:
        >>> from chaingrad import testing
        >>> @testing.without_requires('numpy<1.0')
        ... def test_without_it():
        ...     print('ran')
        >>> test_without_it()
        ran
    """
    return unittest.skipIf(all(map(_is_met, requirements)), f'requires that not all are there: {requirements}')
