"""AdaDelta, which needs no learning rate."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule, blend


class AdaDeltaRule(ElementwiseRule):
    """Scale every gradient by the ratio of the mean squares of steps and gradients."""

    state_names = ('msg', 'msdx')
    loop = 'ada_delta'

    def step(self, x: Array, g: Array, msg: Array, msdx: Array) -> None:
        hp = self.hyperparam
        # msg <- rho msg + (1 - rho) g^2
        blend(msg, g * g, 1 - hp.rho)
        # dx = sqrt((msdx + eps) / (msg + eps)) g
        dx = (msdx + hp.eps) / (msg + hp.eps)
        np.sqrt(dx, out=dx)
        dx *= g
        # msdx <- rho msdx + (1 - rho) dx^2
        blend(msdx, dx * dx, 1 - hp.rho)
        # x <- x - dx
        x -= dx

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers of the equation, in the order of the loop."""
        hp = self.hyperparam
        return 1 - hp.rho, hp.eps


class AdaDelta(GradientMethod):
    """AdaDelta, which needs no learning rate.

    msg <- rho msg + (1 - rho) g^2, dx = sqrt((msdx + eps) / (msg + eps)) g, msdx <- rho msdx + (1 - rho) dx^2,
    x <- x - dx.

    Args:
        rho (float): share of the running means that is kept at each step.
        eps (float): small number that starts the first steps and keeps the denominator from zero.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.AdaDelta(rho=0.9).setup(L.Linear(3, 2))
        AdaDelta(rho=0.9, eps=1e-06)

    Source:
        M. D. Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012, algorithm 1.
    """

    _rule_class = AdaDeltaRule

    def __init__(self, rho: float = 0.95, eps: float = 1e-06) -> None:
        super().__init__()
        self.rho = rho
        self.eps = eps
