"""Simple recurrent layers over whole sequences: NStepRNNTanh, NStepRNNReLU and their Bi forms."""

from __future__ import annotations

from typing import Any

from chaingrad.functions.rnn.n_step_rnn import n_step_birnn, n_step_rnn
from chaingrad.links.rnn.n_step import NStepRNNBase


class NStepRNNTanh(NStepRNNBase):
    """Layers of simple recurrent units with tanh over sequences of different lengths.

    h' = tanh(w0 x + w1 h + b0 + b1)

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
        >>> layer = L.NStepRNNTanh(2, 3, 4, 0.1)
        >>> sequences = [np.ones((5, 3), np.float32), np.ones((7, 3), np.float32)]
        >>> hy, ys = layer(None, sequences)
        >>> hy.shape, [y.shape for y in ys]
        ((2, 2, 4), [(5, 4), (7, 4)])

    Source:
        Elman: Finding structure in time (1990).
    """

    n_weights = 2

    def rnn(self, *args: Any) -> Any:
        """Call the function `n_step_rnn`."""
        return n_step_rnn(*args, activation='tanh')


class NStepBiRNNTanh(NStepRNNBase):
    """Layers of simple recurrent units with tanh over sequences, each read in both directions: `NStepRNNTanh` twice.

    The outputs of both directions are joined. The children are forward, backward of each layer in turn.

    Args:
        n_layers (int): number of layers.
        in_size (int): length of the inputs.
        out_size (int): length of the states of each direction.
        dropout (float): probability of dropping an input of every layer but the first, while training.
        initialW: initializer or number for the weights; Normal(1 / sqrt(columns)) when None.
        initial_bias: initializer or number for the biases; zeros when None.

    Raises:
        ValueError: for the keywords `use_cudnn`, `use_bi_direction` and `activation` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.NStepBiRNNTanh(2, 3, 4, 0.1)
        >>> sequences = [np.ones((5, 3), np.float32), np.ones((7, 3), np.float32)]
        >>> hy, ys = layer(None, sequences)
        >>> hy.shape, [y.shape for y in ys]
        ((4, 2, 4), [(5, 8), (7, 8)])
    """

    n_weights = 2
    use_bi_direction = True

    def rnn(self, *args: Any) -> Any:
        """Call the function `n_step_birnn`."""
        return n_step_birnn(*args, activation='tanh')


class NStepRNNReLU(NStepRNNBase):
    """Layers of simple recurrent units with relu over sequences of different lengths.

    h' = relu(w0 x + w1 h + b0 + b1)

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
        >>> layer = L.NStepRNNReLU(2, 3, 4, 0.1)
        >>> sequences = [np.ones((5, 3), np.float32), np.ones((7, 3), np.float32)]
        >>> hy, ys = layer(None, sequences)
        >>> hy.shape, [y.shape for y in ys]
        ((2, 2, 4), [(5, 4), (7, 4)])

    Source:
        Elman: Finding structure in time (1990).
    """

    n_weights = 2

    def rnn(self, *args: Any) -> Any:
        """Call the function `n_step_rnn`."""
        return n_step_rnn(*args, activation='relu')


class NStepBiRNNReLU(NStepRNNBase):
    """Layers of simple recurrent units with relu over sequences, each read in both directions: `NStepRNNReLU` twice.

    The outputs of both directions are joined. The children are forward, backward of each layer in turn.

    Args:
        n_layers (int): number of layers.
        in_size (int): length of the inputs.
        out_size (int): length of the states of each direction.
        dropout (float): probability of dropping an input of every layer but the first, while training.
        initialW: initializer or number for the weights; Normal(1 / sqrt(columns)) when None.
        initial_bias: initializer or number for the biases; zeros when None.

    Raises:
        ValueError: for the keywords `use_cudnn`, `use_bi_direction` and `activation` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.NStepBiRNNReLU(2, 3, 4, 0.1)
        >>> sequences = [np.ones((5, 3), np.float32), np.ones((7, 3), np.float32)]
        >>> hy, ys = layer(None, sequences)
        >>> hy.shape, [y.shape for y in ys]
        ((4, 2, 4), [(5, 8), (7, 8)])
    """

    n_weights = 2
    use_bi_direction = True

    def rnn(self, *args: Any) -> Any:
        """Call the function `n_step_birnn`."""
        return n_step_birnn(*args, activation='relu')
