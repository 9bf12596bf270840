"""AdaGrad, whose steps shrink with the sum of squared gradients."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule


class AdaGradRule(ElementwiseRule):
    """h <- h + g^2, x <- x - lr g / (sqrt(h) + eps)."""

    state_names = ('h',)
    loop = 'ada_grad'

    def step(self, x: Array, g: Array, h: Array) -> None:
        hp = self.hyperparam
        # h <- h + g^2
        h += g * g
        # x <- x - lr g / (sqrt(h) + eps)
        d = np.sqrt(h)
        d += hp.eps
        np.divide(g, d, out=d)
        d *= hp.lr
        x -= d

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers of the equation, in the order of the loop."""
        hp = self.hyperparam
        return hp.lr, hp.eps


class AdaGrad(GradientMethod):
    """AdaGrad, whose steps shrink with the sum of squared gradients.

    h <- h + g^2, x <- x - lr g / (sqrt(h) + eps).

    Args:
        lr (float): learning rate.
        eps (float): small number that keeps the denominator from zero.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.AdaGrad(lr=0.1).setup(L.Linear(3, 2))
        AdaGrad(lr=0.1, eps=1e-08)

    Source:
        J. Duchi, E. Hazan and Y. Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization,
        JMLR 12, 2011, with diagonal matrices.
    """

    _rule_class = AdaGradRule

    def __init__(self, lr: float = 0.001, eps: float = 1e-08) -> None:
        super().__init__()
        self.lr = lr
        self.eps = eps
