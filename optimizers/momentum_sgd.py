"""Stochastic gradient descent with momentum."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule


class MomentumSGDRule(ElementwiseRule):
    """v <- mu v - lr g, x <- x + v."""

    state_names = ('v',)
    loop = 'momentum_sgd'

    def step(self, x: Array, g: Array, v: Array) -> None:
        hp = self.hyperparam
        # v <- mu v - lr g
        v *= hp.momentum
        v -= hp.lr * g
        # x <- x + v
        x += v

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers of the equation, in the order of the loop."""
        hp = self.hyperparam
        return hp.lr, hp.momentum


class MomentumSGD(GradientMethod):
    """Stochastic gradient descent with momentum.

    v <- momentum v - lr g, x <- x + v. The learning rate is inside the momentum: when it changes, earlier steps keep
    the old one. In `CorrectedMomentumSGD` it is outside.

    Args:
        lr (float): learning rate.
        momentum (float): share of the last step that is added to this one.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.MomentumSGD(lr=0.1).setup(L.Linear(3, 2))
        MomentumSGD(lr=0.1, momentum=0.9)

    Source:
        I. Sutskever et al., On the Importance of Initialization and Momentum in Deep Learning, ICML 2013, equations
        1 and 2.
    """

    _rule_class = MomentumSGDRule

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        super().__init__()
        self.lr = lr
        self.momentum = momentum
