"""The logarithm of the gamma function, its derivatives, and the zeta function. SciPy computes the values."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands
from chaingrad.autograd.array_ops import sum_to_shape
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.elementwise.special import Special
from chaingrad.functions.kernels.special import special_array


class LGamma(Special):
    """y = log |gamma(x)|."""

    label = 'lgamma'
    special = 'gammaln'

    def derivative(self, x: Operand) -> Operand:
        return DiGamma.of(x)


class DiGamma(Special):
    """y = the derivative of log(gamma(x))."""

    label = 'digamma'

    def derivative(self, x: Operand) -> Operand:
        return PolyGamma.of(x, n=1)


class PolyGamma(FunctionNode):
    """y = the n-th derivative of digamma."""

    label = 'polygamma'
    _retained_inputs = (0,)

    def __init__(self, n: int | Array) -> None:
        self._n = n

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        if x.dtype.kind != 'f':
            reject(not_floating(self, x))
        return (special_array('polygamma', self._n, x),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        return (sum_to_shape(grad_outputs[0] * PolyGamma.of(x, n=self._n + 1), x.shape),)


class Zeta(FunctionNode):
    """y = the sum of (q + k) ** -x over k = 0, 1, 2, ..."""

    label = 'zeta'
    _retained_inputs = (0,)

    def __init__(self, x: Array) -> None:
        self._x = x

    def forward(self, inputs: Arrays) -> Arrays:
        (q,) = inputs
        if q.dtype.kind != 'f':
            reject(not_floating(self, q, 'q'))
        return (special_array('zeta', self._x.astype(q.dtype), q),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (q,) = self.get_retained_inputs()
        derivative = Zeta.of(q, x=self._x + 1) * -self._x.astype(q.dtype)
        return (sum_to_shape(grad_outputs[0] * derivative, q.shape),)


def lgamma(x: VariableOrArray) -> Variable:
    """Return the logarithm of the absolute value of the gamma function, elementwise.

    y = log |gamma(x)|; infinite at 0, -1, -2, ...

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.
        ImportError: when SciPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.lgamma(np.array([1.0, 5.0]))
        variable([0.        , 3.17805383])
    """
    return LGamma().apply_to(x)


def digamma(x: VariableOrArray) -> Variable:
    """Return the derivative of the logarithm of the gamma function, elementwise.

    y = gamma'(x) / gamma(x).

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.
        ImportError: when SciPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.digamma(np.array([1.0, 2.0]))
        variable([-0.57721566,  0.42278434])
    """
    return DiGamma().apply_to(x)


def polygamma(n: int | VariableOrArray, x: VariableOrArray) -> Variable:
    """Return the n-th derivative of the digamma function, elementwise.

    n and x broadcast. It has no derivative with respect to n.

    Args:
        n: number, or Variable or array of integers, not negative; 0 for digamma itself.
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when the dtype of x is not floating.
        ValueError: when n is negative, or its dtype is not integer.
        ImportError: when SciPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.polygamma(1, np.array([1.0, 2.0]))
        variable([1.64493407, 0.64493407])
    """
    n = np.asarray(n) if np.isscalar(n) else as_array(n)
    if n.dtype.kind not in 'iu' or (n < 0).any():
        raise ValueError(f'polygamma: n must be integers that are not negative, but it is {n.dtype} {n!r}.')
    return PolyGamma(n).apply((x,))[0]


def zeta(x: float | VariableOrArray, q: VariableOrArray) -> Variable:
    """Return the Hurwitz zeta function, elementwise.

    y = the sum of (q + k) ** -x over k = 0, 1, 2, ... The operands broadcast. Only the gradient of q is computed: the
    derivative with respect to x has no closed form.

    Args:
        x: number, Variable or array, larger than 1.
        q: Variable or array, floating dtype, positive.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when the dtype of q is not floating.
        ImportError: when SciPy is not installed.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.zeta(2.0, np.array([1.0, 2.0]))
        variable([1.64493407, 0.64493407])
    """
    exponent = np.asarray(x) if np.isscalar(x) else as_array(x)
    return Zeta(exponent).apply((q,))[0]
