"""Keyword arguments from `**kwargs`: they are read with their defaults; unknown and outdated ones are refused."""

from __future__ import annotations

import inspect
from typing import Any

__all__ = ['assert_kwargs_empty', 'check_unexpected_kwargs', 'parse_kwargs']


def check_unexpected_kwargs(kwargs: dict[str, Any], **unexpected: str) -> None:
    """Refuse keywords that are no longer supported, each with its own advice.

    Args:
        kwargs: the keywords that a function got.
        unexpected: the message for each keyword that it must not get.

    Raises:
        ValueError: when `kwargs` has one of them.

    Example:
        >>> from chaingrad.utils.argument import check_unexpected_kwargs
        >>> check_unexpected_kwargs({'train': True}, train='Use chaingrad.using_config.')
        Traceback (most recent call last):
        ...
        ValueError: Use chaingrad.using_config.
    """
    found = [advice for name, advice in unexpected.items() if name in kwargs]
    if found:
        raise ValueError('\n'.join(found))


def assert_kwargs_empty(kwargs: dict[str, Any]) -> None:
    """Refuse all remaining keywords.

    Raises:
        TypeError: when there is one; the message names the calling function.

    Example:
        >>> from chaingrad.utils.argument import assert_kwargs_empty
        >>> def scale(x, **kwargs):
        ...     assert_kwargs_empty(kwargs)
        >>> scale(1, factor=2)
        Traceback (most recent call last):
        ...
        TypeError: scale: unexpected keyword 'factor'.
    """
    parse_kwargs(kwargs)


def parse_kwargs(kwargs: dict[str, Any], *name_and_values: tuple[str, Any], **unexpected: str) -> tuple[Any, ...]:
    """Return the values of keywords, or their defaults, in the order of the pairs.

    Args:
        kwargs: the keywords that a function was given.
        name_and_values: pairs of a keyword and its default.
        unexpected: what to say about each keyword that it must not get.

    Returns:
        One value for each pair.

    Raises:
        ValueError: when `kwargs` has an `unexpected` keyword.
        TypeError: when it has any other keyword that is not in the pairs.

    Example:
        >>> from chaingrad.utils.argument import parse_kwargs
        >>> parse_kwargs({'dilate': 2}, ('dilate', 1), ('groups', 1))
        (2, 1)
    """
    check_unexpected_kwargs(kwargs, **unexpected)
    remaining = dict(kwargs)
    values = tuple([remaining.pop(name, default) for name, default in name_and_values])
    if remaining:
        names = ', '.join([repr(name) for name in sorted(remaining)])
        keywords = 'keyword' if len(remaining) == 1 else 'keywords'
        raise TypeError(f'{_find_caller()}: unexpected {keywords} {names}.')
    return values


def _find_caller() -> str:
    """Return the name of the innermost function on the stack that is not in this module."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame.f_code.co_name if frame is not None else 'call'
