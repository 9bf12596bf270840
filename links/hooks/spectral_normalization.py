"""SpectralNormalization, which keeps a layer from stretching its inputs."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import broadcast_to
from chaingrad.autograd.configuration import config
from chaingrad.autograd.initializer import Constant
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.variable import Variable
from chaingrad.links.hooks.reparameterized import Reparameterized, axis_first, axis_of_outputs


class SpectralNormalization(Reparameterized):
    """Divide a weight by its largest singular value in every call, for generative adversarial nets.

    W / sigma(W),  sigma(W) = u W v,  v = normalized(u W),  u = normalized(v W^T)

    W is taken as a matrix with a row for each output. In training mode every call improves u by steps of the power
    iteration, so that while W changes slowly u approaches the first singular vector. It is a persistent of the link,
    named `W_u`, an array with an element for each output.

    Args:
        n_power_iteration (int): number of steps of the power iteration in each call.
        eps (float): added to lengths, against division by zero.
        use_gamma (bool): multiply the weight by a parameter `gamma` of the link, which starts as sigma(W).
        factor (float): divisor of sigma; None for 1.
        weight_name (str): name of the weight.
        name (str): name of the hook; 'SpectralNormalization' when None.

    Attributes:
        v: array with an element for each column of the matrix, from the last call; None before the first one.
        axis (int): the weight's axis of the outputs: 1 for a deconvolution, else 0.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad.link_hooks import SpectralNormalization
        >>> layer = L.Linear(2, 2, initialW=np.array([[4, 0], [0, 1]])).add_hook(SpectralNormalization())
        >>> for _ in range(10):
        ...     y = layer(np.eye(2, dtype=np.float32))
        >>> y.array.round(3)
        array([[1.  , 0.  ],
               [0.  , 0.25]], dtype=float32)

    Source:
        Miyato, Kataoka, Koyama, Yoshida: Spectral normalization for generative adversarial networks (ICLR 2018),
        algorithm 1.
    """

    name = 'SpectralNormalization'

    def __init__(
        self,
        n_power_iteration: int = 1,
        eps: float = 1e-6,
        use_gamma: bool = False,
        factor: float | None = None,
        weight_name: str = 'W',
        name: str | None = None,
    ) -> None:
        if n_power_iteration < 1:
            raise ValueError(
                f'SpectralNormalization: n_power_iteration must be at least 1, but it is {n_power_iteration}.'
            )
        self.n_power_iteration = n_power_iteration
        self.eps = eps
        self.use_gamma = use_gamma
        self.factor = factor
        self.weight_name = weight_name
        self.vector_name = f'{weight_name}_u'
        self.axis = 0
        self.v: Array | None = None
        if name is not None:
            self.name = name

    def added(self, link: Any) -> None:
        """Give the link its vector, and gamma.

        Raises:
            ValueError: when the link has no such weight.
            AttributeError: when the link already has an attribute that the hook would add, such as `gamma`.
        """
        super().added(link)
        self.axis = axis_of_outputs(link)
        if self.use_gamma:
            link.add_param('gamma', initializer=1)
        link.add_persistent(self.vector_name, None)
        if getattr(link, self.weight_name).array is not None:
            self._prepare(link)

    def deleted(self, link: Any) -> None:
        """Remove the vector, and gamma."""
        delattr(link, self.vector_name)
        if self.use_gamma:
            delattr(link, 'gamma')

    def _prepare(self, link: Any) -> None:
        """Make the vector, and the array of gamma, unless they were loaded from a file."""
        self.axis = axis_of_outputs(link)
        W = self.reshape_W(getattr(link, self.weight_name).array)
        if getattr(link, self.vector_name) is None:
            u = link.xp.random.normal(size=W.shape[0]).astype(W.dtype)
            object.__setattr__(link, self.vector_name, u)
        if self.use_gamma and not link.gamma.is_initialized:
            link.gamma.initializer = Constant(link.xp.linalg.norm(W, 2), W.dtype)
            link.gamma.initialize(())

    def reshape_W(self, W: Any) -> Any:
        """Return a weight as a matrix with a row for each output.

        Args:
            W: array or Variable.
        """
        W = axis_first(W, self.axis)
        return W.reshape((W.shape[0], -1))

    def normalize_weight(self, link: Any) -> Variable:
        """Return the normalized weight, and update the vector.

        Args:
            link: the link.

        Returns:
            Variable of the shape of the weight.
        """
        self.axis = axis_of_outputs(link)
        right_name = f'_{self.vector_name}_v'
        W = getattr(link, self.weight_name)
        u = getattr(link, self.vector_name)
        v = vars(link).get(right_name)
        matrix = self.reshape_W(W)
        if not config.in_recomputing or v is None:  # F.forget computes a second time, with the same vectors
            for _ in range(self.n_power_iteration):
                v = self._normalized(u @ matrix.array)
                u = self._normalized(v @ matrix.array.T)
            vars(link)[right_name] = v  # one hook may serve several links
            if config.train:
                object.__setattr__(link, self.vector_name, u)
        self.v = v
        sigma = _sum(matmul(u, matrix) * v)
        if self.factor is not None:
            sigma = sigma / self.factor
        if self.use_gamma:
            return W * broadcast_to(link.gamma / sigma, W.shape)
        return W / broadcast_to(sigma, W.shape)

    def _replacement(self, link: Any) -> Variable:
        self._prepare(link)
        return self.normalize_weight(link)

    def _normalized(self, x: Array) -> Array:
        return x / ((x * x).sum() ** 0.5 + x.dtype.type(self.eps))
