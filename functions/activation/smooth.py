"""Smooth variants of ReLU: elu, selu, softplus and swish."""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands
from chaingrad.autograd.array_ops import reshape, sum_to_shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array, as_variable
from chaingrad.functions.activation.sigmoid import Sigmoid
from chaingrad.functions.checks import require_floats
from chaingrad.functions.elementwise.comparison import Where
from chaingrad.functions.kernels.clipping import at_least, at_most


class _NegativePart(Elementwise):
    """y = min(x, 0), whose derivative at 0 is 1."""

    def compute(self, x: Array) -> Array:
        return at_most(x, 0)

    def derivative(self, x: Operand) -> Operand:
        return ~(as_array(x) > 0)


class ELU(Elementwise):
    """y = x where x > 0, else alpha (exp(x) - 1)."""

    def __init__(self, alpha: float) -> None:
        self.alpha = float(alpha)

    def compute(self, x: Array) -> Array:
        return at_least(x, 0) + np.expm1(at_most(x, 0)) * self.alpha

    def derivative(self, x: Operand) -> Operand:
        derivatives = np.exp(_NegativePart.of(x))  # from x: y + alpha would cancel where y is near -alpha
        if self.alpha == 1:
            return derivatives
        negative = (~(as_array(x) > 0)).astype(x.dtype)
        return derivatives * ((1 - negative) + negative * self.alpha)


class Softplus(Elementwise):
    """y = log(1 + exp(beta x)) / beta."""

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = float(beta)

    def compute(self, x: Array) -> Array:
        x = self.beta * x
        return (at_least(x, 0) + np.log1p(np.exp(-abs(x)))) / self.beta

    def derivative(self, x: Operand) -> Operand:
        return Sigmoid.of(self.beta * x)


class Swish(FunctionNode):
    """y = x sigmoid(beta x)."""

    _retained_inputs = (0, 1)

    def forward(self, inputs: Arrays) -> Arrays:
        x, beta = inputs
        self._sigmoids = s = Sigmoid.of(x * beta)
        with np.errstate(invalid='ignore'):  # -inf * 0
            y = x * s
        self._is_finite = np.isfinite(y).all()
        return (y if self._is_finite else np.where(s == 0, s, y),)

    def _factors(self) -> tuple[Operand, Operand, Operand]:
        """Return x and s = sigmoid(beta x), both 0 where s is 0 or 1, and where it is 1: 0 * inf would be NaN."""
        x, beta = self.get_retained_inputs()
        if self._array_pass and self._is_finite:
            return x, self._sigmoids, 0
        between = (0 < self._sigmoids) & (self._sigmoids < 1)
        zero = get_array_module(between).zeros((), x.dtype)
        x = Where.of(x, zero, condition=between)
        s = Where.of(Sigmoid.of(x * beta), zero, condition=between)
        return x, s, (self._sigmoids == 1).astype(x.dtype)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        beta = self.get_retained_inputs()[1]
        x, s, one = self._factors()
        partial = x * s * (1 - s)  # of y by beta x
        gradients = {}
        if 0 in indexes:
            gradients[0] = gy * (s + one + partial * beta)
        if 1 in indexes:
            gradients[1] = sum_to_shape(gy * (partial * x), beta.shape)
        return tuple([gradients[i] for i in indexes])


def elu(x: VariableOrArray, alpha: float = 1.0) -> Variable:
    """Return the exponential linear unit.

    y = x where x > 0, else alpha (exp(x) - 1), whose derivative at 0 is taken as alpha.

    Args:
        x: Variable or array of any shape, floating dtype.
        alpha (float): the output is larger than -alpha.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.elu(np.array([-1000.0, 0.0, 2.0]))
        variable([-1.,  0.,  2.])

    Source:
        D.-A. Clevert, T. Unterthiner, S. Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear
        Units (ELUs), ICLR 2016, equation 15.
    """
    return ELU(alpha).apply_to(x)


def selu(x: VariableOrArray, alpha: float = 1.6732632423543772, scale: float = 1.0507009873554805) -> Variable:
    """Return the scaled exponential linear unit, which keeps mean 0 and variance 1 from layer to layer.

    y = scale * elu(x, alpha).

    Args:
        x: Variable or array of any shape, floating dtype.
        alpha (float): as in `elu`.
        scale (float): factor.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.selu(np.array([-1000.0, 0.0, 2.0]))
        variable([-1.75809934,  0.        ,  2.10140197])

    Source:
        G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, Self-Normalizing Neural Networks, NIPS 2017, equation 2.
    """
    require_floats('selu', x=x)
    return scale * elu(x, alpha)


def softplus(x: VariableOrArray, beta: float = 1.0) -> Variable:
    """Return a smooth ReLU.

    y = log(1 + exp(beta x)) / beta; stable for large |x|.

    Args:
        x: Variable or array of any shape, floating dtype.
        beta (float): sharpness, not 0; the larger, the nearer to ReLU.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.
        ValueError: when beta is 0.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.softplus(np.array([-1000.0, 0.0, 1000.0]))
        variable([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    if beta == 0 or not math.isfinite(beta):
        raise ValueError(f'softplus: beta must be a number that is not 0, but it is {beta}.')
    return Softplus(beta).apply_to(x)


def swish(x: VariableOrArray, beta: float | VariableOrArray) -> Variable:
    """Return the elements times their sigmoid.

    y = x * sigmoid(beta x).

    Args:
        x: Variable or array, (n, ...), floating dtype.
        beta: number, or Variable or array of shape `x.shape[1:beta.ndim + 1]`: one number for all elements where it
            has no axes, one per channel where it is (c,).

    Returns:
        Variable of the shape of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.swish(np.array([[-1.0, 0.0, 100.0]]), 1.0)
        variable([[ -0.26894142,   0.        , 100.        ]])

    Source:
        P. Ramachandran, B. Zoph, Q. V. Le, Searching for Activation Functions, 2017.
    """
    require_floats('swish', x=x)
    x = as_variable(x)
    if np.isscalar(beta):
        beta = x.xp.asarray(beta, x.dtype)
    else:
        beta = as_variable(beta)
        if beta.dtype != x.dtype or x.ndim <= beta.ndim > 0 or x.shape[1 : beta.ndim + 1] != beta.shape:
            reject(
                f'swish: x and beta must have one dtype and beta.shape == x.shape[1:beta.ndim + 1] must hold, but x is '
                f'{x.dtype} {x.shape} and beta is {beta.dtype} {beta.shape}.'
            )
        beta = reshape(beta, beta.shape + (1,) * (x.ndim - beta.ndim - 1))
    return Swish().apply((x, beta))[0]
