"""Helpers of the losses: their reduction, and checks of their inputs and labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.array_ops import downcast
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.checks import check_ids, fail, require_arrays
from chaingrad.functions.elementwise.exponential import sqrt


def check_reduce(who: str, reduce: str, valid: tuple[str, ...] = ('mean', 'no')) -> None:
    """Raise ValueError, listing the valid reductions, unless the given one is among them."""
    if reduce not in valid:
        names = ', '.join([repr(name) for name in valid])
        raise ValueError(f'{who}: reduce must be one of {names}, but it is {reduce!r}.')


def reduce_loss(loss: Variable, reduce: str, dtype: np.dtype[Any]) -> Variable:
    """Return the losses of a batch summed ('sum'), averaged over the samples ('mean') or as they are, in a dtype."""
    if reduce == 'sum':
        loss = _sum(loss)
    elif reduce == 'mean':
        loss = _sum(loss) / max(loss.shape[0], 1)
    return downcast(loss, dtype)


def check_equal_shapes(who: str, **arrays: Any) -> None:
    """Raise InvalidType unless all arrays have one shape."""
    require_arrays(who, **arrays)
    if len({x.shape for x in arrays.values()}) > 1:
        fail(who, ' == '.join(f'{name}.shape' for name in arrays), 'Reshape or broadcast one.', **arrays)


def check_equal_types(who: str, x0: Array, x1: Array) -> None:
    """Raise InvalidType unless two arrays have the same shape and dtype."""
    if x0.shape == x1.shape and (x0.dtype is x1.dtype or x0.dtype == x1.dtype):
        return
    advice = ''
    if {x0.ndim, x1.ndim} == {1, 2} and x0.size == x1.size:
        advice = ' Reshape one: (n, 1) against (n,) would broadcast to (n, n).'
    elif x0.shape == x1.shape:
        advice = f" Convert one with F.cast(x, '{x0.dtype}')."
    else:
        advice = ' Reshape or broadcast one.'
    reject(
        f'{who}: x0.shape == x1.shape and x0.dtype == x1.dtype must hold, but x0 is {x0.dtype} {x0.shape} and x1 is '
        f'{x1.dtype} {x1.shape}.{advice}'
    )


def label_array(
    who: str, name: str, t: VariableOrArray, shape: Shape, n: int, ignore_label: int | None = None
) -> Array:
    """Return labels as an array; raise unless they are integers in [0, n), or ignored, and have the given shape."""
    labels = as_array(t)
    if not hasattr(labels, 'dtype') or labels.dtype.kind not in 'iu' or labels.shape != shape:
        given = f'{labels.dtype} {labels.shape}' if hasattr(labels, 'dtype') else f'a {type(labels).__name__}'
        reject(f'{who}: {name} must hold integers and have the shape {shape}, but it is {given}.')
    check_ids(f'{who}: {name}', labels, n, ignore_label)
    return labels


def safe_sqrt(x: Variable) -> Variable:
    """Return the square root; its derivative at 0, where the true one is infinite, is taken as 0."""
    is_zero = (x.array == 0).astype(x.dtype)
    return sqrt(x + is_zero) * (1 - is_zero)
