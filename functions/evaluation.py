"""Measures of how good predictions are; no gradients flow through them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.checks import fail, require_arrays
from chaingrad.functions.connection import check_ids

__all__ = ['accuracy', 'binary_accuracy', 'classification_summary', 'f1_score', 'precision', 'r2_score', 'recall']


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
    y, t = _arrays('accuracy', y=y, t=t)
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
    return _measure(share, y.dtype)


def _explain(y: Any, t: Any, who: str = 'accuracy') -> str:
    return (
        f'{who}: y must be scores (n, c, ...) and t integer labels (n, ...), but y is {y.dtype} {y.shape} and t is '
        f'{t.dtype} {t.shape}.'
    )


def _arrays(who: str, **given: Any) -> list[Any]:
    """Return the arrays of Variables, or raise."""
    require_arrays(who, **given)
    return [as_array(x) for x in given.values()]


def _measure(y: Any, dtype: Any) -> Variable:
    return Variable(np.asarray(y, dtype=dtype), requires_grad=False)


def binary_accuracy(y: Any, t: Any) -> Variable:
    """Return the share of binary labels that a score predicts.

    The prediction is 1 where y >= 0, else 0. Labels of -1 do not count.

    Args:
        y: Variable or array of scores, any shape, floating dtype.
        t: Variable or array of labels 0, 1 or -1, integers of the same shape.

    Returns:
        Variable of no axes and y's dtype, without gradient; 0 where no label counts.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.binary_accuracy(np.array([-2.0, 3.0, 1.0]), np.array([0, 1, -1]))
        variable(1.)
    """
    y, t = _arrays('binary_accuracy', y=y, t=t)
    if y.dtype.kind != 'f' or t.dtype.kind not in 'iu' or y.shape != t.shape:
        fail('binary_accuracy', 'y.shape == t.shape with floating y and integer t', y=y, t=t)
    return _measure(((y >= 0) == t).sum() / max(int((t != -1).sum()), 1), y.dtype)


def classification_summary(
    y: Any, t: Any, label_num: int | None = None, beta: float = 1.0, ignore_label: int = -1
) -> tuple[Variable, Variable, Variable, Variable]:
    """Return precision, recall, F-beta score and support of each class.

    precision = hits / predictions, recall = hits / labels, F = (1 + beta ** 2) p r / (beta ** 2 p + r); 0 where
    nothing is to be divided by.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers in [0, label_num) or ignore_label.
        label_num (int): number of classes; the largest label plus 1 when None.
        beta (float): weight of the recall against the precision.
        ignore_label (int): label that does not count.

    Returns:
        Tuple of four Variables, (label_num,), without gradient: precision, recall and F score of y's dtype, and the
        number of labels of each class.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> y = np.array([[2.0, 1.0], [2.0, 1.0], [1.0, 2.0]])
        >>> p, r, f, support = F.classification_summary(y, np.array([0, 1, 1]))
        >>> p, r, support
        (variable([0.5, 1. ]), variable([1. , 0.5]), variable([1, 2]))
    """
    y, t = _arrays('classification_summary', y=y, t=t)
    if y.dtype.kind != 'f' or t.dtype.kind not in 'iu' or y.ndim < 2 or t.shape != (len(y), *y.shape[2:]):
        raise InvalidType(_explain(y, t, 'classification_summary'))
    counts = t != ignore_label
    predicted, true = y.argmax(axis=1)[counts], t[counts]
    n = label_num if label_num is not None else int(true.max()) + 1 if true.size else 0
    check_ids('classification_summary: t', t, n, ignore_label)
    support = np.bincount(true, minlength=n)
    hits = np.bincount(true[predicted == true], minlength=n)
    p = hits / np.maximum(np.bincount(predicted, minlength=n)[:n], 1)
    r = hits / np.maximum(support, 1)
    below = beta * beta * p + r
    f = (1 + beta * beta) * p * r / np.where(below > 0, below, 1)
    return _measure(p, y.dtype), _measure(r, y.dtype), _measure(f, y.dtype), _measure(support, None)


def precision(y: Any, t: Any, label_num: int | None = None, ignore_label: int = -1) -> tuple[Variable, Variable]:
    """Return the precision of each class: the share of its predictions that are right.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers in [0, label_num) or ignore_label.
        label_num (int): number of classes; the largest label plus 1 when None.
        ignore_label (int): label that does not count.

    Returns:
        Tuple of two Variables, (label_num,), without gradient: precision, and the number of labels of each class.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.precision(np.array([[2.0, 1.0], [2.0, 1.0], [1.0, 2.0]]), np.array([0, 1, 1]))
        (variable([0.5, 1. ]), variable([1, 2]))
    """
    p, _, _, support = classification_summary(y, t, label_num, 1.0, ignore_label)
    return p, support


def recall(y: Any, t: Any, label_num: int | None = None, ignore_label: int = -1) -> tuple[Variable, Variable]:
    """Return the recall of each class: the share of its labels that are predicted.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers in [0, label_num) or ignore_label.
        label_num (int): number of classes; the largest label plus 1 when None.
        ignore_label (int): label that does not count.

    Returns:
        Tuple of two Variables, (label_num,), without gradient: recall, and the number of labels of each class.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.recall(np.array([[2.0, 1.0], [2.0, 1.0], [1.0, 2.0]]), np.array([0, 1, 1]))
        (variable([1. , 0.5]), variable([1, 2]))
    """
    _, r, _, support = classification_summary(y, t, label_num, 1.0, ignore_label)
    return r, support


def f1_score(y: Any, t: Any, label_num: int | None = None, ignore_label: int = -1) -> tuple[Variable, Variable]:
    """Return the F1 score of each class: the harmonic mean of its precision and recall.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers in [0, label_num) or ignore_label.
        label_num (int): number of classes; the largest label plus 1 when None.
        ignore_label (int): label that does not count.

    Returns:
        Tuple of two Variables, (label_num,), without gradient: F1 score, and the number of labels of each class.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.f1_score(np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([0, 1]))
        (variable([1., 1.]), variable([1, 1]))
    """
    _, _, f, support = classification_summary(y, t, label_num, 1.0, ignore_label)
    return f, support


def r2_score(pred: Any, true: Any, sample_weight: Any = None, multioutput: str = 'uniform_average') -> Variable:
    """Return the coefficient of determination: the share of the variance that a prediction explains.

    r2 = 1 - sum((pred - true) ** 2) / sum((true - mean(true)) ** 2), over samples; 0 where true is constant.

    Args:
        pred: Variable or array of predictions, (n, ...), floating dtype.
        true: Variable or array of targets, of the same shape and dtype.
        sample_weight: array, (n,), weight of each sample in the sums and the mean, or None.
        multioutput (str): 'uniform_average' for the mean over outputs (0 when any target is constant), or 'raw_values'.

    Returns:
        Variable without gradient, of no axes, or of the shape of a sample for 'raw_values'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when multioutput is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.r2_score(np.array([1.0, 2.0, 2.0]), np.array([1.0, 2.0, 3.0]))
        variable(0.5)
    """
    if multioutput not in ('uniform_average', 'raw_values'):
        raise ValueError(
            f"r2_score: multioutput must be one of 'uniform_average', 'raw_values', but it is {multioutput!r}."
        )
    pred, true = _arrays('r2_score', pred=pred, true=true)
    if pred.shape != true.shape or pred.dtype != true.dtype or pred.dtype.kind != 'f' or not pred.shape:
        fail('r2_score', 'pred.shape == true.shape with one floating dtype and at least one axis', pred=pred, true=true)
    weight = np.ones(len(true)) if sample_weight is None else as_array(sample_weight)
    if weight.shape != true.shape[:1]:
        fail('r2_score', 'sample_weight.shape == true.shape[:1]', true=true, sample_weight=weight)
    weight = weight.reshape(-1, *[1] * (true.ndim - 1))
    wide = true.astype(np.float64)
    mean = (weight * wide).sum(axis=0) / max(weight.sum(), 1e-300)
    residual = (weight * (pred - wide) ** 2).sum(axis=0)
    total = (weight * (wide - mean) ** 2).sum(axis=0)
    scores = np.where(total > 0, 1 - residual / np.where(total > 0, total, 1), 0)
    if multioutput == 'uniform_average':
        scores = scores.mean() if total.all() and scores.size else 0.0
    return _measure(scores, true.dtype)
