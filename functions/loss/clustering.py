"""discriminative_margin_based_clustering_loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import cast, reshape, transpose
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import as_array
from chaingrad.functions.activation.rectifier import relu
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import require_arrays
from chaingrad.functions.loss.base import distance

_NAME = 'discriminative_margin_based_clustering_loss'


def discriminative_margin_based_clustering_loss(
    embeddings: Any,
    labels: Any,
    delta_v: float,
    delta_d: float,
    max_embedding_dim: int,
    norm: int = 1,
    alpha: float = 1.0,
    beta: float = 1.0,
    gamma: float = 0.001,
) -> Any:
    """Return the three terms that make pixels of one instance cluster and instances part.

    With m_c the mean embedding of the pixels of instance c = 1, ..., k in a sample, k = max_embedding_dim:

        variance       = alpha * mean over c of the mean over its pixels of max(|m_c - x| - delta_v, 0) ** 2
        distance       = beta * mean over samples and pairs c < d of max(2 delta_d - |m_c - m_d|, 0) ** 2
        regularization = gamma * sum over c of |m_c| / (k n)

    An instance that does not appear in a sample has the mean 0. |m_c| in the last term is taken over all samples.

    Args:
        embeddings: Variable or array, (n, k, h, w), floating dtype.
        labels: Variable or array, (n, h, w), integers: 0 for the background, c in [1, k] for instance c.
        delta_v (float): distance from the mean that costs nothing.
        delta_d (float): half of the distance of two means from which on it costs nothing.
        max_embedding_dim (int): k, the length of an embedding and the largest number of instances.
        norm (int): 1 for sums of absolute values, 2 for Euclidean distances.
        alpha (float): factor on the variance term.
        beta (float): factor on the distance term.
        gamma (float): factor on the regularization term.

    Returns:
        Tuple of three Variables of no axes: variance, distance and regularization.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when norm is neither 1 nor 2.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[[[0.0, 4.0]], [[0.0, 0.0]]]])
        >>> F.discriminative_margin_based_clustering_loss(x, np.array([[[1, 2]]]), 0.5, 3.0, 2)
        (variable(0.), variable(4.), variable(0.002))

    Source:
        B. De Brabandere, D. Neven, L. Van Gool, Semantic Instance Segmentation with a Discriminative Loss Function,
        CVPR 2017 workshop, eqs. 1 to 3.
    """
    if norm not in (1, 2):
        raise ValueError(f'{_NAME}: norm must be 1 or 2, but it is {norm!r}.')
    require_arrays(_NAME, embeddings=embeddings, labels=labels)
    t, k, shape = as_array(labels), max_embedding_dim, tuple(embeddings.shape)
    if len(shape) != 4 or shape[1] != k or t.shape != (shape[0], *shape[2:]) or t.dtype.kind not in 'iu':
        raise InvalidType(
            f'{_NAME}: embeddings must be (n, max_embedding_dim, h, w) and labels integers (n, h, w), but embeddings '
            f'is {embeddings.dtype} {shape}, max_embedding_dim {k} and labels is {t.dtype} {t.shape}.'
        )

    def length(d: Any, axis: Any) -> Any:
        return _sum(abs(d), axis) if norm == 1 else distance(_sum(d * d, axis))

    (x,) = upcast_inputs(_NAME, embeddings=embeddings)
    n, pixels = shape[0], shape[2] * shape[3]
    x = transpose(reshape(x, (n, k, pixels)), (0, 2, 1))
    member = (t.reshape(n, 1, pixels) == np.arange(1, k + 1).reshape(1, k, 1)).astype(x.dtype)  # (n, instance, pixel)
    means = matmul(member / np.maximum(member.sum(2, keepdims=True), 1), x)
    away = (x - matmul(member, means, transa=True)) * member.sum(1)[:, :, None]
    share = (member / np.maximum(member.sum((0, 2)), 1)[:, None]).sum(1)  # 1 / pixels of its instance, else 0
    excess = relu(length(away, 2) - delta_v)
    variance = _sum(excess * excess * share) * (alpha / k)

    first, second = np.triu_indices(k, 1)
    lack = relu(2 * delta_d - length(means[:, first] - means[:, second], 2))
    apart = _sum(lack * lack) * (beta / max(lack.size, 1))
    size = _sum(length(means, (0, 2))) * (gamma / max(k * n, 1))
    return tuple(cast(y, embeddings.dtype) for y in (variance, apart, size))
