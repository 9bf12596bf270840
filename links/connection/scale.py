"""Scale and Bias, which multiply by or add an array that is learned, or given as a second input."""

from __future__ import annotations

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.elementwise.affine import bias, scale
from chaingrad.links.chain import Chain
from chaingrad.links.link import Link


class WrongInputs(ValueError, AssertionError):
    """The error for a wrong number of inputs: the reference asserts it in its debug mode."""


class Bias(Link):
    """Add an array along some axes.

    y = x + b, the axes of b being those of x from `axis` on.

    Args:
        axis (int): the first axis of x that b has.
        shape (tuple): shape of b; None when b is the second input of each call.

    Attributes:
        b (Parameter): the array added, zeros at first; not there when shape is None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Bias()(np.zeros((2, 3)), np.array([1.0, 2.0, 3.0])).array
        array([[1., 2., 3.],
               [1., 2., 3.]])
    """

    def __init__(self, axis: int = 1, shape: int | Shape | None = None) -> None:
        super().__init__()
        self.axis = axis
        if shape is not None:
            with self.init_scope():
                self.b = Parameter(0, shape)

    def forward(self, *xs: VariableOrArray) -> Variable:
        """Add b.

        Args:
            xs: Variables or arrays: x, and b where the link has none of its own.

        Returns:
            Variable of the shape of x.

        Raises:
            ValueError: when there are more or fewer inputs.
            InvalidType: when shapes or dtypes do not fit.
        """
        x, b = _operands(self, 'b', xs)
        return bias(x, b, self.axis)


class Scale(Chain):
    """Multiply by an array along some axes, and add another one.

    y = W x + b, the axes of W and b being those of x from `axis` on.

    Args:
        axis (int): the first axis of x that W has.
        W_shape (tuple): shape of W; None when W is the second input of each call.
        bias_term (bool): add b.
        bias_shape (tuple): shape of b where W_shape is None.

    Attributes:
        W (Parameter): the factor, ones at first; not there when W_shape is None.
        bias (Bias): the link that adds b; not there without bias_term.

    Raises:
        ValueError: when the shape of b is not known.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.Scale(W_shape=(3,), bias_term=True)
        >>> layer(np.ones((2, 3), np.float32)).array
        array([[1., 1., 1.],
               [1., 1., 1.]], dtype=float32)
    """

    def __init__(
        self,
        axis: int = 1,
        W_shape: int | Shape | None = None,
        bias_term: bool = False,
        bias_shape: int | Shape | None = None,
    ) -> None:
        super().__init__()
        self.axis = axis
        if bias_term and W_shape is None and bias_shape is None:
            raise ValueError('Scale: bias_shape must be given when bias_term is True and W_shape is None.')
        with self.init_scope():
            if W_shape is not None:
                self.W = Parameter(1, W_shape)
            if bias_term:
                self.bias = Bias(axis, bias_shape if W_shape is None else W_shape)

    def forward(self, *xs: VariableOrArray) -> Variable:
        """Multiply by W, and add b.

        Args:
            xs: Variables or arrays: x, and W where the link has none of its own.

        Returns:
            Variable of the shape of x.

        Raises:
            ValueError: when there are more or fewer inputs.
            InvalidType: when shapes or dtypes do not fit.
        """
        x, W = _operands(self, 'W', xs)
        y = scale(x, W, self.axis)
        return self.bias(y) if 'bias' in self._children else y


def _operands(link: Link, name: str, xs: tuple[VariableOrArray, ...]) -> tuple[VariableOrArray, VariableOrArray]:
    """Return x and the second operand, which is a parameter of the link if it has one of this name."""
    has_parameter = name in link._params
    n_inputs = 1 if has_parameter else 2
    if len(xs) != n_inputs:
        kind = 'a parameter' if has_parameter else 'no parameter'
        raise WrongInputs(
            f'{type(link).__name__}: {n_inputs} inputs are wanted, since {name} is {kind} of the link, but there are '
            f'{len(xs)}.'
        )
    return xs[0], getattr(link, name) if has_parameter else xs[1]
