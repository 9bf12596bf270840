"""Normalization over the batch: by the batch's own statistics, by given ones, and by a mixture."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Mean, Sum
from chaingrad.autograd.variable import Variable, as_array, as_variable
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.kernels import normalization as kernels


def standardized(x, axis, eps):
    """Return (x - mean) / sqrt(variance + eps) and the divisor's inverse, of array or Variable."""
    centred = x - Mean.of(x, axis=axis, keepdims=True)
    inverse = (Mean.of(centred * centred, axis=axis, keepdims=True) + eps) ** -0.5
    return centred * inverse, inverse


def require_dtypes(who, x, **others) -> None:
    """Raise InvalidType unless all have one floating dtype; beside a float16 x the others may be float32."""
    dtypes = {a.dtype for a in others.values()}
    if x.dtype.kind != 'f' or dtypes != {x.dtype} and (x.dtype, dtypes) != (np.float16, {np.dtype(np.float32)}):
        checks.require_floats(who, x=x, **others)


class _OverBatch(FunctionNode):
    """What the two normalizations share: which axes are summed over, and the checks."""

    who = 'batch_normalization'
    axis: Any = None

    def _fit(self, x, gamma, beta, *others) -> tuple[int, ...]:
        """Check the inputs; set `axis` (summed over) and return the shape of gamma with those axes kept."""
        given = dict(zip(('gamma', 'beta', 'mean', 'var'), (gamma, beta, *others)))
        require_dtypes(self.who, x, **given)
        axis = self.axis
        if axis is None:
            axis = (0, *range(gamma.ndim + 1, x.ndim))
        axis = axis if hasattr(axis, '__len__') else (axis,)
        axis = tuple([a + x.ndim if a < 0 else a for a in axis])
        key = tuple(n for i, n in enumerate(x.shape) if i not in axis)
        if any(not 0 <= a < x.ndim for a in axis) or any(a.shape != key for a in given.values()):
            what = ' == '.join(f'{n}.shape' for n in given)
            checks.fail(self.who, f'{what} == {key}, the axes of x that are not in axis={axis},', x=x, **given)
        self.axis = axis
        return tuple(1 if i in axis else n for i, n in enumerate(x.shape))


class BatchNormalization(_OverBatch):
    """y = gamma (x - mean(x)) / sqrt(var(x) + eps) + beta."""

    def __init__(self, eps=2e-5, mean=None, var=None, decay=0.9, axis=None):
        self.eps, self.decay, self.axis = eps, decay, axis
        self.running_mean, self.running_var = mean, var

    def forward(self, inputs):
        x, gamma, beta = inputs
        self.retain_inputs((0, 1))
        self.kept = self._fit(x, gamma, beta)
        if x.size == 0:
            checks.fail(self.who, 'x.size > 0', x=x)
        wide = upcast(x)
        y, self.mean, variance, self.inverse = kernels.statistics(wide, self.axis, self.eps)
        self._update(variance, x.size // max(gamma.size, 1))
        y *= gamma.reshape(self.kept) * self.inverse
        y += beta.reshape(self.kept)
        return (downcast(y, x.dtype),)

    def _update(self, variance, count) -> None:
        """Move the running statistics, in place; the variance is that of the population."""
        variance = variance * count / max(count - 1, 1)
        for running, value in ((self.running_mean, self.mean), (self.running_var, variance)):
            if running is not None:
                running *= self.decay
                running += ((1 - self.decay) * value).astype(running.dtype, copy=False).reshape(running.shape)

    def backward(self, indexes, grad_outputs):
        x, gamma = self.get_retained_inputs()
        (gy,) = grad_outputs
        wide, g, scale = upcast(x), upcast(gy), upcast(gamma).reshape(self.kept)
        if isinstance(gy, Variable):
            y, inverse = standardized(wide, self.axis, self.eps)
            gbeta = Sum.of(g, axis=self.axis, keepdims=True)
            ggamma = Sum.of(g * y, axis=self.axis, keepdims=True)
            gx = scale * inverse * (g - (gbeta + y * ggamma) / (x.size // gamma.size))
        else:
            gx, ggamma, gbeta = kernels.gradient(wide - self.mean, self.inverse, g, scale, self.inverse, self.axis)
        ggamma, gbeta = (downcast(a.reshape(gamma.shape), gamma.dtype) for a in (ggamma, gbeta))
        return downcast(gx, x.dtype), ggamma, gbeta


class FixedBatchNormalization(_OverBatch):
    """y = gamma (x - mean) / sqrt(var + eps) + beta."""

    who = 'fixed_batch_normalization'

    def __init__(self, eps=2e-5, axis=None):
        self.eps, self.axis = eps, axis

    def forward(self, inputs):
        x, gamma, beta, mean, var = inputs
        self.retain_inputs((0, 1, 3, 4))
        self.kept = self._fit(*inputs)
        gamma, beta, mean, var = (upcast(a).reshape(self.kept) for a in (gamma, beta, mean, var))
        y = upcast(x) - mean
        y *= gamma * (var + self.eps) ** -0.5
        y += beta
        return (downcast(y, x.dtype),)

    def backward(self, indexes, grad_outputs):
        x, gamma, mean, var = self.get_retained_inputs()
        dtypes, shape = (x.dtype, *[gamma.dtype] * 4), gamma.shape
        wide, g = upcast(x), upcast(grad_outputs[0])
        gamma, mean, var = (upcast(a).reshape(self.kept) for a in (gamma, mean, var))
        inverse = (var + self.eps) ** -0.5
        gx = g * (gamma * inverse)
        sums = {}
        if set(indexes) & {2, 3}:
            sums[2] = Sum.of(g, axis=self.axis, keepdims=True)
            sums[3] = -gamma * inverse * sums[2]
        if set(indexes) & {1, 4}:
            sums[1] = Sum.of(g * ((wide - mean) * inverse), axis=self.axis, keepdims=True)
            sums[4] = -0.5 * gamma * inverse * inverse * sums[1]
        found = [gx, *(sums[i].reshape(shape) if i in sums else None for i in range(1, 5))]
        return [a if a is None else downcast(a, dtype) for a, dtype in zip(found, dtypes)]


def batch_normalization(
    x,
    gamma,
    beta,
    *,
    eps: float = 2e-5,
    running_mean=None,
    running_var=None,
    decay: float = 0.9,
    axis=None,
    **kwargs: Any,
) -> Variable:
    """Normalize by the mean and variance of the batch.

    `y = gamma (x - mean) / sqrt(var + eps) + beta`, mean and var over `axis`. Running averages that are given move
    towards them, in place: `r = decay r + (1 - decay) value`, the variance with the factor `m / (m - 1)` of the
    population's.

    Args:
        x: Array (n, c, ...), floating.
        gamma: Scale, of the shape of the axes not in `axis`; (c,) for images. float32 also where x is float16.
        beta: Shift, as gamma.
        eps: Added to the variance.
        running_mean: Array of the shape of gamma, changed in place, or None.
        running_var: Array of the shape of gamma, changed in place, or None.
        decay: What is kept of the running averages.
        axis: Axes of mean and variance, int or tuple; None: the first, and those behind the axes of gamma.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: When shapes or dtypes do not fit.
        ValueError: For the keyword `train` of old programs.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[1, 10], [3, 30]], np.float32)
        >>> gamma, beta = np.ones(2, np.float32), np.zeros(2, np.float32)
        >>> F.batch_normalization(x, gamma, beta).array.round(3)
        array([[-1., -1.],
               [ 1.,  1.]], dtype=float32)

    Source:
        S. Ioffe and C. Szegedy, Batch normalization, 2015, algorithm 1.
    """
    checks.refuse('batch_normalization', kwargs, train=checks.TRAIN)
    node = BatchNormalization(eps, running_mean, running_var, decay, axis)
    y = node.apply((x, gamma, beta))[0]
    if x.size == gamma.size:
        warnings.warn(
            f'batch_normalization: one sample per mean (x is {x.shape}, axis {node.axis}), so that the output is beta '
            'whatever x is. Use larger batches, or fixed_batch_normalization.',
            UserWarning,
            stacklevel=2,
        )
    return y


def fixed_batch_normalization(x, gamma, beta, mean, var, eps: float = 2e-5, axis=None) -> Variable:
    """Normalize by a mean and variance that are given.

    `y = gamma (x - mean) / sqrt(var + eps) + beta`. Differentiable in all five.

    Args:
        x: Array (n, c, ...), floating.
        gamma, beta, mean, var: Arrays of the shape of the axes not in `axis`; (c,) for images.
        eps: Added to the variance.
        axis: Axes over which the statistics were taken, int or tuple; None: the first, and those behind gamma's.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: When shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> one = np.ones(1)
        >>> F.fixed_batch_normalization(np.array([[5.0], [1.0]]), one, one, one, 4 * one, eps=0).array
        array([[3.],
               [1.]])

    Source:
        S. Ioffe and C. Szegedy, Batch normalization, 2015, algorithm 2.
    """
    return FixedBatchNormalization(eps, axis).apply((x, gamma, beta, mean, var))[0]


def batch_renormalization(
    x,
    gamma,
    beta,
    rmax: float,
    dmax: float,
    eps: float = 2e-5,
    running_mean=None,
    running_var=None,
    decay: float = 0.9,
    update_statistics: bool = False,
) -> Variable:
    """Normalize by the batch, corrected towards the running statistics.

    With the batch's mean and `s = sqrt(var + eps)`, and the running ones:
    `y = gamma ((x - mean) / s r + d) + beta`, `r = clip(s / running s, 1 / rmax, rmax)`,
    `d = clip((mean - running mean) / running s, -dmax, dmax)`. r and d count as constants in every derivative.

    Args:
        x: Array (n, c, ...), floating.
        gamma, beta: Arrays (c,).
        rmax: Largest correction of the scale, at least 1.
        dmax: Largest correction of the shift, at least 0.
        eps: Added to the variances.
        running_mean: Array (c,); zeros when None.
        running_var: Array (c,); ones when None.
        decay: What is kept of the running averages.
        update_statistics: Move the running averages, in place.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: When shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, one = np.array([[1.0], [3.0]]), np.ones(1)
        >>> F.batch_renormalization(x, one, 0 * one, 1, 1, running_mean=0 * one, running_var=one).array.round(3)
        array([[0.],
               [2.]])

    Source:
        S. Ioffe, Batch renormalization, 2017, algorithm 1.
    """
    who = 'batch_renormalization'
    checks.require_arrays(who, x=x, gamma=gamma, beta=beta)
    gamma, beta, data = as_variable(gamma), as_variable(beta), upcast(as_array(x))
    if gamma.shape != data.shape[1 : 1 + gamma.ndim] or beta.shape != gamma.shape:
        checks.fail(who, 'gamma.shape == beta.shape == x.shape[1:2]', x=data, gamma=gamma, beta=beta)
    axis = (0, *range(gamma.ndim + 1, data.ndim))
    _, mean, _, inverse = (a.reshape(-1) for a in kernels.statistics(data, axis, eps))
    shift = 0 if running_mean is None else running_mean.reshape(-1)
    divisor = (1 + eps if running_var is None else running_var.reshape(-1) + eps) ** 0.5
    r = np.clip(1 / (inverse * divisor), 1 / rmax, rmax).reshape(gamma.shape).astype(gamma.dtype)
    d = np.clip((mean - shift) / divisor, -dmax, dmax).reshape(gamma.shape).astype(gamma.dtype)
    moved = (running_mean, running_var) if update_statistics else (None, None)
    return BatchNormalization(eps, *moved, decay).apply((x, gamma * r, beta + gamma * d))[0]


def fixed_batch_renormalization(x, gamma, beta, mean, var, eps: float = 2e-5) -> Variable:
    """Normalize by a mean and variance that are given: `fixed_batch_normalization`, for models that were renormalized.

    Args:
        x: Array (n, c, ...), floating.
        gamma, beta, mean, var: Arrays (c,).
        eps: Added to the variance.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: When shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> one = np.ones(1)
        >>> F.fixed_batch_renormalization(np.array([[5.0], [1.0]]), one, one, one, 4 * one, eps=0).array
        array([[3.],
               [1.]])

    Source:
        S. Ioffe, Batch renormalization, 2017, algorithm 1, last line.
    """
    return fixed_batch_normalization(x, gamma, beta, mean, var, eps)
