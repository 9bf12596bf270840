"""Long short-term memory over whole sequences: NStepLSTM and NStepBiLSTM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaingrad.autograd.variable import VariableOrArray
from chaingrad.functions.rnn.n_step_lstm import n_step_bilstm, n_step_lstm
from chaingrad.links.rnn.n_step import NStepRNNBase


class NStepLSTMBase(NStepRNNBase):
    """Base of NStepLSTM and NStepBiLSTM, with the arguments of `NStepLSTM`."""

    n_weights = 8
    n_cells = 2

    def rnn(self, *args: Any) -> tuple[Any, ...]:
        """Call the function `n_step_lstm`, or `n_step_bilstm`."""
        return n_step_bilstm(*args) if self.use_bi_direction else n_step_lstm(*args)

    def forward(
        self, hx: VariableOrArray | None, cx: VariableOrArray | None, xs: Sequence[VariableOrArray]
    ) -> tuple[Any, ...]:
        """Run all layers over all sequences.

        Args:
            hx: Variable or array, the first outputs (layers * directions, n, out_size), n the number of sequences;
                zeros when None.
            cx: Variable or array, the first cells, of the same shape; zeros when None.
            xs: list of Variables or arrays, the sequences (length, in_size), in any order.

        Returns:
            Tuple of the last outputs and cells, of the shape of hx, and the list of outputs of the last layer,
            Variables (length, out_size * directions).

        Raises:
            TypeError: when xs is no list of sequences.
            InvalidType: when shapes or dtypes do not fit.
        """
        return self._run([hx, cx], xs)


class NStepLSTM(NStepLSTMBase):
    """Layers of long short-term memory over sequences of different lengths.

    i = sigmoid(w0 x + w4 h + b0 + b4),  f = sigmoid(w1 x + w5 h + b1 + b5),  a = tanh(w2 x + w6 h + b2 + b6),
    o = sigmoid(w3 x + w7 h + b3 + b7);  c' = f c + i a,  h' = o tanh(c')

    The gates are in the order of cuDNN and PyTorch.

    Args:
        n_layers (int): number of layers.
        in_size (int): length of the inputs.
        out_size (int): length of the states.
        dropout (float): probability of dropping an input of every layer but the first, while training.
        initialW: initializer or number for the weights; Normal(1 / sqrt(columns)) when None.
        initial_bias: initializer or number for the biases; zeros when None.

    Raises:
        ValueError: for the keywords `use_cudnn`, `use_bi_direction` and `activation` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.NStepLSTM(2, 3, 4, 0.1)
        >>> sequences = [np.ones((5, 3), np.float32), np.ones((7, 3), np.float32)]
        >>> hy, cy, ys = layer(None, None, sequences)
        >>> hy.shape, [y.shape for y in ys]
        ((2, 2, 4), [(5, 4), (7, 4)])

    Source:
        Gers, Schmidhuber, Cummins: Learning to forget (2000).
    """


class NStepBiLSTM(NStepLSTMBase):
    """Layers of long short-term memory over sequences, each read in both directions: `NStepLSTM` twice.

    The outputs of both directions are joined. The children are forward, backward of each layer in turn.

    Args:
        n_layers, in_size, out_size, dropout, initialW, initial_bias: as in `NStepLSTM`; the states of each
            direction have out_size elements.

    Raises:
        ValueError: for the keywords `use_cudnn`, `use_bi_direction` and `activation` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.NStepBiLSTM(2, 3, 4, 0.1)
        >>> sequences = [np.ones((5, 3), np.float32), np.ones((7, 3), np.float32)]
        >>> hy, cy, ys = layer(None, None, sequences)
        >>> hy.shape, [y.shape for y in ys]
        ((4, 2, 4), [(5, 8), (7, 8)])
    """

    use_bi_direction = True
