"""Functions that select elements or add to them: select_item, scatter_add, diagonal, as_strided; and copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import GetItem, ScatterItem, broadcast_to, get_item, reshape, transpose
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.backends.device import Device, get_device, get_device_from_array
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array, as_variable
from chaingrad.functions.checks import require_arrays
from chaingrad.functions.connection import check_ids


class SelectItem(GetItem):
    """y_i = x_{i, t_i}."""


class Copy(FunctionNode):
    """y = x on another device."""

    def __init__(self, device: Any) -> None:
        self.device = device

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        self._origin = get_device_from_array(x)
        y = self.device.send(x)
        return (y.copy() if y is x else y,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (Copy.of(grad_outputs[0], device=self._origin),)


def select_item(x: Any, t: Any) -> Variable:
    """Return one element of each row.

    y_i = x_{i, t_i}.

    Args:
        x: Variable or array, (n, c).
        t: Variable or array of integers in [0, c), (n,).

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
    t = as_array(t)
    require_arrays('select_item', x=x, t=t)
    if len(x.shape) != 2 or t.shape != x.shape[:1] or t.dtype.kind not in 'iu':
        raise InvalidType(
            f'select_item: x must be (n, c) and t (n,) of integers, but x is {x.dtype} {x.shape} and t is {t.dtype} '
            f'{t.shape}.'
        )
    check_ids('select_item: t', t, x.shape[1], None)
    return SelectItem((get_array_module(t).arange(len(t)), t)).apply((x,))[0]


def scatter_add(a: Any, slices: Any, b: Any) -> Variable:
    """Return an array with another one added to some of its elements.

    As `a[slices] += b`, but an element that slices name twice is added to twice. a is not changed.

    Args:
        a: Variable or array.
        slices: integers, slices, `...`, None, arrays of integers or booleans, or a tuple of them.
        b: Variable or array of the same dtype, of a shape that broadcasts to that of `a[slices]`.

    Returns:
        Variable of the shape of a.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        IndexError: when an index is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.scatter_add(np.array([1.0, 2.0]), np.array([1, 1]), np.array([10.0, 20.0]))
        variable([ 1., 32.])
    """
    if isinstance(slices, tuple | list):
        slices = tuple([as_array(s) for s in slices])
    slices = as_array(slices)
    require_arrays('scatter_add', a=a, b=b)
    if a.dtype != b.dtype:
        raise InvalidType(
            f'scatter_add: a and b must have one dtype, but a is {a.dtype} {a.shape} and b is {b.dtype} {b.shape}.'
        )
    part = broadcast_to(b, as_array(a)[slices].shape)
    return as_variable(a) + ScatterItem(slices, a.shape).apply((part,))[0]


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
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
    require_arrays('diagonal', x=x)
    n = len(x.shape)
    if not (-n <= axis1 < n and -n <= axis2 < n) or (axis1 - axis2) % n == 0:
        raise InvalidType(
            f'diagonal: axis1 and axis2 must be two axes of x, but they are {axis1} and {axis2} and x is {x.dtype} '
            f'{x.shape}.'
        )
    below, right = max(-offset, 0), max(offset, 0)
    i = np.arange(max(min(x.shape[axis1] - below, x.shape[axis2] - right), 0))
    others = [a for a in range(n) if a not in (axis1 % n, axis2 % n)]
    return get_item(transpose(x, [*others, axis1, axis2]), (..., i + below, i + right))


def as_strided(x: Any, shape: Any, strides: Any, storage_offset: int | None = None) -> Variable:
    """Return elements at regular steps in memory, as a view of another shape would show them.

    Element (i, j, ...) of y is the one `storage_offset + i * strides[0] + j * strides[1] + ...` elements behind the
    start of the memory that x is a view of. y is a copy; an element that appears in it several times gets the sum of
    the gradients.

    Args:
        x: Variable or array.
        shape (tuple of ints): shape of the output.
        strides (tuple of ints): steps along its axes, in elements (not bytes).
        storage_offset (int): where its first element is, in elements; where x begins when None.

    Returns:
        Variable.

    Raises:
        ValueError: when shape and strides differ in length, or name memory that does not belong to x.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.as_strided(np.array([0.0, 1.0, 2.0, 3.0]), (3, 2), (1, 1))
        variable([[0., 1.],
                  [1., 2.],
                  [2., 3.]])
    """
    array, shape, strides = as_array(x), tuple(shape), tuple(strides)
    require_arrays('as_strided', x=x)
    if len(shape) != len(strides):
        raise ValueError(f'as_strided: shape and strides must be as long, but they are {shape} and {strides}.')
    start = _start_in_memory(array)
    own = _steps(array.shape, [s // array.itemsize for s in array.strides], start)
    wanted = _steps(shape, strides, start if storage_offset is None else storage_offset)
    order = own.argsort(kind='stable')
    at = np.minimum(np.searchsorted(own[order], wanted), max(len(own) - 1, 0))
    if wanted.size and (not len(own) or (own[order[at]] != wanted).any()):
        raise ValueError(
            f'as_strided: elements {int(wanted.min())} to {int(wanted.max())} of the memory are wanted, but some do '
            f'not belong to x, which is {array.dtype} {array.shape}.'
        )
    places = order[at] if wanted.size else wanted
    return get_item(reshape(x, (array.size,)), get_array_module(array).asarray(places.reshape(shape)))


def _steps(shape: Any, strides: Any, start: int) -> Any:
    """Return where in memory the elements are, in C order."""
    steps = np.full((), start)
    for n, stride in zip(shape, strides):
        steps = steps[..., None] + np.arange(n) * stride
    return steps.reshape(-1)


def _start_in_memory(x: Any) -> int:
    """Return how many elements behind the start of the memory the first element of an array is."""
    base = x
    while getattr(base, 'base', None) is not None and hasattr(base.base, '__array_interface__'):
        base = base.base
    if base is x or not hasattr(x, '__array_interface__'):
        return 0
    return (x.__array_interface__['data'][0] - base.__array_interface__['data'][0]) // x.itemsize


def copy(x: Any, dst: Any) -> Variable:
    """Copy an array to a device.

    Args:
        x: Variable or array.
        dst: a Device or its name, such as `'@numpy'` or `'@cupy:0'`; of old programs: -1 for the CPU, or the number of
            a GPU.

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
