"""Measures of the quality of predictions. They return Variables without gradient."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.checks import check_ids, fail, require_arrays

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike  # costs milliseconds to import

__all__ = ['accuracy', 'binary_accuracy', 'classification_summary', 'f1_score', 'precision', 'r2_score', 'recall']


def accuracy(y: VariableOrArray, t: VariableOrArray, ignore_label: int | None = None) -> Variable:
    """Return the fraction of samples whose label has the highest score.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype; axes of length 1 at the end may be more than
            those of t.
        t: Variable or array of labels, (n, ...), integers.
        ignore_label (int): label that is ignored, or None.

    Returns:
        Variable of shape () and the dtype of y, without gradient; 0 where all labels are ignored.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.accuracy(np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([1, 1]))
        variable(0.5)
    """
    scores, labels = _arrays('accuracy', y=y, t=t)
    label_shape = scores.shape[:1] + scores.shape[2:]
    if labels.shape[:1] == label_shape[:1] and labels.size == math.prod(label_shape):
        labels = labels.reshape(label_shape)  # the reference reads (n, 1) as (n,), and (n,) as (n, 1, 1)
    _check_scores('accuracy', scores, labels)
    right = scores.argmax(axis=1) == labels
    if ignore_label is not None:
        valid = labels != ignore_label
        return _measure((right & valid).sum() / max(int(valid.sum()), 1), scores.dtype)
    return _measure(right.mean() if right.size else 0.0, scores.dtype)


def _check_scores(who: str, y: Array, t: Array) -> None:
    """Raise InvalidType unless y are scores and t the labels of their classes."""
    if y.dtype.kind != 'f' or t.dtype.kind not in 'iu' or y.ndim < 2 or t.shape != (y.shape[0], *y.shape[2:]):
        advice = 'Give one label for each sample.'
        if y.dtype.kind != 'f' and t.dtype.kind == 'f':
            advice = f'Are the arguments swapped? Write {who}(y, t), scores first.'
        elif t.dtype.kind not in 'iu':
            advice = "Convert t with t.astype('int32')."
        reject(
            f'{who}: y must be scores (n, c, ...) and t integer labels (n, ...), but y is {y.dtype} {y.shape} and t '
            f'is {t.dtype} {t.shape}. {advice}'
        )


def _arrays(who: str, **given: VariableOrArray) -> list[Array]:
    """Return the arrays of Variables, or raise."""
    require_arrays(who, **given)
    return [as_array(x) for x in given.values()]


def _measure(y: ArrayLike, dtype: DTypeLike | None) -> Variable:
    return Variable(np.asarray(y, dtype=dtype), requires_grad=False)


def binary_accuracy(y: VariableOrArray, t: VariableOrArray) -> Variable:
    """Return the fraction of binary labels that are predicted.

    The prediction is 1 where y >= 0, else 0. Labels of -1 are ignored.

    Args:
        y: Variable or array of scores, any shape, floating dtype.
        t: Variable or array of labels 0, 1 or -1, integers of the same shape.

    Returns:
        Variable of shape () and the dtype of y, without gradient; 0 where all labels are ignored.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.binary_accuracy(np.array([-2.0, 3.0, 1.0]), np.array([0, 1, -1]))
        variable(1.)
    """
    scores, labels = _arrays('binary_accuracy', y=y, t=t)
    if y.dtype.kind != 'f' or t.dtype.kind not in 'iu' or y.shape != t.shape:
        fail('binary_accuracy', 'y.shape == t.shape with floating y and integer t', y=y, t=t)
    right = (scores >= 0) == labels  # False where the label is -1
    valid = labels != -1
    return _measure(right.sum() / max(int(valid.sum()), 1), scores.dtype)


def classification_summary(
    y: VariableOrArray,
    t: VariableOrArray,
    label_num: int | None = None,
    beta: float = 1.0,
    ignore_label: int = -1,
) -> tuple[Variable, Variable, Variable, Variable]:
    """Return precision, recall, F-beta score and support of each class.

    p = hits / predictions, r = hits / labels, F = (1 + beta ** 2) p r / (beta ** 2 p + r); NaN where the divisor is 0:
    the recall and the F score of a class without labels, the precision of one that is never predicted.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers in [0, label_num) or ignore_label.
        label_num (int): number of classes; the largest label plus 1 when None.
        beta (float): weight of the recall relative to the precision.
        ignore_label (int): label that is ignored.

    Returns:
        Tuple of four Variables, (label_num,), without gradient: precision, recall and F score of the dtype of
        y, and the number of labels of each class.

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
    scores, labels = _arrays('classification_summary', y=y, t=t)
    _check_scores('classification_summary', scores, labels)
    valid = labels != ignore_label
    predicted = scores.argmax(axis=1)[valid]
    true = labels[valid]
    n = label_num
    if n is None:
        n = int(true.max()) + 1 if true.size else 0
    check_ids('classification_summary: t', labels, n, ignore_label)
    support = np.bincount(true, minlength=n)
    hits = np.bincount(true[predicted == true], minlength=n)
    predictions = np.bincount(predicted, minlength=n)[:n]
    with np.errstate(invalid='ignore'):  # 0 / 0
        p = hits / predictions
        r = hits / support
        f = (1 + beta * beta) * p * r / (beta * beta * p + r)
    dtype = scores.dtype
    return _measure(p, dtype), _measure(r, dtype), _measure(f, dtype), _measure(support, None)


def precision(
    y: VariableOrArray, t: VariableOrArray, label_num: int | None = None, ignore_label: int = -1
) -> tuple[Variable, Variable]:
    """Return the precision of each class: the fraction of its predictions that are right, NaN where there are none.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers in [0, label_num) or ignore_label.
        label_num (int): number of classes; the largest label plus 1 when None.
        ignore_label (int): label that is ignored.

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


def recall(
    y: VariableOrArray, t: VariableOrArray, label_num: int | None = None, ignore_label: int = -1
) -> tuple[Variable, Variable]:
    """Return the recall of each class: the fraction of its labels that are predicted, NaN where there are none.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers in [0, label_num) or ignore_label.
        label_num (int): number of classes; the largest label plus 1 when None.
        ignore_label (int): label that is ignored.

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


def f1_score(
    y: VariableOrArray, t: VariableOrArray, label_num: int | None = None, ignore_label: int = -1
) -> tuple[Variable, Variable]:
    """Return the F1 score of each class: the harmonic mean of its precision and recall, NaN where one is.

    Args:
        y: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers in [0, label_num) or ignore_label.
        label_num (int): number of classes; the largest label plus 1 when None.
        ignore_label (int): label that is ignored.

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


def r2_score(
    pred: VariableOrArray,
    true: VariableOrArray,
    sample_weight: Array | None = None,
    multioutput: str = 'uniform_average',
) -> Variable:
    """Return the coefficient of determination: the fraction of the variance that a prediction explains.

    r2 = 1 - sum((pred - true) ** 2) / sum((true - mean(true)) ** 2), over samples; 0 where true is constant.

    Args:
        pred: Variable or array of predictions, (n, ...), floating dtype.
        true: Variable or array of targets, of the same shape and dtype.
        sample_weight: array, (n,), weight of each sample in the sums and the mean, or None.
        multioutput (str): 'uniform_average' for the mean over outputs (0 when any target is constant), or 'raw_values'.

    Returns:
        Variable without gradient, of shape (), or of the shape of a sample for 'raw_values'.

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
    predicted, target = _arrays('r2_score', pred=pred, true=true)
    if pred.shape != true.shape or pred.dtype != true.dtype or pred.dtype.kind != 'f' or not pred.shape:
        fail('r2_score', 'pred.shape == true.shape with one floating dtype and at least one axis', pred=pred, true=true)
    weight = np.ones(len(target)) if sample_weight is None else as_array(sample_weight)
    if weight.shape != true.shape[:1]:
        fail('r2_score', 'sample_weight.shape == true.shape[:1]', true=true, sample_weight=weight)
    weight = weight.reshape(-1, *[1] * (target.ndim - 1))
    wide = target.astype(np.float64)
    mean = (weight * wide).sum(axis=0) / max(weight.sum(), 1e-300)
    residual = (weight * (predicted - wide) ** 2).sum(axis=0)
    total = (weight * (wide - mean) ** 2).sum(axis=0)
    scores = np.where(total > 0, 1 - residual / np.where(total > 0, total, 1), 0)
    if multioutput == 'raw_values':
        return _measure(scores, target.dtype)
    return _measure(scores.mean() if total.all() and scores.size else 0.0, target.dtype)
