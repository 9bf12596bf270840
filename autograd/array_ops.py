"""Functions that move elements without computing: reshape, transpose, indexing, broadcasting; and cast.

Each is the adjoint of another: get_item of scatter_item, broadcast_to of sum_to, a transposition of its inverse.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands, Shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.configuration import config
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.part_gradient import LEAST, PartGradient
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array, as_variable


class Reshape(FunctionNode):
    """The same elements in another shape."""

    _advice = 'The number of elements must stay; one length may be -1.'

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def forward(self, inputs: Arrays) -> Arrays:
        self._in_shape = inputs[0].shape
        return (inputs[0].reshape(self.shape),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (grad_outputs[0].reshape(self._in_shape),)


class Transpose(FunctionNode):
    """The same elements with the axes in another order."""

    _advice = 'Name every axis of x once, as in (1, 0, 2).'

    def __init__(self, axes: tuple[int, ...] | None = None) -> None:
        self.axes = axes

    def forward(self, inputs: Arrays) -> Arrays:
        return (inputs[0].transpose(self.axes),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        if self.axes is None:
            return (grad_outputs[0].T,)
        n = len(self.axes)
        inverse = sorted(range(n), key=lambda i: self.axes[i] % n)  # type: ignore[index]
        return (grad_outputs[0].transpose(inverse),)


class GetItem(FunctionNode):
    """y = x[slices]."""

    def __init__(self, slices: Any) -> None:
        self.slices = slices

    def forward(self, inputs: Arrays) -> Arrays:
        self._in_shape = inputs[0].shape
        return (inputs[0][self.slices],)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (ScatterItem.gradient(grad_outputs[0], slices=self.slices, shape=self._in_shape),)


class Scatter(FunctionNode):
    """y = zeros of a shape, to a part of which x is added: the adjoint of a function that takes a part."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def add_to(self, y: Array, x: Array) -> None:
        """Add x to its part of y, in place."""
        raise NotImplementedError

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        y = get_array_module(x).zeros(self.shape, x.dtype)
        self.add_to(y, x)
        return (y,)

    @classmethod
    def gradient(cls, gy: Operand, **options: Any) -> Any:
        """Return the gradient of the whole from that of the part: what `of` returns, or what will be added to a sum."""
        if type(gy) is not np.ndarray or math.prod(options['shape']) < LEAST:
            return cls.of(gy, **options)
        return PartGradient(options['shape'], gy.dtype, partial(cls(**options).add_to, x=gy))


class ScatterItem(Scatter):
    """y = zeros of a shape, plus x at slices; the adjoint of GetItem."""

    def __init__(self, slices: Any, shape: Shape) -> None:
        super().__init__(shape)
        self.slices = slices

    def add_to(self, y: Array, x: Array) -> None:
        if _has_index_arrays(self.slices):
            get_array_module(x).add.at(y, self.slices, x)
        else:
            y[self.slices] += x

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (GetItem.of(grad_outputs[0], slices=self.slices),)


class BroadcastTo(FunctionNode):
    """The elements repeated along new axes and axes of length 1."""

    _advice = 'Axes of x must have length 1 or that of the new shape; new ones come in front.'

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        self._in_shape = x.shape
        return (get_array_module(x).broadcast_to(x, self.shape),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (sum_to_shape(grad_outputs[0], self._in_shape),)


class SumTo(FunctionNode):
    """The sum over the axes that broadcasting would add or repeat; the adjoint of BroadcastTo."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        self._in_shape = x.shape
        lead = x.ndim - len(self.shape)
        if x.shape[lead:] == self.shape:
            return (sum_array(x, 0 if lead == 1 else tuple(range(lead)), False),)
        axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(self.shape) if n == 1 != x.shape[i + lead])
        return (sum_array(x, axes, True).reshape(self.shape),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (BroadcastTo.of(grad_outputs[0], shape=self._in_shape),)


class Cast(FunctionNode):
    """The elements in another dtype."""

    def __init__(self, dtype: Any) -> None:
        self.type = dtype

    def forward(self, inputs: Arrays) -> Arrays:
        self._in_type = inputs[0].dtype
        return (inputs[0].astype(self.type, copy=False),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (Cast.of(grad_outputs[0], dtype=self._in_type),)


def upcast(x: Operand, *others: Operand) -> Operand:
    """Return an array or Variable in the dtype to compute in: the widest of x and others, but float32 for float16."""
    dtype = x.dtype
    for other in others:
        if other.dtype is not dtype:
            dtype = np.promote_types(dtype, other.dtype)
    if dtype.char == 'e':
        dtype = np.dtype(np.float32)
    return downcast(x, dtype)


def downcast(x: Operand, dtype: Any) -> Operand:
    """Return an array or Variable in the dtype of a result, once it is computed in a wider one."""
    return x if x.dtype == dtype else Cast.of(x, dtype=dtype)


def sum_array(x: Any, axis: Any, keepdims: Any) -> Any:
    """Sum an array; float16 in float32, which neither overflows early nor loses the small terms."""
    if x.dtype.char == 'e':
        return x.sum(axis=axis, dtype=np.float32, keepdims=keepdims).astype(np.float16)
    if type(x) is np.ndarray:
        return np.add.reduce(x, axis=axis, keepdims=keepdims)  # a third of the cost of x.sum on small arrays
    return x.sum(axis=axis, keepdims=keepdims)


def sum_to_shape(g: Any, shape: Shape) -> Any:
    """Sum a gradient (array or Variable) to the shape that was broadcast."""
    return g if g.shape == shape else SumTo.of(g, shape=shape)


def refuse_ellipses(who: str, slices: Any) -> None:
    """Raise ValueError for an index with more than one Ellipsis, in place of the IndexError of NumPy."""
    if isinstance(slices, tuple) and len([s for s in slices if s is Ellipsis]) > 1:
        raise ValueError(f'{who}: slices must have at most one Ellipsis, but they are {slices}.')


def _has_index_arrays(slices: Any) -> bool:
    """Whether an index may name an element twice: arrays and lists of integers may, slices and masks may not."""
    parts = slices if isinstance(slices, tuple) else (slices,)
    return any(isinstance(p, list) or getattr(p, 'ndim', 0) > 0 and p.dtype != bool for p in parts)


def reshape(x: VariableOrArray, shape: Sequence[int]) -> Variable:
    """Return the elements in another shape.

    Args:
        x: Variable or array of any shape.
        shape: the new shape; one length may be -1 and is then computed.

    Returns:
        Variable of the new shape.

    Raises:
        InvalidType: when the number of elements does not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.reshape(np.array([1.0, 2.0, 3.0, 4.0]), (2, -1))
        variable([[1., 2.],
                  [3., 4.]])
    """
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    x = as_variable(x)
    return x if x.shape == shape else Reshape(shape).apply((x,))[0]


def transpose(x: VariableOrArray, axes: Sequence[int] | None = None) -> Variable:
    """Return the elements with the axes in another order.

    Args:
        x: Variable or array of any shape.
        axes: for each new axis the old one; reversed when None.

    Returns:
        Variable, of shape `[x.shape[a] for a in axes]`.

    Raises:
        InvalidType: when axes is no permutation.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.transpose(np.zeros((2, 3, 4)), (1, 0, 2)).shape
        (3, 2, 4)
    """
    return Transpose(None if axes is None else tuple(axes)).apply((x,))[0]


def get_item(x: VariableOrArray, slices: Any) -> Variable:
    """Return elements: `x[slices]`.

    Args:
        x: Variable or array of any shape.
        slices: integers, slices, `...`, None, arrays of integers or booleans, or a tuple of them.

    Returns:
        Variable of the elements.

    Raises:
        IndexError: when an index is out of range.
        ValueError: when there are two Ellipses.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.get_item(np.array([[1.0, 2.0], [3.0, 4.0]]), (slice(None), 1))
        variable([2., 4.])
    """
    slices = tuple(map(as_array, slices)) if isinstance(slices, tuple) else as_array(slices)
    try:
        return GetItem(slices).apply((x,))[0]
    except IndexError as error:
        refuse_ellipses('get_item', slices)
        raise IndexError(
            f'get_item: {error}. x is {x.dtype} {x.shape} and the index {slices!r}; numbers count from 0 to the '
            'length of their axis - 1.'
        ) from None


def broadcast_to(x: VariableOrArray, shape: Sequence[int]) -> Variable:
    """Return the elements repeated to a shape.

    Args:
        x: Variable or array.
        shape: shape that x broadcasts to.

    Returns:
        Variable of that shape.

    Raises:
        InvalidType: when x does not broadcast to the shape.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.broadcast_to(np.array([1.0, 2.0]), (2, 2))
        variable([[1., 2.],
                  [1., 2.]])
    """
    x, shape = as_variable(x), tuple(shape)
    return x if x.shape == shape else BroadcastTo(shape).apply((x,))[0]


def sum_to(x: VariableOrArray, shape: Sequence[int]) -> Variable:
    """Return the sum over the axes that broadcasting from a shape would repeat; the adjoint of `broadcast_to`.

    Args:
        x: Variable or array.
        shape: shape that broadcasts to x's.

    Returns:
        Variable of that shape.

    Raises:
        InvalidType: when the shape does not broadcast to x's.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.sum_to(np.array([[1.0, 2.0], [3.0, 4.0]]), (2, 1))
        variable([[3.],
                  [7.]])
    """
    x, shape = as_variable(x), tuple(shape)
    if x.shape == shape:
        return as_variable(x)
    lead = len(x.shape) - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, x.shape[lead:])):
        raise InvalidType(
            f'sum_to: shape must broadcast to the shape of x, but it is {shape} and x is {x.dtype} {x.shape}.'
        )
    return SumTo(shape).apply((x,))[0]


def cast(x: VariableOrArray, typ: Any) -> Variable:
    """Return the elements in another dtype.

    Args:
        x: Variable or array of any shape.
        typ: dtype, such as `'float32'`.

    Returns:
        Variable of that dtype: a new one while `config.enable_backprop` is on, else x itself when it has it already.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.cast(np.array([1, 2]), 'float32').dtype
        dtype('float32')
    """
    x = as_variable(x)
    try:
        typ = np.dtype(typ)
    except TypeError:
        raise TypeError(f"cast: typ must be one of NumPy's dtypes, but it is {typ!r}. Write 'float32'.") from None
    return x if x.dtype == typ and not config.enable_backprop else Cast(typ).apply((x,))[0]
