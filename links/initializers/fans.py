"""The base of random initializers: the numbers of inputs and outputs of a weight, and the source of randomness."""

from __future__ import annotations

import math

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends import get_array_module, get_device_from_array
from chaingrad.autograd.initializer import Initializer
from chaingrad.links.annotations import DTypeLike, RandomSource


def get_fans(shape: Shape) -> tuple[int, int]:
    """Return how many inputs reach one output of a weight, and how many outputs one input.

    fan_in = shape[1] * prod(shape[2:]),  fan_out = shape[0] * prod(shape[2:])

    Args:
        shape: shape of the weight: outputs, inputs, then the window.

    Returns:
        (fan_in, fan_out).

    Raises:
        ValueError: when the shape is no tuple of two or more.

    Example:
        >>> from chaingrad.initializers import get_fans
        >>> get_fans((8, 3, 5, 5))
        (75, 200)
    """
    if not isinstance(shape, tuple) or len(shape) < 2:
        raise ValueError(
            f'get_fans: shape must be a tuple of two or more lengths (outputs, inputs, window), but it is {shape!r}. '
            'For a vector give an initializer that needs no fans, such as Normal or Constant.'
        )
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def fans_of(array: Array) -> tuple[int, int]:
    """Return `get_fans` of an array, but at least 1 and 1, to divide by: an empty array needs no width."""
    fan_in, fan_out = get_fans(array.shape)
    return max(fan_in, 1), max(fan_out, 1)


class RandomInitializer(Initializer):
    """Base of initializers that draw: from `rng`, or from the array module's global generator.

    Args:
        dtype: dtype of the arrays it makes; None for the one asked for.
        rng: `numpy.random.RandomState` or `Generator` (of cupy for a GPU); None for the global one, which
            `numpy.random.seed` seeds.
    """

    def __init__(self, dtype: DTypeLike | None = None, rng: RandomSource = None) -> None:
        super().__init__(dtype)
        self.rng = rng

    def draw(self, array: Array, method: str, *parameters: float) -> None:
        """Fill an array with draws of a distribution of the generator, such as 'normal'."""
        with get_device_from_array(array).create_context():
            generator = get_array_module(array).random if self.rng is None else self.rng
            array[...] = getattr(generator, method)(*parameters, array.shape)


class ScaledByFans(RandomInitializer):
    """Base of initializers whose width depends on the fans of the weight.

    Args:
        scale: factor on the width.
        dtype: dtype of the arrays it makes; None for the one asked for.
        rng: `RandomState` or `Generator` to draw from; None for the global one.
    """

    def __init__(self, scale: float = 1.0, dtype: DTypeLike | None = None, *, rng: RandomSource = None) -> None:
        super().__init__(dtype, rng)
        self.scale = scale
