"""Variants of long short-term memory: StatefulPeepholeLSTM and StatefulZoneoutLSTM."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.sigmoid import sigmoid, tanh
from chaingrad.functions.checks import refuse
from chaingrad.functions.noise import zoneout
from chaingrad.links.checks import TRAIN
from chaingrad.links.connection.linear import Linear
from chaingrad.links.rnn.state import Stateful, zero_state


class _Gated(Stateful):
    """Base of the two: weights of the inputs and of the previous output, interleaved as in `LSTM`."""

    c: Variable | None = None
    h: Variable | None = None

    def __init__(self, in_size: int | None, out_size: int) -> None:
        super().__init__()
        self.state_size = out_size
        with self.init_scope():
            self.upward = Linear(in_size, 4 * out_size)
            self.lateral = Linear(out_size, 4 * out_size, nobias=True)

    def _gates(self, x: VariableOrArray) -> tuple[Variable, Variable, Variable, Variable]:
        """Return a, i, f, o, before their activations."""
        gates = self.upward(x)
        if self.h is not None:
            gates += self.lateral(self.h)
        gates = reshape(gates, (len(x), self.state_size, 4))
        return gates[:, :, 0], gates[:, :, 1], gates[:, :, 2], gates[:, :, 3]


class StatefulPeepholeLSTM(_Gated):
    """Long short-term memory whose gates see the cells, and that keeps its state between calls.

    a, i, f, o = upward(x) + lateral(h);  c' = tanh(a) sigmoid(i + peep_i(c)) + sigmoid(f + peep_f(c)) c;
    h' = sigmoid(o + peep_o(c')) tanh(c')

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.

    Attributes:
        upward (Linear): weights and biases of the inputs, interleaved as in `LSTM`.
        lateral (Linear): weights of the previous output.
        peep_i, peep_f, peep_o (Linear): weights of the cells, for the gates.
        c (Variable): the cells, or None before the first step.
        h (Variable): the outputs, or None before the first step.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.StatefulPeepholeLSTM(3, 2)
        >>> for x in np.ones((5, 4, 3), np.float32):
        ...     h = layer(x)
        >>> h.shape
        (4, 2)

    Source:
        Graves: Generating sequences with recurrent neural networks (2013), equations 7 to 11, with full matrices.
    """

    def __init__(self, in_size: int | None, out_size: int) -> None:
        super().__init__(in_size, out_size)
        with self.init_scope():
            self.peep_i = Linear(out_size, out_size, nobias=True)
            self.peep_f = Linear(out_size, out_size, nobias=True)
            self.peep_o = Linear(out_size, out_size, nobias=True)

    def forward(self, x: VariableOrArray) -> Variable:
        """Compute the next state and return the output.

        Args:
            x: Variable or array, (n, in_size), of the dtype of the weights.

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        a, i, f, o = self._gates(x)
        c = zero_state(self, a) if self.c is None else self.c
        self.c = tanh(a) * sigmoid(i + self.peep_i(c)) + sigmoid(f + self.peep_f(c)) * c
        self.h = sigmoid(o + self.peep_o(self.c)) * tanh(self.c)
        return self.h


class StatefulZoneoutLSTM(_Gated):
    """Long short-term memory that keeps parts of its state at random while training, and its state between calls.

    a, i, f, o = upward(x) + lateral(h);  c* = tanh(a) sigmoid(i) + sigmoid(f) c;
    c' = zoneout(c, c*, c_ratio);  h' = zoneout(h, sigmoid(o) tanh(c*), h_ratio)

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.
        c_ratio (float): probability of keeping a cell.
        h_ratio (float): probability of keeping an output.

    Attributes:
        upward (Linear): weights and biases of the inputs, interleaved as in `LSTM`.
        lateral (Linear): weights of the previous output.
        c (Variable): the cells, or None before the first step.
        h (Variable): the outputs, or None before the first step.

    Raises:
        ValueError: for the keyword `train` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.StatefulZoneoutLSTM(3, 2, c_ratio=0.5, h_ratio=0.05)
        >>> for x in np.ones((5, 4, 3), np.float32):
        ...     h = layer(x)
        >>> h.shape
        (4, 2)

    Source:
        Krueger et al.: Zoneout (ICLR 2017), section 3.2.
    """

    def __init__(
        self, in_size: int | None, out_size: int, c_ratio: float = 0.5, h_ratio: float = 0.5, **kwargs: Any
    ) -> None:
        refuse('StatefulZoneoutLSTM', kwargs, train=TRAIN)
        super().__init__(in_size, out_size)
        self.c_ratio = c_ratio
        self.h_ratio = h_ratio

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
            x: Variable or array, (n, in_size), of the dtype of the weights.

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        a, i, f, o = self._gates(x)
        c = zero_state(self, a) if self.c is None else self.c
        h = zero_state(self, a) if self.h is None else self.h
        next_c = tanh(a) * sigmoid(i) + sigmoid(f) * c
        next_h = sigmoid(o) * tanh(next_c)
        self.c = zoneout(c, next_c, self.c_ratio)
        self.h = zoneout(h, next_h, self.h_ratio)
        return self.h
