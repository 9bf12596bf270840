"""Draws from the uniform distribution."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.links.annotations import DTypeLike, RandomSource
from chaingrad.links.initializers.fans import RandomInitializer, ScaledByFans, fans_of


class Uniform(RandomInitializer):
    """Draw from a uniform distribution around zero.

    x ~ U(-scale, scale)

    Args:
        scale: bound of the absolute values.
        dtype: dtype of the arrays it makes; None for the one asked for.
        rng: `RandomState` or `Generator` to draw from; None for the global one.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import Uniform, generate_array
        >>> W = generate_array(Uniform(0.1, rng=np.random.RandomState(0)), (1000, 10), np)
        >>> print(f'{W.min():.1f} {W.max():.1f}')
        -0.1 0.1
    """

    def __init__(self, scale: float = 0.05, dtype: DTypeLike | None = None, *, rng: RandomSource = None) -> None:
        super().__init__(dtype, rng)
        self.scale = scale

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        self.draw(array, 'uniform', -self.scale, self.scale)


class LeCunUniform(ScaledByFans):
    """Draw from a uniform distribution whose width fits the inputs.

    x ~ U(-s, s),  s = scale * sqrt(3 / fan_in)

    Args:
        scale: factor on the bound.
        dtype: dtype of the arrays it makes; None for the one asked for.
        rng: `RandomState` or `Generator` to draw from; None for the global one.

    Raises:
        ValueError: when the array has less than two axes.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import LeCunUniform, generate_array
        >>> W = generate_array(LeCunUniform(rng=np.random.RandomState(0)), (200, 100), np)
        >>> print(f'{W.max():.2f}')
        0.17

    Source:
        LeCun, Bottou, Orr, Mueller: Efficient BackProp, section 4.6 (1998).
    """

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        fan_in, _ = fans_of(array)
        bound = self.scale * (3 / fan_in) ** 0.5
        self.draw(array, 'uniform', -bound, bound)


class GlorotUniform(ScaledByFans):
    """Draw from a uniform distribution whose width fits inputs and outputs.

    x ~ U(-s, s),  s = scale * sqrt(6 / (fan_in + fan_out))

    Args:
        scale: factor on the bound.
        dtype: dtype of the arrays it makes; None for the one asked for.
        rng: `RandomState` or `Generator` to draw from; None for the global one.

    Raises:
        ValueError: when the array has less than two axes.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import GlorotUniform, generate_array
        >>> W = generate_array(GlorotUniform(rng=np.random.RandomState(0)), (200, 100), np)
        >>> print(f'{W.max():.2f}')
        0.14

    Source:
        Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks (AISTATS 2010),
        equation 16.
    """

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        fan_in, fan_out = fans_of(array)
        bound = self.scale * (6 / (fan_in + fan_out)) ** 0.5
        self.draw(array, 'uniform', -bound, bound)


class HeUniform(ScaledByFans):
    """Draw from a uniform distribution whose width fits layers that are followed by relu.

    x ~ U(-s, s),  s = scale * sqrt(6 / fan_in)

    Args:
        scale: factor on the bound.
        dtype: dtype of the arrays it makes; None for the one asked for.
        rng: `RandomState` or `Generator` to draw from; None for the global one.

    Raises:
        ValueError: when the array has less than two axes.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import HeUniform, generate_array
        >>> W = generate_array(HeUniform(rng=np.random.RandomState(0)), (200, 100), np)
        >>> print(f'{W.max():.2f}')
        0.24

    Source:
        He, Zhang, Ren, Sun: Delving Deep into Rectifiers (ICCV 2015), equation 10, as a uniform
        distribution of that variance.
    """

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        fan_in, _ = fans_of(array)
        bound = self.scale * (6 / fan_in) ** 0.5
        self.draw(array, 'uniform', -bound, bound)
