"""How updaters and evaluators hand what a converter made to a model."""

from __future__ import annotations

from typing import Any


def call_with(arrays: Any, function: Any, *first: Any) -> Any:
    """Call a function with what the converter made of a batch, after the arguments `first`."""
    if isinstance(arrays, tuple):
        return function(*first, *arrays)
    if isinstance(arrays, dict):
        return function(*first, **arrays)
    return function(*first, arrays)
