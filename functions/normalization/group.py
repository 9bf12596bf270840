"""Normalization of each sample by itself: over groups of channels, and over all of its elements."""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Mean, Sum
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.kernels import normalization as kernels
from chaingrad.functions.normalization.batch import fitted, require_dtypes, standardized


class GroupNormalization(FunctionNode):
    """y = gamma (x - mean(x)) / sqrt(var(x) + eps) + beta, mean and variance over groups of channels of a sample."""

    who = 'group_normalization'

    def __init__(self, groups: int, eps: float = 1e-5) -> None:
        self.groups = groups
        self.eps = eps

    def _check(self, x: Array, gamma: Array, beta: Array) -> None:
        require_dtypes(self.who, x, gamma=gamma, beta=beta)
        if gamma.shape != x.shape[1:2] or beta.shape != gamma.shape:
            checks.fail(self.who, 'gamma.shape == beta.shape == x.shape[1:2]', x=x, gamma=gamma, beta=beta)
        if x.size == 0 and len(x):
            checks.fail(self.who, 'x.size > 0', x=x)

    def _rows(self, x: Operand) -> Operand:
        """Return x as (n, groups, elements): mean and variance are those of the last axis."""
        n = x.shape[0]
        return x.reshape((n, self.groups, math.prod(x.shape[1:]) // self.groups))

    def forward(self, inputs: Arrays) -> Arrays:
        x, gamma, beta = inputs
        self._check(x, gamma, beta)
        self.retain_inputs((0, 1))
        self.is_of_rows = self.groups == 1 and x.ndim == 2 and np.float16 != x.dtype == gamma.dtype == beta.dtype
        if self.is_of_rows:  # a layer normalization, for which there are kernels
            y, self.mean, self.variance = kernels.normalize_rows(x, gamma, beta, self.eps)
            return (y,)
        channels = (1, -1, *(1,) * (x.ndim - 2))
        y, self.mean, _, self.inverse = kernels.statistics(self._rows(upcast(x, gamma)), (2,), self.eps)
        y *= self.inverse
        y = y.reshape(x.shape)
        y *= gamma.reshape(channels)
        y += beta.reshape(channels)
        return (downcast(y, x.dtype),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        x, gamma = self.get_retained_inputs()
        if self._array_pass and self.is_of_rows:
            all_gradients = kernels.normalize_rows_gradients(
                x, gamma, grad_outputs[0], self.mean, self.variance, self.eps
            )
            return tuple([all_gradients[i] for i in indexes])
        gy = upcast(grad_outputs[0], gamma)
        rows = self._rows(upcast(x, gamma))
        gx_hat = self._rows(gy * upcast(gamma, x).reshape((1, -1, *(1,) * (x.ndim - 2))))
        if self._array_pass:
            x_hat = rows - self.mean
            x_hat *= self.inverse
            gx, _, _ = kernels.gradient(x_hat, 1, gx_hat, 1, self.inverse, (2,))
        else:
            x_hat, inverse = standardized(rows, 2, self.eps)
            mean = Mean.of(gx_hat, axis=2, keepdims=True)
            product_mean = Mean.of(gx_hat * x_hat, axis=2, keepdims=True)
            gx = inverse * (gx_hat - mean - x_hat * product_mean)
        axis = (0, *range(2, x.ndim))
        ggamma = gbeta = None
        if 1 in indexes:
            ggamma = fitted(Sum.of(gy * x_hat.reshape(x.shape), axis=axis), gamma)
        if 2 in indexes:
            gbeta = fitted(Sum.of(gy, axis=axis), gamma)
        gradients = (fitted(gx, x), ggamma, gbeta)
        return tuple([gradients[i] for i in indexes])


def group_normalization(
    x: VariableOrArray, groups: int, gamma: VariableOrArray, beta: VariableOrArray, eps: float = 1e-5
) -> Variable:
    """Normalize every group of channels of every sample by its own mean and variance.

    `y = gamma (x - mean) / sqrt(var + eps) + beta`, mean and var over the channels of a group and all positions.

    Args:
        x: Variable or array, (n, c, ...), floating dtype.
        groups (int): number of groups, a divisor of c.
        gamma: Variable or array, (c,), the scale; it may have another floating dtype than x.
        beta: Variable or array, (c,), the shift, of the dtype of gamma.
        eps (float): added to the variance.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        TypeError: when groups is not an int.
        ValueError: when groups does not divide c, or x has fewer than two axes.
        InvalidType: when shapes or dtypes do not fit.

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


def layer_normalization(
    x: VariableOrArray, gamma: VariableOrArray, beta: VariableOrArray, eps: float = 1e-5
) -> Variable:
    """Normalize every sample by its own mean and variance: `group_normalization` with one group.

    `y = gamma (x - mean) / sqrt(var + eps) + beta`.

    Args:
        x: Variable or array, (n, c), floating dtype.
        gamma: Variable or array, (c,), the scale; it may have another floating dtype than x.
        beta: Variable or array, (c,), the shift, of the dtype of gamma.
        eps (float): added to the variance.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[1, 3], [10, 30]], np.float32)
        >>> F.layer_normalization(x, np.ones(2, np.float32), np.zeros(2, np.float32)).array.round(2)
        array([[-1.,  1.],
               [-1.,  1.]], dtype=float32)

    Source:
        J. L. Ba, J. R. Kiros and G. E. Hinton, Layer normalization, 2016, equation (4).
    """
    checks.require_arrays('layer_normalization', x=x)
    if x.ndim != 2:
        checks.fail('layer_normalization', 'x.ndim == 2', 'Use F.group_normalization with one group.', x=x)
    return group_normalization(x, 1, gamma, beta, eps)
