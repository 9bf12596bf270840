"""Functions that use elements more than once: broadcast, repeat and tile."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import ScatterItem, broadcast_to, reshape
from chaingrad.autograd.backends.cuda import get_array_module
from chaingrad.autograd.checks.type_check import InvalidType
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.reduction import Sum
from chaingrad.autograd.variable import Variable, as_variable


class Repeat(FunctionNode):
    """Every part of x along an axis several times in a row."""

    def __init__(self, repeats: Any, axis: int) -> None:
        self.repeats = repeats
        self.axis = axis

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        self._in_shape = x.shape
        return (x.repeat(self.repeats, self.axis),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (gy,) = grad_outputs
        shape, axis = self._in_shape, self.axis
        if isinstance(self.repeats, int):
            gy = gy.reshape((*shape[: axis + 1], self.repeats, *shape[axis + 1 :]))
            return (Sum.of(gy, axis=axis + 1),)
        places = (slice(None),) * axis + (np.repeat(np.arange(shape[axis]), self.repeats),)
        return (ScatterItem.of(gy, slices=places, shape=shape),)


class Tile(FunctionNode):
    """The whole of x several times along each axis."""

    def __init__(self, reps: tuple[int, ...]) -> None:
        self.reps = reps

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        self._in_shape = x.shape
        reps = (1,) * (x.ndim - len(self.reps)) + self.reps
        shape = (1,) * (len(reps) - x.ndim) + x.shape
        self._pairs = [n for pair in zip(reps, shape) for n in pair]
        return (get_array_module(x).tile(x, reps),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        g = grad_outputs[0].reshape(self._pairs)
        return (Sum.of(g, axis=tuple(range(0, len(self._pairs), 2))).reshape(self._in_shape),)


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
        return repeat(reshape(x, (x.size,)), repeats, 0)
    n = len(x.shape)
    if not -n <= axis < n:
        raise InvalidType(f'repeat: axis must be in [-{n}, {n}), but it is {axis} and x is {x.dtype} {x.shape}.')
    axis %= n
    counts = np.asarray(repeats, None if np.size(repeats) else int)
    if counts.dtype.kind not in 'iu' or counts.size not in (1, x.shape[axis]) or counts.ndim > 1 or (counts < 0).any():
        raise ValueError(
            f'repeat: repeats must be one number that is not negative, or {x.shape[axis]}, as x is {x.dtype} {x.shape} '
            f'and axis {axis}, but they are {repeats}.'
        )
    return Repeat(int(counts.flat[0]) if counts.size == 1 else counts, axis).apply((x,))[0]


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
    return Tile(tuple([int(r) for r in reps])).apply((x,))[0]


provide(np.broadcast_arrays, broadcast)
