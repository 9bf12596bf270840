"""WeightStandardization, which gives the weights of each output mean zero and variance one."""

from __future__ import annotations

from chaingrad.autograd.variable import Variable
from chaingrad.functions.normalization.group import group_normalization
from chaingrad.links.hooks.reparameterized import Reparameterized, axis_first, axis_of_outputs
from chaingrad.links.link import Link


class WeightStandardization(Reparameterized):
    """Give the weights of each output mean zero and variance one in every call, for small batches.

    W'[o] = (W[o] - mean of W[o]) / sqrt(variance of W[o] + eps)

    Args:
        eps (float): added to the variance, against division by zero.
        weight_name (str): name of the weight.
        name (str): name of the hook; 'WeightStandardization' when None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad.link_hooks import WeightStandardization
        >>> layer = L.Linear(2, 1, initialW=np.array([[10, 30]])).add_hook(WeightStandardization())
        >>> layer(np.eye(2, dtype=np.float32)).array.round(3)
        array([[-1.],
               [ 1.]], dtype=float32)

    Source:
        Qiao, Wang, Liu, Shen, Yuille: Weight standardization (2019), equation 7.
    """

    name = 'WeightStandardization'

    def __init__(self, *, eps: float = 1e-5, weight_name: str = 'W', name: str | None = None) -> None:
        self.eps = eps
        self.weight_name = weight_name
        if name is not None:
            self.name = name

    def _replacement(self, link: Link) -> Variable:
        axis = axis_of_outputs(link)
        W = axis_first(getattr(link, self.weight_name), axis)
        n = W.shape[0]
        gamma = link.xp.ones(n, W.dtype)
        beta = link.xp.zeros(n, W.dtype)
        standardized = group_normalization(W.reshape((1, n, -1)), n, gamma, beta, self.eps)
        return axis_first(standardized.reshape(W.shape), axis)  # the transposition is its own inverse
