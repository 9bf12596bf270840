"""Scale and Bias, which multiply or shift by a vector that is learned, or given as a second input."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable
from chaingrad.functions.elementwise.affine import bias, scale
from chaingrad.links.chain import Chain
from chaingrad.links.link import Link


class Bias(Link):
    """Add an array along some axes.

    y = x + b, the axes of b being those of x from `axis` on.

    Args:
        axis (int): the first axis of x that b has.
        shape (tuple): shape of b; None when b is the second input of each call.

    Attributes:
        b (Parameter): what is added, zeros at first; not there when shape is None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Bias()(np.zeros((2, 3)), np.array([1.0, 2.0, 3.0])).array
        array([[1., 2., 3.],
               [1., 2., 3.]])
    """

    def __init__(self, axis: int = 1, shape: Any = None) -> None:
        super().__init__()
        self.axis = axis
        if shape is not None:
            with self.init_scope():
                self.b = Parameter(0, shape)

    def forward(self, *xs: Any) -> Variable:
        """Add b.

        Args:
            xs: x, and b where the link has none of its own.

        Returns:
            Variable of the shape of x.

        Raises:
            TypeError: when there are more or fewer inputs.
            InvalidType: when shapes or dtypes do not fit.
        """
        return bias(*_operands(self, 'b', xs), self.axis)


class Scale(Chain):
    """Multiply by an array along some axes, and add another one.

    y = W x + b, the axes of W and b being those of x from `axis` on.

    Args:
        axis (int): the first axis of x that W has.
        W_shape (tuple): shape of W; None when W is the second input of each call.
        bias_term (bool): whether to add b.
        bias_shape (tuple): shape of b where W_shape is None.

    Attributes:
        W (Parameter): what is multiplied by, ones at first; not there when W_shape is None.
        bias (Bias): what adds b; not there without bias_term.

    Raises:
        ValueError: when the shape of b is not known.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.Scale(W_shape=(3,), bias_term=True)
        >>> layer(np.ones((2, 3), np.float32)).array
        array([[1., 1., 1.],
               [1., 1., 1.]], dtype=float32)
    """

    def __init__(self, axis: int = 1, W_shape: Any = None, bias_term: bool = False, bias_shape: Any = None) -> None:
        super().__init__()
        self.axis = axis
        if bias_term and W_shape is None and bias_shape is None:
            raise ValueError('Scale: bias_shape must be given when bias_term is True and W_shape is None.')
        with self.init_scope():
            if W_shape is not None:
                self.W = Parameter(1, W_shape)
            if bias_term:
                self.bias = Bias(axis, bias_shape if W_shape is None else W_shape)

    def forward(self, *xs: Any) -> Variable:
        """Multiply by W, and add b.

        Args:
            xs: x, and W where the link has none of its own.

        Returns:
            Variable of the shape of x.

        Raises:
            TypeError: when there are more or fewer inputs.
            InvalidType: when shapes or dtypes do not fit.
        """
        y = scale(*_operands(self, 'W', xs), self.axis)
        return self.bias(y) if 'bias' in self._children else y


def _operands(link: Link, name: str, xs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the two operands, of which a parameter may be the second."""
    wanted = 1 if name in link._params else 2
    if len(xs) != wanted:
        held = 'is a parameter of the link' if wanted == 1 else 'is no parameter of the link'
        raise TypeError(
            f'{type(link).__name__}: {wanted} inputs are wanted, since {name} {held}, but there are {len(xs)}.'
        )
    return (*xs, getattr(link, name)) if wanted == 1 else xs
