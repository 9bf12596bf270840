"""Adam and its variants: one rule with options, and an optimizer for each usual choice of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.variable import Variable
from chaingrad.optimizers.hyperparameter import Hyperparameter
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import ElementwiseRule, blend


class AdamRule(ElementwiseRule):
    """m and v are running means of g and g^2; x <- x - eta (alpha_t m / (sqrt(v) + eps) + w x)."""

    state_names = ('m', 'v')
    loop = 'adam'

    def __init__(self, parent_hyperparam: Hyperparameter | None = None, **values: Any) -> None:
        super().__init__(parent_hyperparam, **values)
        self.initial_alpha = self.hyperparam.alpha

    def init_state(self, param: Variable) -> None:
        """Fill the running means, and with amsgrad the maximum of v, with zeros.

        Args:
            param (Variable): the parameter.
        """
        super().init_state(param)
        if self.hyperparam.amsgrad:
            self._state['vhat'] = np.zeros_like(param.array)  # type: ignore[index]

    def step(self, x: Array, g: Array, m: Array, v: Array, vhat: Array | None = None) -> None:
        hp = self.hyperparam
        # m <- beta1 m + (1 - beta1) g
        blend(m, g, 1 - hp.beta1)
        # v <- beta2 v + (1 - beta2) g^2
        blend(v, g * g, 1 - hp.beta2)
        # with amsgrad: vhat <- max(vhat, v), and vhat in place of v below
        if vhat is not None:
            v = np.maximum(vhat, v, out=vhat)
        # rate = alpha_t / (sqrt(v) + eps)
        rate = np.sqrt(v)
        rate += hp.eps
        np.divide(self.alpha_t, rate, out=rate)
        # with adabound: rate <- min(max(rate, lower), upper)
        if hp.adabound:
            lower, upper = self.bounds
            np.maximum(rate, lower, out=rate)
            np.minimum(rate, upper, out=rate)
        # x <- x - eta (rate m + w x)
        rate *= m
        if hp.weight_decay_rate:
            rate += hp.weight_decay_rate * x
        if hp.eta != 1:
            rate *= hp.eta
        x -= rate

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers of the equation, in the order of the loop."""
        hp = self.hyperparam
        if hp.amsgrad or hp.adabound:
            return None
        return 1 - hp.beta1, 1 - hp.beta2, hp.eps, self.alpha_t, hp.weight_decay_rate, hp.eta

    @property
    def alpha_t(self) -> float:
        """The step size with its bias correction: alpha sqrt(1 - beta2^t) / (1 - beta1^t)."""
        return _alpha_t(self.hyperparam, self.t, 'AdamRule')

    lr = alpha_t

    @property
    def bounds(self) -> tuple[float, float]:
        """The bounds of AdaBound: final_lr (1 - 1 / (gamma t + 1)) and final_lr (1 + 1 / (gamma t))."""
        hp = self.hyperparam
        final_lr = hp.final_lr * hp.alpha / self.initial_alpha  # it follows a schedule of alpha
        lower = final_lr * (1 - 1 / (hp.gamma * self.t + 1))
        upper = final_lr * (1 + 1 / (hp.gamma * self.t))
        return lower, upper


def _alpha_t(hp: Hyperparameter, t: int, who: str) -> float:
    if t == 0:
        raise RuntimeError(f'{who}.alpha_t: it depends on the number of updates, and there was none. Call update().')
    return hp.alpha * math.sqrt(1 - hp.beta2**t) / (1 - hp.beta1**t)


class Adam(GradientMethod):
    """Adam, which divides a running mean of the gradient by the root of a running mean of its square.

    m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g^2,
    x <- x - eta (alpha_t m / (sqrt(v) + eps) + weight_decay_rate x), where
    alpha_t = alpha sqrt(1 - beta2^t) / (1 - beta1^t).

    Args:
        alpha (float): step size.
        beta1 (float): share of the mean of gradients that is kept at each step.
        beta2 (float): share of the mean of their squares that is kept at each step.
        eps (float): small number that keeps the denominator from zero.
        eta (float): factor on the whole step, weight decay included, for a schedule.
        weight_decay_rate (float): rate of the weight decay, which is not part of the gradient (AdamW).
        amsgrad (bool): whether v is replaced by the largest v so far (AMSGrad).
        adabound (bool): whether alpha_t / (sqrt(v) + eps) is kept between bounds that meet at final_lr (AdaBound).
        final_lr (float): limit of both bounds of AdaBound.
        gamma (float): speed at which the bounds approach it.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> optimizer = optimizers.Adam(alpha=0.01).setup(L.Linear(3, 2))
        >>> optimizer.alpha
        0.01

    Source:
        D. P. Kingma and J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1 in the order of
        the end of section 2, so that eps is not corrected. I. Loshchilov and F. Hutter, Decoupled Weight Decay
        Regularization, ICLR 2019. S. J. Reddi, S. Kale and S. Kumar, On the Convergence of Adam and Beyond, ICLR 2018.
        L. Luo et al., Adaptive Gradient Methods with Dynamic Bound of Learning Rate, ICLR 2019.
    """

    _rule_class = AdamRule

    def __init__(
        self,
        alpha: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        eta: float = 1.0,
        weight_decay_rate: float = 0,
        amsgrad: bool = False,
        adabound: bool = False,
        final_lr: float = 0.1,
        gamma: float = 0.001,
    ) -> None:
        super().__init__()
        self.alpha = alpha
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.eta = eta
        self.weight_decay_rate = weight_decay_rate
        self.amsgrad = amsgrad
        self.adabound = adabound
        self.final_lr = final_lr
        self.gamma = gamma

    @property
    def alpha_t(self) -> float:
        """The step size with its bias correction: alpha sqrt(1 - beta2^t) / (1 - beta1^t).

        Raises:
            RuntimeError: before the first update.
        """
        return _alpha_t(self.hyperparam, self.t, type(self).__name__)

    @property
    def lr(self) -> float:
        """The same as `alpha_t`, under the name that it has in other optimizers."""
        return self.alpha_t


class AdamW(Adam):
    """Adam with decoupled weight decay.

    As `Adam`. The decay is eta weight_decay_rate x, whatever alpha is.

    Args:
        alpha (float): step size.
        beta1 (float): share of the mean of gradients that is kept at each step.
        beta2 (float): share of the mean of their squares that is kept at each step.
        eps (float): small number that keeps the denominator from zero.
        eta (float): factor on the whole step, weight decay included.
        weight_decay_rate (float): rate of the weight decay.

    Example:
        >>> from chaingrad import optimizers
        >>> optimizers.AdamW(weight_decay_rate=1e-4)
        AdamW(alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-08, eta=1.0, weight_decay_rate=0.0001)

    Source:
        I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2.
    """

    def __init__(
        self,
        alpha: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        eta: float = 1.0,
        weight_decay_rate: float = 0,
    ) -> None:
        super().__init__(alpha, beta1, beta2, eps, eta, weight_decay_rate)


class AMSGrad(Adam):
    """Adam whose denominator never shrinks.

    As `Adam`, with vhat <- max(vhat, v) instead of v in the denominator.

    Args:
        alpha (float): step size.
        beta1 (float): share of the mean of gradients that is kept at each step.
        beta2 (float): share of the mean of their squares that is kept at each step.
        eps (float): small number that keeps the denominator from zero.
        eta (float): factor on the whole step.

    Example:
        >>> from chaingrad import optimizers
        >>> optimizers.AMSGrad(alpha=0.01)
        AMSGrad(alpha=0.01, beta1=0.9, beta2=0.999, eps=1e-08, eta=1.0)

    Source:
        S. J. Reddi, S. Kale and S. Kumar, On the Convergence of Adam and Beyond, ICLR 2018, algorithm 2, with the
        bias correction of Adam.
    """

    def __init__(
        self,
        alpha: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        eta: float = 1.0,
    ) -> None:
        super().__init__(alpha, beta1, beta2, eps, eta, amsgrad=True)


class AdaBound(Adam):
    """Adam that turns into SGD: bounds on the step size of every element close in on `final_lr`.

    As `Adam`, with alpha_t / (sqrt(v) + eps) kept between final_lr (1 - 1 / (gamma t + 1)) and
    final_lr (1 + 1 / (gamma t)). When alpha changes, final_lr is scaled as alpha is.

    Args:
        alpha (float): step size.
        beta1 (float): share of the mean of gradients that is kept at each step.
        beta2 (float): share of the mean of their squares that is kept at each step.
        final_lr (float): limit of both bounds.
        gamma (float): speed at which the bounds approach it.
        eps (float): small number that keeps the denominator from zero.
        eta (float): factor on the whole step.

    Example:
        >>> from chaingrad import optimizers
        >>> optimizers.AdaBound(final_lr=0.5)
        AdaBound(alpha=0.001, beta1=0.9, beta2=0.999, final_lr=0.5, gamma=0.001, eps=1e-08, eta=1.0)

    Source:
        L. Luo et al., Adaptive Gradient Methods with Dynamic Bound of Learning Rate, ICLR 2019, algorithm 2, with the
        bounds of the authors' program and the bias correction of Adam.
    """

    _amsgrad = False

    def __init__(
        self,
        alpha: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        final_lr: float = 0.1,
        gamma: float = 0.001,
        eps: float = 1e-8,
        eta: float = 1.0,
    ) -> None:
        super().__init__(
            alpha, beta1, beta2, eps, eta, amsgrad=self._amsgrad, adabound=True, final_lr=final_lr, gamma=gamma
        )


class AMSBound(AdaBound):
    """AdaBound whose denominator never shrinks.

    As `AdaBound`, with vhat <- max(vhat, v) instead of v.

    Args:
        alpha (float): step size.
        beta1 (float): share of the mean of gradients that is kept at each step.
        beta2 (float): share of the mean of their squares that is kept at each step.
        final_lr (float): limit of both bounds.
        gamma (float): speed at which the bounds approach it.
        eps (float): small number that keeps the denominator from zero.
        eta (float): factor on the whole step.

    Example:
        >>> from chaingrad import optimizers
        >>> optimizers.AMSBound(gamma=0.01)
        AMSBound(alpha=0.001, beta1=0.9, beta2=0.999, final_lr=0.1, gamma=0.01, eps=1e-08, eta=1.0)

    Source:
        L. Luo et al., Adaptive Gradient Methods with Dynamic Bound of Learning Rate, ICLR 2019, algorithm 3.
    """

    _amsgrad = True
