"""concat, stack, hstack, vstack and dstack; and their inverses, split_axis and separate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands, Shape
from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.checks import axis_of, describe, require_sequence


class Concat(FunctionNode):
    """y = the inputs one after the other along an axis."""

    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        self._bounds = [0, *np.cumsum([x.shape[self.axis] for x in inputs]).tolist()]
        return (get_array_module(*inputs).concatenate(inputs, self.axis),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        axis = self.axis % gy.ndim
        return tuple([gy[index_along(axis, slice(self._bounds[i], self._bounds[i + 1]))] for i in indexes])


class Stack(FunctionNode):
    """y = the inputs along a new axis."""

    def __init__(self, axis: int = 0) -> None:
        self.axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        return (get_array_module(*inputs).stack(inputs, self.axis),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        axis = self.axis % gy.ndim
        return tuple([gy[index_along(axis, i)] for i in indexes])


def index_along(axis: int, index: Any) -> tuple[Any, ...]:
    """Return an index for one axis, counted from the front: x[:, :, index] is x[index_along(2, index)]."""
    return (slice(None),) * axis + (index,)


def filled(grad_outputs: Operands, shapes: Sequence[Shape]) -> list[Operand]:
    """Return the gradients of several outputs, zeros of the given shapes in place of None."""
    given = as_array(next(gy for gy in grad_outputs if gy is not None))
    xp = get_array_module(given)
    return [xp.zeros(shape, given.dtype) if gy is None else gy for gy, shape in zip(grad_outputs, shapes)]


class SplitAxis(FunctionNode):
    """The parts of x between indices along an axis."""

    def __init__(self, indices_or_sections: int | list[int], axis: int) -> None:
        self.indices_or_sections = indices_or_sections
        self.axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        parts = tuple(get_array_module(x).split(x, self.indices_or_sections, self.axis))
        self._shapes = [part.shape for part in parts]
        return parts

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (Concat.of(*filled(grad_outputs, self._shapes), axis=self.axis),)


class Separate(FunctionNode):
    """The parts of x along an axis, without that axis."""

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        return tuple([x[index_along(self.axis, i)] for i in range(x.shape[self.axis])])

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        shape = next(gy.shape for gy in grad_outputs if gy is not None)
        return (Stack.of(*filled(grad_outputs, [shape] * len(grad_outputs)), axis=self.axis),)


def _check_not_empty(who: str, xs: Sequence[VariableOrArray]) -> None:
    """Raise TypeError unless xs is a tuple or list of at least one Variable or array."""
    require_sequence(who, xs)
    if not xs:
        raise TypeError(f'{who}: xs must have at least one Variable or array, but it is empty.')


def _check_one_ndim(who: str, xs: Sequence[VariableOrArray]) -> None:
    """Raise InvalidType where xs differ in their number of axes, of which some would get axes of length 1."""
    if any(x.ndim != xs[0].ndim for x in xs):
        raise InvalidType(f'{who}: xs must have one number of axes, but they are {describe(xs)}. Use F.expand_dims.')


def _same_shape_except(axis: int, a: Shape, b: Shape) -> bool:
    return len(a) == len(b) and a[:axis] == b[:axis] and a[axis + 1 :] == b[axis + 1 :]


def concat(xs: Sequence[VariableOrArray], axis: int = 1) -> Variable:
    """Join arrays along an axis.

    Args:
        xs: tuple or list of Variables or arrays of one dtype, whose shapes differ along the axis only.
        axis (int): axis to join along.

    Returns:
        Variable, as long along the axis as all xs together.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.concat((np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])))
        variable([[1., 3.],
                  [2., 4.]])
    """
    _check_not_empty('concat', xs)
    first = xs[0]
    i = axis_of('concat', first, axis)
    for x in xs[1:]:
        if x.dtype != first.dtype or not _same_shape_except(i, x.shape, first.shape):
            reject(
                f'concat: xs must have one dtype, and one shape except along axis {axis}, but they are {describe(xs)}.'
            )
    return Concat(axis).apply(tuple(xs))[0]


def stack(xs: Sequence[VariableOrArray], axis: int = 0) -> Variable:
    """Join arrays along a new axis.

    Args:
        xs: tuple or list of Variables or arrays of one shape and dtype.
        axis (int): index of the new axis in the output.

    Returns:
        Variable, of length `len(xs)` along the new axis.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.stack((np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        variable([[1., 2.],
                  [3., 4.]])
    """
    _check_not_empty('stack', xs)
    axis_of('stack', xs[0], axis, new_axes=1)
    for x in xs[1:]:
        if x.shape != xs[0].shape or x.dtype != xs[0].dtype:
            reject(f'stack: xs must have one dtype and shape, but they are {describe(xs)}.')
    return Stack(axis).apply(tuple(xs))[0]


def split_axis(
    x: VariableOrArray, indices_or_sections: int | Sequence[int] | Array, axis: int, force_tuple: bool = True
) -> tuple[Variable, ...] | Variable:
    """Split an array along an axis.

    Args:
        x: Variable or array of any shape.
        indices_or_sections (int or sequence of ints): number of equal parts, or the indices at which parts begin.
        axis (int): axis to split.
        force_tuple (bool): whether a single part is returned in a tuple too.

    Returns:
        Tuple of Variables; the Variable itself where there is only one and force_tuple is False.

    Raises:
        InvalidType: when the axis is out of range, or its length is no multiple of the number of parts.
        ValueError: when the indices are not sorted.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.split_axis(np.array([1.0, 2.0, 3.0, 4.0]), 2, axis=0)
        (variable([1., 2.]), variable([3., 4.]))
    """
    axis = axis_of('split_axis', x, axis)
    indices_or_sections = as_array(indices_or_sections)
    if not isinstance(indices_or_sections, int | np.integer):
        indices_or_sections = [int(i) for i in indices_or_sections]
        if sorted(indices_or_sections) != indices_or_sections:
            raise ValueError(f'split_axis: the indices must be sorted, but they are {indices_or_sections}.')
    elif indices_or_sections < 1 or x.shape[axis] % indices_or_sections:
        raise InvalidType(
            f'split_axis: axis {axis} must have {indices_or_sections} equal parts, but x is {x.dtype} {x.shape}. '
            'Give another number, or a list of the indices at which parts begin.'
        )
    parts = SplitAxis(indices_or_sections, axis).apply((x,))
    return parts if force_tuple or len(parts) > 1 else parts[0]


def hstack(xs: Sequence[VariableOrArray]) -> Variable:
    """Join arrays side by side: along the second axis, or the first where there is only one.

    Args:
        xs: tuple or list of Variables or arrays of one dtype and number of axes, whose shapes differ along that axis
            only.

    Returns:
        Variable, as long along that axis as all xs together.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.hstack((np.array([1.0, 2.0]), np.array([3.0])))
        variable([1., 2., 3.])
        >>> F.hstack((np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])))
        variable([[1., 3.],
                  [2., 4.]])
    """
    _check_not_empty('hstack', xs)
    _check_one_ndim('hstack', xs)
    xs = [reshape(x, x.shape or (1,)) for x in xs]
    return concat(xs, 0 if xs[0].ndim == 1 else 1)


def vstack(xs: Sequence[VariableOrArray]) -> Variable:
    """Join arrays one below the other: along the first axis; arrays of one axis count as rows.

    Args:
        xs: tuple or list of Variables or arrays of one dtype and number of axes, whose shapes differ along that axis
            only.

    Returns:
        Variable, as long along that axis as all xs together.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.vstack((np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        variable([[1., 2.],
                  [3., 4.]])
    """
    _check_not_empty('vstack', xs)
    _check_one_ndim('vstack', xs)
    return concat([reshape(x, _matrix_shape(x)) for x in xs], 0)


def dstack(xs: Sequence[VariableOrArray]) -> Variable:
    """Join arrays along the third axis; arrays of one axis count as (1, n, 1), of two as (m, n, 1).

    Args:
        xs: tuple or list of Variables or arrays of one dtype and number of axes, whose shapes differ along that axis
            only.

    Returns:
        Variable, as long along that axis as all xs together.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.dstack((np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        variable([[[1., 3.],
                   [2., 4.]]])
    """
    _check_not_empty('dstack', xs)
    _check_one_ndim('dstack', xs)
    return concat([reshape(x, x.shape if x.ndim > 2 else (*_matrix_shape(x), 1)) for x in xs], 2)


def _matrix_shape(x: VariableOrArray) -> Shape:
    """Return the shape with axes of length 1 in front where there are fewer than two."""
    return (1,) * (2 - len(x.shape)) + x.shape


def separate(x: VariableOrArray, axis: int = 0) -> tuple[Variable, ...]:
    """Return the parts of an array along an axis, without that axis; the inverse of `stack`.

    Args:
        x: Variable or array of any shape.
        axis (int): axis to remove.

    Returns:
        Tuple of `x.shape[axis]` Variables.

    Raises:
        InvalidType: when the axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.separate(np.array([[1.0, 2.0], [3.0, 4.0]]))
        (variable([1., 2.]), variable([3., 4.]))
    """
    return Separate(axis_of('separate', x, axis)).apply((x,))


def _numpy_concatenate(xs: Sequence[VariableOrArray], axis: int = 0) -> Variable:
    """Join arrays with NumPy's default axis."""
    return concat(xs, axis)


provide(np.concatenate, _numpy_concatenate)
