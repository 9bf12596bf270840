"""Swish, a smooth rectifier with a learned steepness."""

from __future__ import annotations

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.smooth import swish
from chaingrad.links.annotations import InitialValue
from chaingrad.links.checks import check_first_input
from chaingrad.links.link import Link


class Swish(Link):
    """Activation with a learned steepness.

    y = x sigmoid(beta x)

    Args:
        beta_shape (tuple): shape of beta, that of x without the batch axis, or the first axes of that; None to take
            the full shape from the first input.
        beta_init: initializer, number or array for beta.

    Attributes:
        beta (Parameter): the steepness.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Swish(())(np.array([[-1, 0, 1]], np.float32)).array.round(3)
        array([[-0.269,  0.   ,  0.731]], dtype=float32)

    Source:
        Ramachandran, Zoph, Le: Searching for activation functions (2017), section 5.
    """

    beta: Parameter

    def __init__(self, beta_shape: int | Shape | None, beta_init: InitialValue = 1.0) -> None:
        super().__init__()
        with self.init_scope():
            self.beta = Parameter(beta_init, beta_shape)

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the activation.

        Args:
            x: Variable or array, (n, ...), of the dtype of beta.

        Returns:
            Variable of the shape of x.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.beta.array is None:
            check_first_input('Swish', x, 1, self.beta)
            self.beta.initialize(x.shape[1:])
        return swish(x, self.beta)
