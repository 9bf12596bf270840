"""The methods of NumPy's arrays that Variable gets because there is a function: `x.max(axis=1)` is `F.max(x, axis=1)`.

`autograd/array_holder.py` declares them for type checkers. Methods without a function here (`x.std()`) are missing;
what to write in their place stands in `autograd/habits.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaingrad.autograd.array_ops import cast
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.variable import Variable
from chaingrad.functions.array.order import swapaxes
from chaingrad.functions.array.repetition import repeat
from chaingrad.functions.array.selection import diagonal
from chaingrad.functions.array.shape import flatten, squeeze
from chaingrad.functions.elementwise.comparison import clip
from chaingrad.functions.reduction.cumulative import cumprod, cumsum, prod
from chaingrad.functions.reduction.extremum import argmax, argmin, max, min


def _astype(self: Variable, dtype: Any) -> Variable:
    """Return the elements in another dtype; see `chaingrad.functions.cast`."""
    return cast(self, dtype)


def _clip(self: Variable, min: float | None = None, max: float | None = None) -> Variable:
    """Return the elements, limited to an interval; see `chaingrad.functions.clip`."""
    return clip(self, min, max)


def _dot(self: Variable, b: Any) -> Variable:
    """Return the matrix product with another array; see `chaingrad.functions.matmul`."""
    return matmul(self, b)


METHODS: dict[str, Callable[..., Variable]] = {
    'argmax': argmax,
    'argmin': argmin,
    'astype': _astype,
    'clip': _clip,
    'cumprod': cumprod,
    'cumsum': cumsum,
    'diagonal': diagonal,
    'dot': _dot,
    'flatten': flatten,
    'max': max,
    'min': min,
    'prod': prod,
    'ravel': flatten,
    'repeat': repeat,
    'squeeze': squeeze,
    'swapaxes': swapaxes,
}

for _name, _method in METHODS.items():
    setattr(Variable, _name, _method)
