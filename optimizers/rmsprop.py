"""RMSprop, which divides the gradient by its root mean square."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule, blend


class RMSpropRule(ElementwiseRule):
    """ms <- alpha ms + (1 - alpha) g^2, x <- x - lr g / (sqrt(ms) + eps)."""

    state_names = ('ms',)
    loop = 'rmsprop'

    def step(self, x: Array, g: Array, ms: Array) -> None:
        hp = self.hyperparam
        # ms <- alpha ms + (1 - alpha) g^2
        blend(ms, g * g, 1 - hp.alpha)
        # x <- x - lr g / (sqrt(ms) + eps), or with eps_inside_sqrt x <- x - lr g / sqrt(ms + eps)
        if hp.eps_inside_sqrt:
            d = np.sqrt(ms + hp.eps)
        else:
            d = np.sqrt(ms) + hp.eps
        np.divide(g, d, out=d)
        d *= hp.lr
        x -= d

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers of the equation, in the order of the loop."""
        hp = self.hyperparam
        return 1 - hp.alpha, hp.lr, hp.eps, hp.eps_inside_sqrt


class RMSprop(GradientMethod):
    """RMSprop, which divides the gradient by its root mean square.

    ms <- alpha ms + (1 - alpha) g^2, x <- x - lr g / (sqrt(ms) + eps).

    Args:
        lr (float): learning rate.
        alpha (float): share of the running mean that is kept at each step.
        eps (float): small number that keeps the denominator from zero.
        eps_inside_sqrt (bool): whether the denominator is sqrt(ms + eps), as in some other frameworks.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.RMSprop(lr=0.1).setup(L.Linear(3, 2))
        RMSprop(lr=0.1, alpha=0.99, eps=1e-08, eps_inside_sqrt=False)

    Source:
        T. Tieleman and G. Hinton, Lecture 6.5 - RMSprop, COURSERA: Neural Networks for Machine Learning, 2012.
    """

    _rule_class = RMSpropRule

    def __init__(
        self, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-08, eps_inside_sqrt: bool = False
    ) -> None:
        super().__init__()
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.eps_inside_sqrt = eps_inside_sqrt
