"""Gated recurrent units over whole sequences: NStepGRU and NStepBiGRU."""

from __future__ import annotations

from typing import Any

from chaingrad.functions.rnn.n_step_gru import n_step_bigru, n_step_gru
from chaingrad.links.rnn.n_step import NStepRNNBase


class NStepGRUBase(NStepRNNBase):
    """Base of NStepGRU and NStepBiGRU, with the arguments of `NStepGRU`."""

    n_weights = 6

    def rnn(self, *args: Any) -> tuple[Any, ...]:
        """Call the function `n_step_gru`, or `n_step_bigru`."""
        return n_step_bigru(*args) if self.use_bi_direction else n_step_gru(*args)


class NStepGRU(NStepGRUBase):
    """Layers of gated recurrent units over sequences of different lengths.

    r = sigmoid(w0 x + w3 h + b0 + b3),  z = sigmoid(w1 x + w4 h + b1 + b4),
    h* = tanh(w2 x + b2 + r (w5 h + b5));  h' = (1 - z) h* + z h

    The gates are in the order of cuDNN and PyTorch. `GRU` differs: it multiplies h by r before the weight.

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
        >>> layer = L.NStepGRU(2, 3, 4, 0.1)
        >>> sequences = [np.ones((5, 3), np.float32), np.ones((7, 3), np.float32)]
        >>> hy, ys = layer(None, sequences)
        >>> hy.shape, [y.shape for y in ys]
        ((2, 2, 4), [(5, 4), (7, 4)])

    Source:
        Cho et al.: Learning phrase representations using RNN encoder-decoder (2014), section 2.3.
    """


class NStepBiGRU(NStepGRUBase):
    """Layers of gated recurrent units over sequences, each read in both directions: `NStepGRU` twice.

    The outputs of both directions are joined. The children are forward, backward of each layer in turn.

    Args:
        n_layers, in_size, out_size, dropout, initialW, initial_bias: as in `NStepGRU`; the states of each
            direction have out_size elements.

    Raises:
        ValueError: for the keywords `use_cudnn`, `use_bi_direction` and `activation` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.NStepBiGRU(2, 3, 4, 0.1)
        >>> sequences = [np.ones((5, 3), np.float32), np.ones((7, 3), np.float32)]
        >>> hy, ys = layer(None, sequences)
        >>> hy.shape, [y.shape for y in ys]
        ((4, 2, 4), [(5, 8), (7, 8)])
    """

    use_bi_direction = True
