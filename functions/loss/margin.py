"""Losses with a margin: contrastive, triplet, hinge."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.rectifier import relu
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import fail, require_arrays
from chaingrad.functions.loss.base import (
    check_reduce,
    label_array,
    reduce_loss,
    safe_sqrt,
)


def contrastive(
    x0: VariableOrArray, x1: VariableOrArray, y: VariableOrArray, margin: float = 1, reduce: str = 'mean'
) -> Variable:
    """Return the contrastive loss, which pulls similar pairs together and pushes others apart.

    loss = (y d ** 2 + (1 - y) max(margin - d, 0) ** 2) / 2, where d is the Euclidean distance of x0 and x1.

    Args:
        x0: Variable or array, (n, k), floating dtype.
        x1: Variable or array of the same shape and dtype.
        y: Variable or array of labels, (n,), integers: 1 for similar pairs, 0 for others.
        margin (float): distance beyond which the loss of other pairs is 0, positive.
        reduce (str): 'mean', or 'no' for one loss per pair.

    Returns:
        Variable of no axes, or (n,) with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when margin is not positive, a label is neither 0 nor 1, or reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x0, x1 = np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([[3.0, 4.0], [0.5, 0.0]])
        >>> F.contrastive(x0, x1, np.array([1, 0]), reduce='no')
        variable([12.5  ,  0.125])

    Source:
        R. Hadsell, S. Chopra, Y. LeCun, Dimensionality Reduction by Learning an Invariant Mapping, CVPR 2006, eq. 4.
    """
    check_reduce('contrastive', reduce)
    if margin <= 0:
        raise ValueError(f'contrastive: margin must be positive, but it is {margin}.')
    _check_rows('contrastive', x0=x0, x1=x1)
    wide_x0, wide_x1 = upcast_inputs('contrastive', x0=x0, x1=x1)
    similar = label_array('contrastive', 'y', y, (x0.shape[0],), 2).astype(wide_x0.dtype)
    d = wide_x0 - wide_x1
    square = _sum(d * d, axis=1)
    shortfall = relu(margin - safe_sqrt(square))
    loss = (square * similar + shortfall * shortfall * (1 - similar)) / 2
    return reduce_loss(loss, reduce, x0.dtype)


def triplet(
    anchor: VariableOrArray,
    positive: VariableOrArray,
    negative: VariableOrArray,
    margin: float = 0.2,
    reduce: str = 'mean',
) -> Variable:
    """Return the triplet loss, which pulls an anchor nearer to a positive than to a negative sample.

    loss = max(|anchor - positive| ** 2 - |anchor - negative| ** 2 + margin, 0).

    Args:
        anchor: Variable or array, (n, k), floating dtype.
        positive: Variable or array of the same shape and dtype.
        negative: Variable or array of the same shape and dtype.
        margin (float): how much farther the negative must be, in squared distance; at least 0.
        reduce (str): 'mean', or 'no' for one loss per triplet.

    Returns:
        Variable of no axes, or (n,) with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when margin is negative or reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.triplet(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
        variable(0.2)

    Source:
        F. Schroff, D. Kalenichenko, J. Philbin, FaceNet: A Unified Embedding for Face Recognition and Clustering,
        CVPR 2015, eq. 2.
    """
    check_reduce('triplet', reduce)
    if margin < 0:
        raise ValueError(f'triplet: margin must not be negative, but it is {margin}.')
    arrays = {'anchor': anchor, 'positive': positive, 'negative': negative}
    _check_rows('triplet', **arrays)
    a, p, n = upcast_inputs('triplet', **arrays)
    d_positive = a - p
    d_negative = a - n
    loss = relu(_sum(d_positive * d_positive - d_negative * d_negative, axis=1) + margin)
    return reduce_loss(loss, reduce, anchor.dtype)


def hinge(x: VariableOrArray, t: VariableOrArray, norm: str = 'L1', reduce: str = 'mean') -> Variable:
    """Return the hinge loss of one class against the others.

    loss_ik = max(1 - s_ik x_ik, 0), squared for 'L2', where s_ik is 1 for k = t_i and -1 for the other classes.

    Args:
        x: Variable or array of scores, (n, k), floating dtype.
        t: Variable or array of labels, (n,), integers in [0, k).
        norm (str): 'L1' or 'L2'.
        reduce (str): 'mean' for the sum over classes averaged over samples, or 'no' for one loss per score.

    Returns:
        Variable of no axes, or (n, k) with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label is out of range, or reduce is unknown.
        NotImplementedError: when norm is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.hinge(np.array([[2.0, -0.5], [0.5, 0.5]]), np.array([0, 1]), reduce='no')
        variable([[0. , 0.5],
                  [1.5, 0.5]])
    """
    check_reduce('hinge', reduce)
    if norm not in ('L1', 'L2'):
        raise NotImplementedError(f"hinge: norm must be one of 'L1', 'L2', but it is {norm!r}.")
    _check_rows('hinge', x=x)
    (wide_x,) = upcast_inputs('hinge', x=x)
    xp = wide_x.xp
    t = label_array('hinge', 't', t, (x.shape[0],), x.shape[1])
    sign = xp.ones(x.shape, wide_x.dtype)
    sign[xp.arange(x.shape[0]), t] = -1
    loss = relu(wide_x * sign + 1)
    if norm == 'L2':
        loss = loss * loss
    return reduce_loss(loss, reduce, x.dtype)


def _check_rows(who: str, **arrays: Any) -> None:
    """Raise InvalidType unless all arrays have one shape with two axes."""
    require_arrays(who, **arrays)
    if len({x.shape for x in arrays.values()}) > 1:
        fail(who, ' == '.join(f'{name}.shape' for name in arrays), 'Give as many rows of one length.', **arrays)
    for name, x in arrays.items():
        if len(x.shape) != 2:
            fail(who, f'{name}.ndim == 2', **{name: x})
