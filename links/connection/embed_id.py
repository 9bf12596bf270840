"""EmbedID, a table of vectors."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.initializer import Constant, get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.connection import embed_id
from chaingrad.links.annotations import InitialValue
from chaingrad.links.initializers import Normal
from chaingrad.links.link import Link


class EmbedID(Link):
    """A vector for each ID, such as a word's number.

    y[i] = W[x[i]]

    Args:
        in_size (int): number of IDs.
        out_size (int): length of the vectors.
        initialW: initializer, number or array (in_size, out_size) for W; Normal(1) when None.
        ignore_label (int): the ID whose vector is zeros, or None.

    Attributes:
        W (Parameter): the vectors (in_size, out_size).

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> words = L.EmbedID(3, 2, initialW=np.array([[0, 0], [1, 2], [3, 4]]))
        >>> words(np.array([2, 1])).array
        array([[3., 4.],
               [1., 2.]], dtype=float32)
    """

    ignore_label: int | None = None

    W: Parameter

    _shown = ('in_size', 'out_size', 'ignore_label')

    def __init__(
        self, in_size: int, out_size: int, initialW: InitialValue = None, ignore_label: int | None = None
    ) -> None:
        super().__init__()
        self.in_size = in_size
        self.out_size = out_size
        self.ignore_label = ignore_label
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, Normal(1.0)), (in_size, out_size))

    def forward(self, x: VariableOrArray) -> Variable:
        """Look up the vectors.

        Args:
            x: Variable or array, IDs of any shape, integers from 0 to in_size - 1, or ignore_label.

        Returns:
            Variable (*x.shape, out_size).

        Raises:
            InvalidType: when x has no integer dtype.
        """
        return embed_id(x, self.W, ignore_label=self.ignore_label)

    @classmethod
    def from_params(cls, W: VariableOrArray, ignore_label: int | None = None) -> EmbedID:
        """Make the table from an array.

        Args:
            W: Variable or array, the vectors (in_size, out_size).
            ignore_label: the ID whose vector is zeros, or None.

        Returns:
            EmbedID.
        """
        vectors: Array = as_array(W)
        in_size, out_size = vectors.shape
        return cls(in_size, out_size, Constant(vectors, vectors.dtype), ignore_label)
