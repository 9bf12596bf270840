"""Initializers that make special matrices: identity and orthogonal."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import get_array_module
from chaingrad.autograd.initializer import Initializer
from chaingrad.links.annotations import DTypeLike, RandomSource
from chaingrad.links.initializers.fans import RandomInitializer


class Identity(Initializer):
    """Fill a square matrix with the identity.

    x = scale * I

    Args:
        scale: value on the diagonal.
        dtype: dtype of the arrays it makes; None for the one asked for.

    Raises:
        ValueError: when the array is no square matrix.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import Identity, generate_array
        >>> generate_array(Identity(2), (2, 2), np)
        array([[2., 0.],
               [0., 2.]], dtype=float32)
    """

    def __init__(self, scale: float = 1.0, dtype: DTypeLike | None = None) -> None:
        super().__init__(dtype)
        self.scale = scale

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        if array.ndim != 2 or array.shape[0] != array.shape[1]:
            raise ValueError(f'Identity: the array must be a square matrix, but its shape is {array.shape}.')
        array[...] = 0
        xp = get_array_module(array)
        diagonal = xp.arange(len(array))
        array[diagonal, diagonal] = self.scale


class Orthogonal(RandomInitializer):
    """Fill with a random matrix whose rows or columns are orthogonal.

    x = scale * Q,  Q Q^T = I for no more outputs than inputs, Q^T Q = I for no fewer

    The first axis counts the outputs, all others together the inputs.

    Args:
        scale: length of each row (column).
        dtype: dtype of the arrays it makes; None for the one asked for.
        mode: 'projection' demands no more outputs than inputs, 'embedding' no fewer, 'basis' as many, 'auto' nothing.
        rng: `RandomState` or `Generator` to draw from; None for the global one.

    Raises:
        ValueError: when the array is empty, the mode unknown, or the shape does not fit the mode.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import Orthogonal, generate_array
        >>> W = generate_array(Orthogonal(1.0, rng=np.random.RandomState(0)), (2, 3), np)
        >>> np.abs(W @ W.T - np.eye(2)).max() < 1e-6
        np.True_

    Source:
        Saxe, McClelland, Ganguli: Exact solutions to the nonlinear dynamics of learning in deep linear neural networks
        (ICLR 2014). By QR of a normal matrix; the signs of R's diagonal go to Q, which makes Q uniform.
    """

    _modes = ['auto', 'projection', 'embedding', 'basis']

    def __init__(
        self, scale: float = 1.1, dtype: DTypeLike | None = None, mode: str = 'auto', *, rng: RandomSource = None
    ) -> None:
        super().__init__(dtype, rng)
        if mode not in self._modes:
            raise ValueError(f'Orthogonal: mode must be one of {self._modes}, but it is {mode!r}.')
        self.scale = scale
        self.mode = mode

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        if not array.size:
            raise ValueError(f'Orthogonal: the array must not be empty, but its shape is {array.shape}.')
        xp = get_array_module(array)
        n_out = len(array) if array.ndim else 1
        n_in = array.size // n_out
        if not self._fits_mode(n_out, n_in):
            raise ValueError(
                f'Orthogonal: mode {self.mode!r} does not fit {n_out} outputs and {n_in} inputs (shape {array.shape}). '
                "Use mode='auto'."
            )
        normal = xp.empty((n_out, n_in), dtype=xp.float64)
        self.draw(normal, 'normal', 0.0, 1.0)
        q, r = xp.linalg.qr(normal.T if n_in > n_out else normal)
        q *= xp.copysign(self.scale, xp.diag(r))
        array[...] = (q.T if n_in > n_out else q).reshape(array.shape)

    def _fits_mode(self, n_out: int, n_in: int) -> bool:
        if self.mode == 'projection':
            return n_out <= n_in
        if self.mode == 'embedding':
            return n_out >= n_in
        if self.mode == 'basis':
            return n_out == n_in
        return True
