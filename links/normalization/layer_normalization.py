"""LayerNormalization and GroupNormalization, which normalize every sample by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chaingrad.autograd.configuration import get_dtype
from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.normalization.group import group_normalization, layer_normalization
from chaingrad.links.annotations import InitialValue
from chaingrad.links.checks import check_first_input
from chaingrad.links.initializers.constant import with_dtype
from chaingrad.links.link import Link


class _ScaleAndShift(Link):
    """Base of the two: eps, and the parameters gamma and beta, vectors of one length."""

    gamma: Parameter
    beta: Parameter

    def __init__(self, size: int | None, eps: float, initial_gamma: InitialValue, initial_beta: InitialValue) -> None:
        super().__init__()
        self.eps = eps
        dtype = get_dtype(map_mixed16=np.float32)
        with self.init_scope():
            self.gamma = Parameter(with_dtype(get_initializer(initial_gamma, 1), dtype), size)
            self.beta = Parameter(with_dtype(get_initializer(initial_beta, 0), dtype), size)

    def _initialize_params(self, size: int) -> None:
        self.gamma.initialize(size)
        self.beta.initialize(size)

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        yield 'size', self.gamma.shape[0] if self.gamma.is_initialized else None
        yield 'eps', self.eps


class LayerNormalization(_ScaleAndShift):
    """Normalize every sample by its own mean and variance, then scale and shift it.

    y = gamma (x - mean) / sqrt(var + eps) + beta

    Args:
        size (int): length of the samples; None to take it from the first input.
        eps (float): added to the variance, against division by zero.
        initial_gamma: initializer, number or array for gamma; ones when None.
        initial_beta: initializer, number or array for beta; zeros when None.

    Attributes:
        gamma (Parameter): scale (size,).
        beta (Parameter): shift (size,).

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.LayerNormalization()(np.array([[0, 2], [10, 30]], np.float32)).array.round(3)
        array([[-1.,  1.],
               [-1.,  1.]], dtype=float32)

    Source:
        Ba, Kiros, Hinton: Layer normalization (2016), equation 4.
    """

    def __init__(
        self,
        size: int | None = None,
        eps: float = 1e-6,
        initial_gamma: InitialValue = None,
        initial_beta: InitialValue = None,
    ) -> None:
        super().__init__(size, eps, initial_gamma, initial_beta)

    def forward(self, x: VariableOrArray) -> Variable:
        """Normalize.

        Args:
            x: Variable or array, (n, size), floating dtype.

        Returns:
            Variable of the shape of x.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.gamma.array is None:
            check_first_input('LayerNormalization', x, 2)
            if len(x.shape) == 2:  # else the function raises, and the link stays as it is
                self._initialize_params(x.shape[1])
        return layer_normalization(x, self.gamma, self.beta, self.eps)


class GroupNormalization(_ScaleAndShift):
    """Normalize every group of channels of every sample by its own mean and variance, then scale and shift channels.

    y = gamma (x - mean) / sqrt(var + eps) + beta

    Args:
        groups (int): number of groups, a divisor of the number of channels. 1 normalizes the whole sample, as many as
            there are channels each channel by itself (instance normalization).
        size (int): number of channels; None to take it from the first input.
        eps (float): added to the variance, against division by zero.
        initial_gamma: initializer, number or array for gamma; ones when None.
        initial_beta: initializer, number or array for beta; zeros when None.

    Attributes:
        gamma (Parameter): scale (size,).
        beta (Parameter): shift (size,).

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.GroupNormalization(2)(np.array([[0, 2, 10, 30]], np.float32)).array.round(3)
        array([[-1.,  1., -1.,  1.]], dtype=float32)

    Source:
        Wu, He: Group normalization (ECCV 2018), equation 7.
    """

    def __init__(
        self,
        groups: int,
        size: int | None = None,
        eps: float = 1e-5,
        initial_gamma: InitialValue = None,
        initial_beta: InitialValue = None,
    ) -> None:
        super().__init__(size, eps, initial_gamma, initial_beta)
        self.groups = groups

    def forward(self, x: VariableOrArray) -> Variable:
        """Normalize.

        Args:
            x: Variable or array, (n, channels, ...), floating dtype.

        Returns:
            Variable of the shape of x.

        Raises:
            ValueError: when groups does not divide the number of channels.
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.gamma.array is None:
            check_first_input('GroupNormalization', x, 2)
            self._initialize_params(x.shape[1])
        return group_normalization(x, self.groups, self.gamma, self.beta, self.eps)

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        yield 'groups', self.groups
        yield from super().printable_specs
