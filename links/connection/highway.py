"""Highway, a layer that learns how much of its input it passes on."""

from __future__ import annotations

from collections.abc import Callable

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.rectifier import relu
from chaingrad.functions.activation.sigmoid import sigmoid
from chaingrad.functions.elementwise.affine import linear_interpolate
from chaingrad.links.annotations import InitialValue
from chaingrad.links.chain import Chain
from chaingrad.links.connection.linear import Linear


class Highway(Chain):
    """Fully connected layer with a gate that decides between its output and its input.

    t = sigmoid(transform(x)),  y = activate(plain(x)) t + x (1 - t)

    Args:
        in_out_size (int): length of inputs and outputs.
        nobias (bool): both linear layers have no bias.
        activate: activation of the layer.
        init_Wh: initializer, number or array for `plain.W`; LeCunNormal when None.
        init_Wt: initializer, number or array for `transform.W`; LeCunNormal when None.
        init_bh: initializer, number or array for `plain.b`; zeros when None.
        init_bt: initializer, number or array for `transform.b`; below zero, most of the input is passed on at first.

    Attributes:
        plain (Linear): the layer.
        transform (Linear): the gate.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Highway(3)(np.ones((2, 3), np.float32)).shape
        (2, 3)

    Source:
        Srivastava, Greff, Schmidhuber: Highway networks (2015), equation 3.
    """

    def __init__(
        self,
        in_out_size: int,
        nobias: bool = False,
        activate: Callable[[Variable], Variable] = relu,
        init_Wh: InitialValue = None,
        init_Wt: InitialValue = None,
        init_bh: InitialValue = None,
        init_bt: InitialValue = -1,
    ) -> None:
        super().__init__()
        self.activate = activate
        with self.init_scope():
            self.plain = Linear(in_out_size, in_out_size, nobias, init_Wh, init_bh)
            self.transform = Linear(in_out_size, in_out_size, nobias, init_Wt, init_bt)

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_out_size), of the dtype of the weights.

        Returns:
            Variable (n, in_out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        return linear_interpolate(sigmoid(self.transform(x)), self.activate(self.plain(x)), x)
