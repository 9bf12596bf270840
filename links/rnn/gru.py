"""Gated recurrent units: StatefulGRU (GRU) and StatelessGRU."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.sigmoid import sigmoid, tanh
from chaingrad.functions.elementwise.affine import linear_interpolate
from chaingrad.links.annotations import InitialValue
from chaingrad.links.chain import Chain
from chaingrad.links.connection.linear import Linear
from chaingrad.links.rnn.state import Stateful


class GRUBase(Chain):
    """Parameters of gated recurrent units: six linear layers.

    Args:
        in_size, out_size, init, inner_init, bias_init: as in `StatefulGRU`.
    """

    def __init__(
        self,
        in_size: int | None,
        out_size: int,
        init: InitialValue = None,
        inner_init: InitialValue = None,
        bias_init: InitialValue = None,
    ) -> None:
        super().__init__()
        self.state_size = out_size
        with self.init_scope():
            self.W_r = Linear(in_size, out_size, initialW=init, initial_bias=bias_init)
            self.W_z = Linear(in_size, out_size, initialW=init, initial_bias=bias_init)
            self.W = Linear(in_size, out_size, initialW=init, initial_bias=bias_init)
            self.U_r = Linear(out_size, out_size, initialW=inner_init, initial_bias=bias_init)
            self.U_z = Linear(out_size, out_size, initialW=inner_init, initial_bias=bias_init)
            self.U = Linear(out_size, out_size, initialW=inner_init, initial_bias=bias_init)

    def _step(self, h: VariableOrArray | None, x: VariableOrArray) -> Variable:
        z = self.W_z(x)
        candidate = self.W(x)
        if h is None:
            if not self.W_r.W.is_initialized:  # its own first call is in the second step
                self.W_r.W.initialize(self.W.W.shape)
            return sigmoid(z) * tanh(candidate)
        r = sigmoid(self.W_r(x) + self.U_r(h))
        return linear_interpolate(sigmoid(z + self.U_z(h)), tanh(candidate + self.U(r * h)), h)


class StatelessGRU(GRUBase):
    """Gated recurrent units that are given their state and return the next one.

    r = sigmoid(W_r(x) + U_r(h));  z = sigmoid(W_z(x) + U_z(h));  h' = z tanh(W(x) + U(r h)) + (1 - z) h

    Args:
        in_size, out_size, init, inner_init, bias_init: as in `StatefulGRU`.

    Attributes:
        W_r, W_z, W (Linear): weights of the inputs.
        U_r, U_z, U (Linear): weights of the state.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.StatelessGRU(3, 2)
        >>> h = layer(None, np.ones((4, 3), np.float32))
        >>> layer(h, np.ones((4, 3), np.float32)).shape
        (4, 2)
    """

    def forward(self, h: VariableOrArray | None, x: VariableOrArray) -> Variable:
        """Compute the next state.

        Args:
            h: Variable or array, the state (n, out_size); None for zeros.
            x: Variable or array, (n, in_size), of the dtype of the weights.

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        return self._step(h, x)


class StatefulGRU(GRUBase, Stateful):
    """Gated recurrent units that keep their state between calls: one call is one step of a sequence.

    r = sigmoid(W_r(x) + U_r(h));  z = sigmoid(W_z(x) + U_z(h));  h' = z tanh(W(x) + U(r h)) + (1 - z) h

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the state.
        init: initializer, number or array for the weights of the inputs; LeCunNormal when None.
        inner_init: initializer, number or array for the weights of the state; LeCunNormal when None.
        bias_init: initializer, number or array for all biases.

    Attributes:
        W_r, W_z, W (Linear): weights of the inputs.
        U_r, U_z, U (Linear): weights of the state.
        h (Variable): the state, or None before the first step.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.StatefulGRU(3, 2)
        >>> for x in np.ones((5, 4, 3), np.float32):
        ...     h = layer(x)
        >>> h.shape
        (4, 2)

    Source:
        Cho et al.: On the properties of neural machine translation (2014), section 2.1; Chung et al.: Empirical
        evaluation of gated recurrent neural networks on sequence modeling (2014), equations 5 to 8.
    """

    state_names = ('h',)
    h: Variable | None = None

    def __init__(
        self,
        in_size: int | None,
        out_size: int,
        init: InitialValue = None,
        inner_init: InitialValue = None,
        bias_init: InitialValue = 0,
    ) -> None:
        super().__init__(in_size, out_size, init, inner_init, bias_init)

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
        self.h = self._step(self.h, x)
        return self.h


class GRU(StatefulGRU):
    """Gated recurrent units that keep their state: another name of `StatefulGRU`.

    Args:
        in_size, out_size, init, inner_init, bias_init: as in `StatefulGRU`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.GRU(3, 2)(np.ones((4, 3), np.float32)).shape
        (4, 2)
    """

    def forward(self, *args: Any) -> Variable:
        """Compute the next state and return it.

        Args:
            args: x, a Variable or array (n, in_size).

        Returns:
            Variable (n, out_size).

        Raises:
            ValueError: when there are more or fewer arguments, such as the state that old programs gave.
            InvalidType: when shapes or dtypes do not fit.
        """
        if len(args) != 1:
            raise ValueError(
                f'GRU: one argument, x, is wanted, but there are {len(args)}. GRU keeps its state; use StatelessGRU to '
                'give it.'
            )
        return super().forward(*args)
