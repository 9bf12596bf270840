"""Measures of how good predictions are; no gradients flow through them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.checks.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array


def accuracy(y: Any, t: Any, ignore_label: int | None = None) -> Variable:
    """Return the share of labels that have the highest score.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers.
        ignore_label (int): label that does not count, or None.

    Returns:
        Variable of no axes and y's dtype, without gradient; 0 where no label counts.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.accuracy(np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([1, 1]))
        variable(0.5)
    """
    y, t = as_array(y), as_array(t)
    if y.dtype.kind != 'f' or t.dtype.kind not in 'iu' or y.ndim < 2 or t.shape[:1] != y.shape[:1]:
        raise InvalidType(_explain(y, t))
    if t.ndim > 1 and t.shape != (y.shape[0], *y.shape[2:]) and t.size * y.shape[1] == y.size:
        t = t.reshape((y.shape[0], *y.shape[2:]))  # the reference reads (n, 1) as (n,)
    if t.shape != (y.shape[0], *y.shape[2:]):
        raise InvalidType(_explain(y, t))
    right = y.argmax(axis=1) == t
    if ignore_label is None:
        share = right.mean() if t.size else 0.0
    else:
        counts = t != ignore_label
        share = (right & counts).sum() / max(int(counts.sum()), 1)
    return Variable(np.asarray(share, dtype=y.dtype), requires_grad=False)


def _explain(y: Any, t: Any) -> str:
    return (
        f'accuracy: y must be scores (n, c, ...) and t integer labels (n, ...), but y is {y.dtype} {y.shape} and t is '
        f'{t.dtype} {t.shape}.'
    )
