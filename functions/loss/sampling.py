"""Losses over a few drawn classes in place of all: negative_sampling and black_out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.activation.smooth import softplus
from chaingrad.functions.activation.softmax import log_softmax
from chaingrad.functions.array.joining import concat
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import fail, refuse, require_arrays
from chaingrad.functions.connection import check_ids, embed_id
from chaingrad.functions.elementwise.comparison import where
from chaingrad.functions.elementwise.exponential import exp, log1p
from chaingrad.functions.loss.base import check_reduce, label_array, reduced
from chaingrad.functions.reduction.norms import logsumexp


def _scores(x: Variable, W: Variable, ids: Any) -> Any:
    """Return the products of each row of x with the rows of W that ids (n, m) name."""
    y = matmul(embed_id(ids, W), reshape(x, (*x.shape, 1)))
    return reshape(y, y.shape[:-1])


def _check(who: str, x: Any, W: Any) -> None:
    require_arrays(who, x=x, W=W)
    if len(x.shape) != 2 or len(W.shape) != 2 or x.shape[1] != W.shape[1]:
        fail(who, 'x (n, k) and W (classes, k)', x=x, W=W)


def negative_sampling(
    x: Any,
    t: Any,
    W: Any,
    sampler: Callable[[tuple[int, int]], Any],
    sample_size: int,
    reduce: str = 'sum',
    *,
    return_samples: bool = False,
    **kwargs: Any,
) -> Any:
    """Return the negative sampling loss: the class against a few drawn ones.

    loss = -log(sigmoid(x W_t)) - sum over the drawn classes s of log(sigmoid(-x W_s)); 0 where t is -1.

    Args:
        x: Variable or array, (n, k), floating dtype.
        t: Variable or array of labels, (n,), integers in [0, classes), or -1 to be ignored.
        W: Variable or array of one vector per class, (classes, k).
        sampler: function that takes a shape and returns an array of drawn classes, such as `WalkerAlias(p).sample`.
        sample_size: number of classes to draw for each sample.
        reduce: 'sum', or 'no' for one loss per sample.
        return_samples: whether to return the classes too.

    Returns:
        Variable of no axes, or (n,) with reduce='no'; with return_samples a tuple of it and an array,
        (n, 1 + sample_size): the label, then the drawn classes.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label or a drawn class is out of range, or reduce is unknown.

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
    _check('negative_sampling', x, W)
    t = label_array('negative_sampling', 't', t, (x.shape[0],), W.shape[0], ignore_label=-1)
    wide_x, wide_W = upcast_inputs('negative_sampling', x=x, W=W)
    xp = wide_x.xp
    samples = xp.array(sampler((x.shape[0], sample_size + 1)), np.int32)
    check_ids('negative_sampling: samples', samples, W.shape[0], None)
    samples[:, 0] = t
    sign = xp.ones(sample_size + 1, wide_x.dtype)
    sign[0] = -1
    losses = softplus(_scores(wide_x, wide_W, xp.maximum(samples, 0)) * sign)
    loss = reduced(_sum(losses, axis=1) * (t != -1).astype(wide_x.dtype), reduce, x.dtype)
    return (loss, samples) if return_samples else loss


def black_out(x: Any, t: Any, W: Any, samples: Any, reduce: str = 'mean') -> Variable:
    """Return the BlackOut loss: a softmax over the class and a few drawn ones.

    loss = -log(p_t) - sum over the drawn classes s of log(1 - p_s), p = softmax of x W_c over c = t and all s.

    Args:
        x: Variable or array, (n, k), floating dtype.
        t: Variable or array of labels, (n,), integers in [0, classes).
        W: Variable or array of one vector per class, (classes, k).
        samples: Variable or array of drawn classes other than t, (n, m), integers.
        reduce (str): 'mean', or 'no' for one loss per sample.

    Returns:
        Variable of no axes, or (n,) with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label or a drawn class is out of range, or reduce is unknown.

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
    _check('black_out', x, W)
    n = x.shape[0]
    t = label_array('black_out', 't', t, (n,), W.shape[0])
    samples = as_array(samples)
    samples = label_array(
        'black_out', 'samples', samples, (n, samples.shape[1] if np.ndim(samples) == 2 else 1), W.shape[0]
    )
    wide_x, wide_W = upcast_inputs('black_out', x=x, W=W)
    scores = _scores(wide_x, wide_W, concat([t[:, None].astype(samples.dtype), samples]).array)
    log_p = log_softmax(scores)
    # 1 - p cancels for the largest p, so that its logarithm is made from the others; all the rest have p <= 1/2
    top = log_p.array.argmax(axis=1)[:, None] == wide_x.xp.arange(log_p.shape[1])
    nothing = np.asarray(-np.inf, log_p.dtype)
    rest = logsumexp(where(top, nothing, log_p), axis=1).reshape((n, 1))
    log_others = where(top, rest, log1p(-exp(where(top, nothing, log_p))))
    return reduced(-(log_p[:, 0] + _sum(log_others[:, 1:], axis=1)), reduce, x.dtype)
