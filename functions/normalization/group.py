"""Normalization of each sample by itself: over groups of channels, and over all of its elements."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Mean, Sum
from chaingrad.autograd.variable import Variable
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.kernels import normalization as kernels
from chaingrad.functions.normalization.batch import require_dtypes, standardized


class GroupNormalization(FunctionNode):
    """y = gamma (x - mean(x)) / sqrt(var(x) + eps) + beta, mean and variance over groups of channels of a sample."""

    who = 'group_normalization'

    def __init__(self, groups, eps=1e-5):
        self.groups, self.eps = groups, eps

    def _check(self, x, gamma, beta) -> None:
        require_dtypes(self.who, x, gamma=gamma, beta=beta)
        if gamma.shape != x.shape[1:2] or beta.shape != gamma.shape:
            checks.fail(self.who, 'gamma.shape == beta.shape == x.shape[1:2]', x=x, gamma=gamma, beta=beta)
        if x.size == 0:
            checks.fail(self.who, 'x.size > 0', x=x)

    def forward(self, inputs):
        x, gamma, beta = inputs
        self._check(x, gamma, beta)
        self.retain_inputs((0, 1))
        self.rows = (x.shape[0], self.groups, x.size // (x.shape[0] * self.groups))
        self.kept = (1, -1, *(1,) * (x.ndim - 2))
        y, self.mean, _, self.inverse = kernels.statistics(upcast(x).reshape(self.rows), (2,), self.eps)
        y *= self.inverse
        y = y.reshape(x.shape)
        y *= gamma.reshape(self.kept)
        y += beta.reshape(self.kept)
        return (downcast(y, x.dtype),)

    def backward(self, indexes, grad_outputs):
        x, gamma = self.get_retained_inputs()
        g, axis, rows = upcast(grad_outputs[0]), (0, *range(2, x.ndim)), upcast(x).reshape(self.rows)
        h = (g * upcast(gamma).reshape(self.kept)).reshape(self.rows)
        if isinstance(g, Variable):
            y, inverse = standardized(rows, 2, self.eps)
            means = Mean.of(h, axis=2, keepdims=True), Mean.of(h * y, axis=2, keepdims=True)
            gx = inverse * (h - means[0] - y * means[1])
        else:
            y = rows - self.mean
            y *= self.inverse
            gx, _, _ = kernels.gradient(y, 1, h, 1, self.inverse, (2,))
        ggamma = Sum.of(g * y.reshape(x.shape), axis=axis) if 1 in indexes else None
        gbeta = Sum.of(g, axis=axis) if 2 in indexes else None
        found = (gx.reshape(x.shape), ggamma, gbeta)
        dtypes = (x.dtype, gamma.dtype, gamma.dtype)
        return [a if a is None else downcast(a, dtype) for a, dtype in zip(found, dtypes)]


def group_normalization(x, groups: int, gamma, beta, eps: float = 1e-5) -> Variable:
    """Normalize every group of channels of every sample by its own mean and variance.

    `y = gamma (x - mean) / sqrt(var + eps) + beta`, mean and var over the channels of a group and all positions.

    Args:
        x: Array (n, c, ...), floating.
        groups: Number of groups, a divisor of c.
        gamma: Scale (c,).
        beta: Shift (c,).
        eps: Added to the variance.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        TypeError: When groups is no int.
        ValueError: When groups does not divide c, or x has fewer than two axes.
        InvalidType: When shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[1, 3, 10, 30]], np.float32)
        >>> F.group_normalization(x, 2, np.ones(4, np.float32), np.zeros(4, np.float32)).array.round(2)
        array([[-1.,  1., -1.,  1.]], dtype=float32)

    Source:
        Y. Wu and K. He, Group normalization, 2018, section 3.
    """
    who = 'group_normalization'
    if not isinstance(groups, int | np.integer):
        raise TypeError(f'{who}: groups must be an int, but it is {groups!r}.')
    checks.require_arrays(who, x=x)
    if x.ndim < 2:
        raise ValueError(f'{who}: x must have at least two axes, (n, c, ...), but x is {x.dtype} {x.shape}.')
    if groups < 1 or x.shape[1] % groups:
        raise ValueError(f'{who}: groups must divide x.shape[1], but groups is {groups} and x is {x.dtype} {x.shape}.')
    return GroupNormalization(int(groups), eps).apply((x, gamma, beta))[0]


def layer_normalization(x, gamma, beta, eps: float = 1e-5) -> Variable:
    """Normalize every sample by its own mean and variance: `group_normalization` with one group.

    `y = gamma (x - mean) / sqrt(var + eps) + beta`.

    Args:
        x: Array (n, c), floating; further axes are normalized together with c.
        gamma: Scale (c,).
        beta: Shift (c,).
        eps: Added to the variance.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: When shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[1, 3], [10, 30]], np.float32)
        >>> F.layer_normalization(x, np.ones(2, np.float32), np.zeros(2, np.float32)).array.round(2)
        array([[-1.,  1.],
               [-1.,  1.]], dtype=float32)

    Source:
        J. L. Ba, J. R. Kiros and G. E. Hinton, Layer normalization, 2016, equation (4).
    """
    return group_normalization(x, 1, gamma, beta, eps)
