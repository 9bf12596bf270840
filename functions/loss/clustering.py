"""discriminative_margin_based_clustering_loss."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Axis
from chaingrad.autograd.array_ops import downcast, reshape, transpose
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.activation.rectifier import relu
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import require_arrays
from chaingrad.functions.loss.base import safe_sqrt

_NAME = 'discriminative_margin_based_clustering_loss'


def discriminative_margin_based_clustering_loss(
    embeddings: VariableOrArray,
    labels: VariableOrArray,
    delta_v: float,
    delta_d: float,
    max_embedding_dim: int,
    norm: int = 1,
    alpha: float = 1.0,
    beta: float = 1.0,
    gamma: float = 0.001,
) -> tuple[Variable, Variable, Variable]:
    """Return the three terms of a loss that pulls pixels of one instance together and pushes instances apart.

    With m_c the mean embedding of the pixels of instance c = 1, ..., k in a sample, k = max_embedding_dim:

        variance       = alpha * mean over c of the mean over its pixels of max(|m_c - x| - delta_v, 0) ** 2
        distance       = beta * mean over samples and pairs c < d of max(2 delta_d - |m_c - m_d|, 0) ** 2
        regularization = gamma * sum over c of |m_c| / (k n)

    An instance that does not appear in a sample has the mean 0. |m_c| in the last term is taken over all samples.

    Args:
        embeddings: Variable or array, (n, k, h, w), floating dtype.
        labels: Variable or array, (n, h, w), integers: 0 for the background, c in [1, k] for instance c.
        delta_v (float): distance from the mean up to which the variance term is 0.
        delta_d (float): half of the distance of two means beyond which the distance term is 0.
        max_embedding_dim (int): k, the length of an embedding and the largest number of instances.
        norm (int): 1 for sums of absolute values, 2 for Euclidean norms.
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
    t = as_array(labels)
    k = max_embedding_dim
    shape = tuple(embeddings.shape)
    if len(shape) != 4 or shape[1] != k or t.shape != (shape[0], *shape[2:]) or t.dtype.kind not in 'iu':
        raise InvalidType(
            f'{_NAME}: embeddings must be (n, max_embedding_dim, h, w) and labels integers (n, h, w), but embeddings '
            f'is {embeddings.dtype} {shape}, max_embedding_dim {k} and labels is {t.dtype} {t.shape}.'
        )
    (x,) = upcast_inputs(_NAME, embeddings=embeddings)
    n, pixels = shape[0], shape[2] * shape[3]
    x = transpose(reshape(x, (n, k, pixels)), (0, 2, 1))
    instances = np.arange(1, k + 1).reshape(1, k, 1)
    member = (t.reshape(n, 1, pixels) == instances).astype(x.dtype)  # (n, instance, pixel)
    is_foreground = member.sum(1)
    means = matmul(member / np.maximum(member.sum(2, keepdims=True), 1), x)

    difference = (x - matmul(member, means, transa=True)) * is_foreground[:, :, None]
    instance_size = np.maximum(member.sum((0, 2)), 1)
    weight = (member / instance_size[:, None]).sum(1)  # of each pixel: 1 / number of pixels of its instance
    excess = relu(_norm(difference, 2, norm) - delta_v)
    variance = _sum(excess * excess * weight) * (alpha / k)

    first, second = np.triu_indices(k, 1)
    shortfall = relu(2 * delta_d - _norm(means[:, first] - means[:, second], 2, norm))
    distance = _sum(shortfall * shortfall) * (beta / max(shortfall.size, 1))

    regularization = _sum(_norm(means, (0, 2), norm)) * (gamma / max(k * n, 1))
    dtype = embeddings.dtype
    return downcast(variance, dtype), downcast(distance, dtype), downcast(regularization, dtype)


def _norm(d: Variable, axis: Axis, order: int) -> Variable:
    """Return the sum of absolute values (order 1) or the Euclidean norm (order 2) over axes."""
    return _sum(abs(d), axis) if order == 1 else safe_sqrt(_sum(d * d, axis))
