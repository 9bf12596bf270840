"""Stochastic gradient descent with momentum."""

from __future__ import annotations

from typing import Any

from chaingrad.optimizers.hyperparameter import HyperparameterProxy
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule


class MomentumSGDRule(ElementwiseRule):
    """v <- mu v - lr g, x <- x + v."""

    defaults = {'lr': 0.01, 'momentum': 0.9}
    state_names = ('v',)

    def step(self, x: Any, g: Any, v: Any) -> None:
        hp = self.hyperparam
        # v <- mu v - lr g
        v *= hp.momentum
        v -= hp.lr * g
        # x <- x + v
        x += v


class MomentumSGD(GradientMethod):
    """Stochastic gradient descent with momentum.

    v <- momentum v - lr g, x <- x + v. The learning rate is inside the momentum: when it changes, earlier steps keep
    theirs. `CorrectedMomentumSGD` has it outside.

    Args:
        lr (float): learning rate.
        momentum (float): share of the last step that is taken again.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.MomentumSGD(lr=0.1).setup(L.Linear(3, 2))
        MomentumSGD(lr=0.1, momentum=0.9)

    Source:
        I. Sutskever et al., On the Importance of Initialization and Momentum in Deep Learning, ICML 2013, equations
        1 and 2.
    """

    lr = HyperparameterProxy('lr')
    momentum = HyperparameterProxy('momentum')

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        super().__init__()
        self.hyperparam.lr = lr
        self.hyperparam.momentum = momentum

    def create_update_rule(self) -> MomentumSGDRule:
        """Return a new rule for one parameter."""
        return MomentumSGDRule(self.hyperparam)
