"""SpectralNormalization, which keeps a layer from stretching its inputs."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.array_ops import broadcast_to
from chaingrad.autograd.configuration import config
from chaingrad.autograd.initializer import Constant
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.variable import Variable
from chaingrad.links.hooks.reparameterized import Reparameterized, by_outputs


class SpectralNormalization(Reparameterized):
    """Divide a weight by its largest singular value in every call, for generative adversarial nets.

    W / sigma(W),  sigma(W) = u W v,  v = normalized(u W),  u = normalized(v W^T)

    W is taken as a matrix with a row for each output. In training mode u moves on in every call, so that with the slow
    change of W it comes to the first singular vector. It is a persistent of the link, named `W_u`.

    Args:
        n_power_iteration (int): number of steps of u in each call.
        eps (float): added to lengths, against division by zero.
        use_gamma (bool): whether the weight is multiplied by a parameter `gamma` of the link, which begins as sigma(W).
        factor (float): what sigma is divided by; None for 1.
        weight_name (str): name of the weight.
        name (str): name of the hook; 'SpectralNormalization' when None.

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
        self.n_power_iteration, self.eps, self.use_gamma, self.factor = n_power_iteration, eps, use_gamma, factor
        self.weight_name, self.vector_name = weight_name, f'{weight_name}_u'
        self._link: Any = None  # the one that was called last
        if name is not None:
            self.name = name

    def added(self, link: Any) -> None:
        """Give the link its vector, and gamma.

        Raises:
            ValueError: when the link has no such weight.
            AttributeError: when the link has what the hook would add, such as a `gamma` of its own.
        """
        super().added(link)
        if self.use_gamma:
            link.add_param('gamma', initializer=1)
        link.add_persistent(self.vector_name, None)
        if getattr(link, self.weight_name).array is not None:
            self._prepare(link)

    def deleted(self, link: Any) -> None:
        """Take the vector, and gamma, away again."""
        for name in (self.vector_name, 'gamma')[: 1 + self.use_gamma]:
            delattr(link, name)

    def _prepare(self, link: Any) -> None:
        """Make what was not loaded from a file."""
        self._link = link
        W = self.reshape_W(getattr(link, self.weight_name).array)
        if getattr(link, self.vector_name) is None:
            u = link.xp.random.normal(size=(1, W.shape[0])).astype(W.dtype)
            object.__setattr__(link, self.vector_name, u)
        gamma = link.gamma if self.use_gamma else None
        if gamma is not None and not gamma.is_initialized:
            gamma.initializer = Constant(link.xp.linalg.norm(W, 2), W.dtype)
            gamma.initialize(())

    def reshape_W(self, W: Any) -> Any:
        """Return a weight as a matrix with a row for each output.

        Args:
            W: array or Variable.
        """
        W = by_outputs(self._link, W)
        return W.reshape((W.shape[0], -1))

    def normalize_weight(self, link: Any) -> Variable:
        """Return the weight that the link shall use, and let the vector move on.

        Args:
            link: the link.

        Returns:
            Variable of the shape of the weight.
        """
        self._link, kept = link, f'_{self.vector_name}_v'
        W, u, v = getattr(link, self.weight_name), getattr(link, self.vector_name), vars(link).get(kept)
        matrix = self.reshape_W(W)
        if not config.in_recomputing or v is None:  # F.forget computes a second time, with the same vectors
            for _ in range(self.n_power_iteration):
                v = self._normalized(u @ matrix.array)
                u = self._normalized(v @ matrix.array.T)
            vars(link)[kept] = v
            if config.train:
                object.__setattr__(link, self.vector_name, u)
        sigma = _sum(matmul(u, matrix) * v)
        if self.factor is not None:
            sigma = sigma / self.factor
        if self.use_gamma:
            return W * broadcast_to(link.gamma / sigma, W.shape)
        return W / broadcast_to(sigma, W.shape)

    def _replacement(self, link: Any) -> Any:
        self._prepare(link)
        return self.normalize_weight(link)

    def _normalized(self, x: Any) -> Any:
        return x / ((x * x).sum() ** 0.5 + x.dtype.type(self.eps))
