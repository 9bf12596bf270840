"""Alex Graves's RMSprop, with the variance of the gradient and momentum."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.optimizers.hyperparameter import HyperparameterProxy
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule, blend


class RMSpropGravesRule(ElementwiseRule):
    """Divide the gradient by its standard deviation, with momentum."""

    defaults = {'lr': 0.0001, 'alpha': 0.95, 'momentum': 0.9, 'eps': 0.0001}
    state_names = ('n', 'g', 'delta')

    def step(self, x: Any, grad: Any, n: Any, g: Any, delta: Any) -> None:
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
        momentum (float): share of the last step that is taken again.
        eps (float): small number that keeps the denominator from zero.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.RMSpropGraves(lr=0.1).setup(L.Linear(3, 2))
        RMSpropGraves(lr=0.1, alpha=0.95, momentum=0.9, eps=0.0001)

    Source:
        A. Graves, Generating Sequences With Recurrent Neural Networks, 2013, equations 38 to 41.
    """

    lr = HyperparameterProxy('lr')
    alpha = HyperparameterProxy('alpha')
    momentum = HyperparameterProxy('momentum')
    eps = HyperparameterProxy('eps')

    def __init__(self, lr: float = 0.0001, alpha: float = 0.95, momentum: float = 0.9, eps: float = 0.0001) -> None:
        super().__init__()
        self.hyperparam.lr = lr
        self.hyperparam.alpha = alpha
        self.hyperparam.momentum = momentum
        self.hyperparam.eps = eps

    def create_update_rule(self) -> RMSpropGravesRule:
        """Return a new rule for one parameter."""
        return RMSpropGravesRule(self.hyperparam)
