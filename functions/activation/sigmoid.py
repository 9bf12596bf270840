"""sigmoid and tanh."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Operand
from chaingrad.autograd.arithmetic import typed
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.kernels.clipping import at_most

# The largest argument for which exp does not overflow, by dtype; 1 / (1 + exp) is 0 there to its precision.
_LARGEST_EXPONENT = {'e': 11.0, 'f': 88.0, 'd': 709.0}


class Sigmoid(Elementwise):
    """y = 1 / (1 + exp(-x))."""

    def compute(self, x: Array) -> Array:
        one = typed(1, x)
        y = np.exp(at_most(-x, _LARGEST_EXPONENT.get(x.dtype.char, 709.0)))
        y += one
        return one / y

    def derivative_from_output(self, y: Operand) -> Operand:
        return y * (typed(1, y) - y)


class Tanh(Elementwise):
    """y = tanh(x)."""

    label = 'Tanh'
    ufunc = np.tanh

    def derivative_from_output(self, y: Operand) -> Operand:
        return typed(1, y) - y * y


def sigmoid(x: VariableOrArray) -> Variable:
    """Return the logistic sigmoid, elementwise.

    y = 1 / (1 + exp(-x)), stable for large |x|.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape, in (0, 1).

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.sigmoid(np.array([-1.0, 0.0, 1000.0]))
        variable([0.26894142, 0.5       , 1.        ])
    """
    return Sigmoid().apply_to(x)


def tanh(x: VariableOrArray) -> Variable:
    """Return the hyperbolic tangent, elementwise.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape, in (-1, 1).

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.tanh(np.array([0.0, 100.0]))
        variable([0., 1.])
    """
    return Tanh().apply_to(x)
