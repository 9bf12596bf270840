"""Alex Graves's RMSprop, with the variance of the gradient and momentum."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule, blend


class RMSpropGravesRule(ElementwiseRule):
    """Divide the gradient by its standard deviation, with momentum."""

    state_names = ('n', 'g', 'delta')

    def step(self, x: Array, grad: Array, n: Array, g: Array, delta: Array) -> None:
        hp = self.hyperparam
        # n <- alpha n + (1 - alpha) grad^2
        blend(n, grad * grad, 1 - hp.alpha)
        # g <- alpha g + (1 - alpha) grad
        blend(g, grad, 1 - hp.alpha)
        # delta <- momentum delta - lr grad / sqrt(n - g^2 + eps)
        d = n - g * g
        d += hp.eps
        np.sqrt(d, out=d)
        np.divide(grad, d, out=d)
        d *= hp.lr
        delta *= hp.momentum
        delta -= d
        # x <- x + delta
        x += delta


class RMSpropGraves(GradientMethod):
    """Alex Graves's RMSprop, with the variance of the gradient and momentum.

    n <- alpha n + (1 - alpha) grad^2, g <- alpha g + (1 - alpha) grad,
    delta <- momentum delta - lr grad / sqrt(n - g^2 + eps), x <- x + delta.

    Args:
        lr (float): learning rate.
        alpha (float): share of the running means that is kept at each step.
        momentum (float): share of the last step that is added to this one.
        eps (float): small number that keeps the denominator from zero.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.RMSpropGraves(lr=0.1).setup(L.Linear(3, 2))
        RMSpropGraves(lr=0.1, alpha=0.95, momentum=0.9, eps=0.0001)

    Source:
        A. Graves, Generating Sequences With Recurrent Neural Networks, 2013, equations 38 to 41.
    """

    _rule_class = RMSpropGravesRule

    def __init__(self, lr: float = 0.0001, alpha: float = 0.95, momentum: float = 0.9, eps: float = 0.0001) -> None:
        super().__init__()
        self.lr = lr
        self.alpha = alpha
        self.momentum = momentum
        self.eps = eps
