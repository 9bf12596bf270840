"""The error function, the distribution function of the normal distribution, and functions derived from them.

SciPy computes the values.
"""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Arrays, Indexes, Operand, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.elementwise.special import Special
from chaingrad.functions.kernels.special import erfc_ratio_array, special_array

_ROOT_PI = math.sqrt(math.pi)


class Erf(Special):
    """y = 2 / sqrt(pi) times the integral of exp(-t ** 2) from 0 to x."""

    label = 'erf'

    def derivative(self, x: Operand) -> Operand:
        return (2 / _ROOT_PI) * np.exp(-(x * x))


class Erfc(Special):
    """y = 1 - erf(x)."""

    label = 'erfc'

    def derivative(self, x: Operand) -> Operand:
        return (-2 / _ROOT_PI) * np.exp(-(x * x))


class ErfCx(Special):
    """y = exp(x ** 2) erfc(x)."""

    label = 'erfcx'

    def derivative(self, x: Operand) -> Operand:
        return ErfCx.of(x) * (-2 * ErfcRatio.of(x, n=1))  # 2 x y - 2 / sqrt(pi) would cancel for large x


class ErfInv(Special):
    """y = the inverse of erf."""

    label = 'erfinv'

    def derivative_from_output(self, y: Operand) -> Operand:
        return (_ROOT_PI / 2) * np.exp(y * y)


class ErfcInv(Special):
    """y = the inverse of erfc."""

    label = 'erfcinv'

    def derivative_from_output(self, y: Operand) -> Operand:
        return (-_ROOT_PI / 2) * np.exp(y * y)


class Ndtr(Special):
    """y = (1 + erf(x / sqrt(2))) / 2."""

    label = 'ndtr'

    def derivative(self, x: Operand) -> Operand:
        return (2**-0.5 / _ROOT_PI) * np.exp(-0.5 * (x * x))


class Ndtri(Special):
    """y = the inverse of ndtr."""

    label = 'ndtri'

    def derivative_from_output(self, y: Operand) -> Operand:
        return (2**0.5 * _ROOT_PI) * np.exp(0.5 * (y * y))


class LogNdtr(Special):
    """y = log(ndtr(x))."""

    label = 'log_ndtr'

    def derivative(self, x: Operand) -> Operand:
        return NdtrRatio.of(x)


class NdtrRatio(FunctionNode):
    """y = exp(-x ** 2 / 2) / (sqrt(2 pi) ndtr(x)), also where numerator and denominator underflow to 0."""

    _retained_inputs = (0,)
    _retained_outputs = (0,)

    def forward(self, inputs: Arrays) -> Arrays:
        return (math.sqrt(2 / math.pi) / special_array('erfcx', inputs[0] * -(2**-0.5)),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        (y,) = self.get_retained_outputs()
        # x + y would cancel for large negative x.
        return (-(grad_outputs[0] * (y * (2**0.5 * ErfcRatio.of(x * -(2**-0.5), n=1)))),)


class ErfcRatio(FunctionNode):
    """y = i^n erfc(x) / i^(n-1) erfc(x); from i^n erfc' = -i^(n-1) erfc follows y_n' = 2 y_n (n y_n - (n + 1) y_(n+1)).

    The ratio of two such integrals neither overflows nor underflows, and its derivatives do not cancel.
    """

    _retained_inputs = (0,)
    _retained_outputs = (0,)

    def __init__(self, n: int) -> None:
        self.n = n

    def forward(self, inputs: Arrays) -> Arrays:
        return (erfc_ratio_array(inputs[0], self.n),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        (y,) = self.get_retained_outputs()
        n = self.n
        return (grad_outputs[0] * (2 * (y * (n * y - (n + 1) * ErfcRatio.of(x, n=n + 1)))),)


def erf(x: VariableOrArray) -> Variable:
    """Return the error function, elementwise.

    y = 2 / sqrt(pi) times the integral of exp(-t ** 2) from 0 to x. Without SciPy it is slow.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.erf(np.array([0.0, 1.0]))
        variable([0.        , 0.84270079])
    """
    return Erf().apply_to(x)


def erfc(x: VariableOrArray) -> Variable:
    """Return the complementary error function, elementwise.

    y = 1 - erf(x), accurate for large x too. Without SciPy it is slow.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.erfc(np.array([0.0, 1.0]))
        variable([1.        , 0.15729921])
    """
    return Erfc().apply_to(x)


def erfcx(x: VariableOrArray) -> Variable:
    """Return the scaled complementary error function, elementwise.

    y = exp(x ** 2) erfc(x), which does not underflow for large x.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.
        ImportError: when SciPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.erfcx(np.array([0.0, 100.0]))
        variable([1.        , 0.00564161])
    """
    return ErfCx().apply_to(x)


def erfinv(x: VariableOrArray) -> Variable:
    """Return the inverse of the error function, elementwise.

    Args:
        x: Variable or array of any shape, floating dtype, in (-1, 1).

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.
        ImportError: when SciPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.erfinv(np.array([0.0, 0.5]))
        variable([0.        , 0.47693628])
    """
    return ErfInv().apply_to(x)


def erfcinv(x: VariableOrArray) -> Variable:
    """Return the inverse of the complementary error function, elementwise.

    Args:
        x: Variable or array of any shape, floating dtype, in (0, 2).

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.
        ImportError: when SciPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.erfcinv(np.array([0.5, 1.5]))
        variable([ 0.47693628, -0.47693628])
    """
    return ErfcInv().apply_to(x)


def ndtr(x: VariableOrArray) -> Variable:
    """Return the cumulative distribution function of the standard normal distribution, elementwise.

    y = (1 + erf(x / sqrt(2))) / 2. Without SciPy it is slow.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.ndtr(np.array([0.0, 1.0]))
        variable([0.5       , 0.84134475])
    """
    return Ndtr().apply_to(x)


def ndtri(x: VariableOrArray) -> Variable:
    """Return the quantile function of the standard normal distribution, the inverse of `ndtr`, elementwise.

    Args:
        x: Variable or array of any shape, floating dtype, in (0, 1).

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.
        ImportError: when SciPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.ndtri(np.array([0.5, 0.975]))
        variable([0.        , 1.95996398])
    """
    return Ndtri().apply_to(x)


def log_ndtr(x: VariableOrArray) -> Variable:
    """Return the logarithm of the cumulative distribution function of the normal distribution, elementwise.

    y = log(ndtr(x)), accurate where ndtr(x) underflows to 0.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.
        ImportError: when SciPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.log_ndtr(np.array([0.0, -100.0]))
        variable([-6.93147181e-01, -5.00552421e+03])
    """
    return LogNdtr().apply_to(x)
