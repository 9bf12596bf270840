"""Long short-term memory: LSTM, which keeps its state, and StatelessLSTM."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.initializer import Initializer, get_initializer
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.array.joining import concat, split_axis
from chaingrad.functions.rnn.lstm import lstm
from chaingrad.links.annotations import InitialValue
from chaingrad.links.chain import Chain
from chaingrad.links.connection.linear import Linear
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.rnn.state import Stateful, zero_state


class LSTMBase(Chain):
    """Parameters of long short-term memory: the weights of the inputs, `upward`, and of the previous output, `lateral`.

    Rows 4 k, 4 k + 1, 4 k + 2, 4 k + 3 of their weights belong to a, i, f, o of unit k.

    Args:
        in_size, out_size, lateral_init, upward_init, bias_init, forget_bias_init: as in `LSTM`.
    """

    def __init__(
        self,
        in_size: int | None,
        out_size: int | None = None,
        lateral_init: InitialValue = None,
        upward_init: InitialValue = None,
        bias_init: InitialValue = None,
        forget_bias_init: InitialValue = None,
    ) -> None:
        super().__init__()
        if out_size is None:
            in_size, out_size = None, in_size
        if out_size is None:
            raise ValueError(f'{type(self).__name__}: out_size must be given, but it is None.')
        self.state_size = out_size
        upward_W = _EachGate(get_initializer(upward_init, LeCunNormal()), out_size)
        lateral_W = _EachGate(get_initializer(lateral_init, LeCunNormal()), out_size)
        upward_b = _GateBiases(get_initializer(bias_init, 0), get_initializer(forget_bias_init, 1))
        with self.init_scope():
            self.upward = Linear(in_size, 4 * out_size, initialW=upward_W, initial_bias=upward_b)
            self.lateral = Linear(out_size, 4 * out_size, nobias=True, initialW=lateral_W)


class _EachGate(Initializer):
    """Fill a weight in blocks of rows, one for each gate, so that the initializer sees the fans of a gate."""

    def __init__(self, initializer: Callable[[Array], None], rows: int) -> None:
        super().__init__(getattr(initializer, 'dtype', None))
        self.initializer = initializer
        self.rows = rows

    def __call__(self, array: Array) -> None:
        for start in range(0, len(array), self.rows):
            self.initializer(array[start : start + self.rows])


class _GateBiases(Initializer):
    """Fill the biases of a, i, o by one initializer and those of f, every fourth from the third on, by another."""

    def __init__(self, initializer: Callable[[Array], None], forget: Callable[[Array], None]) -> None:
        super().__init__(getattr(initializer, 'dtype', None))
        self.initializers = [initializer, initializer, forget, initializer]

    def __call__(self, array: Array) -> None:
        for gate, initializer in enumerate(self.initializers):
            biases = array[gate::4].copy()
            initializer(biases)
            array[gate::4] = biases


class StatelessLSTM(LSTMBase):
    """Long short-term memory that is given its state and returns the next one.

    a, i, f, o = upward(x) + lateral(h);  c' = tanh(a) sigmoid(i) + sigmoid(f) c;  h' = sigmoid(o) tanh(c')

    `StatelessLSTM(out_size)` takes the size of the inputs from the first one.

    Args:
        in_size, out_size, lateral_init, upward_init, bias_init, forget_bias_init: as in `LSTM`.

    Attributes:
        upward (Linear): weights and biases of the inputs.
        lateral (Linear): weights of the previous output.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.StatelessLSTM(3, 2)
        >>> c, h = layer(None, None, np.ones((4, 3), np.float32))
        >>> c, h = layer(c, h, np.ones((4, 3), np.float32))
        >>> h.shape
        (4, 2)
    """

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> tuple[Variable, Variable]: ...

    def forward(
        self, c: VariableOrArray | None, h: VariableOrArray | None, x: VariableOrArray
    ) -> tuple[Variable, Variable]:
        """Compute the next state.

        Args:
            c: Variable or array, the cells (n, out_size); None for zeros.
            h: Variable or array, the outputs (n, out_size); None for zeros.
            x: Variable or array, (n, in_size), of the dtype of the weights.

        Returns:
            Tuple of the next c and h, Variables (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        gates = self.upward(x)
        if h is not None:
            gates += self.lateral(h)
        if c is None:
            c = zero_state(self, gates)
        return lstm(c, gates)


class LSTM(LSTMBase, Stateful):
    """Long short-term memory that keeps its state between calls: one call is one step of a sequence.

    a, i, f, o = upward(x) + lateral(h);  c' = tanh(a) sigmoid(i) + sigmoid(f) c;  h' = sigmoid(o) tanh(c')

    `LSTM(out_size)` takes the size of the inputs from the first one. When x has fewer rows than the state, the last
    sequences have ended: their state stays as it is.

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.
        lateral_init: initializer or number for the four (out_size, out_size) parts of `lateral.W`; LeCunNormal when
            None.
        upward_init: initializer or number for the four (out_size, in_size) parts of `upward.W`; LeCunNormal when None.
        bias_init: initializer or number for the biases of a, i and o; zeros when None.
        forget_bias_init: initializer or number for the biases of f; ones when None, so that at first little is
            forgotten.

    Attributes:
        upward (Linear): weights and biases of the inputs.
        lateral (Linear): weights of the previous output.
        c (Variable): the cells, or None before the first step.
        h (Variable): the outputs, or None before the first step.

    Raises:
        ValueError: when out_size is not given.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.LSTM(3, 2)
        >>> for x in np.ones((5, 4, 3), np.float32):
        ...     h = layer(x)
        >>> h.shape
        (4, 2)
        >>> layer.reset_state()

    Source:
        Gers, Schmidhuber, Cummins: Learning to forget (2000); Zaremba, Sutskever, Vinyals: Recurrent neural network
        regularization (2014), section 3.
    """

    c: Variable | None = None
    h: Variable | None = None

    def set_state(self, c: VariableOrArray, h: VariableOrArray) -> None:
        """Set the state that the next step starts from.

        Args:
            c: Variable or array, the cells (n, out_size).
            h: Variable or array, the outputs (n, out_size).
        """
        self._set_state(c=c, h=h)

    def forward(self, x: VariableOrArray) -> Variable:
        """Compute the next state and return the output.

        Args:
            x: Variable or array, (n, in_size), of the dtype of the weights; n may shrink from step to step.

        Returns:
            Variable (n, out_size).

        Raises:
            TypeError: when x has more rows than the state.
            InvalidType: when shapes or dtypes do not fit.
        """
        n = len(x)
        h = self.h
        ended = None  # the states of the sequences that have ended
        gates = self.upward(x)
        if h is not None:
            if len(h) < n:
                raise TypeError(
                    f'LSTM: x must not have more rows than the state, but it has {n} and the state {len(h)}. Sort '
                    'sequences by length, longest first, and call reset_state() before the next batch.'
                )
            if len(h) > n:
                h, ended = split_axis(h, [n], axis=0)
            gates += self.lateral(h)
        c = zero_state(self, gates) if self.c is None else self.c
        self.c, y = lstm(c, gates)
        self.h = y if ended is None else concat([y, ended], axis=0)
        return y
