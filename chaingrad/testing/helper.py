"""Small helpers: expected warnings, patches, and tests that need packages."""

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
    """Raise AssertionError unless a `with` block gives a warning. Other warnings are given again.

    Args:
        expected: category of the warning, or a parent of it.

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
        kwargs: further keywords of `unittest.mock.patch`.

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
    match = re.match(r'\d+(?:\.\d+)*', text)
    numbers = [int(part) for part in match[0].split('.')] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _is_met(requirement: str) -> bool:
    """Say whether a package is installed in one of the versions that a requirement allows."""
    package, conditions = _parse(requirement)
    try:
        version = _version(importlib.metadata.version(package))
    except importlib.metadata.PackageNotFoundError:
        return False
    return all(_COMPARE[symbol](version, _version(text)) for symbol, text in conditions)


def _parse(requirement: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the package that a requirement names, and its conditions: pairs of an operator's symbol and a version."""
    error = ValueError(f"with_requires: a requirement must look like 'numpy>=2.0,<3', but it is {requirement!r}.")
    parts = re.fullmatch(r'\s*([\w.-]+)(?:\[[^]]*\])?\s*(.*?)\s*', requirement)
    if parts is None:
        raise error
    conditions = []
    for text in parts[2].split(','):
        if text.strip():
            condition = re.fullmatch(r'(==|!=|>=|<=|>|<)\s*([\w.+!-]+)', text.strip())
            if condition is None:
                raise error
            conditions.append((condition[1], condition[2]))
    return parts[1], conditions


def with_requires(*requirements: str) -> Callable[[Any], Any]:
    """Skip a test unless packages are installed.

    Args:
        requirements: such as `'numpy>=2.0,<3'`; all must be met. 2.0rc1 counts as 2.0.

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
    """Skip a test if all of the packages are installed.

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
