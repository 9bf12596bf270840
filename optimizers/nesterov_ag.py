"""Nesterov's accelerated gradient."""

from __future__ import annotations

from typing import Any

from chaingrad.optimizers.hyperparameter import HyperparameterProxy
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule


class NesterovAGRule(ElementwiseRule):
    """v <- mu v - lr g, x <- x + mu v - lr g."""

    defaults = {'lr': 0.01, 'momentum': 0.9}
    state_names = ('v',)

    def step(self, x: Any, g: Any, v: Any) -> None:
        hp = self.hyperparam
        step = hp.lr * g
        # v <- mu v - lr g
        v *= hp.momentum
        v -= step
        # x <- x + mu v - lr g
        x += hp.momentum * v
        x -= step


class NesterovAG(GradientMethod):
    """Nesterov's accelerated gradient.

    v <- momentum v - lr g, x <- x + momentum v - lr g. The parameter holds the point ahead, at which the gradient is
    taken, so that no other forward pass is needed.

    Args:
        lr (float): learning rate.
        momentum (float): share of the last step that is taken again.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.NesterovAG(lr=0.1).setup(L.Linear(3, 2))
        NesterovAG(lr=0.1, momentum=0.9)

    Source:
        Y. Bengio et al., Advances in Optimizing Recurrent Networks, ICASSP 2013, section 3.5.
    """

    lr = HyperparameterProxy('lr')
    momentum = HyperparameterProxy('momentum')

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        super().__init__()
        self.hyperparam.lr = lr
        self.hyperparam.momentum = momentum

    def create_update_rule(self) -> NesterovAGRule:
        """Return a new rule for one parameter."""
        return NesterovAGRule(self.hyperparam)
