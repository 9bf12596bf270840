"""ReLU and its relatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import typed
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.variable import Variable, as_array


class ReLU(Elementwise):
    """y = max(x, 0)."""

    def compute(self, x: Any) -> Any:
        return np.maximum(x, typed(0, x))

    def slope_from_output(self, y: Any) -> Any:
        return as_array(y) > typed(0, y)


class Piecewise(Elementwise):
    """Base of the functions made of straight lines; `compute` sets `_slopes`, an array of x's dtype or of booleans."""

    _slopes: Any

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (grad_outputs[0] * self._slopes,)


class LeakyReLU(Piecewise):
    """y = x where x >= 0, else slope * x."""

    def __init__(self, slope: float = 0.2) -> None:
        self._factor = slope

    def compute(self, x: Any) -> Any:
        self._slopes = np.where(x >= 0, x.dtype.type(1), x.dtype.type(self._factor))
        return x * self._slopes


def relu(x: Any) -> Variable:
    """Return the rectified linear unit.

    y = max(x, 0), whose derivative at 0 is taken as 0.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.relu(np.array([-1.0, 2.0]))
        variable([0., 2.])

    Source:
        V. Nair, G. E. Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.
    """
    return ReLU().apply_to(x)


def leaky_relu(x: Any, slope: float = 0.2) -> Variable:
    """Return the leaky rectified linear unit.

    y = x where x >= 0, else slope * x.

    Args:
        x: Variable or array of any shape, floating dtype.
        slope (float): factor on negative elements.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.leaky_relu(np.array([-1.0, 2.0]))
        variable([-0.2,  2. ])

    Source:
        A. L. Maas, A. Y. Hannun, A. Y. Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013.
    """
    return LeakyReLU(slope).apply_to(x)
