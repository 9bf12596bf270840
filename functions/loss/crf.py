"""The linear-chain conditional random field: crf1d and argmax_crf1d."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaingrad.autograd.array_ops import ScatterItem, cast
from chaingrad.autograd.variable import Variable
from chaingrad.functions.array.joining import concat, split_axis
from chaingrad.functions.array.shape import expand_dims
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import fail, require_arrays
from chaingrad.functions.loss.base import check_reduce, label_array, reduced
from chaingrad.functions.reduction.norms import logsumexp


def _checked(who: str, cost: Any, xs: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Return the inputs as Variables, or raise unless the batches get no larger and all fit the cost."""
    if not isinstance(xs, tuple | list) or not xs:
        raise TypeError(f'{who}: xs must be a list or tuple of at least one Variable or array, one for each step.')
    require_arrays(who, cost=cost, **{f'xs[{i}]': x for i, x in enumerate(xs)})
    if len(cost.shape) != 2 or cost.shape[0] != cost.shape[1]:
        fail(who, 'cost (labels, labels)', cost=cost)
    for i, x in enumerate(xs):
        if len(x.shape) != 2 or x.shape[1] != cost.shape[0] or i and x.shape[0] > xs[i - 1].shape[0]:
            fail(
                who,
                f'xs[{i}].shape == (n, {cost.shape[0]}) with n at most that of the step before',
                'Sort the sequences by length, longest first, and use F.transpose_sequence.',
                **{f'xs[{i}]': x, 'cost': cost, **({f'xs[{i - 1}]': xs[i - 1]} if i else {})},
            )
    cost, *xs = upcast_inputs(who, cost=cost, **{f'xs[{i}]': x for i, x in enumerate(xs)})
    return cost, xs


def _path_score(cost: Any, xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    """Return for each sequence what the labels ys earn: their elements of xs, and of cost for each step."""
    xp = cost.xp
    rows = [xp.arange(len(y)) for y in ys]
    before = xp.concatenate([y[: len(after)] for y, after in zip(ys, ys[1:])] or [ys[0][:0]])
    after = xp.concatenate(ys[1:] or [ys[0][:0]])
    places = xp.concatenate(rows), xp.concatenate(ys)
    earned = concat([concat(xs, axis=0)[xp.arange(len(places[0])), places[1]], cost[before, after]], axis=0)
    of_sequence = xp.concatenate([places[0], *rows[1:]])
    return ScatterItem((of_sequence,), (xs[0].shape[0],)).apply((earned,))[0]


def crf1d(cost: Any, xs: Sequence[Any], ys: Sequence[Any], reduce: str = 'mean') -> Variable:
    """Return the negative log-likelihood of label sequences under a linear-chain conditional random field.

    loss = log(sum over all label sequences z of exp(s(z))) - s(y),
    s(y) = sum over t of xs[t][y_t] + sum over t > 0 of cost[y_{t-1}, y_t].

    Args:
        cost: Variable or array, (k, k), floating dtype: what a step from one label to another earns.
        xs: list or tuple of Variables or arrays, one for each step t, (n_t, k): what each label earns. The sequences
            are sorted by length, longest first, so that n_t never grows (`transpose_sequence` makes such a list).
        ys: list or tuple of Variables or arrays of labels, (n_t,), integers in [0, k).
        reduce (str): 'mean', or 'no' for one loss per sequence.

    Returns:
        Variable of no axes, or (n_0,) with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when a label is out of range, xs and ys differ in length, or reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> xs = [np.array([[0.0, 0.0]]), np.array([[0.0, 0.0]])]
        >>> F.crf1d(np.zeros((2, 2)), xs, [np.array([0]), np.array([1])])
        variable(1.38629436)

    Source:
        J. Lafferty, A. McCallum, F. Pereira, Conditional Random Fields, ICML 2001.
    """
    check_reduce('crf1d', reduce)
    dtype = xs[0].dtype if xs else None
    cost, xs = _checked('crf1d', cost, xs)
    if len(ys) != len(xs):
        raise ValueError(f'crf1d: xs and ys must have the same length, but they have {len(xs)} and {len(ys)} steps.')
    ys = [label_array('crf1d', f'ys[{i}]', y, xs[i].shape[:1], cost.shape[0]) for i, y in enumerate(ys)]
    alpha = xs[0]
    ended = []
    for x in xs[1:]:
        if len(x) < len(alpha):
            alpha, rest = split_axis(alpha, [len(x)], axis=0)
            ended.insert(0, rest)
        alpha = logsumexp(expand_dims(alpha, 2) + cost, axis=1) + x
    log_z = logsumexp(concat([alpha, *ended], axis=0), axis=1)
    return reduced(log_z - _path_score(cost, xs, ys), reduce, dtype)


def argmax_crf1d(cost: Any, xs: Sequence[Any]) -> tuple[Variable, list[Any]]:
    """Return the label sequences that earn most in a linear-chain conditional random field.

    s(y) = sum over t of xs[t][y_t] + sum over t > 0 of cost[y_{t-1}, y_t], found by dynamic programming (Viterbi).

    Args:
        cost: Variable or array, (k, k), floating dtype: what a step from one label to another earns.
        xs: list or tuple of Variables or arrays, one for each step t, (n_t, k): what each label earns; n_t never grows.

    Returns:
        Tuple of a Variable, (n_0,), with s of the best sequences, and a list of arrays of labels, (n_t,).

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> xs = [np.array([[1.0, 0.0]]), np.array([[0.0, 0.5]])]
        >>> F.argmax_crf1d(np.array([[0.0, 0.0], [0.0, 0.0]]), xs)
        (variable([1.5]), [array([0]), array([1])])
    """
    dtype = xs[0].dtype if xs else None
    cost, xs = _checked('argmax_crf1d', cost, xs)
    xp = cost.xp
    best, came_from = xs[0].array, []
    for x in xs[1:]:
        scores = best[: len(x), :, None] + cost.array
        came_from.append(scores.argmax(axis=1))
        best = xp.concatenate([scores.max(axis=1) + x.array, best[len(x) :]])
    path = [best.argmax(axis=1)]
    for back in reversed(came_from):
        n = len(back)
        now = path[0]
        path[0] = now[:n]
        path.insert(0, xp.concatenate([back[xp.arange(n), now[:n]], now[n:]]))
    return cast(_path_score(cost, xs, path), dtype), path
