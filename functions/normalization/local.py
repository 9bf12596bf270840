"""Normalization by neighbouring channels, and by the Euclidean norm."""

from __future__ import annotations

from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Sum
from chaingrad.autograd.variable import Variable
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.kernels import normalization as kernels


class ChannelSum(FunctionNode):
    """y[:, i] = the sum of x[:, j] over |i - j| <= half; its own adjoint."""

    def __init__(self, half):
        self.half = half

    def forward(self, inputs):
        (x,) = inputs
        return (kernels.channel_sum(x, self.half),)

    def backward(self, indexes, grad_outputs):
        return (ChannelSum.of(grad_outputs[0], half=self.half),)


class LocalResponseNormalization(FunctionNode):
    """y[:, i] = x[:, i] / (k + alpha sum of x[:, j] ** 2 over |i - j| <= n / 2) ** beta."""

    def __init__(self, n=5, k=2, alpha=1e-4, beta=0.75):
        self.half, self.k, self.alpha, self.beta = n // 2, k, alpha, beta

    def _unit(self, x):
        return ChannelSum.of(x * x, half=self.half) * self.alpha + self.k

    def forward(self, inputs):
        (x,) = inputs
        if x.dtype.kind != 'f' or x.ndim < 2:
            checks.require_floats('local_response_normalization', x=x)
            checks.fail('local_response_normalization', 'x.ndim >= 2', x=x)
        self.retain_inputs((0,))
        wide = upcast(x)
        return (downcast(wide * self._unit(wide) ** -self.beta, x.dtype),)

    def backward(self, indexes, grad_outputs):
        (x,) = self.get_retained_inputs()
        wide, g = upcast(x), upcast(grad_outputs[0])
        unit = self._unit(wide)
        scale = unit**-self.beta
        summed = ChannelSum.of(g * wide * scale / unit, half=self.half)
        return (downcast(g * scale - wide * summed * (2 * self.alpha * self.beta), x.dtype),)


class NormalizeL2(FunctionNode):
    """y = x / (|x| + eps), the norm over axes."""

    def __init__(self, eps=1e-5, axis=1):
        self.eps, self.axis = eps, axis

    def _norm(self, x):
        """Return the norm; zero has the derivative zero, which adding one to the zeros gives."""
        return (Sum.of(x * x, axis=self.axis, keepdims=True) + self.zero) ** 0.5 - self.zero

    def forward(self, inputs):
        (x,) = inputs
        if x.dtype.kind != 'f':
            checks.require_floats('normalize', x=x)
        self.retain_inputs((0,))
        wide = upcast(x)
        self.zero = ((wide * wide).sum(axis=self.axis, keepdims=True) == 0).astype(wide.dtype)
        return (downcast(wide / (self._norm(wide) + self.eps), x.dtype),)

    def backward(self, indexes, grad_outputs):
        (x,) = self.get_retained_inputs()
        wide, g = upcast(x), upcast(grad_outputs[0])
        norm = self._norm(wide)
        divisor = norm + self.eps
        y = wide / divisor
        derivative = Sum.of(g * y, axis=self.axis, keepdims=True) / (norm + self.zero)
        return (downcast((g - wide * derivative) / divisor, x.dtype),)


def local_response_normalization(x, n: int = 5, k: float = 2, alpha: float = 1e-4, beta: float = 0.75) -> Variable:
    """Normalize by the squares of neighbouring channels.

    `y[:, i] = x[:, i] / (k + alpha * sum of x[:, j]^2) ** beta`, j from `i - n // 2` to `i + n // 2`.

    Args:
        x: Array (n, c, ...), floating.
        n: Width of the window of channels.
        k: Added to the sum.
        alpha: Weight of the squares.
        beta: Exponent.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: When x is not floating or has fewer than two axes.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.local_response_normalization(np.array([[3.0, 4.0]]), k=0, alpha=1, beta=0.5).array
        array([[0.6, 0.8]])

    Source:
        A. Krizhevsky, I. Sutskever and G. E. Hinton, ImageNet classification with deep convolutional neural networks,
        2012, section 3.3.
    """
    return LocalResponseNormalization(n, k, alpha, beta).apply((x,))[0]


def normalize(x, eps: float = 1e-5, axis=1) -> Variable:
    """Divide by the Euclidean norm along axes.

    `y = x / (|x| + eps)`. At `x = 0` the norm counts as constant, so that the gradient is `gy / eps`.

    Args:
        x: Array, floating.
        eps: Added to the norm, against division by zero.
        axis: Axis of the vectors: an int, or a tuple.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: When x is not floating, or has no such axis.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.normalize(np.array([[3.0, 4.0], [0.0, 0.0]]), eps=0.0001).array.round(3)
        array([[0.6, 0.8],
               [0. , 0. ]])
    """
    axis = tuple(axis) if hasattr(axis, '__len__') else (axis,)
    for i in axis:
        checks.axis_of('normalize', x, i)
    return NormalizeL2(eps, axis).apply((x,))[0]
