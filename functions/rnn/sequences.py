"""What the n_step functions share: layers, directions and sequences of different lengths.

Sequences are sorted by length, longest first; `xs[t]` holds step t of those that are that long, so that the batches
never grow. All steps of a layer go through one matrix product with the weights of its input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from chaingrad.functions.array.joining import concat, split_axis, stack
from chaingrad.functions.checks import TRAIN, fail, refuse, require_floats
from chaingrad.functions.connection import linear
from chaingrad.functions.noise import dropout
from chaingrad.functions.rnn.scan import Cell, Scan

_CUDNN = "use_cudnn argument is not supported anymore. Use using_config('use_cudnn', value) context."


def run_layers(
    who: str, cell: Cell, order, n_layers: int, dropout_ratio: float, states, ws, bs, xs, bidirectional: bool, keywords
) -> tuple[Any, ...]:
    """Run a cell over sequences, layer by layer.

    Args:
        who: name of the function, for messages.
        cell: class of the nodes that compute one step.
        order: numbers of the weights of a layer that make the rows of its matrix, gate by gate; `len(order)` further
            on are the recurrent ones.
        n_layers: number of layers.
        dropout_ratio: for the inputs of every layer but the first.
        states: dict of what a cell keeps, each (n_layers * directions, batch, units); the first is also the output.
        ws: weights, a list of matrices for each layer and direction.
        bs: biases, a list of vectors for each layer and direction.
        xs: inputs, one for each step, (n_t, in).
        bidirectional: whether a second cell reads the sequences backwards.
        keywords: what is refused.

    Returns:
        Tuple of the last states, each of the shape of the first ones, and the list of outputs, (n_t, directions units).
    """
    refuse(who, keywords, train=TRAIN, use_cudnn=_CUDNN)
    directions = 2 if bidirectional else 1
    _check(who, n_layers * directions, 2 * len(order), states, ws, bs, xs)
    lengths = [len(x) for x in xs]
    inputs = concat(list(xs), axis=0)
    finals: list[Any] = []
    for layer in range(n_layers):
        if layer:
            inputs = dropout(inputs, dropout_ratio)
        outputs = []
        for k in range(layer * directions, (layer + 1) * directions):
            W, b, W_h, b_h = _joined(ws[k], bs[k], order)
            if W.shape[1] != inputs.shape[1]:
                fail(who, f'ws[{k}][i].shape == (units, {inputs.shape[1]}), the length of its inputs', W=ws[k][0])
            start = [state[k] for state in states.values()]
            sweep = Scan(cell, lengths, backwards=k % directions == 1)
            output, *final = sweep.apply((linear(inputs, W, b), W_h, b_h, *start))
            finals.append(final)
            outputs.append(output)
        inputs = outputs[0] if directions == 1 else concat(outputs, axis=1)
    return (*[stack(parts) for parts in zip(*finals)], _split(inputs, lengths))


def _joined(ws: Sequence[Any], bs: Sequence[Any], order: Sequence[int]) -> Iterator[Any]:
    """Yield W, b, W_h, b_h: the weights of the gates as one matrix, of the inputs and of the state."""
    n = len(order)
    for offset in (0, n):
        for parts in (ws, bs):
            rows = [parts[offset + i] for i in order]
            yield rows[0] if n == 1 else concat(rows, axis=0)


def _split(x: Any, lengths: Sequence[int]) -> list[Any]:
    return list(split_axis(x, list(accumulate(lengths))[:-1], axis=0))


def _check(who: str, n: int, n_weights: int, states: dict[str, Any], ws: Any, bs: Any, xs: Any) -> None:
    """Raise unless there is everything for n layers (times directions) and the shapes of states and inputs fit."""
    for name, given in (('xs', xs), ('ws', ws), ('bs', bs)):
        if not isinstance(given, tuple | list) or not len(given):
            raise TypeError(f'{who}: {name} must be a list or tuple with at least one element.')
    for name, given in (('ws', ws), ('bs', bs)):
        if len(given) != n or any(len(parts) != n_weights for parts in given):
            raise ValueError(
                f'{who}: {name} must have {n} lists (layers times directions) of {n_weights}, but it has '
                f'{len(given)} lists of {sorted({len(parts) for parts in given})}.'
            )
    require_floats(who, **states, **{f'xs[{i}]': x for i, x in enumerate(xs)}, W=ws[0][0])
    first, units = next(iter(states.values())), ws[0][0].shape[0]
    for name, state in states.items():
        if len(state.shape) != 3 or state.shape[0] != n or state.shape[2] != units or state.shape != first.shape:
            fail(who, f'{name}.shape == ({n}, batch, {units})', **{name: state, 'ws[0][0]': ws[0][0]})
    most = first.shape[1]
    for i, x in enumerate(xs):
        if len(x.shape) != 2 or x.shape[0] > most or x.shape[1] != xs[0].shape[1]:
            fail(
                who,
                f'xs[{i}].shape == (n, {xs[0].shape[-1]}) with n at most {most}, as in the step before',
                'Sort the sequences by length, longest first, and use F.transpose_sequence.',
                **{f'xs[{i}]': x, next(iter(states)): first},
            )
        most = x.shape[0]
