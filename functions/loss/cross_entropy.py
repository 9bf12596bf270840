"""softmax_cross_entropy and sigmoid_cross_entropy."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operands
from chaingrad.autograd.array_ops import sum_array
from chaingrad.autograd.backprop import not_scalar
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.activation.sigmoid import Sigmoid
from chaingrad.functions.activation.softmax import Softmax, log_softmax
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.checks import check_ids, require_arrays
from chaingrad.functions.kernels.clipping import at_least
from chaingrad.functions.loss.base import check_reduce


class SoftmaxCrossEntropy(FunctionNode):
    """y = -log(softmax(x)[t]), per label or averaged."""

    _retained_inputs = (0,)

    def __init__(self, t: Array, normalize: bool, class_weight: Array | None, ignore_label: int, reduce: str) -> None:
        self._t = t
        self._normalize = normalize
        self._class_weight = class_weight
        self._ignore_label = ignore_label
        self._reduce = reduce
        self._none_ignored = False  # whether the labels are known to be classes, all of them

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        t = self._t
        scores = upcast(x)
        top = scores.max(1, keepdims=True, initial=-np.inf)  # subtracted, so that exp does not overflow
        scores = scores - top
        n = t.size
        weight = None  # all labels count alike
        if not self._none_ignored:
            valid = t != self._ignore_label
            n = int(valid.sum())
            weight = valid.astype(x.dtype)
            t = t * valid  # class 0 in place of the ignored label, which may be out of range
        if self._class_weight is not None:
            class_weight = self._class_weight[t]
            weight = class_weight if weight is None else class_weight * weight
        self._weight = weight
        self._label_index = _index_of_labels(t)
        score_of_label = scores[self._label_index]
        self._exps = np.exp(scores, out=scores)
        self._total = sum_array(self._exps, 1, True)
        y = np.log(self._total[:, 0]) - score_of_label
        if weight is not None:
            y = y * weight
        self._scale = None
        if self._reduce == 'mean':
            self._scale = 1.0 / max(n if self._normalize else len(x), 1)
            y = not_scalar(y.sum() * self._scale)
        return (downcast(y, x.dtype),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        (x,) = self.get_retained_inputs()
        if self._scale is not None:
            gy = gy * self._scale
        if self._weight is not None:
            gy = gy * self._weight
        column = gy.reshape((gy.shape[0], 1, *gy.shape[1:])) if gy.ndim else gy
        if self._array_pass:  # (softmax - one_hot) gy, without either of them
            gx = self._exps * (upcast(column) / self._total)
            gx[self._label_index] -= gy
            return (downcast(gx, x.dtype),)
        one_hot = x.xp.zeros(x.shape, x.dtype)
        one_hot[self._label_index] = 1
        return ((Softmax.of(x) - one_hot) * column,)


def _index_of_labels(t: Array) -> tuple[Array, ...]:
    """Return the index that picks, from scores (n, c, ...), the score of each label in t (n, ...)."""
    if t.ndim == 1:
        return np.arange(t.size), t
    grid = np.ogrid[tuple(slice(n) for n in t.shape)]
    return (grid[0], t, *grid[1:])


class SigmoidCrossEntropy(FunctionNode):
    """y = log(1 + exp(-x)) where t is 1 and log(1 + exp(x)) where it is 0, per label or averaged."""

    _retained_inputs = (0,)

    def __init__(self, t: Array, normalize: bool, reduce: str) -> None:
        self._t = t
        self._normalize = normalize
        self._reduce = reduce

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        valid = self._t != -1
        self._labels = self._t.astype(x.dtype)
        self._valid = valid.astype(x.dtype)
        y = (np.log1p(np.exp(-abs(x))) + at_least(x, 0) - x * self._labels) * self._valid
        self._scale = None
        if self._reduce == 'mean':
            self._scale = 1.0 / max(int(valid.sum()) if self._normalize else len(x), 1)
            y = y.sum(dtype=np.float32 if x.dtype == np.float16 else None) * self._scale
        return (y.astype(x.dtype, copy=False),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        (x,) = self.get_retained_inputs()
        gx = (Sigmoid.of(x) - self._labels) * self._valid * gy
        return (gx if self._scale is None else gx * self._scale,)


def softmax_cross_entropy(
    x: VariableOrArray,
    t: VariableOrArray,
    normalize: bool = True,
    cache_score: bool = True,
    class_weight: VariableOrArray | None = None,
    ignore_label: int = -1,
    reduce: str = 'mean',
    enable_double_backprop: bool = False,
    soft_target_loss: str = 'cross-entropy',
) -> Variable:
    """Return the cross entropy of the softmax of scores with labels.

    y = -log(softmax(x)[t]), times class_weight[t].

    Args:
        x: Variable or array of scores, (n, c, ...), floating dtype.
        t: Variable or array of labels, (n, ...), integers in [0, c) or ignore_label; or probabilities of x's shape.
        normalize (bool): whether 'mean' divides by the number of labels that are not ignored, else by n.
        cache_score (bool): accepted for old programs.
        class_weight: Variable or array, (c,), floating dtype, factor on the loss of each class, or None.
        ignore_label (int): label whose loss is 0.
        reduce (str): 'mean', or 'no' for one loss per label.
        enable_double_backprop (bool): accepted for old programs; every order of derivative works.
        soft_target_loss (str): for probabilities, 'cross-entropy' or 'kl-divergence'.

    Returns:
        Variable of no axes, or (n, ...) with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label is out of range, or reduce or soft_target_loss are unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.softmax_cross_entropy(np.array([[0.0, 0.0], [0.0, 1000.0]]), np.array([0, 1]))
        variable(0.34657359)
    """
    check_reduce('softmax_cross_entropy', reduce)
    require_arrays('softmax_cross_entropy', x=x, t=t)
    labels = as_array(t)
    if x.dtype.kind != 'f' and labels.dtype.kind == 'f':
        reject(_explain_labels('softmax_cross_entropy', x, labels))
    if x.dtype.kind != 'f':
        reject(not_floating(SoftmaxCrossEntropy(labels, True, None, -1, reduce), x))
    if labels.dtype.kind == 'f' and labels.shape == x.shape and len(x.shape) > 1:
        return _soft_target_loss(x, labels, reduce, soft_target_loss)
    if labels.dtype.kind not in 'iu' or len(x.shape) < 2 or labels.shape != (x.shape[0], *x.shape[2:]):
        reject(_explain_labels('softmax_cross_entropy', x, labels))
    in_range = check_ids('softmax_cross_entropy: t', labels, x.shape[1], ignore_label)
    weights = None
    if class_weight is not None:
        require_arrays('softmax_cross_entropy', class_weight=class_weight)
        weights = as_array(class_weight)
        if weights.shape != (x.shape[1],) or weights.dtype.kind != 'f':
            raise ValueError(
                f'softmax_cross_entropy: class_weight must have a floating dtype and be {(x.shape[1],)} for x '
                f'{x.dtype} {x.shape}, but it is {weights.dtype} {weights.shape}.'
            )
        weights = weights.astype(np.promote_types(x.dtype, np.float32), copy=False)
    function = SoftmaxCrossEntropy(labels, normalize, weights, ignore_label, reduce)
    function._none_ignored = in_range and not 0 <= ignore_label < x.shape[1]
    return function.apply((x,))[0]


def _soft_target_loss(x: VariableOrArray, t: Array, reduce: str, kind: str) -> Variable:
    """Return the cross entropy of softmax(x) with probabilities t, or their Kullback-Leibler divergence."""
    if kind not in ('cross-entropy', 'kl-divergence'):
        raise ValueError(
            f"softmax_cross_entropy: soft_target_loss must be 'cross-entropy' or 'kl-divergence', but it is {kind!r}."
        )
    t = t.astype(x.dtype, copy=False)
    y = -_sum(log_softmax(x) * t, axis=1)
    if kind == 'kl-divergence':
        y = y + (t * np.log(np.where(t > 0, t, 1))).sum(1)  # minus the entropy of t, where 0 log 0 = 0
    return _sum(y) / max(y.size, 1) if reduce == 'mean' else y


def _explain_labels(who: str, x: VariableOrArray, t: Array) -> str:
    """Return the message for labels whose dtype or shape does not fit the scores."""
    given = f'x is {x.dtype} {x.shape} and t is {t.dtype} {t.shape}'
    must = f'{who}: x must be (n, c, ...) and t integer labels (n, ...)'
    if x.dtype.kind != 'f' and t.dtype.kind == 'f':
        advice = f'Are the arguments swapped? Write {who}(x, t), scores first.'
    elif t.dtype.kind not in 'iu':
        advice = "Convert t with t.astype('int32')."
    elif t.shape == x.shape:
        advice = 'For one-hot labels write t.argmax(axis=1).'
    elif t.ndim == 2 and t.shape[1] == 1:
        advice = 'Write t.ravel() to drop the axis of length 1.'
    elif len(x.shape) < 2:
        advice = 'x needs a batch axis and a class axis.'
    elif t.shape[:1] != x.shape[:1]:
        advice = f'There are {len(x)} samples and {len(t)} labels: give one label for each sample.'
    else:
        advice = 'Give one label for each sample and place.'
    return f'{must}, but {given}. {advice}'


def sigmoid_cross_entropy(
    x: VariableOrArray, t: VariableOrArray, normalize: bool = True, reduce: str = 'mean'
) -> Variable:
    """Return the cross entropy of the sigmoid of scores with binary labels.

    y = -log(sigmoid(x)) where t is 1, -log(1 - sigmoid(x)) where t is 0, 0 where t is -1.

    Args:
        x: Variable or array of scores, any shape, floating dtype.
        t: Variable or array of labels 0, 1 or -1 (ignored), integers of x's shape.
        normalize (bool): whether 'mean' divides by the number of labels that are not ignored, else by len(x).
        reduce (str): 'mean', or 'no' for one loss per label.

    Returns:
        Variable of no axes, or of x's shape with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.sigmoid_cross_entropy(np.array([[1000.0, 0.0]]), np.array([[1, 0]]))
        variable(0.34657359)
    """
    check_reduce('sigmoid_cross_entropy', reduce)
    require_arrays('sigmoid_cross_entropy', x=x, t=t)
    labels = as_array(t)
    if x.dtype.kind != 'f' or labels.dtype.kind not in 'iu' or labels.shape != x.shape:
        swapped = x.dtype.kind != 'f' and labels.dtype.kind == 'f'
        advice = 'Reshape one.' if labels.shape != x.shape else "Convert t with t.astype('int32')."
        if swapped:
            advice = 'Are the arguments swapped? Write sigmoid_cross_entropy(x, t), scores first.'
        reject(
            'sigmoid_cross_entropy: x must have a floating and t an integer dtype, and both one shape, but x is '
            f'{x.dtype} {x.shape} and t is {labels.dtype} {labels.shape}. {advice}'
        )
    check_ids('sigmoid_cross_entropy: t', labels, 2, -1)
    return SigmoidCrossEntropy(labels, normalize, reduce).apply((x,))[0]
