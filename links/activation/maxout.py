"""Maxout, a layer whose outputs are each the largest of several linear maps."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.initializer import Initializer
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.piecewise import maxout
from chaingrad.links.annotations import InitialValue
from chaingrad.links.chain import Chain
from chaingrad.links.connection.linear import Linear


class Maxout(Chain):
    """Fully connected layer whose outputs are each the largest of pool_size linear maps.

    y[i, k] = max over j of (x W[k, j] + b[k, j])

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.
        pool_size (int): number of linear maps for each output.
        initialW: initializer, number or array (out_size, pool_size, in_size); LeCunNormal when None. A function is
            called with an array of that shape, an Initializer with that of `linear.W`.
        initial_bias: initializer, number or array (out_size, pool_size), likewise; None for no bias.

    Attributes:
        linear (Linear): all maps, with W (out_size * pool_size, in_size).

    Raises:
        ValueError: when initialW has not three axes, or initial_bias not two.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.Maxout(1, 1, 2, initialW=np.array([[[1.0], [-1.0]]]))  # the absolute value
        >>> layer(np.array([[-3], [2]], np.float32)).array
        array([[3.],
               [2.]], dtype=float32)

    Source:
        Goodfellow et al.: Maxout networks (ICML 2013), section 3.
    """

    def __init__(
        self,
        in_size: int | None,
        out_size: int,
        pool_size: int,
        initialW: InitialValue = None,
        initial_bias: InitialValue = 0,
    ) -> None:
        super().__init__()
        n_maps = out_size * pool_size
        weight: Any = initialW
        if is_array(weight) and weight.ndim:
            _check_shape('initialW', weight, (out_size, pool_size, in_size))
            weight = weight.reshape((n_maps, -1))
        elif _is_function(weight):
            weight = functools.partial(_fill_in_shape, weight, (out_size, pool_size, -1))
        bias: Any = initial_bias
        if is_array(bias) and bias.ndim:
            _check_shape('initial_bias', bias, (out_size, pool_size))
            bias = bias.reshape(n_maps)
        elif _is_function(bias):
            bias = functools.partial(_fill_in_shape, bias, (out_size, pool_size))
        self.out_size = out_size
        self.pool_size = pool_size
        with self.init_scope():
            self.linear = Linear(in_size, n_maps, bias is None, weight, bias)

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_size), of the dtype of the weights.

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        return maxout(self.linear(x), self.pool_size)


def _is_function(initial: Any) -> bool:
    """Return whether it is a function of the user, which sees the three axes; our initializers see a matrix."""
    return callable(initial) and not isinstance(initial, Initializer)


def _fill_in_shape(fill: Callable[[Array], Any], shape: tuple[int, ...], array: Array) -> None:
    """Have a function fill an array, which it sees in another shape."""
    fill(array.reshape(shape))


def _check_shape(name: str, array: Array, expected: tuple[int | None, ...]) -> None:
    """Refuse an array of another shape; None stands for any length."""
    fits = array.ndim == len(expected) and all(n is None or n == m for n, m in zip(expected, array.shape))
    if not fits:
        raise ValueError(f'Maxout: {name}.shape == {expected} must hold, but it is {array.shape}.')
