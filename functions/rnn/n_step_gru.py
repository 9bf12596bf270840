"""n_step_gru and n_step_bigru: layers of gated recurrent units over sequences of different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaingrad.autograd.annotations import Arrays, Indexes, Operand, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.sigmoid import Sigmoid, Tanh
from chaingrad.functions.array.joining import Concat
from chaingrad.functions.rnn.sequences import WeightLists, run_layers


class GRU(FunctionNode):
    """y = (1 - z) tanh(x_a + r g_a) + z h, r = sigmoid(x_r + g_r), z = sigmoid(x_z + g_z); x and g hold r, z, a."""

    kind = 'gru'
    _retained_inputs = (0, 1, 2)

    def forward(self, inputs: Arrays) -> Arrays:
        x, g, h = inputs
        self._gates = self._compute_gates(x, g)
        _, z, a = self._gates
        return (a + z * (h - a),)

    def _compute_gates(self, x: Operand, g: Operand) -> Operands:
        """Return r, z and a."""
        n = x.shape[1] // 3
        rz = Sigmoid.of(x[:, : 2 * n] + g[:, : 2 * n])
        r = rz[:, :n]
        z = rz[:, n:]
        return r, z, Tanh.of(x[:, 2 * n :] + r * g[:, 2 * n :])

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        x, g, h = self.get_retained_inputs()
        r, z, a = self._gates if self._array_pass else self._compute_gates(x, g)
        n = x.shape[1] // 3
        ga = gy * (1 - z) * (1 - a * a)
        gr = ga * g[:, 2 * n :] * r * (1 - r)
        gz = gy * (h - a) * z * (1 - z)
        gradients = (Concat.of(gr, gz, ga), Concat.of(gr, gz, ga * r), gy * z)
        return tuple([gradients[i] for i in indexes])


def n_step_gru(
    n_layers: int,
    dropout_ratio: float,
    hx: VariableOrArray,
    ws: WeightLists,
    bs: WeightLists,
    xs: Sequence[VariableOrArray],
    **kwargs: Any,
) -> tuple[Variable, list[Variable]]:
    """Run layers of gated recurrent units over sequences.

    With W_0, ..., W_5 and b_0, ..., b_5 of a layer:

        r = sigmoid(W_0 x + W_3 h + b_0 + b_3)
        z = sigmoid(W_1 x + W_4 h + b_1 + b_4)
        a = tanh(W_2 x + b_2 + r (W_5 h + b_5))
        h' = (1 - z) a + z h

    The outputs h' of a layer, after dropout, are the inputs of the next.

    Args:
        n_layers (int): number of layers.
        dropout_ratio (float): probability in [0, 1) of dropping an input of every layer but the first.
        hx: Variable or array, first h, (layers, n, units), floating dtype.
        ws: for each layer a list of six matrices; the first three are (units, in) in the first layer, else
            (units, units); the other three (units, units).
        bs: for each layer a list of six vectors, (units,).
        xs: list or tuple, one for each step t, of Variables or arrays (n_t, in). The sequences are sorted by length,
            longest first, so that n_t never grows (`transpose_sequence` makes such a list).

    Returns:
        Tuple of hy, the last h of every sequence, (layers, n, units), and the list of the last layer's outputs,
        (n_t, units).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when weights are missing, or `train=` or `use_cudnn=` of old programs are given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> h, ws, bs = np.zeros((1, 2, 3)), [[np.ones((3, 3))] * 6], [[np.zeros(3)] * 6]
        >>> hy, ys = F.n_step_gru(1, 0.0, h, ws, bs, [np.ones((2, 3)), np.ones((1, 3))])
        >>> hy.shape, [y.shape for y in ys]
        ((1, 2, 3), [(2, 3), (1, 3)])

    Source:
        K. Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, EMNLP 2014; the reset gate is applied
        after the product with W_5.
    """
    return run_layers('n_step_gru', GRU, (0, 1, 2), n_layers, dropout_ratio, {'hx': hx}, ws, bs, xs, False, kwargs)


def n_step_bigru(
    n_layers: int,
    dropout_ratio: float,
    hx: VariableOrArray,
    ws: WeightLists,
    bs: WeightLists,
    xs: Sequence[VariableOrArray],
    **kwargs: Any,
) -> tuple[Variable, list[Variable]]:
    """Run layers of gated recurrent units over sequences in both directions.

    Each layer has two cells as in `n_step_gru`: the first reads the sequences forwards, the second backwards. Their
    outputs, joined and after dropout, are the inputs of the next layer.

    Args:
        n_layers (int): number of layers.
        dropout_ratio (float): probability in [0, 1) of dropping an input of every layer but the first.
        hx: Variable or array, first h, (2 layers, n, units), floating dtype; forwards and backwards in turn.
        ws: for each layer and direction a list of six matrices; the first three are (units, in) in the first layer,
            else (units, 2 units); the other three (units, units).
        bs: for each layer and direction a list of six vectors, (units,).
        xs: list or tuple, one for each step t, of Variables or arrays (n_t, in); n_t never grows.

    Returns:
        Tuple of hy, the last h of every sequence, (2 layers, n, units), and the list of the last layer's outputs,
        (n_t, 2 units).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when weights are missing, or `train=` or `use_cudnn=` of old programs are given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> h, ws, bs = np.zeros((2, 2, 3)), [[np.ones((3, 3))] * 6] * 2, [[np.zeros(3)] * 6] * 2
        >>> hy, ys = F.n_step_bigru(1, 0.0, h, ws, bs, [np.ones((2, 3)), np.ones((1, 3))])
        >>> hy.shape, [y.shape for y in ys]
        ((2, 2, 3), [(2, 6), (1, 6)])

    Source:
        M. Schuster, K. K. Paliwal, Bidirectional Recurrent Neural Networks, IEEE Trans. Signal Processing 45, 1997.
    """
    return run_layers('n_step_bigru', GRU, (0, 1, 2), n_layers, dropout_ratio, {'hx': hx}, ws, bs, xs, True, kwargs)
