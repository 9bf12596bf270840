"""Minimal gated units: StatefulMGU and StatelessMGU."""

from __future__ import annotations

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.sigmoid import sigmoid, tanh
from chaingrad.functions.array.joining import concat
from chaingrad.functions.elementwise.affine import linear_interpolate
from chaingrad.links.chain import Chain
from chaingrad.links.connection.linear import Linear
from chaingrad.links.rnn.state import Stateful, zero_state


class MGUBase(Chain):
    """Parameters of minimal gated units: two linear layers.

    Args:
        n_inputs (int): length of the inputs.
        n_units (int): length of the state.
    """

    def __init__(self, n_inputs: int, n_units: int) -> None:
        super().__init__()
        self.state_size = n_units
        with self.init_scope():
            self.W_f = Linear(n_inputs + n_units, n_units)
            self.W_h = Linear(n_inputs + n_units, n_units)

    def _step(self, h: VariableOrArray, x: VariableOrArray) -> Variable:
        f = sigmoid(self.W_f(concat([h, x])))
        return linear_interpolate(f, tanh(self.W_h(concat([f * h, x]))), h)


class StatelessMGU(MGUBase):
    """Minimal gated units that are given their state and return the next one.

    f = sigmoid(W_f([h, x]));  h' = f tanh(W_h([f h, x])) + (1 - f) h

    Args:
        n_inputs (int): length of the inputs.
        n_units (int): length of the state.

    Attributes:
        W_f (Linear): the gate.
        W_h (Linear): the candidate.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.StatelessMGU(3, 2)
        >>> layer(np.zeros((4, 2), np.float32), np.ones((4, 3), np.float32)).shape
        (4, 2)

    Source:
        Zhou et al.: Minimal gated unit for recurrent neural networks (2016), equation 10.
    """

    def forward(self, h: VariableOrArray, x: VariableOrArray) -> Variable:
        """Compute the next state.

        Args:
            h: Variable or array, the state (n, n_units).
            x: Variable or array, (n, n_inputs), of the dtype of the weights.

        Returns:
            Variable (n, n_units).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        return self._step(h, x)


class StatefulMGU(MGUBase, Stateful):
    """Minimal gated units that keep their state between calls: one call is one step of a sequence.

    f = sigmoid(W_f([h, x]));  h' = f tanh(W_h([f h, x])) + (1 - f) h

    Args:
        in_size (int): length of the inputs.
        out_size (int): length of the state.

    Attributes:
        W_f (Linear): the gate.
        W_h (Linear): the candidate.
        h (Variable): the state, or None before the first step.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.StatefulMGU(3, 2)
        >>> for x in np.ones((5, 4, 3), np.float32):
        ...     h = layer(x)
        >>> h.shape
        (4, 2)

    Source:
        Zhou et al.: Minimal gated unit for recurrent neural networks (2016), equation 10.
    """

    state_names = ('h',)
    h: Variable | None = None

    def __init__(self, in_size: int, out_size: int) -> None:
        super().__init__(in_size, out_size)

    def set_state(self, h: VariableOrArray) -> None:
        """Set the state that the next step starts from.

        Args:
            h: Variable or array, the state (n, out_size).
        """
        self._set_state(h=h)

    def forward(self, x: VariableOrArray) -> Variable:
        """Compute the next state and return it.

        Args:
            x: Variable or array, (n, in_size), of the dtype of the weights.

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        h = zero_state(self, x) if self.h is None else self.h
        self.h = self._step(h, x)
        return self.h
