"""Normalization over the batch: by the batch's own statistics, by given ones, and by a mixture."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Axis, Indexes, Operand, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Mean, Sum
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array, as_variable
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.kernels import normalization as kernels


def standardized(x: Operand, axis: Axis, eps: float) -> tuple[Operand, Operand]:
    """Return x_hat = (x - mean) / sqrt(variance + eps), and 1 / sqrt(variance + eps)."""
    centred = x - Mean.of(x, axis=axis, keepdims=True)
    variance = Mean.of(centred * centred, axis=axis, keepdims=True)
    inverse = (variance + eps) ** -0.5
    return centred * inverse, inverse


def fitted(gradient: Operand, x: Operand) -> Operand:
    """Return the gradient of x in the shape and dtype of x."""
    if gradient.shape != x.shape:
        gradient = gradient.reshape(x.shape)
    return downcast(gradient, x.dtype)


def require_dtypes(who: str, x: Array, **others: Array) -> None:
    """Raise InvalidType unless the dtype of x is floating, and the others have one floating dtype."""
    if x.dtype.kind != 'f' or {a.dtype for a in others.values()} != {x.dtype}:
        checks.require_floating(who, x=x)
        checks.require_floats(who, **others)


def move_average(average: Array | None, value: Array, decay: float) -> None:
    """Move a running average towards a value, in place, unless it is None."""
    if average is not None:
        average *= decay
        average += ((1 - decay) * value).astype(average.dtype, copy=False).reshape(average.shape)


class _OverBatch(FunctionNode):
    """The base of the two normalizations: which axes are summed over, and the checks."""

    who = 'batch_normalization'
    axis: Any = None

    def _check(self, x: Array, **parameters: Array) -> None:
        """Check the inputs; set `axis`, over which is summed, and the shape of a parameter with those axes kept."""
        require_dtypes(self.who, x, **parameters)
        axis = self.axis
        if axis is None:
            axis = (0, *range(parameters['gamma'].ndim + 1, x.ndim))
        elif not hasattr(axis, '__len__'):
            axis = (axis,)
        axis = tuple([a + x.ndim if a < 0 else a for a in axis])
        shape = tuple([n for i, n in enumerate(x.shape) if i not in axis])
        if any(not 0 <= a < x.ndim for a in axis) or any(a.shape != shape for a in parameters.values()):
            names = ' == '.join([f'{name}.shape' for name in parameters])
            condition = f'{names} == {shape}, the axes of x that are not in axis={axis},'
            size = shape[0] if len(shape) == 1 else shape
            checks.fail(self.who, condition, f'Make the layer with size={size}.', x=x, **parameters)
        self.axis = axis
        self._aligned_shape = tuple([1 if i in axis else n for i, n in enumerate(x.shape)])

    def _aligned(self, parameter: Operand, x: Operand) -> Operand:
        """Return a parameter, upcast, with an axis for each of x."""
        return upcast(parameter, x).reshape(self._aligned_shape)


class BatchNormalization(_OverBatch):
    """y = gamma (x - mean(x)) / sqrt(var(x) + eps) + beta."""

    def __init__(
        self,
        eps: float = 2e-5,
        mean: Array | None = None,
        var: Array | None = None,
        decay: float = 0.9,
        axis: Axis = None,
    ) -> None:
        self.eps = eps
        self.running_mean = mean
        self.running_var = var
        self.decay = decay
        self.axis = axis

    def _checked(self, inputs: Arrays) -> tuple[Array, Array, Array]:
        """Retain and return x, gamma and beta; raise where they do not fit, or where there is nothing to average."""
        x, gamma, beta = inputs
        self.retain_inputs((0, 1))
        self._check(x, gamma=gamma, beta=beta)
        if x.size == 0:
            checks.fail(self.who, 'x.size > 0', x=x)
        return x, gamma, beta

    def forward(self, inputs: Arrays) -> Arrays:
        x, gamma, beta = self._checked(inputs)
        wide_x = upcast(x, gamma)
        y, self.mean, variance, self.inverse = kernels.normalize_batch(wide_x, gamma, beta, self.axis, self.eps)
        count = x.size // max(gamma.size, 1)
        move_average(self.running_mean, self.mean, self.decay)
        move_average(self.running_var, variance * count / max(count - 1, 1), self.decay)
        return (downcast(y, x.dtype),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        x, gamma = self.get_retained_inputs()
        wide_x = upcast(x, gamma)
        gy = upcast(grad_outputs[0], gamma)
        if self._array_pass:
            gx, ggamma, gbeta = kernels.normalize_batch_gradients(
                wide_x, upcast(gamma, x), gy, self.mean, self.inverse, self.axis
            )
        else:
            scale = self._aligned(gamma, x)
            x_hat, inverse = standardized(wide_x, self.axis, self.eps)
            ggamma = Sum.of(gy * x_hat, axis=self.axis, keepdims=True)
            gbeta = Sum.of(gy, axis=self.axis, keepdims=True)
            gx = scale * inverse * (gy - (gbeta + x_hat * ggamma) / (x.size // gamma.size))
        gradients = (fitted(gx, x), fitted(ggamma, gamma), fitted(gbeta, gamma))
        return tuple([gradients[i] for i in indexes])


class FixedBatchNormalization(_OverBatch):
    """y = gamma (x - mean) / sqrt(var + eps) + beta."""

    who = 'fixed_batch_normalization'

    def __init__(self, eps: float = 2e-5, axis: Axis = None) -> None:
        self.eps = eps
        self.axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        x, gamma, beta, mean, var = inputs
        self.retain_inputs((0, 1, 3, 4))
        self._check(x, gamma=gamma, beta=beta, mean=mean, var=var)
        factor = self._aligned(gamma, x) * (self._aligned(var, x) + self.eps) ** -0.5
        shift = self._aligned(beta, x)
        y = kernels.scale_batch(upcast(x, gamma), self._aligned(mean, x), factor, shift, self.axis)
        return (downcast(y, x.dtype),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        x, gamma, mean, var = self.get_retained_inputs()
        gy = upcast(grad_outputs[0], gamma)
        inverse = (self._aligned(var, x) + self.eps) ** -0.5
        scale = self._aligned(gamma, x) * inverse
        gx = ggamma = gbeta = gmean = gvar = None
        if 0 in indexes:
            gx = fitted(gy * scale, x)
        if 2 in indexes or 3 in indexes:
            total = Sum.of(gy, axis=self.axis, keepdims=True)
            gbeta = fitted(total, gamma)
            gmean = fitted(-scale * total, gamma)
        if 1 in indexes or 4 in indexes:
            wide_x = upcast(x, gamma)
            products = gy * ((wide_x - self._aligned(mean, x)) * inverse)  # NumPy reuses the unnamed arrays
            total = Sum.of(products, axis=self.axis, keepdims=True)
            ggamma = fitted(total, gamma)
            gvar = fitted(-0.5 * scale * inverse * total, gamma)
        gradients = (gx, ggamma, gbeta, gmean, gvar)
        return tuple([gradients[i] for i in indexes])


def batch_normalization(
    x: VariableOrArray,
    gamma: VariableOrArray,
    beta: VariableOrArray,
    *,
    eps: float = 2e-5,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    decay: float = 0.9,
    axis: Axis = None,
    **kwargs: Any,
) -> Variable:
    """Normalize by the mean and variance of the batch.

    `y = gamma (x - mean) / sqrt(var + eps) + beta`, mean and var over `axis`. Running averages that are given move
    towards them, in place: `r = decay r + (1 - decay) value`; that of the variance towards the unbiased estimate
    `var m / (m - 1)` of m elements.

    Args:
        x: Variable or array, (n, c, ...), floating dtype.
        gamma: Variable or array, the scale, of the shape of the axes not in `axis`; (c,) for images. It may have
            another floating dtype than x; then the wider of the two is computed in.
        beta: Variable or array, the shift, of the shape and dtype of gamma.
        eps (float): added to the variance.
        running_mean: array of the shape of gamma, changed in place, or None.
        running_var: array of the shape of gamma, changed in place, or None.
        decay (float): share of the old value that the running averages keep.
        axis (None, int or tuple of ints): axes of mean and variance; None: the first, and those after the axes of
            gamma.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: for the keyword `train` of old programs.

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


def fixed_batch_normalization(
    x: VariableOrArray,
    gamma: VariableOrArray,
    beta: VariableOrArray,
    mean: VariableOrArray,
    var: VariableOrArray,
    eps: float = 2e-5,
    axis: Axis = None,
) -> Variable:
    """Normalize by a mean and variance that are given.

    `y = gamma (x - mean) / sqrt(var + eps) + beta`. Differentiable in all five.

    Args:
        x: Variable or array, (n, c, ...), floating dtype.
        gamma, beta, mean, var: Variables or arrays, of the shape of the axes not in `axis`; (c,) for images.
        eps (float): added to the variance.
        axis (None, int or tuple of ints): axes over which the statistics were taken; None: the first, and those after
            the axes of gamma.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

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
    x: VariableOrArray,
    gamma: VariableOrArray,
    beta: VariableOrArray,
    rmax: float,
    dmax: float,
    eps: float = 2e-5,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    decay: float = 0.9,
    update_statistics: bool = False,
) -> Variable:
    """Normalize by the batch, corrected towards the running statistics.

    With the batch's mean and `s = sqrt(var + eps)`, and the running ones:
    `y = gamma ((x - mean) / s r + d) + beta`, `r = clip(s / running s, 1 / rmax, rmax)`,
    `d = clip((mean - running mean) / running s, -dmax, dmax)`. r and d count as constants in every derivative.

    Args:
        x: Variable or array, (n, c, ...), floating dtype.
        gamma, beta: Variables or arrays, (c,).
        rmax (float): largest correction of the scale, at least 1.
        dmax (float): largest correction of the shift, at least 0.
        eps (float): added to the variances.
        running_mean: array, (c,); None for zeros.
        running_var: array, (c,); None for ones.
        decay (float): share of the old value that the running averages keep.
        update_statistics (bool): whether to update the running averages, in place.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

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
    gamma = as_variable(gamma)
    beta = as_variable(beta)
    data = upcast(as_array(x), gamma)
    if gamma.shape != data.shape[1 : 1 + gamma.ndim] or beta.shape != gamma.shape:
        checks.fail(who, 'gamma.shape == beta.shape == x.shape[1:2]', x=data, gamma=gamma, beta=beta)
    axis = (0, *range(gamma.ndim + 1, data.ndim))
    _, mean, _, inverse = kernels.statistics(data, axis, eps)
    mean = mean.reshape(-1)
    inverse = inverse.reshape(-1)
    old_mean = 0 if running_mean is None else upcast(running_mean.reshape(-1), data)
    old_var = 1 if running_var is None else upcast(running_var.reshape(-1), data)
    old_deviation = (old_var + eps) ** 0.5
    r = np.clip(1 / (inverse * old_deviation), 1 / rmax, rmax).reshape(gamma.shape).astype(data.dtype)
    d = np.clip((mean - old_mean) / old_deviation, -dmax, dmax).reshape(gamma.shape).astype(data.dtype)
    if update_statistics:
        node = BatchNormalization(eps, running_mean, running_var, decay)
    else:
        node = BatchNormalization(eps)
    gamma = upcast(gamma, x)
    return node.apply((x, gamma * r, upcast(beta, x) + gamma * d))[0]


def fixed_batch_renormalization(
    x: VariableOrArray,
    gamma: VariableOrArray,
    beta: VariableOrArray,
    mean: VariableOrArray,
    var: VariableOrArray,
    eps: float = 2e-5,
) -> Variable:
    """Normalize by a mean and variance that are given, in a model trained with `batch_renormalization`.

    Deprecated: `fixed_batch_normalization` does the same.

    Args:
        x: Variable or array, (n, c, ...), floating dtype.
        gamma, beta, mean, var: Variables or arrays, (c,).
        eps (float): added to the variance.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import warnings, numpy as np, chaingrad.functions as F
        >>> one = np.ones(1)
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter('ignore', DeprecationWarning)
        ...     F.fixed_batch_renormalization(np.array([[5.0], [1.0]]), one, one, one, 4 * one, eps=0).array
        array([[3.],
               [1.]])

    Source:
        S. Ioffe, Batch renormalization, 2017, algorithm 1, last line.
    """
    warnings.warn(
        'fixed_batch_renormalization is deprecated. Use fixed_batch_normalization instead.',
        DeprecationWarning,
        stacklevel=2,
    )
    return fixed_batch_normalization(x, gamma, beta, mean, var, eps)
