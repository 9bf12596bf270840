"""Smooth variants of ReLU: elu, selu, softplus and swish."""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Array, Operand
from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions.activation.sigmoid import Sigmoid, sigmoid
from chaingrad.functions.checks import require_floats
from chaingrad.functions.kernels.clipping import at_least, at_most


class ELU(Elementwise):
    """y = x where x >= 0, else alpha (exp(x) - 1)."""

    def __init__(self, alpha: float) -> None:
        self.alpha = float(alpha)

    def compute(self, x: Array) -> Array:
        self._negative = (x < 0).astype(x.dtype)
        return at_least(x, 0) + np.expm1(at_most(x, 0)) * self.alpha

    def derivative_from_output(self, y: Operand) -> Operand:
        return (y + self.alpha) * self._negative + (1 - self._negative)


class Softplus(Elementwise):
    """y = log(1 + exp(beta x)) / beta."""

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = float(beta)

    def compute(self, x: Array) -> Array:
        x = self.beta * x
        return (at_least(x, 0) + np.log1p(np.exp(-abs(x)))) / self.beta

    def derivative(self, x: Operand) -> Operand:
        return Sigmoid.of(self.beta * x)


def elu(x: VariableOrArray, alpha: float = 1.0) -> Variable:
    """Return the exponential linear unit.

    y = x where x >= 0, else alpha (exp(x) - 1).

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
    if not np.isscalar(beta):
        beta = as_variable(beta)
        if beta.dtype != x.dtype or x.ndim <= beta.ndim > 0 or x.shape[1 : beta.ndim + 1] != beta.shape:
            reject(
                f'swish: x and beta must have one dtype and beta.shape == x.shape[1:beta.ndim + 1] must hold, but x is '
                f'{x.dtype} {x.shape} and beta is {beta.dtype} {beta.shape}.'
            )
        beta = reshape(beta, beta.shape + (1,) * (x.ndim - beta.ndim - 1))
    return x * sigmoid(x * beta)
