"""Normalization by neighbouring channels, and by the Euclidean norm."""

from __future__ import annotations

from collections.abc import Iterable

from chaingrad.autograd.annotations import Arrays, Indexes, Operand, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Sum
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.kernels import normalization as kernels


class ChannelSum(FunctionNode):
    """y[:, i] = the sum of x[:, j] over |i - j| <= half; its own adjoint."""

    def __init__(self, half: int) -> None:
        self.half = half

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        return (kernels.channel_sum(x, self.half),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        return (ChannelSum.of(gy, half=self.half),)


class LocalResponseNormalization(FunctionNode):
    """y[:, i] = x[:, i] / (k + alpha sum of x[:, j] ** 2 over |i - j| <= n / 2) ** beta."""

    def __init__(self, n: int = 5, k: float = 2, alpha: float = 1e-4, beta: float = 0.75) -> None:
        self.half = n // 2
        self.k = k
        self.alpha = alpha
        self.beta = beta

    def _base(self, x: Operand) -> Operand:
        """Return what the power is taken of."""
        return ChannelSum.of(x * x, half=self.half) * self.alpha + self.k

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        if x.dtype.kind != 'f' or x.ndim < 2:
            checks.require_floats('local_response_normalization', x=x)
            checks.fail('local_response_normalization', 'x.ndim >= 2', x=x)
        self.retain_inputs((0,))
        wide_x = upcast(x)
        y = wide_x * self._base(wide_x) ** -self.beta
        return (downcast(y, x.dtype),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        wide_x = upcast(x)
        gy = upcast(grad_outputs[0])
        base = self._base(wide_x)
        scale = base**-self.beta
        total = ChannelSum.of(gy * wide_x * scale / base, half=self.half)
        gx = gy * scale - wide_x * total * (2 * self.alpha * self.beta)
        return (downcast(gx, x.dtype),)


class NormalizeL2(FunctionNode):
    """y = x / (|x| + eps), the norm over axes."""

    def __init__(self, eps: float = 1e-5, axis: int | tuple[int, ...] = 1) -> None:
        self.eps = eps
        self.axis = axis

    def _norm(self, x: Operand) -> Operand:
        """Return the norm; zero has the derivative zero, which adding one to the zeros gives."""
        return (Sum.of(x * x, axis=self.axis, keepdims=True) + self.zero) ** 0.5 - self.zero

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        if x.dtype.kind != 'f':
            checks.require_floats('normalize', x=x)
        self.retain_inputs((0,))
        wide_x = upcast(x)
        square = (wide_x * wide_x).sum(axis=self.axis, keepdims=True)
        self.zero = (square == 0).astype(wide_x.dtype)  # one where the norm is zero
        y = wide_x / (self._norm(wide_x) + self.eps)
        return (downcast(y, x.dtype),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        wide_x = upcast(x)
        gy = upcast(grad_outputs[0])
        norm = self._norm(wide_x)
        divisor = norm + self.eps
        y = wide_x / divisor
        derivative = Sum.of(gy * y, axis=self.axis, keepdims=True) / (norm + self.zero)
        gx = (gy - wide_x * derivative) / divisor
        return (downcast(gx, x.dtype),)


def local_response_normalization(
    x: VariableOrArray, n: int = 5, k: float = 2, alpha: float = 1e-4, beta: float = 0.75
) -> Variable:
    """Normalize by the squares of neighbouring channels.

    `y[:, i] = x[:, i] / (k + alpha * sum of x[:, j]^2) ** beta`, j from `i - n // 2` to `i + n // 2`.

    Args:
        x: Variable or array, (n, c, ...), floating dtype.
        n (int): width of the window of channels.
        k (float): added to the sum.
        alpha (float): weight of the squares.
        beta (float): exponent.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: when x has no floating dtype or has fewer than two axes.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.local_response_normalization(np.array([[3.0, 4.0]]), k=0, alpha=1, beta=0.5).array
        array([[0.6, 0.8]])

    Source:
        A. Krizhevsky, I. Sutskever and G. E. Hinton, ImageNet classification with deep convolutional neural networks,
        2012, section 3.3.
    """
    return LocalResponseNormalization(n, k, alpha, beta).apply((x,))[0]


def normalize(x: VariableOrArray, eps: float = 1e-5, axis: int | tuple[int, ...] = 1) -> Variable:
    """Divide by the Euclidean norm along axes.

    `y = x / (|x| + eps)`. At `x = 0` the norm counts as constant, so that the gradient is `gy / eps`.

    Args:
        x: Variable or array of any shape, floating dtype.
        eps (float): added to the norm, against division by zero.
        axis (int or tuple of ints): axis or axes of the vectors.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: when x has no floating dtype, or has no such axis.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.normalize(np.array([[3.0, 4.0], [0.0, 0.0]]), eps=0.0001).array.round(3)
        array([[0.6, 0.8],
               [0. , 0. ]])
    """
    axes = tuple(axis) if isinstance(axis, Iterable) else (axis,)
    for i in axes:
        checks.axis_of('normalize', x, i)
    return NormalizeL2(eps, axes).apply((x,))[0]
