"""sigmoid and tanh."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import typed
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.variable import Variable
from chaingrad.functions.kernels.clipping import at_most

# exp overflows beyond these; 1 / (1 + exp) is 0 there to the precision of the dtype
_LARGEST = {'e': 11.0, 'f': 88.0, 'd': 709.0}


class Sigmoid(Elementwise):
    """y = 1 / (1 + exp(-x))."""

    def compute(self, x: Any) -> Any:
        one = typed(1, x)
        y = np.exp(at_most(-x, _LARGEST.get(x.dtype.char, 709.0)))
        y += one
        return one / y

    def derivative_from_output(self, y: Any) -> Any:
        return y * (typed(1, y) - y)


class Tanh(Elementwise):
    """y = tanh(x)."""

    label = 'Tanh'
    ufunc = np.tanh

    def derivative_from_output(self, y: Any) -> Any:
        return typed(1, y) - y * y


def sigmoid(x: Any) -> Variable:
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


def tanh(x: Any) -> Variable:
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
