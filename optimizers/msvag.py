"""M-SVAG, momentum whose steps shrink with the variance of the gradient."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule, blend


class MSVAGRule(ElementwiseRule):
    """m and v are running means of g and g^2; x <- x - eta (lr gamma m_hat + w x)."""

    state_names = ('m', 'v')

    def step(self, x: Array, g: Array, m: Array, v: Array) -> None:
        hp = self.hyperparam
        power = hp.beta**self.t
        # m <- beta m + (1 - beta) g, m_hat = m / (1 - beta^t)
        blend(m, g, 1 - hp.beta)
        m_hat = m / (1 - power)
        # v <- beta v + (1 - beta) g^2, v_hat = v / (1 - beta^t)
        blend(v, g * g, 1 - hp.beta)
        v_hat = v / (1 - power)
        # rho = (1 - beta)(1 + beta^t) / ((1 + beta)(1 - beta^t)), s = (v_hat - m_hat^2) / (1 - rho)
        rho = (1 - hp.beta) * (1 + power) / ((1 + hp.beta) * (1 - power))
        square = m_hat * m_hat
        noise = np.maximum(v_hat - square, 0)
        # One gradient has no variance: rho is 1 and gamma becomes 1.
        noise *= rho / (1 - rho) if self.t > 1 else 0
        # gamma = m_hat^2 / (m_hat^2 + rho s)
        noise += square
        gamma = np.divide(square, noise, out=np.ones_like(square), where=noise > 0)
        # x <- x - eta (lr gamma m_hat + w x)
        step = hp.lr * gamma * m_hat
        if hp.weight_decay_rate:
            step += hp.weight_decay_rate * x
        step *= hp.eta
        x -= step


class MSVAG(GradientMethod):
    """M-SVAG, momentum whose steps shrink with the variance of the gradient.

    m and v are running means of g and g^2, m_hat and v_hat the same divided by 1 - beta^t;
    rho = (1 - beta)(1 + beta^t) / ((1 + beta)(1 - beta^t)), s = (v_hat - m_hat^2) / (1 - rho),
    gamma = m_hat^2 / (m_hat^2 + rho s), x <- x - eta (lr gamma m_hat + weight_decay_rate x).

    Args:
        lr (float): learning rate.
        beta (float): share of the running means that is kept at each step.
        eta (float): factor on the whole step, weight decay included, for a schedule.
        weight_decay_rate (float): rate of the weight decay, which is not part of the gradient.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizers.MSVAG(lr=0.1).setup(L.Linear(3, 2))
        MSVAG(lr=0.1, beta=0.9, eta=1.0, weight_decay_rate=0)

    Source:
        L. Balles and P. Hennig, Dissecting Adam: The Sign, Magnitude and Variance of Stochastic Gradients, ICML 2018,
        algorithm 2. The first step, where rho is 1, has gamma = 1.
    """

    _rule_class = MSVAGRule

    def __init__(self, lr: float = 0.1, beta: float = 0.9, eta: float = 1.0, weight_decay_rate: float = 0) -> None:
        super().__init__()
        self.lr = lr
        self.beta = beta
        self.eta = eta
        self.weight_decay_rate = weight_decay_rate
