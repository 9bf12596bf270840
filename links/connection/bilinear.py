"""Bilinear, a product of two inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.connection import bilinear
from chaingrad.links.annotations import InitialValue
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.link import Link


class Bilinear(Link):
    """Bilinear map of two batches, with linear terms and a bias.

    y[i, l] = sum over j, k of e1[i, j] e2[i, k] W[j, k, l] + (e1 V1)[i, l] + (e2 V2)[i, l] + b[l]

    Args:
        left_size (int): length of the first inputs.
        right_size (int): length of the second inputs.
        out_size (int): length of the outputs.
        nobias (bool): leave out V1, V2 and b.
        initialW: initializer, number or array (left_size, right_size, out_size) for W; LeCunNormal when None.
        initial_bias: tuple of three initializers, numbers or arrays for V1, V2 and b; None for LeCunNormal twice and
            zeros.

    Attributes:
        W (Parameter): weight (left_size, right_size, out_size).
        V1 (Parameter): weight (left_size, out_size); not there with nobias.
        V2 (Parameter): weight (right_size, out_size); not there with nobias.
        b (Parameter): bias (out_size,); not there with nobias.

    Raises:
        ValueError: when initial_bias is no tuple of three.
        AssertionError: when an array given has another shape than its parameter.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.Bilinear(2, 3, 4)
        >>> layer(np.zeros((5, 2), np.float32), np.zeros((5, 3), np.float32)).shape
        (5, 4)

    Source:
        Socher, Chen, Manning, Ng: Reasoning with neural tensor networks (NIPS 2013), equation 1.
    """

    W: Parameter
    V1: Parameter
    V2: Parameter
    b: Parameter

    def __init__(
        self,
        left_size: int,
        right_size: int,
        out_size: int,
        nobias: bool = False,
        initialW: InitialValue = None,
        initial_bias: tuple[InitialValue, InitialValue, InitialValue] | None = None,
    ) -> None:
        super().__init__()
        if initial_bias is None:
            initial_bias = None, None, 0
        if not isinstance(initial_bias, tuple) or len(initial_bias) != 3:
            raise ValueError(
                'Bilinear: initial_bias must be a tuple of three, for V1, V2 and b, or None, but it is '
                f'{type(initial_bias).__name__}.'
            )
        self.in_sizes = (left_size, right_size)
        self.out_size = out_size
        self.nobias = nobias
        V1, V2, b = initial_bias
        _check_shape('initialW', initialW, (left_size, right_size, out_size))
        if not nobias:
            _check_shape('V1 in initial_bias', V1, (left_size, out_size))
            _check_shape('V2 in initial_bias', V2, (right_size, out_size))
            _check_shape('b in initial_bias', b, (out_size,))
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()), (left_size, right_size, out_size))
            if not nobias:
                self.V1 = Parameter(get_initializer(V1, LeCunNormal()), (left_size, out_size))
                self.V2 = Parameter(get_initializer(V2, LeCunNormal()), (right_size, out_size))
                self.b = Parameter(get_initializer(b, 0), out_size)

    def forward(self, e1: VariableOrArray, e2: VariableOrArray) -> Variable:
        """Apply the layer.

        Args:
            e1: Variable or array, (n, left_size), of the dtype of W.
            e2: Variable or array, (n, right_size).

        Returns:
            Variable (n, out_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.nobias:
            return bilinear(e1, e2, self.W)
        return bilinear(e1, e2, self.W, self.V1, self.V2, self.b)

    def zero_grads(self) -> None:
        """Fill the gradients of all parameters with zeros; `cleargrads` costs less."""
        for param in self.params():
            param._fill_grad_with_zeros()

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        yield 'left_size', self.in_sizes[0]
        yield 'right_size', self.in_sizes[1]
        yield 'out_size', self.out_size
        yield 'nobias', self.nobias


class WrongShape(ValueError, AssertionError):
    """The error for an array of another shape than its parameter, which the reference asserts."""


def _check_shape(name: str, initial: Any, shape: Shape) -> None:
    """Raise for an array of another shape."""
    if is_array(initial) and initial.shape not in (shape, ()):
        raise WrongShape(f'Bilinear: {name} must have the shape {shape}, but it is {initial.shape}.')
