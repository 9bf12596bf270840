"""Hooks of optimizers, which change gradients between the backward pass and the update.

They work in place. All but `GradientClipping` are called for each parameter, and can be added to a single
parameter's update rule as well: `model.fc.W.update_rule.add_hook(WeightDecay(0.01))`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.variable import Variable
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import UpdateRule


class _Hook:
    """Base of the hooks: they come before the update, and their repr shows how they were made."""

    timing = 'pre'

    def __repr__(self) -> str:
        values = [f'{name}={getattr(value, "__name__", None) or repr(value)}' for name, value in vars(self).items()]
        return f'{type(self).__name__}({", ".join(values)})'


class WeightDecay(_Hook):
    """Add to every gradient the rate times its parameter, as an L2 penalty in the loss does.

    g <- g + rate x

    Args:
        rate (float): rate of the decay.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizer_hooks, optimizers
        >>> optimizer = optimizers.SGD().setup(L.Linear(3, 2))
        >>> optimizer.add_hook(optimizer_hooks.WeightDecay(rate=0.0005))

    Source:
        A. Krogh and J. A. Hertz, A Simple Weight Decay Can Improve Generalization, NIPS 1991.
    """

    name = 'WeightDecay'
    call_for_each_param = True

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, rule: UpdateRule | None, param: Variable) -> None:
        x = param.array
        g = param.grad
        if g is not None:
            g += self.rate * x


class Lasso(_Hook):
    """Add to every gradient the rate times the sign of its parameter, as an L1 penalty in the loss does.

    g <- g + rate sign(x)

    Args:
        rate (float): rate of the penalty.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizer_hooks, optimizers
        >>> optimizer = optimizers.SGD().setup(L.Linear(3, 2))
        >>> optimizer.add_hook(optimizer_hooks.Lasso(rate=0.0005))

    Source:
        R. Tibshirani, Regression Shrinkage and Selection via the Lasso, JRSS B 58, 1996.
    """

    name = 'Lasso'
    call_for_each_param = True

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, rule: UpdateRule | None, param: Variable) -> None:
        x = param.array
        g = param.grad
        if g is not None:
            g += self.rate * np.sign(x)


class GradientClipping(_Hook):
    """Scale all gradients down by one factor when their common L2 norm is above a threshold.

    g <- g min(1, threshold / norm), where norm is the root of the sum of the squares of all gradients.

    Args:
        threshold (float): largest norm.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizer_hooks, optimizers
        >>> optimizer = optimizers.SGD().setup(L.Linear(3, 2))
        >>> optimizer.add_hook(optimizer_hooks.GradientClipping(threshold=1.0))

    Source:
        R. Pascanu, T. Mikolov and Y. Bengio, On the Difficulty of Training Recurrent Neural Networks, ICML 2013,
        algorithm 1.
    """

    name = 'GradientClipping'

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold

    def __call__(self, opt: GradientMethod) -> None:
        grads = [param.grad for param in opt.target.params() if param.grad is not None]
        norm = sum(squared_norm(g) for g in grads) ** 0.5
        if norm > self.threshold:
            for g in grads:
                g *= self.threshold / norm


class GradientHardClipping(_Hook):
    """Clip every element of every gradient.

    g <- min(max(g, lower_bound), upper_bound)

    Args:
        lower_bound (float): smallest value.
        upper_bound (float): largest value.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizer_hooks, optimizers
        >>> optimizer = optimizers.SGD().setup(L.Linear(3, 2))
        >>> optimizer.add_hook(optimizer_hooks.GradientHardClipping(-1.0, 1.0))
    """

    name = 'GradientHardClipping'
    call_for_each_param = True

    def __init__(self, lower_bound: float, upper_bound: float) -> None:
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound

    def __call__(self, rule: UpdateRule | None, param: Variable) -> None:
        g = param.grad
        if g is not None:
            np.clip(g, self.lower_bound, self.upper_bound, out=g)


def exponential_decay_noise(
    xp: ModuleType, shape: Shape, dtype: np.dtype, hook: GradientNoise, opt: UpdateRule | None
) -> Array:
    """Draw Gaussian noise of variance eta / (1 + t)^0.55 from the global generator.

    Args:
        xp (module): numpy or cupy.
        shape (tuple): shape of the noise.
        dtype: dtype of the noise.
        hook (GradientNoise): the hook, for its eta.
        opt (UpdateRule): the parameter's rule, for its t; None, which counts as t = 0, where it has none.

    Returns:
        Array of the shape and dtype.

    Example:
        >>> import numpy as np
        >>> from chaingrad.optimizer_hooks import GradientNoise
        >>> from chaingrad.optimizers.hooks import exponential_decay_noise
        >>> from chaingrad.optimizers.sgd import SGDRule
        >>> exponential_decay_noise(np, (2, 3), np.float32, GradientNoise(eta=0.1), SGDRule()).shape
        (2, 3)

    Source:
        A. Neelakantan et al., Adding Gradient Noise Improves Learning for Very Deep Networks, 2015, equation 1.
    """
    t = 0 if opt is None else opt.t
    deviation = (hook.eta / (1 + t) ** 0.55) ** 0.5
    return xp.random.normal(0, deviation, shape).astype(dtype)


class GradientNoise(_Hook):
    """Add noise to every gradient, by default Gaussian noise that decreases during training.

    g <- g + noise_func(xp, g.shape, g.dtype, hook, rule)

    Args:
        eta (float): variance of the noise at the first update.
        noise_func (callable): function that draws the noise; called as above, with the array module xp, this hook and
            the update rule.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizer_hooks, optimizers
        >>> optimizer = optimizers.SGD().setup(L.Linear(3, 2))
        >>> optimizer.add_hook(optimizer_hooks.GradientNoise(eta=0.3))

    Source:
        A. Neelakantan et al., Adding Gradient Noise Improves Learning for Very Deep Networks, 2015.
    """

    name = 'GradientNoise'
    call_for_each_param = True

    def __init__(self, eta: float, noise_func: Callable[..., Array] = exponential_decay_noise) -> None:
        self.eta = eta
        self.noise_func = noise_func

    def __call__(self, rule: UpdateRule | None, param: Variable) -> None:
        g = param.grad
        if g is not None:
            g += self.noise_func(param.xp, g.shape, g.dtype, self, rule)


class GradientLARS(_Hook):
    """Scale every gradient to the norm of its parameter (layer-wise adaptive rate scaling).

    g <- rate (g + weight_decay x), rate = |x| / (|g| + weight_decay |x| + eps) where |x| > threshold, else 1. The trust
    coefficient of the paper is part of the optimizer's learning rate.

    Args:
        threshold (float): norm of a parameter above which its gradient is scaled.
        weight_decay (float): rate of the weight decay; do not add the hook WeightDecay too.
        eps (float): small number that keeps the denominator from zero.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizer_hooks, optimizers
        >>> optimizer = optimizers.MomentumSGD().setup(L.Linear(3, 2))
        >>> optimizer.add_hook(optimizer_hooks.GradientLARS())

    Source:
        Y. You, I. Gitman and B. Ginsburg, Large Batch Training of Convolutional Networks, 2017, equation 6 and
        algorithm 1.
    """

    name = 'GradientLARS'
    call_for_each_param = True

    def __init__(self, threshold: float = 0.01, weight_decay: float = 0.0, eps: float = 1e-9) -> None:
        self.threshold = threshold
        self.weight_decay = weight_decay
        self.eps = eps

    def __call__(self, rule: UpdateRule | None, param: Variable) -> None:
        x = param.array
        g = param.grad
        if g is None:
            return
        x_norm = squared_norm(x) ** 0.5
        g_norm = squared_norm(g) ** 0.5
        rate = 1.0
        if x_norm > self.threshold:
            rate = x_norm / (g_norm + self.weight_decay * x_norm + self.eps)
        g += self.weight_decay * x
        g *= rate


def squared_norm(array: Array) -> float:
    """Return the sum of the squares of an array, added up without overflow."""
    flat = array.reshape(-1)
    if array.dtype == np.float16:
        flat = flat.astype(np.float32)
    with np.errstate(over='ignore'):
        total = float(flat.dot(flat))
    if not math.isfinite(total):  # float32 has overflowed
        total = float(np.square(flat, dtype=np.float64).sum())
    return total
