"""Losses that are likelihoods or divergences: bernoulli_nll, gaussian_nll and gaussian_kl_divergence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import downcast
from chaingrad.autograd.reduction import average
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.smooth import softplus
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.elementwise.comparison import where
from chaingrad.functions.elementwise.exponential import exp
from chaingrad.functions.loss.base import check_equal_shapes, check_reduce, reduce_loss

_REDUCTIONS = ('sum', 'mean', 'no')


def bernoulli_nll(x: VariableOrArray, y: VariableOrArray, reduce: str = 'sum') -> Variable:
    """Return the negative log-likelihood of a Bernoulli distribution given by its logits.

    loss = log(1 + exp(y)) - x y = -x log(sigmoid(y)) - (1 - x) log(1 - sigmoid(y)); stable for large |y|.

    Args:
        x: Variable or array of targets in [0, 1], any shape, floating dtype.
        y: Variable or array of logits (before a sigmoid), of the same shape and dtype.
        reduce (str): 'sum', 'mean' over all elements, or 'no' for one loss per element.

    Returns:
        Variable of no axes, or of x's shape with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes differ.
        ValueError: when reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.bernoulli_nll(np.array([1.0, 0.0]), np.array([1000.0, 0.0]), reduce='no')
        variable([0.        , 0.69314718])
    """
    check_reduce('bernoulli_nll', reduce, _REDUCTIONS)
    check_equal_shapes('bernoulli_nll', x=x, y=y)
    wide_x, wide_y = upcast_inputs('bernoulli_nll', x=x, y=y)
    return _reduced(softplus(wide_y) - wide_x * wide_y, reduce, x.dtype)


def gaussian_nll(x: VariableOrArray, mean: VariableOrArray, ln_var: VariableOrArray, reduce: str = 'sum') -> Variable:
    """Return the negative log-likelihood of a normal distribution with independent elements.

    loss = (ln_var + log(2 pi) + (x - mean) ** 2 exp(-ln_var)) / 2.

    Args:
        x: Variable or array of any shape, floating dtype.
        mean: Variable or array of means, of the same shape and dtype.
        ln_var: Variable or array of the logarithms of the variances, of the same shape and dtype.
        reduce (str): 'sum', 'mean' over all elements, or 'no' for one loss per element.

    Returns:
        Variable of no axes, or of x's shape with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes differ.
        ValueError: when reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.gaussian_nll(np.array([1.0]), np.array([0.0]), np.array([0.0]), reduce='no')
        variable([1.41893853])
    """
    check_reduce('gaussian_nll', reduce, _REDUCTIONS)
    check_equal_shapes('gaussian_nll', x=x, mean=mean, ln_var=ln_var)
    wide_x, wide_mean, wide_ln_var = upcast_inputs('gaussian_nll', x=x, mean=mean, ln_var=ln_var)
    d = wide_x - wide_mean
    square = d * d
    largest = math.log(float(np.finfo(d.dtype).max))  # exp of more is infinite
    at_mean = (square.array == 0) & (-wide_ln_var.array > largest)  # 0 * inf would be NaN there
    distance = square * exp(where(at_mean, np.zeros((), d.dtype), -wide_ln_var))
    return _reduced((wide_ln_var + math.log(2 * math.pi) + distance) / 2, reduce, x.dtype)


def gaussian_kl_divergence(mean: VariableOrArray, ln_var: VariableOrArray, reduce: str = 'sum') -> Variable:
    """Return the Kullback-Leibler divergence of a normal distribution with independent elements from the standard one.

    loss = KL(N(mean, exp(ln_var)) || N(0, 1)) = (mean ** 2 + exp(ln_var) - ln_var - 1) / 2.

    Args:
        mean: Variable or array of means, any shape, floating dtype.
        ln_var: Variable or array of the logarithms of the variances, of the same shape and dtype.
        reduce (str): 'sum', 'mean' over all elements, or 'no' for one divergence per element.

    Returns:
        Variable of no axes, or of mean's shape with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes differ.
        ValueError: when reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.gaussian_kl_divergence(np.array([0.0, 1.0]), np.array([0.0, 0.0]), reduce='no')
        variable([0. , 0.5])

    Source:
        D. P. Kingma, M. Welling, Auto-Encoding Variational Bayes, ICLR 2014, appendix B.
    """
    check_reduce('gaussian_kl_divergence', reduce, _REDUCTIONS)
    check_equal_shapes('gaussian_kl_divergence', mean=mean, ln_var=ln_var)
    wide_mean, wide_ln_var = upcast_inputs('gaussian_kl_divergence', mean=mean, ln_var=ln_var)
    loss = (wide_mean * wide_mean + exp(wide_ln_var) - wide_ln_var - 1) / 2
    return _reduced(loss, reduce, mean.dtype)


def _reduced(loss: Variable, reduce: str, dtype: np.dtype[Any]) -> Variable:
    """Return the losses reduced; 'mean' is that over all elements here, not over the samples."""
    if reduce == 'mean':
        return downcast(average(loss), dtype)
    return reduce_loss(loss, reduce, dtype)
