"""What the losses share: how they are reduced, and how their labels are checked."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.array_ops import cast
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.checks import fail, require_arrays
from chaingrad.functions.connection import check_ids
from chaingrad.functions.elementwise.exponential import sqrt


def check_reduce(who: str, reduce: str, valid: tuple[str, ...] = ('mean', 'no')) -> None:
    """Raise unless a reduction is known, listing those that are."""
    if reduce not in valid:
        raise ValueError(f'{who}: reduce must be one of {", ".join(map(repr, valid))}, but it is {reduce!r}.')


def reduced(loss: Any, reduce: str, dtype: Any) -> Variable:
    """Return the losses of a batch added up ('sum'), averaged over the samples ('mean') or as they are, in a dtype."""
    if reduce == 'sum':
        loss = _sum(loss)
    elif reduce == 'mean':
        loss = _sum(loss) / max(loss.shape[0], 1)
    return cast(loss, dtype)


def check_shapes(who: str, **arrays: Any) -> None:
    """Raise InvalidType unless all arrays have one shape."""
    require_arrays(who, **arrays)
    if len({x.shape for x in arrays.values()}) > 1:
        fail(who, ' == '.join(f'{name}.shape' for name in arrays), **arrays)


def check_same(who: str, x0: Any, x1: Any) -> None:
    """Raise unless two arrays have the same shape and dtype."""
    if x0.shape == x1.shape and (x0.dtype is x1.dtype or x0.dtype == x1.dtype):
        return
    advice = ''
    if {x0.ndim, x1.ndim} == {1, 2} and x0.size == x1.size:
        advice = ' Reshape one: (n, 1) against (n,) would broadcast to (n, n).'
    elif x0.shape == x1.shape:
        advice = f" Convert one with F.cast(x, '{x0.dtype}')."
    raise InvalidType(
        f'{who}: x0.shape == x1.shape and x0.dtype == x1.dtype must hold, but x0 is {x0.dtype} {x0.shape} and x1 is '
        f'{x1.dtype} {x1.shape}.{advice}'
    )


def label_array(who: str, name: str, t: Any, shape: tuple[int, ...], n: int, ignore_label: int | None = None) -> Any:
    """Return labels as an array of integers in [0, n) and of a shape, or raise."""
    t = as_array(t)
    if not hasattr(t, 'dtype') or t.dtype.kind not in 'iu' or t.shape != shape:
        given = f'{t.dtype} {t.shape}' if hasattr(t, 'dtype') else f'a {type(t).__name__}'
        raise InvalidType(f'{who}: {name} must hold integers and have the shape {shape}, but it is {given}.')
    check_ids(f'{who}: {name}', t, n, ignore_label)
    return t


def distance(square: Variable) -> Any:
    """Return the square root of squared distances; its derivative at 0 is taken as 0 where the true one is infinite."""
    zero = (square.array == 0).astype(square.dtype)
    return sqrt(square + zero) * (1 - zero)
