"""The same elements in another order: swapaxes, moveaxis, rollaxis, flip, fliplr, flipud, permutate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Axis, Indexes, Operands
from chaingrad.autograd.array_ops import GetItem, Transpose
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.reduction import resolve_axes
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.array.joining import index_along
from chaingrad.functions.checks import axis_of, check_axes


class Swapaxes(Transpose):
    """The same elements with two axes exchanged."""


class Moveaxis(Transpose):
    """The same elements with some axes moved."""


class Rollaxis(Transpose):
    """The same elements with one axis moved."""


class Flip(GetItem):
    """The same elements in reverse order along an axis."""


class Permutate(FunctionNode):
    """y_i = x_{indices[i]} along an axis."""

    def __init__(self, indices: Array, axis: int) -> None:
        self.indices = indices
        self.axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        return (inputs[0].take(self.indices, axis=self.axis),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (Permutate.of(grad_outputs[0], indices=self.indices.argsort(), axis=self.axis),)


def swapaxes(x: VariableOrArray, axis1: int, axis2: int) -> Variable:
    """Exchange two axes.

    Args:
        x: Variable or array of any shape.
        axis1 (int): the first axis.
        axis2 (int): the axis to exchange it with.

    Returns:
        Variable with the two axes exchanged.

    Raises:
        InvalidType: when an axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.swapaxes(np.zeros((2, 3, 4)), 0, 2).shape
        (4, 3, 2)
    """
    i = axis_of('swapaxes', x, axis1)
    j = axis_of('swapaxes', x, axis2)
    axes = list(range(len(x.shape)))
    axes[i], axes[j] = j, i
    return Swapaxes(tuple(axes)).apply((x,))[0]


def moveaxis(x: VariableOrArray, source: int | tuple[int, ...], destination: int | tuple[int, ...]) -> Variable:
    """Move axes to other positions; the others keep their order.

    Args:
        x: Variable or array of any shape.
        source (int or tuple of ints): the axes to move.
        destination (int or tuple of ints): their indexes in the output.

    Returns:
        Variable with the axes in the new order.

    Raises:
        InvalidType: when an axis is out of range.
        ValueError: when source and destination differ in length or name an axis twice.
        TypeError: when one of them is neither int nor tuple of ints.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
        (3, 4, 2)
    """
    sources = _axis_list(x, source)
    destinations = _axis_list(x, destination)
    distinct = len(set(sources)) == len(sources) and len(set(destinations)) == len(destinations)
    if len(sources) != len(destinations) or not distinct:
        raise ValueError(
            'moveaxis: source and destination must name the same number of axes, each once, but they are '
            f'{source} and {destination}.'
        )
    axes = [i for i in range(len(x.shape)) if i not in sources]
    for new, old in sorted(zip(destinations, sources)):
        axes.insert(new, old)
    return Moveaxis(tuple(axes)).apply((x,))[0]


def _axis_list(x: VariableOrArray, axes: int | tuple[int, ...]) -> list[int]:
    """Return an argument of moveaxis as a list, counted from the front."""
    return [axis_of('moveaxis', x, i) for i in (axes if isinstance(axes, tuple) else (axes,))]


def rollaxis(x: VariableOrArray, axis: int, start: int = 0) -> Variable:
    """Move an axis in front of another one.

    Args:
        x: Variable or array of any shape.
        axis (int): the axis to move.
        start (int): the axis in front of which it is put; `x.ndim` puts it last.

    Returns:
        Variable with the axes in the new order.

    Raises:
        InvalidType: when an axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.rollaxis(np.zeros((2, 3, 4)), 2).shape
        (4, 2, 3)
    """
    axis = axis_of('rollaxis', x, axis)
    n = len(x.shape)
    if start != n:
        start = axis_of('rollaxis', x, start)
    axes = [i for i in range(n) if i != axis]
    if start > axis:
        start -= 1  # the axis was taken out in front of it
    axes.insert(start, axis)
    return Rollaxis(tuple(axes)).apply((x,))[0]


def flip(x: VariableOrArray, axis: int) -> Variable:
    """Reverse the order of the elements along an axis.

    Args:
        x: Variable or array of any shape.
        axis (int): axis to reverse.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.flip(np.array([1.0, 2.0, 3.0]), 0)
        variable([3., 2., 1.])
    """
    axis = axis_of('flip', x, axis)
    return Flip(index_along(axis, slice(None, None, -1))).apply((x,))[0]


def fliplr(a: VariableOrArray) -> Variable:
    """Reverse the order of the columns.

    Args:
        a: Variable or array of at least two axes; the second is reversed.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when there are fewer than two axes.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.fliplr(np.array([[1.0, 2.0], [3.0, 4.0]]))
        variable([[2., 1.],
                  [4., 3.]])
    """
    return flip(a, axis_of('fliplr', a, 1))


def flipud(a: VariableOrArray) -> Variable:
    """Reverse the order of the rows.

    Args:
        a: Variable or array of at least one axis; the first is reversed.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when there are no axes.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.flipud(np.array([[1.0, 2.0], [3.0, 4.0]]))
        variable([[3., 4.],
                  [1., 2.]])
    """
    return flip(a, axis_of('flipud', a, 0))


def permutate(
    x: VariableOrArray, indices: VariableOrArray | Sequence[int], axis: int = 0, inv: bool = False
) -> Variable:
    """Put the elements along an axis into another order.

    y_i = x_{indices[i]}, or y_{indices[i]} = x_i with inv.

    Args:
        x: Variable or array of any shape.
        indices: Variable, array or sequence of integers, (x.shape[axis],): a permutation of [0, x.shape[axis]).
        axis (int): axis to permute.
        inv (bool): whether to undo the permutation.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the axis is out of range or indices have another length or dtype.
        ValueError: when indices are no permutation.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.permutate(np.array([10.0, 20.0, 30.0]), np.array([2, 0, 1]))
        variable([30., 10., 20.])
        >>> F.permutate(np.array([10.0, 20.0, 30.0]), np.array([2, 0, 1]), inv=True)
        variable([20., 30., 10.])
    """
    axis = axis_of('permutate', x, axis)
    order = np.asarray(indices, np.intp) if isinstance(indices, Sequence) else as_array(indices)
    n = x.shape[axis]
    if order.shape != (n,) or order.dtype.kind not in 'iu':
        raise InvalidType(
            f'permutate: indices must be {n} integers, as x is {x.dtype} {x.shape} and axis {axis}, but they are '
            f'{order.dtype} {order.shape}.'
        )
    inverse = order.argsort()
    if not (order[inverse] == get_array_module(order).arange(n)).all():
        raise ValueError(f'permutate: indices must name every number in [0, {n}) once, but they are {order}.')
    return Permutate(inverse if inv else order, axis).apply((x,))[0]


def _numpy_flip(x: VariableOrArray, axis: Axis = None) -> VariableOrArray:
    """Reverse several axes, or all, as NumPy's flip does."""
    axis = check_axes('flip', x, axis)
    for i in resolve_axes(axis, len(x.shape)):
        x = flip(x, i)
    return x


provide(np.flip, _numpy_flip)
