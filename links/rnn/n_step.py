"""Recurrent layers over whole sequences: the base of NStepLSTM, NStepGRU, NStepRNNTanh, NStepRNNReLU and NStepBi*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions.array.order import permutate
from chaingrad.functions.array.padding import transpose_sequence
from chaingrad.functions.checks import refuse
from chaingrad.links.annotations import InitialValue
from chaingrad.links.chain_list import ChainList
from chaingrad.links.initializers import Normal
from chaingrad.links.link import Link
from chaingrad.links.sequences import longest_first, put_back, reordered

_OLD_KEYWORDS = {
    'use_cudnn': "use_cudnn argument is not supported anymore. Use using_config('use_cudnn', value).",
    'use_bi_direction': 'use_bi_direction is not supported anymore. Use the link whose name has Bi in it.',
    'activation': 'activation is not supported anymore. Use NStepRNNTanh or NStepRNNReLU.',
}


class NStepRNNBase(ChainList):
    """Base of recurrent layers over whole sequences of different lengths.

    There is one child link for each layer and direction (forward, then backward), with parameters `w0`, `w1`, ... and
    `b0`, `b1`, ...: the first half for the inputs of each gate, the second for its state.

    Args:
        n_layers (int): number of layers.
        in_size (int): length of the inputs.
        out_size (int): length of the states of each direction.
        dropout (float): probability of dropping an input of every layer but the first, while training.
        initialW: initializer or number for the weights; Normal(1 / sqrt(columns)) when None.
        initial_bias: initializer or number for the biases; zeros when None.

    Attributes:
        n_cells (int): number of arrays that make the state: 2 for long short-term memory, else 1.
        n_weights (int): number of weights of each layer and direction.
        use_bi_direction (bool): a second cell of each layer reads the sequences backwards.
        ws, bs: weights and biases, a list for each layer and direction.

    Raises:
        ValueError: for the keywords `use_cudnn`, `use_bi_direction` and `activation` of old programs.
    """

    # A class of cells sets the first two and `rnn`; a class of its links sets the third.
    n_cells = 1
    n_weights: int
    use_bi_direction = False

    _shown = ('n_layers', 'in_size', 'out_size', 'dropout')

    def __init__(
        self,
        n_layers: int,
        in_size: int,
        out_size: int,
        dropout: float,
        *,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        **kwargs: Any,
    ) -> None:
        refuse(type(self).__name__, kwargs, **_OLD_KEYWORDS)
        super().__init__()
        self.n_layers = n_layers
        self.in_size = in_size
        self.out_size = out_size
        self.dropout = dropout
        self.direction = 2 if self.use_bi_direction else 1
        for k in range(n_layers * self.direction):
            layer_in_size = in_size if k < self.direction else out_size * self.direction
            self.add_link(self._make_layer(layer_in_size, initialW, initial_bias))

    def _make_layer(self, in_size: int, initialW: InitialValue, initial_bias: InitialValue) -> Link:
        layer = Link()
        with layer.init_scope():
            for j in range(self.n_weights):
                columns = in_size if j < self.n_weights // 2 else self.out_size
                W = get_initializer(initialW, Normal(columns**-0.5))
                setattr(layer, f'w{j}', Parameter(W, (self.out_size, columns)))
                setattr(layer, f'b{j}', Parameter(get_initializer(initial_bias, 0), self.out_size))
        return layer

    @property
    def ws(self) -> list[list[Parameter]]:
        """The weights: a list for each layer and direction."""
        return [[getattr(layer, f'w{j}') for j in range(self.n_weights)] for layer in self]

    @property
    def bs(self) -> list[list[Parameter]]:
        """The biases: a list for each layer and direction."""
        return [[getattr(layer, f'b{j}') for j in range(self.n_weights)] for layer in self]

    def init_hx(self, xs: Sequence[VariableOrArray]) -> Variable:
        """Return a first state of zeros.

        Args:
            xs: list of sequences.

        Returns:
            Variable (layers * directions, number of sequences, out_size).
        """
        shape = self.n_layers * self.direction, len(xs), self.out_size
        return as_variable(self.xp.zeros(shape, xs[0].dtype))

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> tuple[Any, ...]: ...

    def rnn(self, *args: Any) -> tuple[Any, ...]:
        """Call the function that computes the layers: that of the cell, in one or in both directions."""
        raise NotImplementedError(f'{type(self).__name__} must define rnn(*args).')

    def _run(self, states: Sequence[VariableOrArray | None], xs: Sequence[VariableOrArray]) -> tuple[Any, ...]:
        """Return the last states and the list of outputs, in the order of the sequences."""
        if not isinstance(xs, (list, tuple)) or not xs:
            raise TypeError(
                f'{type(self).__name__}: xs must be a list or tuple of at least one sequence, but it is '
                f'{type(xs).__name__}. Write list(xs) for an array of sequences of one length.'
            )
        # The longest sequence comes first, so that the sequences that have not ended are always the first ones.
        order = longest_first(xs)
        first_states = [self.init_hx(xs) if s is None else permutate(s, order, axis=1) for s in states]
        steps = list(transpose_sequence(reordered(xs, order)))
        *last_states, outputs = self.rnn(self.n_layers, self.dropout, *first_states, self.ws, self.bs, steps)
        ys = list(transpose_sequence(outputs))
        while len(ys) < len(xs):  # sequences without any step
            ys.append(as_variable(self.xp.zeros((0, self.out_size * self.direction), xs[0].dtype)))
        last_states = [permutate(s, order, axis=1, inv=True) for s in last_states]
        return *last_states, put_back(ys, order)

    def forward(self, hx: VariableOrArray | None, xs: Sequence[VariableOrArray]) -> tuple[Any, ...]:
        """Run all layers over all sequences.

        Args:
            hx: Variable or array, the first states (layers * directions, n, out_size), n the number of sequences; zeros
                when None.
            xs: list of Variables or arrays, the sequences (length, in_size), in any order.

        Returns:
            Tuple of the last states, of the shape of hx, and the list of outputs of the last layer, Variables
            (length, out_size * directions).

        Raises:
            TypeError: when xs is no list of sequences.
            InvalidType: when shapes or dtypes do not fit.
        """
        return self._run([hx], xs)

    def __str__(self) -> str:
        return Link.__str__(self)
