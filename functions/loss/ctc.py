"""connectionist_temporal_classification."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.activation.softmax import log_softmax
from chaingrad.functions.array.joining import concat, stack
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import check_ids, require_arrays
from chaingrad.functions.elementwise.comparison import where
from chaingrad.functions.loss.base import check_equal_shapes, check_reduce, reduce_loss
from chaingrad.functions.reduction.norms import logsumexp

_LOG_ZERO = -1e30  # in place of log(0) = -inf, which would give NaN as soon as two of them are subtracted


def connectionist_temporal_classification(
    x: Sequence[VariableOrArray],
    t: VariableOrArray,
    blank_symbol: int,
    input_length: VariableOrArray | None = None,
    label_length: VariableOrArray | None = None,
    reduce: str = 'mean',
) -> Variable:
    """Return the loss of label sequences that are shorter than their inputs and not aligned with them (CTC).

    loss = -log(p(t)), where p(t) is the sum of the probabilities of all paths that become t when repeated symbols are
    merged and then blanks removed. A path has one symbol for each step; its probability is the product over the steps
    of the symbol's softmax(x). Two equal labels in a row need a blank between them.

    Args:
        x: list or tuple of Variables or arrays, one for each step, (n, c): scores before the softmax.
        t: Variable or array of labels, (n, l), integers in [0, c); only the first label_length labels of a row count.
        blank_symbol (int): number of the blank in [0, c).
        input_length: Variable or array of the numbers of steps, (n,), integers; all steps when None.
        label_length: Variable or array of the numbers of labels, (n,), integers; l when None.
        reduce (str): 'mean', or 'no' for one loss per sequence.

    Returns:
        Variable of no axes, or (n,) with reduce='no'.

    Raises:
        TypeError: when x is no list or tuple of arrays, or blank_symbol no integer.
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label or a length is out of range, an input is too short for its labels, or reduce is
            unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = [np.array([[0.0, 0.0]]), np.array([[0.0, 0.0]])]
        >>> F.connectionist_temporal_classification(x, np.array([[1]]), blank_symbol=0)
        variable(0.28768207)

    Source:
        A. Graves et al., Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent
        Neural Networks, ICML 2006, section 4.1.
    """
    who = 'connectionist_temporal_classification'
    check_reduce(who, reduce)
    if not isinstance(x, tuple | list) or not x:
        raise TypeError(f'{who}: x must be a list or tuple of at least one Variable or array, one for each step.')
    xs = {f'x[{i}]': step for i, step in enumerate(x)}
    check_equal_shapes(who, **xs)
    require_arrays(who, t=t)
    dtype = x[0].dtype
    targets = as_array(t)
    _check_types(who, x[0].shape, targets, blank_symbol)
    n, c = x[0].shape
    n_steps = _length_array(who, 'input_length', input_length, n, len(x))
    n_labels = _length_array(who, 'label_length', label_length, n, targets.shape[1])
    labels = _extended_labels(who, targets, c, blank_symbol, n_steps, n_labels)
    rows = np.arange(n)[:, None]
    log_p = log_softmax(stack(upcast_inputs(who, **xs)), axis=2)[:, rows, labels]
    alpha = _last_alpha(log_p, labels, blank_symbol, n_steps)
    # p(t) is the sum of the last two elements of alpha: a path ends with the last label or with the blank after it.
    # Where there is no label the two are the same element, which must count once.
    last = 2 * n_labels
    ends = alpha[rows, np.stack([last, np.maximum(last - 1, 0)], axis=1)]
    twice = (np.arange(2) == 1) & (n_labels[:, None] == 0)
    penalty = np.where(twice, _LOG_ZERO, 0).astype(log_p.dtype)
    return reduce_loss(-logsumexp(ends + penalty, axis=1), reduce, dtype)


def _last_alpha(log_p: Variable, labels: Array, blank: int, n_steps: Array) -> Variable:
    """Return the logarithm of alpha_T(s), where T is the last step of each sequence.

    alpha_t(s) is the probability of all paths of t steps that give the first s labels l_1, ..., l_s, blanks included
    (the forward variable of Graves et al.). With p_t(s) the probability of label l_s in step t:

        alpha_1(s) = p_1(s) for s = 1, 2, else 0
        alpha_t(s) = p_t(s) (alpha_{t-1}(s) + alpha_{t-1}(s-1) + alpha_{t-1}(s-2))

    The last term, which skips l_{s-1}, is left out where l_s is a blank or equal to l_{s-2}.

    Args:
        log_p: Variable, (steps, n, 2 l + 1): the logarithm of p_t(s).
        labels: array of labels with a blank before, between and after them, (n, 2 l + 1).
        blank (int): number of the blank.
        n_steps: array of the numbers of steps, (n,).
    """
    n, length = labels.shape
    dtype = log_p.dtype
    may_skip = np.zeros(labels.shape, bool)
    may_skip[:, 2:] = (labels[:, 2:] != blank) & (labels[:, 2:] != labels[:, :-2])
    skip_penalty = np.where(may_skip, 0, _LOG_ZERO).astype(dtype)
    start_penalty = np.where(np.arange(length) < 2, 0, _LOG_ZERO).astype(dtype)
    padding = np.full((n, 2), _LOG_ZERO, dtype)
    alpha = log_p[0] + start_penalty
    for step in range(1, len(log_p)):
        padded = concat([padding, alpha], axis=1)
        terms = stack([alpha, padded[:, 1:-1], padded[:, :-2] + skip_penalty])
        next_alpha = logsumexp(terms, axis=0) + log_p[step]
        is_running = step < n_steps
        alpha = next_alpha if is_running.all() else where(is_running[:, None], next_alpha, alpha)
    return alpha


def _check_types(who: str, shape: Shape, t: Array, blank: int) -> None:
    """Raise unless the labels fit the shape (n, c) of a step and the blank is one of the c symbols."""
    if not isinstance(blank, int | np.integer):
        raise TypeError(f'{who}: blank_symbol must be an integer, but it is a {type(blank).__name__}.')
    if len(shape) != 2 or t.ndim != 2 or t.dtype.kind not in 'iu' or t.shape[0] != shape[0]:
        raise InvalidType(
            f'{who}: x must be a list of (n, c) and t integers (n, l), but x[0] has the shape {tuple(shape)} and t is '
            f'{t.dtype} {t.shape}.'
        )
    if not 0 <= blank < shape[1]:
        raise ValueError(f'{who}: blank_symbol must be in [0, {shape[1]}), but it is {blank}.')


def _length_array(who: str, name: str, lengths: VariableOrArray | None, n: int, largest: int) -> Array:
    """Return the lengths of n sequences as an array, all of them the largest when None; raise where they do not fit."""
    if lengths is None:
        return np.full(n, largest)
    require_arrays(who, **{name: lengths})
    array = as_array(lengths)
    if array.shape != (n,) or array.dtype.kind not in 'iu':
        raise InvalidType(f'{who}: {name} must be integers {(n,)}, but it is {array.dtype} {array.shape}.')
    check_ids(f'{who}: {name}', array, largest + 1, None)
    return array


def _extended_labels(who: str, t: Array, c: int, blank: int, n_steps: Array, n_labels: Array) -> Array:
    """Return the labels with a blank before, between and after them, (n, 2 l + 1); raise where they do not fit."""
    position = np.arange(t.shape[1])
    t = np.where(position < n_labels[:, None], t, blank)
    check_ids(f'{who}: t', t, c, None)
    is_repeated = (t[:, 1:] == t[:, :-1]) & (position[1:] < n_labels[:, None])
    needed = n_labels + is_repeated.sum(1)
    for i in np.flatnonzero((n_steps < needed) | (n_steps < 1)):
        raise ValueError(
            f'{who}: an input must have a step for each label and for each blank between equal labels, at least one, '
            f'but sequence {i} has {n_steps[i]} steps and needs {max(needed[i], 1)}.'
        )
    labels = np.full((len(t), 2 * t.shape[1] + 1), blank, t.dtype)
    labels[:, 1::2] = t
    return labels
