"""concat, stack, hstack, vstack and dstack; and their opposites, split_axis and separate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array, as_variable
from chaingrad.functions.checks import axes_of, require_arrays


class Concat(FunctionNode):
    """y = the inputs one after the other along an axis."""

    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, inputs: Any) -> Any:
        self._ends = np.cumsum([x.shape[self.axis] for x in inputs]).tolist()
        return (get_array_module(*inputs).concatenate(inputs, self.axis),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (gy,) = grad_outputs
        lead = (slice(None),) * (self.axis % gy.ndim)
        starts = [0, *self._ends]
        return tuple([gy[(*lead, slice(starts[i], starts[i + 1]))] for i in indexes])


class Stack(FunctionNode):
    """y = the inputs along a new axis."""

    def __init__(self, axis: int = 0) -> None:
        self.axis = axis

    def forward(self, inputs: Any) -> Any:
        return (get_array_module(*inputs).stack(inputs, self.axis),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (gy,) = grad_outputs
        lead = (slice(None),) * (self.axis % gy.ndim)
        return tuple([gy[(*lead, i)] for i in indexes])


def filled(grad_outputs: Any, shapes: Iterable[tuple[int, ...]]) -> list[Any]:
    """Return the gradients of several outputs, zeros of the given shapes in place of None."""
    some = as_array(next(gy for gy in grad_outputs if gy is not None))
    xp = get_array_module(some)
    return [xp.zeros(shape, some.dtype) if gy is None else gy for gy, shape in zip(grad_outputs, shapes)]


class SplitAxis(FunctionNode):
    """The parts of x between indices along an axis."""

    def __init__(self, indices_or_sections: Any, axis: int) -> None:
        self.indices_or_sections = indices_or_sections
        self.axis = axis

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        parts = tuple(get_array_module(x).split(x, self.indices_or_sections, self.axis))
        self._shapes = [part.shape for part in parts]
        return parts

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (Concat.of(*filled(grad_outputs, self._shapes), axis=self.axis),)


class Separate(FunctionNode):
    """The parts of x along an axis, without that axis."""

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        lead = (slice(None),) * self.axis
        return tuple([x[(*lead, i)] for i in range(x.shape[self.axis])])

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        shape = next(gy.shape for gy in grad_outputs if gy is not None)
        return (Stack.of(*filled(grad_outputs, repeat(shape)), axis=self.axis),)


def _check_alike(who: str, xs: Any, axis: int, more_axes: int) -> None:
    """Raise unless the arrays can be joined: same dtype, same shape but along axis (None: everywhere)."""
    if not isinstance(xs, Sequence) or not xs:
        raise TypeError(f'{who}: xs must be a tuple or list of at least one Variable or array.')
    require_arrays(who, **{f'xs[{i}]': x for i, x in enumerate(xs)})
    first = xs[0]
    n_axes = first.ndim + more_axes
    if not -n_axes <= axis < n_axes:
        raise InvalidType(f'{who}: axis must be in [-{n_axes}, {n_axes}), but it is {axis} and xs are {_given(xs)}.')
    joined = axis % n_axes if who == 'concat' else None
    for x in xs[1:]:
        same = x.ndim == first.ndim and all(m == n for i, (m, n) in enumerate(zip(x.shape, first.shape)) if i != joined)
        if not same or x.dtype != first.dtype:
            but = '' if joined is None else f' but along axis {axis}'
            raise InvalidType(f'{who}: xs must have one dtype and shape{but}, but they are {_given(xs)}.')


def _given(xs: Any) -> str:
    return ', '.join(f'{x.dtype} {x.shape}' for x in xs)


def concat(xs: Sequence[Any], axis: int = 1) -> Variable:
    """Join arrays along an axis.

    Args:
        xs: tuple or list of Variables or arrays of one dtype, whose shapes differ along the axis only.
        axis (int): axis to join along.

    Returns:
        Variable.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.concat((np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])))
        variable([[1., 3.],
                  [2., 4.]])
    """
    _check_alike('concat', xs, axis, 0)
    return Concat(axis).apply(tuple(xs))[0]


def stack(xs: Sequence[Any], axis: int = 0) -> Variable:
    """Join arrays along a new axis.

    Args:
        xs: tuple or list of Variables or arrays of one shape and dtype.
        axis (int): place of the new axis in the output.

    Returns:
        Variable.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.stack((np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        variable([[1., 2.],
                  [3., 4.]])
    """
    _check_alike('stack', xs, axis, 1)
    return Stack(axis).apply(tuple(xs))[0]


def split_axis(x: Any, indices_or_sections: Any, axis: int, force_tuple: bool = True) -> Any:
    """Split an array along an axis.

    Args:
        x: Variable or array.
        indices_or_sections (int or sequence of ints): number of equal parts, or the indices at which parts begin.
        axis (int): axis to split.
        force_tuple (bool): whether a single part is returned in a tuple too.

    Returns:
        Tuple of Variables.

    Raises:
        InvalidType: when there is no such axis, or it has no equal parts.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.split_axis(np.array([1.0, 2.0, 3.0, 4.0]), 2, axis=0)
        (variable([1., 2.]), variable([3., 4.]))
    """
    (axis,) = axes_of('split_axis', x, axis)
    indices_or_sections = as_array(indices_or_sections)
    if isinstance(indices_or_sections, int | np.integer):
        if indices_or_sections < 1 or x.shape[axis] % indices_or_sections:
            raise InvalidType(
                f'split_axis: axis {axis} must have {indices_or_sections} equal parts, but x is {x.dtype} {x.shape}.'
            )
    else:
        indices_or_sections = [int(i) for i in indices_or_sections]
    parts = SplitAxis(indices_or_sections, axis).apply((x,))
    return parts if force_tuple or len(parts) > 1 else parts[0]


def _at_least(xs: Any, shape_of: Any) -> list[Any]:
    """Reshape the arrays that have too few axes."""
    if not isinstance(xs, Sequence) or not xs:
        raise TypeError('hstack, vstack, dstack: xs must be a tuple or list of at least one Variable or array.')
    return [reshape(x, shape_of(x.shape)) for x in map(as_variable, xs)]


def hstack(xs: Sequence[Any]) -> Variable:
    """Join arrays side by side: along the second axis, or the first where there is only one.

    Args:
        xs: tuple or list of Variables or arrays of one dtype, whose shapes differ along that axis only.

    Returns:
        Variable.

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
    xs = _at_least(xs, lambda shape: shape or (1,))
    return concat(xs, 0 if xs[0].ndim == 1 else 1)


def vstack(xs: Sequence[Any]) -> Variable:
    """Join arrays one below the other: along the first axis; arrays of one axis count as rows.

    Args:
        xs: tuple or list of Variables or arrays of one dtype, whose shapes differ along that axis only.

    Returns:
        Variable.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.vstack((np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        variable([[1., 2.],
                  [3., 4.]])
    """
    return concat(_at_least(xs, lambda shape: (1,) * (2 - len(shape)) + shape), 0)


def dstack(xs: Sequence[Any]) -> Variable:
    """Join arrays along the third axis; arrays of one axis count as (1, n, 1), of two as (m, n, 1).

    Args:
        xs: tuple or list of Variables or arrays of one dtype, whose shapes differ along that axis only.

    Returns:
        Variable.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.dstack((np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        variable([[[1., 3.],
                   [2., 4.]]])
    """

    def shape_of(shape: tuple[int, ...]) -> tuple[int, ...]:
        return (*((1,) * (2 - len(shape)) + shape), 1) if len(shape) < 3 else shape

    return concat(_at_least(xs, shape_of), 2)


def separate(x: Any, axis: int = 0) -> tuple[Variable, ...]:
    """Return the parts of an array along an axis, without that axis; the opposite of `stack`.

    Args:
        x: Variable or array.
        axis (int): axis to separate.

    Returns:
        Tuple of `x.shape[axis]` Variables.

    Raises:
        InvalidType: when the axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.separate(np.array([[1.0, 2.0], [3.0, 4.0]]))
        (variable([1., 2.]), variable([3., 4.]))
    """
    return Separate(*axes_of('separate', x, axis)).apply((x,))


provide(np.concatenate, lambda xs, axis=0: concat(xs, axis))
