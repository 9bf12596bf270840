"""n_step_lstm and n_step_bilstm: layers of long short-term memory over sequences of different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.rnn.lstm import LSTM
from chaingrad.functions.rnn.sequences import WeightLists, run_layers

_ORDER = (2, 0, 1, 3)  # a, i, f, o of the cell among the weights i, f, a, o


class LSTMCell(LSTM):
    """The cell of a layer: h and c from gates, recurrent part, the last h and c."""

    kind = 'lstm'
    _retained_inputs = (0, 1, 3)

    def __init__(self) -> None:
        super().__init__(axis=1)

    def forward(self, inputs: Arrays) -> Arrays:
        gates, recurrent, _, c_prev = inputs
        c, h = super().forward((c_prev, gates + recurrent))
        return h, c

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        gates, recurrent, c_prev = self.get_retained_inputs()
        gh, gc = grad_outputs
        gc_prev, gx = self._gradients(c_prev, gates + recurrent, gc, gh)
        gradients = (gx, gx, None, gc_prev)
        return tuple([gradients[i] for i in indexes])


def n_step_lstm(
    n_layers: int,
    dropout_ratio: float,
    hx: VariableOrArray,
    cx: VariableOrArray,
    ws: WeightLists,
    bs: WeightLists,
    xs: Sequence[VariableOrArray],
    **kwargs: Any,
) -> tuple[Variable, Variable, list[Variable]]:
    """Run layers of long short-term memory over sequences.

    With W_0, ..., W_7 and b_0, ..., b_7 of a layer:

        i = sigmoid(W_0 x + W_4 h + b_0 + b_4)
        f = sigmoid(W_1 x + W_5 h + b_1 + b_5)
        a = tanh(W_2 x + W_6 h + b_2 + b_6)
        o = sigmoid(W_3 x + W_7 h + b_3 + b_7)
        c' = f c + i a,  h' = o tanh(c')

    The outputs h' of a layer, after dropout, are the inputs of the next.

    Args:
        n_layers (int): number of layers.
        dropout_ratio (float): probability in [0, 1) of dropping an input of every layer but the first.
        hx: Variable or array, first h, (layers, n, units), floating dtype.
        cx: Variable or array, first c, of the same shape and dtype.
        ws: for each layer a list of eight matrices; the first four are (units, in) in the first layer, else
            (units, units); the other four (units, units).
        bs: for each layer a list of eight vectors, (units,).
        xs: list or tuple, one for each step t, of Variables or arrays (n_t, in). The sequences are sorted by length,
            longest first, so that n_t never grows (`transpose_sequence` makes such a list).

    Returns:
        Tuple of hy and cy, the last h and c of every sequence, (layers, n, units), and the list of the last layer's
        outputs, (n_t, units).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when weights are missing, or `train=` or `use_cudnn=` of old programs are given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> h, ws, bs = np.zeros((1, 2, 3)), [[np.ones((3, 3))] * 8], [[np.zeros(3)] * 8]
        >>> hy, cy, ys = F.n_step_lstm(1, 0.0, h, h, ws, bs, [np.ones((2, 3)), np.ones((1, 3))])
        >>> hy.shape, [y.shape for y in ys]
        ((1, 2, 3), [(2, 3), (1, 3)])

    Source:
        F. A. Gers, J. Schmidhuber, F. Cummins, Learning to Forget, Neural Computation 12, 2000.
    """
    return run_layers(
        'n_step_lstm', LSTMCell, _ORDER, n_layers, dropout_ratio, {'hx': hx, 'cx': cx}, ws, bs, xs, False, kwargs
    )


def n_step_bilstm(
    n_layers: int,
    dropout_ratio: float,
    hx: VariableOrArray,
    cx: VariableOrArray,
    ws: WeightLists,
    bs: WeightLists,
    xs: Sequence[VariableOrArray],
    **kwargs: Any,
) -> tuple[Variable, Variable, list[Variable]]:
    """Run layers of long short-term memory over sequences in both directions.

    Each layer has two cells as in `n_step_lstm`: the first reads the sequences forwards, the second backwards. Their
    outputs, joined and after dropout, are the inputs of the next layer.

    Args:
        n_layers (int): number of layers.
        dropout_ratio (float): probability in [0, 1) of dropping an input of every layer but the first.
        hx: Variable or array, first h, (2 layers, n, units), floating dtype; forwards and backwards in turn.
        cx: Variable or array, first c, of the same shape and dtype.
        ws: for each layer and direction a list of eight matrices; the first four are (units, in) in the first layer,
            else (units, 2 units); the other four (units, units).
        bs: for each layer and direction a list of eight vectors, (units,).
        xs: list or tuple, one for each step t, of Variables or arrays (n_t, in); n_t never grows.

    Returns:
        Tuple of hy and cy, the last h and c of every sequence, (2 layers, n, units), and the list of the last layer's
        outputs, (n_t, 2 units).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when weights are missing, or `train=` or `use_cudnn=` of old programs are given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> h, ws, bs = np.zeros((2, 2, 3)), [[np.ones((3, 3))] * 8] * 2, [[np.zeros(3)] * 8] * 2
        >>> hy, cy, ys = F.n_step_bilstm(1, 0.0, h, h, ws, bs, [np.ones((2, 3)), np.ones((1, 3))])
        >>> hy.shape, [y.shape for y in ys]
        ((2, 2, 3), [(2, 6), (1, 6)])

    Source:
        A. Graves, J. Schmidhuber, Framewise Phoneme Classification with Bidirectional LSTM, Neural Networks 18, 2005.
    """
    return run_layers(
        'n_step_bilstm', LSTMCell, _ORDER, n_layers, dropout_ratio, {'hx': hx, 'cx': cx}, ws, bs, xs, True, kwargs
    )
