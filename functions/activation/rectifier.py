"""relu and leaky_relu."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array, Indexes, Operand, Operands
from chaingrad.autograd.arithmetic import typed
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.kernels.clipping import at_least, at_most, rectifier_gradient

LARGE = 32_768  # elements from which it is a kernel that computes the gradient


class ReLU(Elementwise):
    """y = max(x, 0)."""

    def compute(self, x: Array) -> Array:
        return at_least(x, 0)

    def derivative_from_output(self, y: Operand) -> Operand:
        return as_array(y) > typed(0, y)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        y = self._retained
        if self._array_pass and y.size >= LARGE:
            return (rectifier_gradient(y, grad_outputs[0]),)
        return self._backward_from_output(indexes, grad_outputs)


class LeakyReLU(Elementwise):
    """y = x where x >= 0, else slope x."""

    def __init__(self, slope: float = 0.2) -> None:
        self._slope = slope

    def compute(self, x: Array) -> Array:
        y = at_most(x, 0) * typed(self._slope, x)
        y += at_least(x, 0)
        return y

    def derivative(self, x: Operand) -> Operand:
        positive = (as_array(x) >= 0).astype(x.dtype)
        slopes = typed(1, positive) - positive  # 1 where x is negative
        slopes *= typed(self._slope, positive)
        slopes += positive
        return slopes


def relu(x: VariableOrArray) -> Variable:
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


def leaky_relu(x: VariableOrArray, slope: float = 0.2) -> Variable:
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
