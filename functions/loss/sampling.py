"""Losses over a few sampled classes instead of all: negative_sampling and black_out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.smooth import softplus
from chaingrad.functions.activation.softmax import log_softmax
from chaingrad.functions.array.joining import concat
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import fail, refuse, require_arrays
from chaingrad.functions.connection import check_ids, embed_id
from chaingrad.functions.elementwise.comparison import where
from chaingrad.functions.elementwise.exponential import exp, log1p
from chaingrad.functions.loss.base import check_reduce, label_array, reduce_loss
from chaingrad.functions.reduction.norms import logsumexp


def _scores(x: Variable, W: Variable, ids: Array) -> Variable:
    """Return the products, (n, m), of each row of x with the rows of W whose numbers are in ids, (n, m)."""
    y = matmul(embed_id(ids, W), reshape(x, (*x.shape, 1)))
    return reshape(y, y.shape[:-1])


def _check_shapes(who: str, x: VariableOrArray, W: VariableOrArray) -> None:
    """Raise InvalidType unless x and W are matrices whose rows have one length."""
    require_arrays(who, x=x, W=W)
    if len(x.shape) != 2 or len(W.shape) != 2 or x.shape[1] != W.shape[1]:
        fail(who, 'x (n, k) and W (classes, k)', x=x, W=W)


def negative_sampling(
    x: VariableOrArray,
    t: VariableOrArray,
    W: VariableOrArray,
    sampler: Callable[[tuple[int, int]], Any],
    sample_size: int,
    reduce: str = 'sum',
    *,
    return_samples: bool = False,
    **kwargs: Any,
) -> Variable | tuple[Variable, Array]:
    """Return the negative sampling loss: the true class against a few sampled ones.

    loss = -log(sigmoid(x W_t)) - sum over the sampled classes s of log(sigmoid(-x W_s)); 0 where t is -1.

    Args:
        x: Variable or array, (n, k), floating dtype.
        t: Variable or array of labels, (n,), integers in [0, classes), or -1 to be ignored.
        W: Variable or array of one vector per class, (classes, k).
        sampler: function that takes a shape and returns an array of sampled classes, such as `WalkerAlias(p).sample`.
        sample_size (int): number of classes to sample for each row of x.
        reduce (str): 'sum', or 'no' for one loss per row of x.
        return_samples (bool): whether to return the classes too.

    Returns:
        Variable of no axes, or (n,) with reduce='no'; with return_samples a tuple of it and an array,
        (n, 1 + sample_size): the label, then the sampled classes.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label or a sampled class is out of range, or reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.array([[1.0, 0.0]]), np.array([[50.0, 0.0], [0.0, 1.0]])
        >>> F.negative_sampling(x, np.array([0]), W, sampler=lambda shape: np.ones(shape, 'i'), sample_size=2)
        variable(1.38629436)

    Source:
        T. Mikolov et al., Distributed Representations of Words and Phrases and their Compositionality, NIPS 2013,
        eq. 4.
    """
    refuse('negative_sampling', kwargs)
    check_reduce('negative_sampling', reduce, ('sum', 'no'))
    _check_shapes('negative_sampling', x, W)
    t = label_array('negative_sampling', 't', t, (x.shape[0],), W.shape[0], ignore_label=-1)
    wide_x, wide_W = upcast_inputs('negative_sampling', x=x, W=W)
    xp = wide_x.xp
    samples = xp.array(sampler((x.shape[0], sample_size + 1)), np.int32)
    check_ids('negative_sampling: samples', samples, W.shape[0], None)
    samples[:, 0] = t
    sign = xp.ones(sample_size + 1, wide_x.dtype)
    sign[0] = -1
    losses = softplus(_scores(wide_x, wide_W, xp.maximum(samples, 0)) * sign)  # -log(sigmoid(-sign score))
    valid = (t != -1).astype(wide_x.dtype)
    loss = reduce_loss(_sum(losses, axis=1) * valid, reduce, x.dtype)
    return (loss, samples) if return_samples else loss


def black_out(
    x: VariableOrArray, t: VariableOrArray, W: VariableOrArray, samples: VariableOrArray, reduce: str = 'mean'
) -> Variable:
    """Return the BlackOut loss: a softmax over the true class and a few sampled ones.

    loss = -log(p_t) - sum over the sampled classes s of log(1 - p_s), p = softmax of x W_c over c = t and all s.

    Args:
        x: Variable or array, (n, k), floating dtype.
        t: Variable or array of labels, (n,), integers in [0, classes).
        W: Variable or array of one vector per class, (classes, k).
        samples: Variable or array of sampled classes other than t, (n, m), integers.
        reduce (str): 'mean', or 'no' for one loss per row of x.

    Returns:
        Variable of no axes, or (n,) with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label or a sampled class is out of range, or reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.array([[1.0, 0.0]]), np.array([[3.0, 0.0], [3.0, 1.0]])
        >>> F.black_out(x, np.array([0]), W, np.array([[1]]))
        variable(1.38629436)

    Source:
        S. Ji et al., BlackOut: Speeding up Recurrent Neural Network Language Models With Very Large Vocabularies,
        ICLR 2016, eq. 6, with equal weights.
    """
    check_reduce('black_out', reduce)
    _check_shapes('black_out', x, W)
    n = x.shape[0]
    t = label_array('black_out', 't', t, (n,), W.shape[0])
    require_arrays('black_out', samples=samples)
    m = samples.shape[1] if len(samples.shape) == 2 else 1
    samples = label_array('black_out', 'samples', samples, (n, m), W.shape[0])
    wide_x, wide_W = upcast_inputs('black_out', x=x, W=W)
    classes = concat([t[:, None].astype(samples.dtype), samples]).array
    log_p = log_softmax(_scores(wide_x, wide_W, classes))
    # log(1 - p) for the largest p of a row is computed as the logarithm of the sum of the others, because 1 - p would
    # cancel; all others have p <= 1/2.
    is_largest = log_p.array.argmax(axis=1)[:, None] == wide_x.xp.arange(log_p.shape[1])
    log_p_of_others = where(is_largest, np.asarray(-np.inf, log_p.dtype), log_p)
    log_sum_of_others = logsumexp(log_p_of_others, axis=1).reshape((n, 1))
    log_1m_p = where(is_largest, log_sum_of_others, log1p(-exp(log_p_of_others)))
    loss = -(log_p[:, 0] + _sum(log_1m_p[:, 1:], axis=1))
    return reduce_loss(loss, reduce, x.dtype)
