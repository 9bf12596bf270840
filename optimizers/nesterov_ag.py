"""Nesterov's accelerated gradient."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule


class NesterovAGRule(ElementwiseRule):
    """v <- mu v - lr g, x <- x + mu v - lr g."""

    state_names = ('v',)
    loop = 'nesterov_ag'

    def step(self, x: Array, g: Array, v: Array) -> None:
        hp = self.hyperparam
        step = hp.lr * g
        # v <- mu v - lr g
        v *= hp.momentum
        v -= step
        # x <- x + mu v - lr g
        x += hp.momentum * v
        x -= step

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers of the equation, in the order of the loop."""
        hp = self.hyperparam
        return hp.lr, hp.momentum


class NesterovAG(GradientMethod):
    """Nesterov's accelerated gradient.

    v <- momentum v - lr g, x <- x + momentum v - lr g. The parameter holds the point ahead, where the gradient is
    computed, so that one forward pass is enough.

    Args:
        lr (float): learning rate.
        momentum (float): share of the last step that is added to this one.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.NesterovAG(lr=0.1).setup(L.Linear(3, 2))
        NesterovAG(lr=0.1, momentum=0.9)

    Source:
        Y. Bengio et al., Advances in Optimizing Recurrent Networks, ICASSP 2013, section 3.5.
    """

    _rule_class = NesterovAGRule

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        super().__init__()
        self.lr = lr
        self.momentum = momentum
