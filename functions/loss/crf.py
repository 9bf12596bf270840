"""The linear-chain conditional random field: crf1d and argmax_crf1d."""

from __future__ import annotations

from collections.abc import Sequence

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import ScatterItem, downcast
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.array.joining import concat, split_axis
from chaingrad.functions.array.shape import expand_dims
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import fail, require_arrays
from chaingrad.functions.loss.base import check_reduce, label_array, reduce_loss
from chaingrad.functions.reduction.norms import logsumexp


def _check_inputs(who: str, cost: VariableOrArray, xs: Sequence[VariableOrArray]) -> None:
    """Raise unless xs are arrays that fit the cost and whose batches never grow."""
    if not isinstance(xs, tuple | list) or not xs:
        raise TypeError(f'{who}: xs must be a list or tuple of at least one Variable or array, one for each step.')
    require_arrays(who, cost=cost, **_named(xs))
    if len(cost.shape) != 2 or cost.shape[0] != cost.shape[1]:
        fail(who, 'cost (labels, labels)', cost=cost)
    k = cost.shape[0]
    for i, x in enumerate(xs):
        if len(x.shape) == 2 and x.shape[1] == k and (i == 0 or x.shape[0] <= xs[i - 1].shape[0]):
            continue
        given = {f'xs[{i}]': x, 'cost': cost}
        if i > 0:
            given[f'xs[{i - 1}]'] = xs[i - 1]
        fail(
            who,
            f'xs[{i}].shape == (n, {k}) with n at most that of the step before',
            'Sort the sequences by length, longest first, and use F.transpose_sequence.',
            **given,
        )


def _named(xs: Sequence[VariableOrArray]) -> dict[str, VariableOrArray]:
    """Return the steps by the names that messages have for them."""
    return {f'xs[{i}]': x for i, x in enumerate(xs)}


def _path_score(cost: Variable, xs: Sequence[Variable], ys: Sequence[Array]) -> Variable:
    """Return the score s(y) of each label sequence: the sum of its elements of xs and, for each step, of cost."""
    xp = cost.xp
    labels = xp.concatenate(ys)
    label_scores = concat(xs, axis=0)[xp.arange(len(labels)), labels]
    # The labels before and after each transition. The empty array is for sequences of one step, which have none.
    none = ys[0][:0]
    before = xp.concatenate([none, *[y[: len(following)] for y, following in zip(ys, ys[1:])]])
    after = xp.concatenate([none, *ys[1:]])
    scores = concat([label_scores, cost[before, after]], axis=0)
    sequences = [xp.arange(len(y)) for y in ys]  # step t has the first of the sequences: those that have not ended
    sequence_of_score = xp.concatenate([*sequences, *sequences[1:]])
    return ScatterItem((sequence_of_score,), (xs[0].shape[0],)).apply((scores,))[0]


def crf1d(
    cost: VariableOrArray, xs: Sequence[VariableOrArray], ys: Sequence[VariableOrArray], reduce: str = 'mean'
) -> Variable:
    """Return the negative log-likelihood of label sequences under a linear-chain conditional random field.

    loss = log(sum over all label sequences z of exp(s(z))) - s(y),
    s(y) = sum over t of xs[t][y_t] + sum over t > 0 of cost[y_{t-1}, y_t].

    Args:
        cost: Variable or array, (k, k), floating dtype: the score of a transition from label i to label j.
        xs: list or tuple of Variables or arrays, one for each step t, (n_t, k): the score of each label. The
            sequences are sorted by length, longest first, so that n_t never grows (`transpose_sequence` makes such a
            list).
        ys: list or tuple of Variables or arrays of labels, (n_t,), integers in [0, k).
        reduce (str): 'mean', or 'no' for one loss per sequence.

    Returns:
        Variable of no axes, or (n_0,) with reduce='no'.

    Raises:
        TypeError: when xs is no list or tuple of arrays.
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
    _check_inputs('crf1d', cost, xs)
    dtype = xs[0].dtype
    cost, *xs = upcast_inputs('crf1d', cost=cost, **_named(xs))
    if len(ys) != len(xs):
        raise ValueError(f'crf1d: xs and ys must have the same length, but they have {len(xs)} and {len(ys)} steps.')
    k = cost.shape[0]
    labels = [label_array('crf1d', f'ys[{i}]', y, xs[i].shape[:1], k) for i, y in enumerate(ys)]
    # The forward algorithm. With alpha_t(j) = log(sum of exp(s(z)) over the label sequences z_0, ..., z_t = j):
    #     alpha_0(j) = xs[0][j],
    #     alpha_t(j) = log(sum over i of exp(alpha_{t-1}(i) + cost[i, j])) + xs[t][j].
    alpha = xs[0]
    ended: list[Variable] = []  # the last alpha of sequences that have ended, the longest first
    for x in xs[1:]:
        if len(x) < len(alpha):
            alpha, last = split_axis(alpha, [len(x)], axis=0)
            ended.insert(0, last)
        alpha = logsumexp(expand_dims(alpha, 2) + cost, axis=1) + x
    log_z = logsumexp(concat([alpha, *ended], axis=0), axis=1)
    return reduce_loss(log_z - _path_score(cost, xs, labels), reduce, dtype)


def argmax_crf1d(cost: VariableOrArray, xs: Sequence[VariableOrArray]) -> tuple[Variable, list[Array]]:
    """Return the label sequences with the highest score in a linear-chain conditional random field.

    y maximizes s(y) = sum over t of xs[t][y_t] + sum over t > 0 of cost[y_{t-1}, y_t]; the Viterbi algorithm finds it.

    Args:
        cost: Variable or array, (k, k), floating dtype: the score of a transition from label i to label j.
        xs: list or tuple of Variables or arrays, one for each step t, (n_t, k): the score of each label; n_t never
            grows.

    Returns:
        Tuple of a Variable, (n_0,), with s of the best sequences, and a list of arrays of labels, (n_t,).

    Raises:
        TypeError: when xs is no list or tuple of arrays.
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> xs = [np.array([[1.0, 0.0]]), np.array([[0.0, 0.5]])]
        >>> F.argmax_crf1d(np.array([[0.0, 0.0], [0.0, 0.0]]), xs)
        (variable([1.5]), [array([0]), array([1])])
    """
    _check_inputs('argmax_crf1d', cost, xs)
    dtype = xs[0].dtype
    cost, *xs = upcast_inputs('argmax_crf1d', cost=cost, **_named(xs))
    xp = cost.xp
    # The Viterbi algorithm. With best_t(j) = the maximum of s(z) over the label sequences z_0, ..., z_t = j:
    #     best_0(j) = xs[0][j],
    #     best_t(j) = max over i of (best_{t-1}(i) + cost[i, j]) + xs[t][j],
    # and the i that gives the maximum is kept as a back pointer. Rows of sequences that have ended stay as they are.
    best = xs[0].array
    back_pointers = []
    for x in xs[1:]:
        scores = best[: len(x), :, None] + cost.array
        back_pointers.append(scores.argmax(axis=1))
        best = xp.concatenate([scores.max(axis=1) + x.array, best[len(x) :]])
    labels = best.argmax(axis=1)  # the last label of every sequence; then, step by step, the one before
    path = []
    for pointers in reversed(back_pointers):
        n = len(pointers)
        path.append(labels[:n])
        labels = xp.concatenate([pointers[xp.arange(n), labels[:n]], labels[n:]])
    path.append(labels)
    path.reverse()
    return downcast(_path_score(cost, xs, path), dtype), path
