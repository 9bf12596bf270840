"""Functions that select elements or add to them: select_item, scatter_add, diagonal, as_strided; and copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operands
from chaingrad.autograd.array_ops import (
    GetItem,
    ScatterItem,
    broadcast_to,
    get_item,
    refuse_ellipses,
    transpose,
)
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.backends.device import Device, get_device, get_device_from_array
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array, as_variable
from chaingrad.functions.checks import axis_of, check_ids, require_arrays


class SelectItem(GetItem):
    """y_i = x_{i, t_i}."""


class AsStrided(FunctionNode):
    """y = elements of the memory that x is a view of; those of y and x are at the positions `wanted` and `own`."""

    def __init__(self, memory: Array, wanted: Array, own: Array) -> None:
        self.memory = memory
        self.wanted = wanted
        self.own = own

    def forward(self, inputs: Arrays) -> Arrays:
        self._in_shape = inputs[0].shape
        y = self.memory[get_array_module(self.memory).asarray(self.wanted)]
        del self.memory  # the graph need not keep it
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        if gy.dtype.kind != 'f':
            raise TypeError(f'as_strided: only floating dtypes have a gradient, but x is {gy.dtype} {self._in_shape}.')
        if not len(self.own):
            return (gy.reshape((-1,))[:0].reshape(self._in_shape),)
        order = self.own.argsort(kind='stable')
        nearest = order[np.searchsorted(self.own[order], self.wanted).clip(max=len(order) - 1)]
        belongs = self.own[nearest] == self.wanted
        xp = get_array_module(as_array(gy))
        part = GetItem.of(gy, slices=xp.asarray(belongs))
        gx = ScatterItem.of(part, slices=xp.asarray(nearest[belongs]), shape=self.own.shape)
        return (gx.reshape(self._in_shape),)


class Copy(FunctionNode):
    """y = x on another device."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        self._origin = get_device_from_array(x)
        y = self.device.send(x)
        if y is x:  # it is there already
            y = x.copy()
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (Copy.of(grad_outputs[0], device=self._origin),)


def select_item(x: VariableOrArray, t: VariableOrArray) -> Variable:
    """Return one element of each row.

    y_i = x_{i, t_i}.

    Args:
        x: Variable or array, (n, c).
        t: Variable or array, (n,), integers in [0, c).

    Returns:
        Variable, (n,).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when an element of t is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.select_item(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 0]))
        variable([2., 3.])
    """
    require_arrays('select_item', x=x, t=t)
    columns = as_array(t)
    if len(x.shape) != 2 or t.shape != x.shape[:1] or t.dtype.kind not in 'iu':
        reject(
            f'select_item: x must be (n, c) and t (n,) of integers, but x is {x.dtype} {x.shape} and t is {t.dtype} '
            f'{t.shape}.'
        )
    check_ids('select_item: t', columns, x.shape[1], None)
    rows = get_array_module(columns).arange(len(columns))
    return SelectItem((rows, columns)).apply((x,))[0]


def scatter_add(a: VariableOrArray, slices: Any, b: VariableOrArray) -> Variable:
    """Return an array with another one added to some of its elements.

    The result of `a[slices] += b`, but an element that slices name twice is added to twice. a is not changed.

    Args:
        a: Variable or array of any shape.
        slices: integers, slices, `...`, None, arrays of integers or booleans, or a tuple of them. A list of integers is
            an array of indexes.
        b: Variable or array of the same dtype, of a shape that broadcasts to that of `a[slices]`.

    Returns:
        Variable of the shape of a.

    Raises:
        InvalidType: when dtypes do not fit.
        ValueError: when shapes do not fit, or there are two Ellipses.
        IndexError: when an index is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.scatter_add(np.array([1.0, 2.0]), np.array([1, 1]), np.array([10.0, 20.0]))
        variable([ 1., 32.])
    """
    if isinstance(slices, list) and all(isinstance(s, int | np.integer) for s in slices):
        slices = np.asarray(slices, None if slices else int)
    elif isinstance(slices, tuple | list):
        slices = tuple([as_array(s) for s in slices])
    slices = as_array(slices)
    require_arrays('scatter_add', a=a, b=b)
    if a.dtype != b.dtype:
        reject(f'scatter_add: a and b must have one dtype, but a is {a.dtype} {a.shape} and b is {b.dtype} {b.shape}.')
    part = _broadcast_to_part(as_array(a), slices, b)
    return as_variable(a) + ScatterItem(slices, a.shape).apply((part,))[0]


def _broadcast_to_part(a: Array, slices: Any, b: VariableOrArray) -> Variable:
    """Return b broadcast to the shape of a[slices], or raise ValueError."""
    try:
        shape = a[slices].shape
    except IndexError:
        refuse_ellipses('scatter_add', slices)
        raise
    try:
        return broadcast_to(b, shape)
    except InvalidType:
        raise ValueError(
            f'scatter_add: b must broadcast to the shape of a[slices], {shape}, but b is {b.dtype} {b.shape} and a is '
            f'{a.dtype} {a.shape}.'
        ) from None


def diagonal(x: VariableOrArray, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
    """Return the diagonals over two axes.

    Args:
        x: Variable or array of at least two axes.
        offset (int): how far right of the main diagonal; negative is below.
        axis1 (int): the axis of the rows.
        axis2 (int): the axis of the columns.

    Returns:
        Variable: the other axes of x, then the elements of the diagonals.

    Raises:
        InvalidType: when an axis is out of range or both are the same.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.diagonal(np.array([[1.0, 2.0], [3.0, 4.0]]))
        variable([1., 4.])
    """
    row_axis = axis_of('diagonal', x, axis1)
    column_axis = axis_of('diagonal', x, axis2)
    if row_axis == column_axis:
        raise InvalidType(
            f'diagonal: axis1 and axis2 must be two axes of x, but they are {axis1} and {axis2} and x is {x.dtype} '
            f'{x.shape}.'
        )
    first_row = max(-offset, 0)
    first_column = max(offset, 0)
    length = min(x.shape[row_axis] - first_row, x.shape[column_axis] - first_column)
    i: Array = np.arange(max(length, 0))
    others = [axis for axis in range(len(x.shape)) if axis not in (row_axis, column_axis)]
    return get_item(transpose(x, [*others, row_axis, column_axis]), (..., first_row + i, first_column + i))


def as_strided(
    x: VariableOrArray, shape: Sequence[int], strides: Sequence[int], storage_offset: int | None = None
) -> Variable:
    """Return elements at regular steps in memory, like a view with other shape and strides.

    Element (i, j, ...) of y is element `storage_offset + i * strides[0] + j * strides[1] + ...` of the memory that x
    is a view of. y is a copy; an element of x that appears in y several times gets the sum of the gradients, and those
    of the elements of the memory that do not belong to x are dropped.

    Args:
        x: Variable or array of any shape.
        shape (tuple of ints): shape of the output.
        strides (tuple of ints): steps along its axes, in elements (not bytes).
        storage_offset (int): position in memory of its first element, in elements; that of x when None.

    Returns:
        Variable, of the given shape.

    Raises:
        ValueError: when shape and strides differ in length, or lead out of the memory that x is a view of.
        TypeError: in `backward`, when x does not have a floating dtype.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.as_strided(np.array([0.0, 1.0, 2.0, 3.0]), (3, 2), (1, 1))
        variable([[0., 1.],
                  [1., 2.],
                  [2., 3.]])
    """
    require_arrays('as_strided', x=x)
    if len(shape) != len(strides):
        raise ValueError(
            f'as_strided: shape and strides must have the same length, but they are {tuple(shape)} and '
            f'{tuple(strides)}.'
        )
    array = as_array(x)
    memory, own = _memory(array)
    start = int(own[0]) if len(own) and storage_offset is None else storage_offset or 0
    wanted = _positions(shape, strides, start).reshape(tuple(shape))
    if wanted.size and not 0 <= int(wanted.min()) <= int(wanted.max()) < memory.size:
        raise ValueError(
            f'as_strided: elements {int(wanted.min())} to {int(wanted.max())} are wanted, but the memory of x, which '
            f'is {array.dtype} {array.shape}, has elements 0 to {memory.size - 1}.'
        )
    return AsStrided(memory, wanted, own).apply((x,))[0]


def _positions(shape: Sequence[int], strides: Sequence[int], start: int) -> Array:
    """Return the positions in memory of the elements of an array in C order."""
    positions: Array = np.full((), start)
    for n, stride in zip(shape, strides):
        positions = positions[..., None] + np.arange(n) * stride
    return positions.reshape(-1)


def _memory(x: Array) -> tuple[Array, Array]:
    """Return the elements, in a row, of the array that x is a view of, and the positions of those of x, in C order."""
    base: Any = x
    while getattr(base, 'base', None) is not None and hasattr(base.base, '__array_interface__'):
        base = base.base
    if base.flags.f_contiguous and not base.flags.c_contiguous:
        base = base.T
    if base is x or base.dtype != x.dtype or not base.flags.c_contiguous:
        return x.reshape(-1), np.arange(x.size)
    start = 0 if not x.size else (_address(x) - _address(base)) // x.itemsize
    return base.reshape(-1), _positions(x.shape, [step // x.itemsize for step in x.strides], start)


def _address(x: Array) -> int:
    address: int = x.__array_interface__['data'][0]
    return address


def copy(x: VariableOrArray, dst: Device | str | int) -> Variable:
    """Copy an array to a device.

    Args:
        x: Variable or array of any shape.
        dst: a Device or its name, such as `'@numpy'` or `'@cupy:0'`; old programs give the number of a GPU, or -1 for
            the CPU.

    Returns:
        Variable on that device.

    Raises:
        RuntimeError: when it is a GPU and CuPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.copy(np.array([1.0, 2.0]), -1)
        variable([1., 2.])
    """
    if isinstance(dst, int | np.integer):
        dst = '@numpy' if dst < 0 else f'@cupy:{dst}'
    device = dst if isinstance(dst, Device) else get_device(dst)
    return Copy(device).apply((as_variable(x),))[0]
