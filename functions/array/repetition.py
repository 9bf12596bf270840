"""Functions that repeat elements: broadcast, repeat and tile."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import BroadcastTo, broadcast_to, get_item, reshape
from chaingrad.autograd.configuration import config
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.array.joining import index_along
from chaingrad.functions.checks import axis_of, require_arrays


def broadcast(*args: VariableOrArray) -> tuple[Variable, ...] | Variable:
    """Broadcast arrays to their common shape.

    Args:
        args: Variables or arrays whose shapes broadcast together.

    Returns:
        Tuple of Variables of one shape; the Variable itself where only one was given. While `config.enable_backprop`
        is on all are new, else those are given back that have the shape already.

    Raises:
        InvalidType: when the shapes do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, y = F.broadcast(np.array([[1.0], [2.0]]), np.array([3.0, 4.0]))
        >>> x
        variable([[1., 1.],
                  [2., 2.]])
    """
    if not args:
        raise ValueError('broadcast: no arrays were given.')
    require_arrays('broadcast', **{f'args[{i}]': x for i, x in enumerate(args)})
    try:
        shape = np.broadcast_shapes(*[x.shape for x in args])
    except ValueError as error:
        given = ', '.join(str(x.shape) for x in args)
        raise InvalidType(f'broadcast: the shapes must broadcast together, but they are {given}.') from error
    if config.enable_backprop:  # new Variables also for those that have the shape: their gradients are their own
        outputs = tuple([BroadcastTo(shape).apply((x,))[0] for x in args])
    else:
        outputs = tuple([broadcast_to(x, shape) for x in args])
    return outputs if len(args) > 1 else outputs[0]


def repeat(x: VariableOrArray, repeats: int | Sequence[int] | Array, axis: int | None = None) -> Variable:
    """Repeat every element along an axis.

    Args:
        x: Variable or array of any shape.
        repeats (int or tuple of ints): how often; one number for all, or one for each element along the axis. False
            and True count as 0 and 1.
        axis (int): axis to repeat along; when None, x is flattened first.

    Returns:
        Variable of the shape of x, but longer along the axis; of one axis where axis is None.

    Raises:
        InvalidType: when the axis is out of range.
        ValueError: when a number is negative, or repeats has another length than the axis.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.repeat(np.array([1.0, 2.0]), 2)
        variable([1., 1., 2., 2.])
        >>> F.repeat(np.array([[1.0, 2.0]]), (1, 3), axis=1)
        variable([[1., 2., 2., 2.]])
    """
    if axis is None:
        return repeat(reshape(x, (-1,)), repeats, 0)
    axis = axis_of('repeat', x, axis)
    n = x.shape[axis]
    counts = np.asarray(repeats, None if np.size(repeats) else int)  # an empty list would become an array of floats
    if counts.dtype == bool:
        counts = counts.astype(int)
    if counts.dtype.kind not in 'iu' or counts.size not in (1, n) or counts.ndim > 1 or (counts < 0).any():
        raise ValueError(
            f'repeat: repeats must be one number that is not negative, or {n}, as x is {x.dtype} {x.shape} and axis '
            f'{axis}, but they are {repeats}.'
        )
    lead = x.shape[:axis]
    rest = x.shape[axis + 1 :]
    if counts.size > 1:
        indices: Array = np.repeat(np.arange(n), counts)
        return get_item(x, index_along(axis, indices))
    times = int(counts.sum())
    copies = broadcast_to(reshape(x, (*lead, n, 1, *rest)), (*lead, n, times, *rest))
    return reshape(copies, (*lead, n * times, *rest))


def tile(x: VariableOrArray, reps: int | Sequence[int]) -> Variable:
    """Repeat an array along each axis.

    Args:
        x: Variable or array of any shape.
        reps (int or tuple of ints): how often along each axis; the last number is for the last axis. The shorter of
            reps and x.shape is filled up with ones in front.

    Returns:
        Variable, `r * n` long along an axis of length n that is repeated r times.

    Raises:
        ValueError: when a number is negative.
        TypeError: when reps is no integer or tuple of integers.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.tile(np.array([1.0, 2.0]), (2, 2))
        variable([[1., 2., 1., 2.],
                  [1., 2., 1., 2.]])
    """
    reps = tuple(reps) if isinstance(reps, Sequence | np.ndarray) else (reps,)
    if not all(isinstance(r, int | np.integer) for r in reps):
        raise TypeError(f'tile: reps must be an int or a tuple of ints, but it is {reps}.')
    if any(r < 0 for r in reps):
        raise ValueError(f'tile: reps must not be negative, but they are {reps}.')
    require_arrays('tile', x=x)
    missing = len(reps) - len(x.shape)
    counts = (1,) * -missing + reps
    shape = (1,) * missing + x.shape
    with_ones: list[int] = []  # an axis of length 1 in front of every axis
    repeated: list[int] = []
    for r, n in zip(counts, shape):
        with_ones += [1, n]
        repeated += [r, n]
    copies = broadcast_to(reshape(x, with_ones), repeated)
    return reshape(copies, [r * n for r, n in zip(counts, shape)])


provide(np.broadcast_arrays, broadcast)
