"""Arrays that remember that they come from the inputs of a model, through whatever NumPy computes from them.

A mask that a program computes with NumPy from an input looks like a constant where the example has no padding. In the
file it would be one, for all inputs; so the exporter refuses such arrays by their class, not by their values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array

__all__ = ['is_traced', 'traced', 'untraced']

# What these return depends on shape and dtype of their argument only.
_FORGETTING = {np.empty_like, np.full_like, np.ones_like, np.zeros_like, np.shape, np.ndim, np.size}


class _Traced(np.ndarray[Any, Any]):
    """An array that comes from an input."""

    def __array_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Iterable[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        found = super().__array_function__(func, types, args, kwargs)
        return untraced(found) if func in _FORGETTING else _all_traced(found)


def traced(array: Array) -> Array:
    """Return a view that remembers."""
    return array.view(_Traced)


def _all_traced(value: Any) -> Any:
    """Return a result of NumPy, an array or several, so that it remembers: some functions return plain arrays."""
    if type(value) in (tuple, list):
        return type(value)(_all_traced(part) for part in value)
    return traced(value) if isinstance(value, np.ndarray) else value


def is_traced(array: Any) -> bool:
    """Return whether an array was computed from an input."""
    return isinstance(array, _Traced)


def untraced(array: Any) -> Any:
    """Return a view as a plain array; anything else as it is."""
    return array.view(np.ndarray) if isinstance(array, _Traced) else array
