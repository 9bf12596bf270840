"""Functions that draw random numbers (rrelu is among the activations)."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import cast, reshape
from chaingrad.autograd.configuration import config
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.variable import Variable, as_array, as_variable
from chaingrad.functions.activation.softmax import softmax
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import TRAIN, fail, refuse, require_floats
from chaingrad.functions.connection import linear
from chaingrad.functions.elementwise.comparison import where
from chaingrad.functions.elementwise.exponential import exp

__all__ = ['dropout', 'gaussian', 'gumbel_softmax', 'simplified_dropconnect', 'zoneout']


class Dropout(FunctionNode):
    """y = x * mask, where the mask is 0 or 1 / (1 - ratio)."""

    def __init__(self, ratio: float, mask: Any = None) -> None:
        self.dropout_ratio = ratio
        self.mask = mask

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        if x.dtype.kind != 'f':
            raise not_floating(self, x)
        if self.mask is None:
            kept = as_variable(x).xp.random.rand(*x.shape) >= self.dropout_ratio
            self.mask = kept * x.dtype.type(1 / (1 - self.dropout_ratio))
        return (x * self.mask,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (grad_outputs[0] * self.mask,)


def dropout(x: Any, ratio: float = 0.5, *, mask: Any = None, return_mask: bool = False, **kwargs: Any) -> Any:
    """Set elements to zero at random while training, and scale the others so that the mean stays.

    y = x * mask, mask = 0 with probability ratio, else 1 / (1 - ratio). Does nothing where `config.train` is False.

    Args:
        x: Variable or array of any shape, floating dtype.
        ratio: probability in [0, 1).
        mask: array of x's shape to use instead of a random one.
        return_mask: whether to return the mask too.

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
        return (as_variable(x), None) if return_mask else as_variable(x)
    function = Dropout(ratio, mask)
    (y,) = function.apply((x,))
    return (y, function.mask) if return_mask else y


def gaussian(mean: Any, ln_var: Any, *, eps: Any = None, return_eps: bool = False) -> Any:
    """Draw from normal distributions so that gradients reach their parameters.

    y = mean + exp(ln_var / 2) * eps, eps drawn from N(0, 1).

    Args:
        mean: Variable or array of means, any shape, floating dtype.
        ln_var: Variable or array of the logarithms of the variances, of the same shape and dtype.
        eps: array of the same shape to use instead of drawn numbers.
        return_eps: whether to return eps too.

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


def gumbel_softmax(log_pi: Any, tau: float = 0.1, axis: int = 1) -> Variable:
    """Draw nearly one-hot vectors so that gradients reach the probabilities.

    y = softmax((log_pi + g) / tau), g drawn from the standard Gumbel distribution.

    Args:
        log_pi: Variable or array of logarithms of probabilities, not necessarily normalized, floating dtype.
        tau (float): temperature, positive; the smaller, the nearer to one-hot.
        axis (int): axis along which the probabilities lie.

    Returns:
        Variable of the same shape, whose sum along the axis is 1.

    Raises:
        InvalidType: when the dtype is not floating or there is no such axis.
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
    noise = x.xp.random.gumbel(size=x.shape)
    return cast(softmax((x + x.xp.asarray(noise, x.dtype)) / tau, axis), log_pi.dtype)


def simplified_dropconnect(
    x: Any,
    W: Any,
    b: Any = None,
    ratio: float = 0.5,
    train: bool = True,
    mask: Any = None,
    use_batchwise_mask: bool = True,
) -> Variable:
    """Return the linear map of a batch, with weights set to zero at random.

    y = x (W * mask / (1 - ratio))^T + b, where the mask is 0 with probability ratio, else 1.

    Args:
        x: Variable or array, (n, ...), floating dtype; the axes after the first are taken as one.
        W: Variable or array, (out, in).
        b: Variable or array, (out,), or None.
        ratio (float): probability in [0, 1).
        train (bool): whether weights are dropped; else the function is `linear`.
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
        L. Wan et al., Regularization of Neural Networks using DropConnect, ICML 2013. At test time the reference's
        simplification takes the mean weights instead of sampling.
    """
    if not 0 <= ratio < 1:
        raise ValueError(f'simplified_dropconnect: ratio must be in [0, 1), but it is {ratio}.')
    W = as_variable(W)
    n = len(x)
    wanted = (n, *W.shape) if use_batchwise_mask else W.shape
    if not train:
        return linear(x, W, b)
    if mask is None:
        mask = W.xp.random.rand(*wanted) >= ratio
    mask = as_array(mask)
    if mask.shape != wanted:
        fail('simplified_dropconnect', f'mask.shape == {wanted}', x=x, W=W, mask=mask)
    kept = W * (mask * W.dtype.type(1 / (1 - ratio))).astype(W.dtype)
    if not use_batchwise_mask:
        return linear(x, kept, b)
    x = reshape(x, (n, int(np.prod(x.shape[1:])), 1))
    y = matmul(kept, x)[:, :, 0]
    return y if b is None else y + b


def zoneout(h: Any, x: Any, ratio: float = 0.5, **kwargs: Any) -> Variable:
    """Keep elements of the previous state at random while training; take the expectation otherwise.

    y = h with probability ratio, else x; ratio * h + (1 - ratio) * x where `config.train` is False.

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
