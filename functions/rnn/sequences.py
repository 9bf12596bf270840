"""The common part of the n_step functions: layers, directions and sequences of different lengths.

Sequences are sorted by length, longest first; `xs[t]` holds step t of those that have one, so that the batches never
grow. All steps of a layer go through one matrix product with the weights of its input.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, TypeAlias

from chaingrad.autograd.variable import VariableOrArray
from chaingrad.functions.array.joining import concat, split_axis, stack
from chaingrad.functions.checks import TRAIN, fail, refuse, require_floats
from chaingrad.functions.noise import dropout
from chaingrad.functions.rnn.scan import Cell, Scan

WeightLists: TypeAlias = Sequence[Sequence[VariableOrArray]]
"""For each layer and direction, its weights or biases."""

_CUDNN = "use_cudnn argument is not supported anymore. Use using_config('use_cudnn', value) context."


def run_layers(
    who: str,
    cell: Cell,
    order: Sequence[int],
    n_layers: int,
    dropout_ratio: float,
    states: dict[str, VariableOrArray],
    ws: WeightLists,
    bs: WeightLists,
    xs: Sequence[VariableOrArray],
    bidirectional: bool,
    keywords: dict[str, Any],
) -> tuple[Any, ...]:
    """Run a cell over sequences, layer by layer.

    Args:
        who: name of the function, for messages.
        cell: class of the nodes that compute one step.
        order: indexes of the weights of a layer that make the rows of its matrix, gate by gate; those of the recurrent
            part are greater by `len(order)`.
        n_layers: number of layers.
        dropout_ratio: for the inputs of every layer but the first.
        states: the first states by name, each (n_layers * directions, batch, units); the first of them is also the
            output.
        ws: weights, a list of matrices for each layer and direction.
        bs: biases, a list of vectors for each layer and direction.
        xs: inputs, one for each step, (n_t, in).
        bidirectional: whether a second cell reads the sequences backwards.
        keywords: further keyword arguments of the function, all of which are refused.

    Returns:
        Tuple of the last states, each of the shape of the first ones, and the list of outputs, (n_t, directions units).
    """
    refuse(who, keywords, train=TRAIN, use_cudnn=_CUDNN)
    directions = 2 if bidirectional else 1
    _check_lists(who, n_layers * directions, 2 * len(order), ws, bs, xs)
    _check_shapes(who, n_layers * directions, states, ws, xs)
    lengths = [len(x) for x in xs]
    inputs = concat(list(xs), axis=0)
    last_states = []
    for layer in range(n_layers):
        if layer > 0:
            inputs = dropout(inputs, dropout_ratio)
        outputs = []
        for direction in range(directions):
            k = layer * directions + direction
            W, W_h = _joined(ws[k], order)
            b, b_h = _joined(bs[k], order)
            if W.shape[1] != inputs.shape[1]:
                fail(who, f'ws[{k}][i].shape == (units, {inputs.shape[1]}), the length of its inputs', W=ws[k][0])
            first = [state[k] for state in states.values()]
            scan = Scan(cell, lengths, backwards=direction == 1)
            output, *last = scan.apply((inputs, W, b, W_h, b_h, *first))
            outputs.append(output)
            last_states.append(last)
        inputs = outputs[0] if directions == 1 else concat(outputs, axis=1)
    ends = list(accumulate(lengths))
    ys = list(split_axis(inputs, ends[:-1], axis=0))
    return (*[stack(parts) for parts in zip(*last_states)], ys)


def _joined(parts: Sequence[VariableOrArray], order: Sequence[int]) -> tuple[VariableOrArray, VariableOrArray]:
    """Return the weights of all gates as one, for the inputs and for the state: the parts, one below the other."""
    n = len(order)
    if n == 1:
        return parts[0], parts[1]
    return concat([parts[i] for i in order], axis=0), concat([parts[n + i] for i in order], axis=0)


def _check_lists(who: str, n: int, n_weights: int, ws: WeightLists, bs: WeightLists, xs: Sequence[Any]) -> None:
    """Raise unless xs has a step and there are weights and biases for n layers (times directions)."""
    for name, given in (('xs', xs), ('ws', ws), ('bs', bs)):
        if not isinstance(given, tuple | list) or not len(given):
            raise TypeError(f'{who}: {name} must be a list or tuple with at least one element.')
    for name, lists in (('ws', ws), ('bs', bs)):
        if len(lists) != n or any(len(parts) != n_weights for parts in lists):
            raise ValueError(
                f'{who}: {name} must have {n} lists (layers times directions) of {n_weights}, but it has '
                f'{len(lists)} lists of {sorted({len(parts) for parts in lists})}.'
            )


def _check_shapes(
    who: str, n: int, states: dict[str, VariableOrArray], ws: WeightLists, xs: Sequence[VariableOrArray]
) -> None:
    """Raise unless the shapes and dtypes of states, inputs and the first weight fit n layers (times directions)."""
    W = ws[0][0]
    require_floats(who, **states, **{f'xs[{i}]': x for i, x in enumerate(xs)}, W=W)
    first_name, first = next(iter(states.items()))
    units = W.shape[0]
    for name, state in states.items():
        if len(state.shape) != 3 or state.shape[0] != n or state.shape[2] != units or state.shape != first.shape:
            fail(who, f'{name}.shape == ({n}, batch, {units})', '', **{name: state, 'ws[0][0]': W})
    most = first.shape[1]
    for i, x in enumerate(xs):
        if len(x.shape) != 2 or x.shape[0] > most or x.shape[1] != xs[0].shape[1]:
            fail(
                who,
                f'xs[{i}].shape == (n, {xs[0].shape[-1]}) with n at most {most}, as in the step before',
                'Sort the sequences by length, longest first, and use F.transpose_sequence.',
                **{f'xs[{i}]': x, first_name: first},
            )
        most = x.shape[0]
