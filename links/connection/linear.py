"""Linear, the fully connected layer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from chaingrad.autograd.initializer import Constant, get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.connection import linear
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.inputs import check_first_input
from chaingrad.links.link import Link


class Linear(Link):
    """Fully connected layer.

    y = x W^T + b

    `Linear(out_size)` means `Linear(None, out_size)`: the input's size is taken from the first input.

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.
        nobias (bool): whether to do without b.
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

    def __init__(
        self,
        in_size: int | None,
        out_size: int | None = None,
        nobias: bool = False,
        initialW: Any = None,
        initial_bias: Any = None,
    ) -> None:
        super().__init__()
        if out_size is None:
            in_size, only = None, in_size
        else:
            only = out_size
        if only is None:
            raise ValueError('Linear: out_size must be given, but it is None. Write Linear(None, out_size).')
        self.in_size, self.out_size, self.nobias = in_size, only, nobias
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            if in_size is not None:
                self.W.initialize((self.out_size, in_size))
            self.b = None if nobias else Parameter(get_initializer(initial_bias, 0), only)

    def forward(self, x: Any, n_batch_axes: int = 1) -> Variable:
        """Apply the layer.

        Args:
            x: inputs (n, in_size), of the dtype of W; axes behind the batch's are taken together.
            n_batch_axes: number of axes that count the inputs.

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.W.array is None:
            check_first_input('Linear', x, n_batch_axes + 1, self.W)
            self.W.initialize((self.out_size, math.prod(x.shape[n_batch_axes:])))
        return linear(x, self.W, self.b, n_batch_axes)

    @classmethod
    def from_params(cls, W: Any, b: Any = None, nobias: bool = False) -> Linear:
        """Make the layer from arrays.

        Args:
            W: weight (out_size, in_size).
            b: bias (out_size,); zeros when None.
            nobias: whether to do without b.

        Returns:
            Linear.
        """
        W, b = as_array(W), as_array(b)
        out_size, in_size = W.shape
        bias = Constant(0 if b is None else b, W.dtype)
        return cls(in_size, out_size, nobias, Constant(W, W.dtype), bias)

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        return ((name, getattr(self, name)) for name in ('in_size', 'out_size', 'nobias'))
