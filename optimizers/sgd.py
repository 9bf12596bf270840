"""Stochastic gradient descent."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule


class SGDRule(ElementwiseRule):
    """x <- x - lr g."""

    uses_blocks = False  # without blocks it is 1.5 times as fast at any size; a rule with more arrays is slower
    loop = 'sgd'

    def step(self, x: Array, g: Array) -> None:
        lr = self.hyperparam.lr
        if x.size == 1 and type(x) is np.ndarray:  # the row linear of the benchmarks: NumPy takes eight times as long
            x.fill(x.item() - lr * g.item())
            return
        # x <- x - lr g
        x -= lr * g

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers of the equation, in the order of the loop."""
        hp = self.hyperparam
        return (hp.lr,)


class SGD(GradientMethod):
    """Stochastic gradient descent.

    x <- x - lr g

    Args:
        lr (float): learning rate.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.SGD(lr=0.1).setup(L.Linear(3, 2))
        SGD(lr=0.1)

    Source:
        H. Robbins and S. Monro, A Stochastic Approximation Method, Annals of Mathematical Statistics 22, 1951.
    """

    _rule_class = SGDRule

    def __init__(self, lr: float = 0.01) -> None:
        super().__init__()
        self.lr = lr
