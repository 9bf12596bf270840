"""connectionist_temporal_classification."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.activation.softmax import log_softmax
from chaingrad.functions.array.joining import concat, stack
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.connection import check_ids
from chaingrad.functions.elementwise.comparison import where
from chaingrad.functions.loss.base import check_reduce, check_shapes, reduced
from chaingrad.functions.reduction.norms import logsumexp

_NEVER = -1e30  # the logarithm of probability 0; -inf would give NaN as soon as two of them are subtracted


def connectionist_temporal_classification(
    x: Sequence[Any],
    t: Any,
    blank_symbol: int,
    input_length: Any = None,
    label_length: Any = None,
    reduce: str = 'mean',
) -> Variable:
    """Return the loss of label sequences that are shorter than their inputs and not aligned with them (CTC).

    loss = -log(p(t)), where p(t) is summed over all ways to repeat labels and insert blanks that give t, and each way
    has the product over the steps of softmax(x) of its symbol. Two equal labels in a row need a blank between them.

    Args:
        x: list or tuple of Variables or arrays, one for each step, (n, c): scores before the softmax.
        t: Variable or array of labels, (n, l), integers in [0, c); what lies behind label_length is not read.
        blank_symbol (int): number of the blank in [0, c).
        input_length: Variable or array of the numbers of steps, (n,); all when None.
        label_length: Variable or array of the numbers of labels, (n,); l when None.
        reduce (str): 'mean', or 'no' for one loss per sequence.

    Returns:
        Variable of no axes, or (n,) with reduce='no'.

    Raises:
        TypeError: when x is no list or tuple, or blank_symbol no integer.
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
    dtype = x[0].dtype
    check_shapes(who, **{f'x[{i}]': step for i, step in enumerate(x)})
    path, steps, width = _check_labels(who, x[0].shape, len(x), as_array(t), blank_symbol, input_length, label_length)
    log_p = log_softmax(stack(upcast_inputs(who, **{f'x[{i}]': step for i, step in enumerate(x)})), axis=2)
    alpha = _last_alpha(log_p[:, np.arange(len(path))[:, None], path], path, steps, blank_symbol)
    ends = np.stack([2 * width, np.maximum(2 * width - 1, 0)], axis=1)
    none = np.where(np.arange(2) & (width[:, None] == 0), _NEVER, 0).astype(log_p.dtype)  # no label, so one way to end
    return reduced(-logsumexp(alpha[np.arange(len(path))[:, None], ends] + none, axis=1), reduce, dtype)


def _last_alpha(emitted: Any, path: Any, steps: Any, blank: int) -> Any:
    """Return the logarithms of the probabilities of being at each place of the path after the last step.

    Args:
        emitted: Variable, (steps, n, places): the logarithm of the probability of the symbol at each place.
        path: array of symbols, (n, places): labels with blanks around them.
        steps: array of the numbers of steps, (n,).
        blank: number of the blank.
    """
    n, places = path.shape
    dtype = emitted.dtype
    may_skip = np.zeros(path.shape, bool)  # from the label before, when it is another one
    may_skip[:, 2:] = (path[:, 2:] != blank) & (path[:, 2:] != path[:, :-2])
    toll = np.where(may_skip, 0, _NEVER).astype(dtype)
    wall = np.full((n, 2), _NEVER, dtype)
    alpha = emitted[0] + np.where(np.arange(places) < 2, 0, _NEVER).astype(dtype)
    for i in range(1, len(emitted)):
        padded = concat([wall, alpha], axis=1)
        came = stack([alpha, padded[:, 1:-1], padded[:, :-2] + toll])
        moved = logsumexp(came, axis=0) + emitted[i]
        goes_on = steps > i
        alpha = moved if goes_on.all() else where(goes_on[:, None], moved, alpha)
    return alpha


def _check_labels(
    who: str, shape: Any, length: int, t: Any, blank: Any, input_length: Any, label_length: Any
) -> tuple[Any, Any, Any]:
    """Return the paths (n, 2 l + 1) with blanks around the labels, and the numbers of steps and labels; or raise."""
    if not isinstance(blank, int | np.integer):
        raise TypeError(f'{who}: blank_symbol must be an integer, but it is a {type(blank).__name__}.')
    if len(shape) != 2 or t.ndim != 2 or t.dtype.kind not in 'iu' or t.shape[0] != shape[0]:
        raise InvalidType(
            f'{who}: x must be a list of (n, c) and t integers (n, l), but x[0] has the shape {tuple(shape)} and t is '
            f'{t.dtype} {t.shape}.'
        )
    n, c = shape
    if not 0 <= blank < c:
        raise ValueError(f'{who}: blank_symbol must be in [0, {c}), but it is {blank}.')
    lengths = []
    for name, given, most in (('input_length', input_length, length), ('label_length', label_length, t.shape[1])):
        given = np.full(n, most) if given is None else as_array(given)
        if given.shape != (n,) or given.dtype.kind not in 'iu':
            raise InvalidType(f'{who}: {name} must be integers {(n,)}, but it is {given.dtype} {given.shape}.')
        check_ids(f'{who}: {name}', given, most + 1, None)
        lengths.append(given)
    steps, width = lengths
    t = np.where(np.arange(t.shape[1]) < width[:, None], t, blank)
    check_ids(f'{who}: t', t, c, None)
    needed = width + ((t[:, 1:] == t[:, :-1]) & (np.arange(1, t.shape[1]) < width[:, None])).sum(1)
    for i in np.flatnonzero((steps < needed) | (steps < 1)):
        raise ValueError(
            f'{who}: an input must have a step for each label and for each blank between equal labels, at least one, '
            f'but sequence {i} has {steps[i]} steps and needs {max(needed[i], 1)}.'
        )
    path = np.full((n, 2 * t.shape[1] + 1), blank, t.dtype)
    path[:, 1::2] = t
    return path, steps, width
