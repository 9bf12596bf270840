"""SMORMS3, the squared mean over root mean squared cubed."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.variable import Variable
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule, blend


class SMORMS3Rule(ElementwiseRule):
    """Divide the gradient by its root mean square, at a learning rate that the noise of the gradient limits."""

    state_names = ('mem', 'g', 'g2')

    def init_state(self, param: Variable) -> None:
        """Fill the memory with ones and the means with zeros.

        Args:
            param (Variable): the parameter.
        """
        super().init_state(param)
        self._state['mem'][...] = 1  # type: ignore[index]

    def step(self, x: Array, grad: Array, mem: Array, g: Array, g2: Array) -> None:
        hp = self.hyperparam
        # r = 1 / (mem + 1)
        r = 1 / (mem + 1)
        # g <- (1 - r) g + r grad
        blend(g, grad, r)
        # g2 <- (1 - r) g2 + r grad^2
        blend(g2, grad * grad, r)
        # z = g^2 / (g2 + eps)
        z = g * g / (g2 + hp.eps)
        # x <- x - min(lr, z) grad / (sqrt(g2) + eps)
        x -= np.minimum(z, hp.lr) * grad / (np.sqrt(g2) + hp.eps)
        # mem <- 1 + mem (1 - z)
        mem *= 1 - z
        mem += 1


class SMORMS3(GradientMethod):
    """SMORMS3, the squared mean over root mean squared cubed.

    r = 1 / (mem + 1), g <- (1 - r) g + r grad, g2 <- (1 - r) g2 + r grad^2, z = g^2 / (g2 + eps),
    x <- x - min(lr, z) grad / (sqrt(g2) + eps), mem <- 1 + mem (1 - z), where mem starts with 1.

    Args:
        lr (float): largest learning rate.
        eps (float): small number that keeps the denominators from zero.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.SMORMS3(lr=0.1).setup(L.Linear(3, 2))
        SMORMS3(lr=0.1, eps=1e-16)

    Source:
        S. Funk, RMSprop loses to SMORMS3 - Beware the Epsilon!, sifter.org, 2015.
    """

    _rule_class = SMORMS3Rule

    def __init__(self, lr: float = 0.001, eps: float = 1e-16) -> None:
        super().__init__()
        self.lr = lr
        self.eps = eps
