"""Long short-term memory on trees: ChildSumTreeLSTM and NaryTreeLSTM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions.array.joining import concat, split_axis
from chaingrad.functions.rnn.lstm import tree_lstm
from chaingrad.links.chain import Chain
from chaingrad.links.connection.linear import Linear
from chaingrad.links.rnn.state import zero_state


class ChildSumTreeLSTM(Chain):
    """Long short-term memory for trees whose nodes have any number of children, in no order.

    a, i, o = W_x(x)[:3] + W_h_aio(sum of h_k);  f_k = W_x(x)[3] + W_h_f(h_k);
    c = tanh(a) sigmoid(i) + sum of sigmoid(f_k) c_k;  h = sigmoid(o) tanh(c)

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.

    Attributes:
        W_x (Linear): weights and biases of the inputs: a, i, o, f, one after the other.
        W_h_aio (Linear): weights of the sum of the children's outputs.
        W_h_f (Linear): weights of each child's output, for its forget gate.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> tree = L.ChildSumTreeLSTM(3, 2)
        >>> x = np.ones((4, 3), np.float32)
        >>> (c1, h1), (c2, h2) = tree(x), tree(x)  # two leaves
        >>> c, h = tree(c1, c2, h1, h2, x)
        >>> h.shape
        (4, 2)

    Source:
        Tai, Socher, Manning: Improved semantic representations from tree-structured LSTMs (ACL 2015), equations 2 to 8.
    """

    def __init__(self, in_size: int | None, out_size: int) -> None:
        super().__init__()
        self.in_size = in_size
        self.state_size = out_size
        with self.init_scope():
            self.W_x = Linear(in_size, 4 * out_size)
            self.W_h_aio = Linear(out_size, 3 * out_size, nobias=True)
            self.W_h_f = Linear(out_size, out_size, nobias=True)

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> tuple[Variable, Variable]: ...

    def forward(self, *cshsx: VariableOrArray | None) -> tuple[Variable, Variable]:
        """Compute cells and outputs of nodes.

        Args:
            cshsx: Variables or arrays: the cells of all children, then the outputs of all children, each
                (n, out_size), then the inputs x (n, in_size). None stands for zeros, but one of them must be an array.

        Returns:
            Tuple of c and h, Variables (n, out_size).

        Raises:
            ValueError: when there are not as many cells as outputs, or all arguments are None.
            InvalidType: when shapes or dtypes do not fit.
        """
        cs, hs, x = _split_arguments(self, cshsx)
        aio, forget = split_axis(self.W_x(x), [3 * self.state_size], axis=1)
        zeros = zero_state(self, aio)
        if not cs:  # a leaf is like a node with one child that is all zeros
            return tree_lstm(zeros, concat([aio, forget], axis=1))
        cs = [zeros if c is None else c for c in cs]
        hs = [zeros if h is None else h for h in hs]
        h_sum = sum(hs[1:], start=hs[0])
        forgets = [forget + self.W_h_f(h) for h in hs]
        return tree_lstm(*cs, concat([aio + self.W_h_aio(h_sum), *forgets], axis=1))


class NaryTreeLSTM(Chain):
    """Long short-term memory for trees whose nodes have n_ary children, in an order.

    a, i, o, f_1, ..., f_n = W_x(x) + W_h1(h_1) + ... + W_hn(h_n);
    c = tanh(a) sigmoid(i) + sum of sigmoid(f_k) c_k;  h = sigmoid(o) tanh(c)

    Args:
        in_size (int): length of the inputs; None to take it from the first one.
        out_size (int): length of the outputs.
        n_ary (int): number of children, at least 1.

    Attributes:
        W_x (Linear): weights and biases of the inputs: a, i, o, f_1, ..., f_n, one after the other.
        W_h1, W_h2, ... (Linear): weights of the children's outputs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> tree = L.NaryTreeLSTM(3, 2)
        >>> x = np.ones((4, 3), np.float32)
        >>> c1, h1 = tree(None, None, None, None, x)  # a leaf
        >>> c, h = tree(c1, None, h1, None, x)
        >>> h.shape
        (4, 2)

    Source:
        Tai, Socher, Manning: Improved semantic representations from tree-structured LSTMs (ACL 2015), equations 9 to
        14.
    """

    def __init__(self, in_size: int | None, out_size: int, n_ary: int = 2) -> None:
        super().__init__()
        if n_ary < 1:
            raise ValueError(f'NaryTreeLSTM: n_ary must be at least 1, but it is {n_ary}.')
        self.in_size = in_size
        self.state_size = out_size
        self.n_ary = n_ary
        with self.init_scope():
            self.W_x = Linear(in_size, (3 + n_ary) * out_size)
            for i in range(1, n_ary + 1):
                setattr(self, f'W_h{i}', Linear(out_size, (3 + n_ary) * out_size, nobias=True))

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> tuple[Variable, Variable]: ...

    def forward(self, *cshsx: VariableOrArray | None) -> tuple[Variable, Variable]:
        """Compute cells and outputs of nodes.

        Args:
            cshsx: Variables or arrays: the cells of the n_ary children, then their outputs, each (n, out_size), then
                the inputs x (n, in_size). None stands for zeros; one of them must be given.

        Returns:
            Tuple of c and h, Variables (n, out_size).

        Raises:
            ValueError: when there are not n_ary cells and outputs, or all arguments are None.
            InvalidType: when shapes or dtypes do not fit.
        """
        cs, hs, x = _split_arguments(self, cshsx, self.n_ary)
        gates = self.W_x(x)
        for i, h in enumerate(hs, 1):
            if h is not None:
                gates += self[f'W_h{i}'](h)
        zeros = zero_state(self, gates)
        return tree_lstm(*[zeros if c is None else c for c in cs], gates)


def _split_arguments(
    link: ChildSumTreeLSTM | NaryTreeLSTM, cshsx: Sequence[VariableOrArray | None], n_ary: int | None = None
) -> tuple[list[Any], list[Any], VariableOrArray]:
    """Return the cells and the outputs of the children, and the inputs."""
    who = type(link).__name__
    n = len(cshsx) // 2
    if not len(cshsx) % 2 or n_ary not in (None, n):
        wanted = 'as many cells as outputs' if n_ary is None else f'{n_ary} cells and {n_ary} outputs'
        raise ValueError(f'{who}: {wanted}, then x, must be given, but there are {len(cshsx)} arguments.')
    *states, x = cshsx
    return states[:n], states[n:], _zero_inputs(link, states) if x is None else x


def _zero_inputs(link: ChildSumTreeLSTM | NaryTreeLSTM, states: Sequence[VariableOrArray | None]) -> Variable:
    """Return the inputs that None stands for, zeros (n, in_size) of the dtype of the states."""
    given = [state for state in states if state is not None]
    W = link.W_x.W
    if not given or not W.is_initialized:
        what = 'all arguments are None' if not given else 'in_size is not known yet'
        raise ValueError(f'{type(link).__name__}: x is None, but {what}. Give x, or an array of zeros.')
    return as_variable(link.xp.zeros((len(given[0]), W.shape[1]), given[0].dtype))
