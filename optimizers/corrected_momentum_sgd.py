"""Stochastic gradient descent with momentum whose learning rate may change."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule


class CorrectedMomentumSGDRule(ElementwiseRule):
    """v <- mu v - g, x <- x + lr v."""

    state_names = ('v',)
    loop = 'corrected_momentum_sgd'

    def step(self, x: Array, g: Array, v: Array) -> None:
        hp = self.hyperparam
        # v <- mu v - g
        v *= hp.momentum
        v -= g
        # x <- x + lr v
        x += hp.lr * v

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers of the equation, in the order of the loop."""
        hp = self.hyperparam
        return hp.lr, hp.momentum


class CorrectedMomentumSGD(GradientMethod):
    """Stochastic gradient descent with momentum that follows a changing learning rate at once.

    v <- momentum v - g, x <- x + lr v. With a constant learning rate it equals `MomentumSGD`.

    Args:
        lr (float): learning rate.
        momentum (float): share of the last step that is added to this one.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.CorrectedMomentumSGD(lr=0.1).setup(L.Linear(3, 2))
        CorrectedMomentumSGD(lr=0.1, momentum=0.9)

    Source:
        P. Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour, 2017, section 3.
    """

    _rule_class = CorrectedMomentumSGDRule

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        super().__init__()
        self.lr = lr
        self.momentum = momentum
