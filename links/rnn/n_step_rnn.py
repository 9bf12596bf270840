"""Simple recurrent layers over whole sequences: NStepRNNTanh, NStepRNNReLU and their Bi forms."""

from __future__ import annotations

from typing import Any

from chaingrad.functions.rnn.n_step_rnn import n_step_birnn, n_step_rnn
from chaingrad.links.rnn.n_step import NStepRNNBase


class _NStepSimpleBase(NStepRNNBase):
    """Base of the four, with the arguments of `NStepRNNTanh`."""

    n_weights = 2
    activation: str

    def rnn(self, *args: Any) -> tuple[Any, ...]:
        """Call the function `n_step_rnn`, or `n_step_birnn`."""
        function = n_step_birnn if self.use_bi_direction else n_step_rnn
        return function(*args, activation=self.activation)


class _NStepTanhBase(_NStepSimpleBase):
    """Base of NStepRNNTanh and NStepBiRNNTanh."""

    activation = 'tanh'


class _NStepReLUBase(_NStepSimpleBase):
    """Base of NStepRNNReLU and NStepBiRNNReLU."""

    activation = 'relu'


class NStepRNNTanh(_NStepTanhBase):
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


class NStepBiRNNTanh(_NStepTanhBase):
    """Layers of simple recurrent units with tanh over sequences, each read in both directions: `NStepRNNTanh` twice.

    The outputs of both directions are joined. The children are forward, backward of each layer in turn.

    Args:
        n_layers, in_size, out_size, dropout, initialW, initial_bias: as in `NStepRNNTanh`; the states of each
            direction have out_size elements.

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

    use_bi_direction = True


class NStepRNNReLU(_NStepReLUBase):
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


class NStepBiRNNReLU(_NStepReLUBase):
    """Layers of simple recurrent units with relu over sequences, each read in both directions: `NStepRNNReLU` twice.

    The outputs of both directions are joined. The children are forward, backward of each layer in turn.

    Args:
        n_layers, in_size, out_size, dropout, initialW, initial_bias: as in `NStepRNNReLU`; the states of each
            direction have out_size elements.

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

    use_bi_direction = True
