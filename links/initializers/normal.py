"""Draws from the normal distribution."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.links.annotations import DTypeLike, RandomSource
from chaingrad.links.initializers.fans import RandomInitializer, ScaledByFans, fans_of


class Normal(RandomInitializer):
    """Draw from a normal distribution around zero.

    x ~ N(0, scale^2)

    Args:
        scale: standard deviation.
        dtype: dtype of the arrays it makes; None for the one asked for.
        rng: `RandomState` or `Generator` to draw from; None for the global one.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import Normal, generate_array
        >>> W = generate_array(Normal(0.1, rng=np.random.RandomState(0)), (1000, 10), np)
        >>> print(f'{abs(W.mean()):.2f} {W.std():.2f}')
        0.00 0.10
    """

    def __init__(self, scale: float = 0.05, dtype: DTypeLike | None = None, *, rng: RandomSource = None) -> None:
        super().__init__(dtype, rng)
        self.scale = scale

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        self.draw(array, 'normal', 0.0, self.scale)


class LeCunNormal(ScaledByFans):
    """Draw from a normal distribution whose width fits the inputs: the default of weights.

    x ~ N(0, s^2),  s = scale * sqrt(1 / fan_in)

    Args:
        scale: factor on the standard deviation.
        dtype: dtype of the arrays it makes; None for the one asked for.
        rng: `RandomState` or `Generator` to draw from; None for the global one.

    Raises:
        ValueError: when the array has less than two axes.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import LeCunNormal, generate_array
        >>> W = generate_array(LeCunNormal(rng=np.random.RandomState(0)), (200, 100), np)
        >>> print(f'{W.std():.2f}')
        0.10

    Source:
        LeCun, Bottou, Orr, Mueller: Efficient BackProp, section 4.6 (1998).
    """

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        fan_in, _ = fans_of(array)
        self.draw(array, 'normal', 0.0, self.scale * (1 / fan_in) ** 0.5)


class GlorotNormal(ScaledByFans):
    """Draw from a normal distribution whose width fits inputs and outputs.

    x ~ N(0, s^2),  s = scale * sqrt(2 / (fan_in + fan_out))

    Args:
        scale: factor on the standard deviation.
        dtype: dtype of the arrays it makes; None for the one asked for.
        rng: `RandomState` or `Generator` to draw from; None for the global one.

    Raises:
        ValueError: when the array has less than two axes.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import GlorotNormal, generate_array
        >>> W = generate_array(GlorotNormal(rng=np.random.RandomState(0)), (200, 100), np)
        >>> print(f'{W.std():.2f}')
        0.08

    Source:
        Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks (AISTATS 2010),
        equation 12, as a normal distribution of that variance.
    """

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        fan_in, fan_out = fans_of(array)
        self.draw(array, 'normal', 0.0, self.scale * (2 / (fan_in + fan_out)) ** 0.5)


class HeNormal(ScaledByFans):
    """Draw from a normal distribution whose width fits layers that are followed by relu.

    x ~ N(0, s^2),  s = scale * sqrt(2 / fan)

    Args:
        scale: factor on the standard deviation.
        dtype: dtype of the arrays it makes; None for the one asked for.
        fan_option: 'fan_in' keeps the size of activations, 'fan_out' that of gradients.
        rng: `RandomState` or `Generator` to draw from; None for the global one.

    Raises:
        ValueError: when the array has less than two axes, or fan_option is none of the two.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import HeNormal, generate_array
        >>> W = generate_array(HeNormal(rng=np.random.RandomState(0)), (200, 100), np)
        >>> print(f'{W.std():.2f}')
        0.14

    Source:
        He, Zhang, Ren, Sun: Delving Deep into Rectifiers (ICCV 2015), equations 10 and 14.
    """

    def __init__(
        self,
        scale: float = 1.0,
        dtype: DTypeLike | None = None,
        fan_option: str = 'fan_in',
        *,
        rng: RandomSource = None,
    ) -> None:
        super().__init__(scale, dtype, rng=rng)
        if fan_option not in ('fan_in', 'fan_out'):
            raise ValueError(f"HeNormal: fan_option must be 'fan_in' or 'fan_out', but it is {fan_option!r}.")
        self.fan_option = fan_option

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        fan_in, fan_out = fans_of(array)
        fan = fan_in if self.fan_option == 'fan_in' else fan_out
        self.draw(array, 'normal', 0.0, self.scale * (2 / fan) ** 0.5)
