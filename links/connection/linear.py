"""Linear, the fully connected layer."""

from __future__ import annotations

import math

from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.connection import linear
from chaingrad.links.annotations import InitialValue
from chaingrad.links.checks import check_first_input
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.initializers.constant import initializers_from
from chaingrad.links.link import Link


class Linear(Link):
    """Fully connected layer.

    y = x W^T + b

    `Linear(out_size)` means `Linear(None, out_size)`: the input's size is taken from the first input.

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.
        nobias (bool): leave out b.
        initialW: initializer, number or array (out_size, in_size) for W; LeCunNormal when None.
        initial_bias: initializer, number or array (out_size,) for b; zeros when None.

    Attributes:
        W (Parameter): weight (out_size, in_size).
        b (Parameter): bias (out_size,), or None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.Linear(3, 2)
        >>> layer(np.zeros((4, 3), np.float32)).shape
        (4, 2)
        >>> layer
        Linear(in_size=3, out_size=2, nobias=False)
    """

    W: Parameter
    b: Parameter | None

    _shown = ('in_size', 'out_size', 'nobias')

    def __init__(
        self,
        in_size: int | None,
        out_size: int | None = None,
        nobias: bool = False,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
    ) -> None:
        super().__init__()
        if out_size is None:
            in_size, out_size = None, in_size
        if out_size is None:
            raise ValueError('Linear: out_size must be given, but it is None. Write Linear(None, out_size).')
        self.in_size = in_size
        self.out_size = out_size
        self.nobias = nobias
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            if in_size is not None:
                self._initialize_params(in_size)
            self.b = None if nobias else Parameter(get_initializer(initial_bias, 0), out_size)

    def _initialize_params(self, in_size: int) -> None:
        """Give W its shape; programs override it to do more then."""
        self.W.initialize((self.out_size, in_size))

    def forward(self, x: VariableOrArray, n_batch_axes: int = 1) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_size), floating dtype; the axes after the batch axes are flattened into one.
            n_batch_axes: number of leading axes that belong to the batch.

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.W.array is None:
            check_first_input('Linear', x, n_batch_axes + 1, self.b)
            self._initialize_params(math.prod(x.shape[n_batch_axes:]))
        return linear(x, self.W, self.b, n_batch_axes)

    @classmethod
    def from_params(cls, W: VariableOrArray, b: VariableOrArray | None = None, nobias: bool = False) -> Linear:
        """Make the layer from arrays.

        Args:
            W: Variable or array, (out_size, in_size).
            b: Variable or array, (out_size,); zeros when None.
            nobias: leave out b.

        Returns:
            Linear.
        """
        (out_size, in_size), initialW, initial_bias = initializers_from(W, b)
        return cls(in_size, out_size, nobias, initialW, initial_bias)
