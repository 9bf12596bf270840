"""CRF1d, a loss for sequences of labels in which each label depends on the one before."""

from __future__ import annotations

from collections.abc import Sequence

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.array.order import permutate
from chaingrad.functions.array.padding import transpose_sequence
from chaingrad.functions.loss.crf import argmax_crf1d, crf1d
from chaingrad.links.annotations import InitialValue
from chaingrad.links.link import Link
from chaingrad.links.sequences import longest_first, put_back, reordered


class CRF1d(Link):
    """Linear-chain conditional random field, which scores sequences of labels.

    loss = log(sum over all label sequences z of exp(s(z))) - s(y),
    s(y) = sum over t of xs[t][y_t] + sum over t > 0 of cost[y_{t-1}, y_t]

    Args:
        n_label (int): number of labels.
        initial_cost: initializer, number or array (n_label, n_label) for cost; zeros when None.

    Attributes:
        cost (Parameter): score of a step from one label to another (n_label, n_label).

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> crf = L.CRF1d(2)
        >>> sequences = [np.array([[0, 1], [2, 0], [0, 3]], np.float32), np.array([[4, 0]], np.float32)]
        >>> f'{crf(sequences, [np.array([1, 0, 1]), np.array([0])], transpose=True):.4f}'
        '0.2535'
        >>> score, paths = crf.argmax(sequences, transpose=True)
        >>> [path.tolist() for path in paths]
        [[1, 0, 1], [0]]

    Source:
        Lafferty, McCallum, Pereira: Conditional random fields (ICML 2001).
    """

    cost: Parameter

    def __init__(self, n_label: int, initial_cost: InitialValue = None) -> None:
        super().__init__()
        with self.init_scope():
            self.cost = Parameter(get_initializer(initial_cost, 0), (n_label, n_label))

    def forward(
        self,
        xs: Sequence[VariableOrArray],
        ys: Sequence[VariableOrArray],
        reduce: str = 'mean',
        transpose: bool = False,
    ) -> Variable:
        """Return the negative log-likelihood of sequences of labels.

        Args:
            xs: list of Variables or arrays, the scores of the labels at each step t (n_t, n_label), of sequences that
                are sorted by length, longest first; with transpose, those of each sequence (length, n_label), in any
                order.
            ys: list of Variables or arrays, the labels (n_t,), or (length,) with transpose.
            reduce: 'mean', or 'no' for one loss per sequence.
            transpose: the lists have one item for each sequence, not for each step.

        Returns:
            Variable of no axes, or (n,) with reduce='no', in the order of the sequences.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
            ValueError: when a label is out of range, or reduce is unknown.
        """
        if not transpose:
            return crf1d(self.cost, xs, ys, reduce)
        order = longest_first(xs)
        steps = list(transpose_sequence(reordered(xs, order)))
        labels = list(transpose_sequence(reordered(ys, order)))
        loss = crf1d(self.cost, steps, labels, reduce)
        return permutate(loss, order, inv=True) if reduce == 'no' else loss

    def argmax(self, xs: Sequence[VariableOrArray], transpose: bool = False) -> tuple[Variable, list[Array]]:
        """Return the most likely labels.

        Args:
            xs: as in `forward`.
            transpose: as in `forward`.

        Returns:
            Tuple of a Variable (n,), the score s of the best labels, and a list of them: arrays (n_t,), or (length,)
            with transpose.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if not transpose:
            return argmax_crf1d(self.cost, xs)
        order = longest_first(xs)
        score, path = argmax_crf1d(self.cost, list(transpose_sequence(reordered(xs, order))))
        paths = [as_array(p) for p in transpose_sequence(path)]
        return permutate(score, order, inv=True), put_back(paths, order)
