"""n_step_rnn and n_step_birnn: layers of simple recurrent units over sequences of different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.rectifier import ReLU
from chaingrad.functions.activation.sigmoid import Tanh
from chaingrad.functions.rnn.scan import Cell
from chaingrad.functions.rnn.sequences import WeightLists, run_layers


class Simple(FunctionNode):
    """h = f(gates + recurrent)."""

    _retained_outputs = (0,)

    def __init__(self, activation: type[Elementwise]) -> None:
        self._activation = activation()

    def forward(self, inputs: Arrays) -> Arrays:
        gates, recurrent, _ = inputs
        return self._activation.forward((gates + recurrent,))

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gh,) = grad_outputs
        (h,) = self.get_retained_outputs()
        gx = gh * self._activation.derivative_from_output(h)
        gradients = (gx, gx, None)
        return tuple([gradients[i] for i in indexes])


def _cell(who: str, activation: str) -> Cell:
    """Return the cell with an activation, or raise."""
    if activation not in ('tanh', 'relu'):
        raise ValueError(f"{who}: activation must be one of 'tanh', 'relu', but it is {activation!r}.")
    return partial(Simple, Tanh if activation == 'tanh' else ReLU)


def n_step_rnn(
    n_layers: int,
    dropout_ratio: float,
    hx: VariableOrArray,
    ws: WeightLists,
    bs: WeightLists,
    xs: Sequence[VariableOrArray],
    activation: str = 'tanh',
    **kwargs: Any,
) -> tuple[Variable, list[Variable]]:
    """Run layers of simple recurrent units over sequences.

    With W_0, W_1 and b_0, b_1 of a layer:

        h' = f(W_0 x + W_1 h + b_0 + b_1)

    The outputs h' of a layer, after dropout, are the inputs of the next.

    Args:
        n_layers (int): number of layers.
        dropout_ratio (float): probability in [0, 1) of dropping an input of every layer but the first.
        hx: Variable or array, first h, (layers, n, units), floating dtype.
        ws: for each layer a list of two matrices, the first (units, in) in the first layer, else (units, units); the
            second (units, units).
        bs: for each layer a list of two vectors, (units,).
        xs: list or tuple, one for each step t, of Variables or arrays (n_t, in). The sequences are sorted by length,
            longest first, so that n_t never grows (`transpose_sequence` makes such a list).
        activation (str): f, 'tanh' or 'relu'.

    Returns:
        Tuple of hy, the last h of every sequence, (layers, n, units), and the list of the last layer's outputs,
        (n_t, units).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when weights are missing, activation is unknown, or `train=` or `use_cudnn=` of old programs are
            given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> h, ws, bs = np.zeros((1, 2, 3)), [[np.ones((3, 3))] * 2], [[np.zeros(3)] * 2]
        >>> hy, ys = F.n_step_rnn(1, 0.0, h, ws, bs, [np.ones((2, 3)), np.ones((1, 3))])
        >>> hy.shape, [y.shape for y in ys]
        ((1, 2, 3), [(2, 3), (1, 3)])

    Source:
        J. L. Elman, Finding Structure in Time, Cognitive Science 14, 1990.
    """
    cell = _cell('n_step_rnn', activation)
    return run_layers('n_step_rnn', cell, (0,), n_layers, dropout_ratio, {'hx': hx}, ws, bs, xs, False, kwargs)


def n_step_birnn(
    n_layers: int,
    dropout_ratio: float,
    hx: VariableOrArray,
    ws: WeightLists,
    bs: WeightLists,
    xs: Sequence[VariableOrArray],
    activation: str = 'tanh',
    **kwargs: Any,
) -> tuple[Variable, list[Variable]]:
    """Run layers of simple recurrent units over sequences in both directions.

    Each layer has two cells as in `n_step_rnn`: the first reads the sequences forwards, the second backwards. Their
    outputs, joined and after dropout, are the inputs of the next layer.

    Args:
        n_layers (int): number of layers.
        dropout_ratio (float): probability in [0, 1) of dropping an input of every layer but the first.
        hx: Variable or array, first h, (2 layers, n, units), floating dtype; forwards and backwards in turn.
        ws: for each layer and direction a list of two matrices, the first (units, in) in the first layer, else
            (units, 2 units); the second (units, units).
        bs: for each layer and direction a list of two vectors, (units,).
        xs: list or tuple, one for each step t, of Variables or arrays (n_t, in); n_t never grows.
        activation (str): f, 'tanh' or 'relu'.

    Returns:
        Tuple of hy, the last h of every sequence, (2 layers, n, units), and the list of the last layer's outputs,
        (n_t, 2 units).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when weights are missing, activation is unknown, or `train=` or `use_cudnn=` of old programs are
            given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> h, ws, bs = np.zeros((2, 2, 3)), [[np.ones((3, 3))] * 2] * 2, [[np.zeros(3)] * 2] * 2
        >>> hy, ys = F.n_step_birnn(1, 0.0, h, ws, bs, [np.ones((2, 3)), np.ones((1, 3))])
        >>> hy.shape, [y.shape for y in ys]
        ((2, 2, 3), [(2, 6), (1, 6)])

    Source:
        M. Schuster, K. K. Paliwal, Bidirectional Recurrent Neural Networks, IEEE Trans. Signal Processing 45, 1997.
    """
    cell = _cell('n_step_birnn', activation)
    return run_layers('n_step_birnn', cell, (0,), n_layers, dropout_ratio, {'hx': hx}, ws, bs, xs, True, kwargs)
