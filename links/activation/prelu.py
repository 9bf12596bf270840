"""PReLU, a rectifier with a learned slope."""

from __future__ import annotations

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.piecewise import prelu
from chaingrad.links.annotations import InitialValue
from chaingrad.links.link import Link


class PReLU(Link):
    """Rectifier with a learned slope below zero.

    y = x where x >= 0, W x elsewhere

    Args:
        shape (tuple): shape of W, that of x without the batch axis, or the first axes of that: () for one slope,
            (channels,) for one per channel.
        init: initializer, number or array for W.

    Attributes:
        W (Parameter): the slopes.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.PReLU()(np.array([[-4, 4]], np.float32)).array
        array([[-1.,  4.]], dtype=float32)

    Source:
        He, Zhang, Ren, Sun: Delving deep into rectifiers (ICCV 2015), equation 1.
    """

    W: Parameter

    def __init__(self, shape: int | Shape = (), init: InitialValue = 0.25) -> None:
        super().__init__()
        with self.init_scope():
            self.W = Parameter(init, shape)

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the activation.

        Args:
            x: Variable or array, (n, ...), of the dtype of W.

        Returns:
            Variable of the shape of x.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        return prelu(x, self.W)
