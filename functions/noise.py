"""Functions that draw random numbers (rrelu is an activation function)."""

from __future__ import annotations

import math
from typing import Any, Literal, overload

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operands
from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.configuration import config
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array, as_variable
from chaingrad.functions.activation.softmax import softmax
from chaingrad.functions.casting import downcast, upcast_inputs
from chaingrad.functions.checks import TRAIN, fail, refuse, require_floats, require_weighted
from chaingrad.functions.connection import linear
from chaingrad.functions.elementwise.comparison import where
from chaingrad.functions.elementwise.exponential import exp

__all__ = ['dropout', 'gaussian', 'gumbel_softmax', 'simplified_dropconnect', 'zoneout']


class Dropout(FunctionNode):
    """y = x * mask, where the mask is 0 or 1 / (1 - ratio)."""

    def __init__(self, ratio: float, mask: Array | None = None) -> None:
        self.dropout_ratio = ratio
        self.mask = mask

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        if x.dtype.kind != 'f':
            reject(not_floating(self, x))
        if self.mask is None:
            kept = get_array_module(x).random.rand(*x.shape) >= self.dropout_ratio
            self.mask = kept * x.dtype.type(1 / (1 - self.dropout_ratio))
        return (x * self.mask,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (grad_outputs[0] * self.mask,)


@overload
def dropout(
    x: VariableOrArray,
    ratio: float = ...,
    *,
    mask: Array | None = None,
    return_mask: Literal[False] = False,
    **kwargs: Any,
) -> Variable: ...
@overload
def dropout(
    x: VariableOrArray, ratio: float = ..., *, mask: Array | None = None, return_mask: Literal[True], **kwargs: Any
) -> tuple[Variable, Array | None]: ...
def dropout(
    x: VariableOrArray,
    ratio: float = 0.5,
    *,
    mask: Array | None = None,
    return_mask: bool = False,
    **kwargs: Any,
) -> Variable | tuple[Variable, Array | None]:
    """Set elements to zero at random while training, and scale the others so that the expected value stays.

    y = x * mask, where mask = 0 with probability ratio, else 1 / (1 - ratio); y = x where `config.train` is False.

    Args:
        x: Variable or array of any shape, floating dtype.
        ratio (float): probability in [0, 1).
        mask: array of the shape of x to use instead of a random one.
        return_mask (bool): whether to return the mask too.

    Returns:
        Variable of the same shape; with return_mask a tuple of it and the mask, which is None while not training.

    Raises:
        ValueError: when ratio is not in [0, 1), the mask has another shape, or `train=` of old programs is given.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> F.dropout(np.ones(2), mask=np.array([0.0, 2.0]))
        variable([0., 2.])
        >>> with chaingrad.using_config('train', False):
        ...     F.dropout(np.ones(2))
        variable([1., 1.])

    Source:
        N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, JMLR 15, 2014.
    """
    refuse('dropout', kwargs, train=TRAIN)
    if not 0 <= ratio < 1:
        raise ValueError(f'dropout: ratio must be in [0, 1), but it is {ratio}.')
    if mask is not None and mask.shape != x.shape:
        raise ValueError(f'dropout: mask must have the shape of x, {x.shape}, but it is {mask.shape}.')
    if not config.train:
        x = as_variable(x)
        return (x, None) if return_mask else x
    function = Dropout(ratio, mask)
    (y,) = function.apply((x,))
    return (y, function.mask) if return_mask else y


@overload
def gaussian(
    mean: VariableOrArray, ln_var: VariableOrArray, *, eps: Array | None = None, return_eps: Literal[False] = False
) -> Variable: ...
@overload
def gaussian(
    mean: VariableOrArray, ln_var: VariableOrArray, *, eps: Array | None = None, return_eps: Literal[True]
) -> tuple[Variable, Array]: ...
def gaussian(
    mean: VariableOrArray, ln_var: VariableOrArray, *, eps: Array | None = None, return_eps: bool = False
) -> Variable | tuple[Variable, Array]:
    """Draw from normal distributions; gradients reach their parameters.

    y = mean + exp(ln_var / 2) * eps, where eps is drawn from N(0, 1).

    Args:
        mean: Variable or array of means, any shape, floating dtype.
        ln_var: Variable or array of the logarithms of the variances, of the same shape and dtype.
        eps: array of the same shape to use instead of a random one.
        return_eps (bool): whether to return eps too.

    Returns:
        Variable of the same shape; with return_eps a tuple of it and the array eps.

    Raises:
        InvalidType: when shapes or dtypes differ.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.gaussian(np.array([1.0]), np.array([0.0]), eps=np.array([0.5]))
        variable([1.5])

    Source:
        D. P. Kingma, M. Welling, Auto-Encoding Variational Bayes, ICLR 2014, section 2.4.
    """
    mean, ln_var = as_variable(mean), as_variable(ln_var)
    require_floats('gaussian', mean=mean, ln_var=ln_var)
    if eps is None:
        eps = mean.xp.random.standard_normal(mean.shape)
    eps = mean.xp.asarray(as_array(eps), mean.dtype)
    if not mean.shape == ln_var.shape == eps.shape:
        fail('gaussian', 'mean.shape == ln_var.shape == eps.shape', mean=mean, ln_var=ln_var, eps=eps)
    y = mean + exp(ln_var * 0.5) * eps
    return (y, eps) if return_eps else y


def gumbel_softmax(log_pi: VariableOrArray, tau: float = 0.1, axis: int = 1) -> Variable:
    """Draw vectors that are almost one-hot; gradients reach the probabilities.

    y = softmax((log_pi + g) / tau), where g is drawn from the standard Gumbel distribution.

    Args:
        log_pi: Variable or array of any shape, floating dtype: logarithms of probabilities, which need not be
            normalized.
        tau (float): temperature, positive; the smaller, the nearer to one-hot.
        axis (int): axis of the categories.

    Returns:
        Variable of the same shape; its sum along the axis is 1. An array without axes is one category: the output is 1.

    Raises:
        InvalidType: when the dtype is not floating or the axis is out of range.
        ValueError: when tau is not positive.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.gumbel_softmax(np.array([[0.0, 1000.0]]))
        variable([[0., 1.]])

    Source:
        E. Jang, S. Gu, B. Poole, Categorical Reparameterization with Gumbel-Softmax, ICLR 2017, eq. 2.
    """
    if tau <= 0:
        raise ValueError(f'gumbel_softmax: tau must be positive, but it is {tau}.')
    (x,) = upcast_inputs('gumbel_softmax', log_pi=log_pi)
    if not x.ndim:
        return Variable(x.xp.ones((), log_pi.dtype))
    noise = x.xp.random.gumbel(size=x.shape)
    return downcast(softmax((x + x.xp.asarray(noise, x.dtype)) / tau, axis), log_pi.dtype)


def simplified_dropconnect(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    ratio: float = 0.5,
    train: bool = True,
    mask: Array | None = None,
    use_batchwise_mask: bool = True,
) -> Variable:
    """Return the linear map of a batch, with weights set to zero at random.

    y = x (W * mask / (1 - ratio))^T + b, where the mask is 0 with probability ratio, else 1.

    Args:
        x: Variable or array, (n, ...), floating dtype; the axes after the first are taken as one.
        W: Variable or array, (out, in), floating dtype.
        b: Variable or array, (out,), of the dtype of x, or None.
        ratio (float): probability in [0, 1).
        train (bool): whether to drop weights; if not, the function is `linear`.
        mask: array to use instead of a random one, (n, out, in), or (out, in) without use_batchwise_mask.
        use_batchwise_mask (bool): whether each sample has a mask of its own.

    Returns:
        Variable, (n, out).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when ratio is not in [0, 1).

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> W, mask = np.array([[3.0, 4.0]]), np.array([[[True, False]]])
        >>> F.simplified_dropconnect(np.array([[1.0, 1.0]]), W, mask=mask)
        variable([[6.]])

    Source:
        L. Wan et al., Regularization of Neural Networks using DropConnect, ICML 2013; simplified: at test time the
        mean weights are used instead of samples.
    """
    if not 0 <= ratio < 1:
        raise ValueError(f'simplified_dropconnect: ratio must be in [0, 1), but it is {ratio}.')
    W = as_variable(W)
    require_weighted('simplified_dropconnect', x, W, b)
    if not train:
        return linear(x, W, b)
    n = len(x)
    mask_shape = (n, *W.shape) if use_batchwise_mask else W.shape
    mask = W.xp.random.rand(*mask_shape) >= ratio if mask is None else as_array(mask)
    if mask.shape != mask_shape:
        fail('simplified_dropconnect', f'mask.shape == {mask_shape}', x=x, W=W, mask=mask)
    weights = W * (mask * W.dtype.type(1 / (1 - ratio))).astype(W.dtype)
    if not use_batchwise_mask:
        return linear(x, weights, b)
    columns = reshape(x, (n, math.prod(x.shape[1:]), 1))
    y = downcast(matmul(weights, columns)[:, :, 0], x.dtype)
    return y if b is None else y + b


def zoneout(h: VariableOrArray, x: VariableOrArray, ratio: float = 0.5, **kwargs: Any) -> Variable:
    """Keep elements of the previous state at random while training; return the expected value otherwise.

    y = h with probability ratio, else x; y = ratio * h + (1 - ratio) * x where `config.train` is False.

    Args:
        h: Variable or array, the previous state, any shape, floating dtype.
        x: Variable or array, the new state, of the same shape and dtype.
        ratio (float): probability in [0, 1].

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when shapes or dtypes differ.
        ValueError: when ratio is not in [0, 1], or `train=` of old programs is given.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> with chaingrad.using_config('train', False):
        ...     F.zoneout(np.array([1.0]), np.array([3.0]), ratio=0.25)
        variable([2.5])

    Source:
        D. Krueger et al., Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations, ICLR 2017.
    """
    refuse('zoneout', kwargs, train=TRAIN)
    if not 0 <= ratio <= 1:
        raise ValueError(f'zoneout: ratio must be in [0, 1], but it is {ratio}.')
    h, x = as_variable(h), as_variable(x)
    require_floats('zoneout', h=h, x=x)
    if h.shape != x.shape:
        fail('zoneout', 'h.shape == x.shape', h=h, x=x)
    if not config.train:
        return h * ratio + x * (1 - ratio)
    return where(x.xp.asarray(x.xp.random.rand(*x.shape) < ratio), h, x)
