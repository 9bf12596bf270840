"""Functions that use elements more than once: broadcast, repeat and tile."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import broadcast_to, get_item, reshape
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_variable
from chaingrad.functions.checks import axes_of, require_arrays


def broadcast(*args: Any) -> Any:
    """Return arrays repeated to their common shape.

    Args:
        args: Variables or arrays whose shapes broadcast together.

    Returns:
        Tuple of Variables of one shape; the Variable itself where only one was given.

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
    if len(args) == 1:
        return as_variable(args[0])
    require_arrays('broadcast', **{f'args[{i}]': x for i, x in enumerate(args)})
    try:
        shape = np.broadcast_shapes(*[x.shape for x in args])
    except ValueError as error:
        given = ', '.join(str(x.shape) for x in args)
        raise InvalidType(f'broadcast: the shapes must broadcast together, but they are {given}.') from error
    return tuple([broadcast_to(x, shape) for x in args])


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Variable:
    """Return every element along an axis several times in a row.

    Args:
        x: Variable or array.
        repeats (int or tuple of ints): how often; one number for all or one for each element along the axis.
        axis (int): axis to repeat along; all elements in a row when None.

    Returns:
        Variable.

    Raises:
        InvalidType: when the axis is out of range.
        ValueError: when repeats are negative or of another number than the elements.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.repeat(np.array([1.0, 2.0]), 2)
        variable([1., 1., 2., 2.])
        >>> F.repeat(np.array([[1.0, 2.0]]), (1, 3), axis=1)
        variable([[1., 2., 2., 2.]])
    """
    if axis is None:
        return repeat(reshape(x, (-1,)), repeats, 0)
    (axis,) = axes_of('repeat', x, axis)
    counts = np.asarray(repeats, None if np.size(repeats) else int)
    if counts.dtype.kind not in 'iu' or counts.size not in (1, x.shape[axis]) or counts.ndim > 1 or (counts < 0).any():
        raise ValueError(
            f'repeat: repeats must be one number that is not negative, or {x.shape[axis]}, as x is {x.dtype} {x.shape} '
            f'and axis {axis}, but they are {repeats}.'
        )
    if counts.size > 1:
        return get_item(x, (slice(None),) * axis + (np.repeat(np.arange(x.shape[axis]), counts),))
    lead, n, rest, times = x.shape[:axis], x.shape[axis], x.shape[axis + 1 :], int(counts.sum())
    copies = broadcast_to(reshape(x, (*lead, n, 1, *rest)), (*lead, n, times, *rest))
    return reshape(copies, (*lead, n * times, *rest))


def tile(x: Any, reps: Any) -> Variable:
    """Return the whole array several times along each axis.

    Args:
        x: Variable or array.
        reps (int or tuple of ints): how often; the last number is for the last axis. Missing axes are put in front of
            x or of reps.

    Returns:
        Variable.

    Raises:
        ValueError: when a number is negative.
        TypeError: when reps are no integers.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.tile(np.array([1.0, 2.0]), (2, 2))
        variable([[1., 2., 1., 2.],
                  [1., 2., 1., 2.]])
    """
    reps = (reps,) if isinstance(reps, int | np.integer) else tuple(reps)
    if not all(isinstance(r, int | np.integer) for r in reps):
        raise TypeError(f'tile: reps must be an int or a tuple of ints, but it is {reps}.')
    if any(r < 0 for r in reps):
        raise ValueError(f'tile: reps must not be negative, but they are {reps}.')
    require_arrays('tile', x=x)
    n = len(x.shape)
    reps, shape = (1,) * (n - len(reps)) + reps, (1,) * (len(reps) - n) + x.shape
    apart = reshape(x, [n for m in shape for n in (1, m)])
    copies = broadcast_to(apart, [n for pair in zip(reps, shape) for n in pair])
    return reshape(copies, [r * m for r, m in zip(reps, shape)])


provide(np.broadcast_arrays, broadcast)
