"""sigmoid and tanh."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Operand
from chaingrad.autograd.arithmetic import typed
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.kernels.elementwise import LARGE
from chaingrad.functions.kernels.elementwise import sigmoid as sigmoid_array


class Sigmoid(Elementwise):
    """y = 1 / (1 + exp(-x))."""

    def compute(self, x: Array) -> Array:
        if x.dtype.char == 'e':  # its exp overflows at 11.1, where y is 2e-5
            return self.compute(x.astype(np.float32)).astype(np.float16)
        if x.size >= LARGE and type(x) is np.ndarray:
            return sigmoid_array(x)
        one = typed(1, x)
        y = -x
        out = y if x.ndim else None  # without axes y is a scalar
        with np.errstate(over='ignore'):  # where exp overflows, y is 0 to the precision of x
            y = np.exp(y, out=out)
        y += one
        return np.divide(one, y, out=out)

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
