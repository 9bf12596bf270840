"""The same elements in another order: swapaxes, moveaxis, rollaxis, flip, fliplr, flipud, permutate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import GetItem, Transpose
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.checks import axes_of, axis_of


class Swapaxes(Transpose):
    """The same elements with two axes exchanged."""


class Moveaxis(Transpose):
    """The same elements with some axes at other places."""


class Rollaxis(Transpose):
    """The same elements with one axis at another place."""


class Flip(GetItem):
    """The same elements in reverse order along an axis."""


class Permutate(FunctionNode):
    """y_i = x_{indices[i]} along an axis."""

    def __init__(self, indices: Any, axis: int) -> None:
        self.indices = indices
        self.axis = axis

    def forward(self, inputs: Any) -> Any:
        return (inputs[0].take(self.indices, axis=self.axis),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (Permutate.of(grad_outputs[0], indices=self.indices.argsort(), axis=self.axis),)


def swapaxes(x: Any, axis1: int, axis2: int) -> Variable:
    """Exchange two axes.

    Args:
        x: Variable or array.
        axis1 (int): an axis.
        axis2 (int): an axis.

    Returns:
        Variable.

    Raises:
        InvalidType: when an axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.swapaxes(np.zeros((2, 3, 4)), 0, 2).shape
        (4, 3, 2)
    """
    i, j = axes_of('swapaxes', x, axis1, axis2)
    axes = list(range(len(x.shape)))
    axes[i], axes[j] = j, i
    return Swapaxes(tuple(axes)).apply((x,))[0]


def moveaxis(x: Any, source: Any, destination: Any) -> Variable:
    """Move axes to other places; the others keep their order.

    Args:
        x: Variable or array.
        source (int or tuple of ints): the axes to move.
        destination (int or tuple of ints): their places in the output.

    Returns:
        Variable.

    Raises:
        InvalidType: when an axis is out of range.
        ValueError: when source and destination differ in length or name an axis twice.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
        (3, 4, 2)
    """
    pair = [tuple(a) if isinstance(a, tuple | list) else (a,) for a in (source, destination)]
    sources, places = (axes_of('moveaxis', x, *axes) for axes in pair)
    if len(sources) != len(places) or len(set(sources)) < len(sources) or len(set(places)) < len(places):
        raise ValueError(
            f'moveaxis: source and destination must name as many axes, each once, but they are {source} and '
            f'{destination}.'
        )
    axes = [i for i in range(len(x.shape)) if i not in sources]
    for place, i in sorted(zip(places, sources)):
        axes.insert(place, i)
    return Moveaxis(tuple(axes)).apply((x,))[0]


def rollaxis(x: Any, axis: int, start: int = 0) -> Variable:
    """Move an axis before another one.

    Args:
        x: Variable or array.
        axis (int): the axis to move.
        start (int): the axis that it shall stand before; behind all when it is `x.ndim`.

    Returns:
        Variable.

    Raises:
        InvalidType: when an axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.rollaxis(np.zeros((2, 3, 4)), 2).shape
        (4, 2, 3)
    """
    (axis,) = axes_of('rollaxis', x, axis)
    n = len(x.shape)
    start = n if start == n else axes_of('rollaxis', x, start)[0]
    axes = [i for i in range(n) if i != axis]
    axes.insert(start - (start > axis), axis)
    return Rollaxis(tuple(axes)).apply((x,))[0]


def flip(x: Any, axis: int) -> Variable:
    """Reverse the order of the elements along an axis.

    Args:
        x: Variable or array.
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
    (axis,) = axes_of('flip', x, axis)
    return Flip((slice(None),) * axis + (slice(None, None, -1),)).apply((x,))[0]


def fliplr(a: Any) -> Variable:
    """Reverse the order of the columns.

    Args:
        a: Variable or array of at least two axes; the second is reversed.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when there are less than two axes.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.fliplr(np.array([[1.0, 2.0], [3.0, 4.0]]))
        variable([[2., 1.],
                  [4., 3.]])
    """
    return flip(a, axes_of('fliplr', a, 1)[0])


def flipud(a: Any) -> Variable:
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
    return flip(a, axes_of('flipud', a, 0)[0])


def permutate(x: Any, indices: Any, axis: int = 0, inv: bool = False) -> Variable:
    """Put the elements along an axis into another order.

    y_i = x_{indices[i]}, or y_{indices[i]} = x_i with inv.

    Args:
        x: Variable or array.
        indices: Variable, array or sequence of integers, (x.shape[axis],): a permutation.
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
    (axis,) = axes_of('permutate', x, axis)
    indices = as_array(indices)
    indices = np.asarray(indices, np.intp) if isinstance(indices, Sequence) else indices
    n = x.shape[axis]
    if indices.shape != (n,) or indices.dtype.kind not in 'iu':
        raise InvalidType(
            f'permutate: indices must be {n} integers, as x is {x.dtype} {x.shape} and axis {axis}, but they are '
            f'{indices.dtype} {indices.shape}.'
        )
    xp = get_array_module(indices)
    order = indices.argsort()
    if not (indices[order] == xp.arange(n)).all():
        raise ValueError(f'permutate: indices must name every number in [0, {n}) once, but they are {indices}.')
    return Permutate(order if inv else indices, axis).apply((x,))[0]


def _flip_all(x: Any, axis: Any = None) -> Variable:
    """Reverse several axes, or all, as NumPy's flip does."""
    axis = axis_of('flip', x, axis)
    for i in range(len(x.shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,):
        x = flip(x, i)
    return x


provide(np.flip, _flip_all)
