"""SimplifiedDropconnect, a Linear that drops weights instead of units."""

from __future__ import annotations

import math

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.noise import simplified_dropconnect
from chaingrad.links.annotations import InitialValue
from chaingrad.links.checks import check_first_input
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.link import Link


class SimplifiedDropconnect(Link):
    """Fully connected layer, some of whose weights are set to zero at random in every call.

    y = x (W * mask / (1 - ratio))^T + b

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.
        ratio (float): probability of dropping a weight, in [0, 1).
        nobias (bool): leave out b.
        initialW: initializer, number or array (out_size, in_size) for W; LeCunNormal when None.
        initial_bias: initializer, number or array (out_size,) for b; zeros when None.

    Attributes:
        W (Parameter): weight (out_size, in_size).
        b (Parameter): bias (out_size,), or None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.SimplifiedDropconnect(3, 2)
        >>> layer(np.ones((4, 3), np.float32)).shape
        (4, 2)

    Source:
        Wan et al.: Regularization of neural networks using DropConnect (ICML 2013).
    """

    W: Parameter
    b: Parameter | None

    _shown = ('in_size', 'out_size', 'ratio', 'nobias')

    def __init__(
        self,
        in_size: int | None,
        out_size: int,
        ratio: float = 0.5,
        nobias: bool = False,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
    ) -> None:
        super().__init__()
        self.in_size = in_size
        self.out_size = out_size
        self.ratio = ratio
        self.nobias = nobias
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            if in_size is not None:
                self.W.initialize((out_size, in_size))
            self.b = None if nobias else Parameter(get_initializer(initial_bias, 0), out_size)

    def forward(
        self, x: VariableOrArray, train: bool = True, mask: Array | None = None, use_batchwise_mask: bool = True
    ) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_size), floating dtype.
            train: drop weights.
            mask: array of zeros and ones to use instead of a random one, (n, out_size, in_size), or (out_size,
                in_size) without use_batchwise_mask.
            use_batchwise_mask: draw a mask of its own for every sample.

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.W.array is None:
            check_first_input('SimplifiedDropconnect', x, 2, self.b)
            self.W.initialize((self.out_size, math.prod(x.shape[1:])))
        return simplified_dropconnect(x, self.W, self.b, self.ratio, train, mask, use_batchwise_mask)
