"""Products and running sums: prod, cumprod and cumsum.

The rules of the products never divide, so zeros among the elements do no harm, in any order of derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import Transpose, reshape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import spread
from chaingrad.autograd.variable import Variable
from chaingrad.functions.array.joining import Concat
from chaingrad.functions.checks import axis_of

_REVERSED = (Ellipsis, slice(None, None, -1))
_ALL_BUT_LAST = (Ellipsis, slice(None, -1))
_FIRST = (Ellipsis, slice(None, 1))


class Cumsum(FunctionNode):
    """y_k = x_0 + ... + x_k along the last axis."""

    def forward(self, inputs: Any) -> Any:
        return (_accumulated('cumsum', inputs[0]),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (Cumsum.of(grad_outputs[0][_REVERSED])[_REVERSED],)


class Cumprod(FunctionNode):
    """y_k = x_0 ... x_k along the last axis."""

    _retained_inputs = (0,)

    def forward(self, inputs: Any) -> Any:
        if inputs[0].dtype.kind != 'f':
            raise not_floating(self, inputs[0])
        return (_accumulated('cumprod', inputs[0]),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (x,) = self.get_retained_inputs()
        return (products_before(x) * recurrence_from_behind(x, grad_outputs[0]),)


class Recurrence(FunctionNode):
    """h_k = a_k h_{k-1} + b_k along the last axis, with h_{-1} = 0."""

    _retained_inputs = (0,)
    _retained_outputs = (0,)

    def forward(self, inputs: Any) -> Any:
        a, h = inputs[0].copy(), inputs[1].copy()
        step = 1
        while step < a.shape[-1]:  # each element stands for 1, 2, 4, ... steps
            h[..., step:] += a[..., step:] * h[..., :-step].copy()
            a[..., step:] *= a[..., :-step].copy()
            step *= 2
        return (h,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (a,) = self.get_retained_inputs()
        (h,) = self.get_retained_outputs()
        gb = recurrence_from_behind(a, grad_outputs[0])
        return tuple([gb if i else gb * shifted(h, 0) for i in indexes])


class Prod(FunctionNode):
    """y = the product of x over axes."""

    _retained_inputs = (0,)

    def __init__(self, axis: Any = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        if x.dtype.kind != 'f':
            raise not_floating(self, x)
        y = x.prod(axis=self.axis, keepdims=self.keepdims, dtype=np.float32 if x.dtype == np.float16 else None)
        return (y.astype(x.dtype, copy=False),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (x,) = self.get_retained_inputs()
        gy = spread(grad_outputs[0], x.shape, self.axis, self.keepdims)
        return (gy * self._products_of_others(x),)

    def _products_of_others(self, x: Any) -> Any:
        """Return for every element the product of the others that it is multiplied with."""
        n = x.ndim
        axes = range(n) if self.axis is None else self.axis if isinstance(self.axis, tuple) else (self.axis,)
        axes = [a % n for a in axes]
        order = [i for i in range(n) if i not in axes] + axes
        turned = x.transpose(order)
        kept = turned.shape[: n - len(axes)]
        flat = turned.reshape((*kept, int(np.prod(turned.shape[n - len(axes) :]))))
        others = products_before(flat) * products_before(flat[_REVERSED])[_REVERSED]
        return others.reshape(turned.shape).transpose(sorted(range(n), key=order.__getitem__))


def _accumulated(method: str, x: Any) -> Any:
    """Call cumsum or cumprod of an array along its last axis; float16 accumulates in float32."""
    dtype = np.float32 if x.dtype == np.float16 else x.dtype
    return getattr(x, method)(axis=-1, dtype=dtype).astype(x.dtype, copy=False)


def shifted(x: Any, first: int) -> Any:
    """Return x moved by one along the last axis, behind 0 or 1."""
    xp = get_array_module(x) if not isinstance(x, Variable) else x.xp
    fill = xp.full((*x.shape[:-1], min(1, x.shape[-1])), first, x.dtype)
    return Concat.of(fill, x[_ALL_BUT_LAST], axis=-1)


def products_before(x: Any) -> Any:
    """Return for every element the product of those before it along the last axis."""
    return shifted(Cumprod.of(x), 1)


def recurrence_from_behind(a: Any, b: Any) -> Any:
    """Return h_k = b_k + a_{k+1} h_{k+1} along the last axis."""
    return Recurrence.of(shifted(a[_REVERSED], 0), b[_REVERSED])[_REVERSED]


def _along(who: str, node: FunctionNode, x: Any, axis: int | None) -> Variable:
    """Apply a node of the last axis along another one, or to all elements in a row."""
    if axis is None:
        return node.apply((reshape(x, (-1,)),))[0]
    if not isinstance(axis, int | np.integer):
        raise TypeError(f'{who}: axis must be None or an int, but it is {axis!r}.')
    axis_of(who, x, axis)
    axes = list(range(len(x.shape)))
    if axis % len(axes) == axes[-1]:
        return node.apply((x,))[0]
    axes[axis], axes[-1] = axes[-1], axes[axis]
    return Transpose.of(node.apply((Transpose(tuple(axes)).apply((x,))[0],))[0], axes=tuple(axes))


def cumsum(x: Any, axis: int | None = None) -> Variable:
    """Return the running sum along an axis.

    y_k = x_0 + ... + x_k. float16 is summed in float32.

    Args:
        x: Variable or array of any shape.
        axis (int): axis to sum along; all elements in a row when None.

    Returns:
        Variable of the same shape; of one axis where axis is None.

    Raises:
        InvalidType: when the axis is out of range.
        TypeError: when axis is neither None nor an int.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.cumsum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        variable([[1., 2.],
                  [4., 6.]])
    """
    return _along('cumsum', Cumsum(), x, axis)


def cumprod(x: Any, axis: int | None = None) -> Variable:
    """Return the running product along an axis.

    y_k = x_0 ... x_k. Zeros among the elements are no obstacle to any derivative.

    Args:
        x: Variable or array of any shape, floating dtype.
        axis (int): axis to multiply along; all elements in a row when None.

    Returns:
        Variable of the same shape; of one axis where axis is None.

    Raises:
        InvalidType: when the axis is out of range or the dtype is not floating.
        TypeError: when axis is neither None nor an int.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.cumprod(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        variable([[1., 2.],
                  [3., 8.]])
    """
    return _along('cumprod', Cumprod(), x, axis)


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return the product over axes.

    Zeros among the elements are no obstacle to any derivative. float16 is multiplied in float32.

    Args:
        x: Variable or array of any shape, floating dtype.
        axis (None, int or tuple of ints): axes to multiply over; all when None.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range or the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.prod(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        variable([3., 8.])
    """
    return Prod(axis_of('prod', x, axis), keepdims).apply((x,))[0]
