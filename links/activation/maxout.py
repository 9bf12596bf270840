"""Maxout, a layer whose outputs are each the largest of several linear maps."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.variable import Variable
from chaingrad.functions.activation.piecewise import maxout
from chaingrad.links.chain import Chain
from chaingrad.links.connection.linear import Linear


class Maxout(Chain):
    """Fully connected layer whose outputs are each the largest of pool_size linear maps.

    y[i, k] = max over j of (x W[k, j] + b[k, j])

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.
        pool_size (int): number of linear maps for each output.
        initialW: initializer, number or array (out_size, pool_size, in_size); LeCunNormal when None.
        initial_bias: initializer, number or array (out_size, pool_size); None for no bias.

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
        self, in_size: int | None, out_size: int, pool_size: int, initialW: Any = None, initial_bias: Any = 0
    ) -> None:
        super().__init__()
        maps = out_size * pool_size
        if is_array(initialW) and initialW.ndim:
            initialW = _flattened('initialW', initialW, (out_size, pool_size, in_size), (maps, -1))
        if is_array(initial_bias) and initial_bias.ndim:
            initial_bias = _flattened('initial_bias', initial_bias, (out_size, pool_size), (maps,))
        self.out_size, self.pool_size = out_size, pool_size
        with self.init_scope():
            self.linear = Linear(in_size, maps, initial_bias is None, initialW, initial_bias)

    def forward(self, x: Any) -> Variable:
        """Apply the layer.

        Args:
            x: inputs (n, in_size), of the dtype of the weights.

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        return maxout(self.linear(x), self.pool_size)


def _flattened(name: str, array: Any, wanted: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    if array.ndim != len(wanted) or any(n not in (None, m) for n, m in zip(wanted, array.shape)):
        raise ValueError(f'Maxout: {name}.shape == {wanted} must hold, but it is {array.shape}.')
    return array.reshape(shape)
