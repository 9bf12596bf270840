"""The initializers that Parameter needs to make its array: the base of all initializers, Constant and NaN.

The other initializers are in the room of links.
"""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.backends import device as devices
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.configuration import get_dtype


class Initializer:
    """A callable that fills an array; subclass it and override `__call__`.

    Args:
        dtype: dtype of the arrays it makes; None for the one asked for.

    Example:
        >>> import numpy as np, chaingrad
        >>> class Ramp(chaingrad.Initializer):
        ...     def __call__(self, array):
        ...         array[...] = np.arange(array.size).reshape(array.shape)
        >>> chaingrad.Parameter(Ramp(), (2, 2)).array
        array([[0., 1.],
               [2., 3.]], dtype=float32)
    """

    def __init__(self, dtype: Any = None) -> None:
        self.dtype = dtype

    def __call__(self, array: Any) -> None:
        """Fill an array in place.

        Args:
            array: array to be filled.
        """
        raise NotImplementedError(f'{type(self).__name__}: write __call__(self, array), which fills the array.')

    def __repr__(self) -> str:
        options = ', '.join(f'{key}={value!r}' for key, value in vars(self).items() if value is not None)
        return f'{type(self).__name__}({options})'


class Constant(Initializer):
    """Fill with one value, or with the values of an array.

    Args:
        fill_value: number, or array of the shape asked for.
        dtype: dtype of the arrays it makes.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import Constant
        >>> x = np.zeros(2)
        >>> Constant(3)(x)
        >>> x
        array([3., 3.])
    """

    def __init__(self, fill_value: Any, dtype: Any = None) -> None:
        super().__init__(dtype)
        self.fill_value = fill_value

    def __call__(self, array: Any) -> None:
        """Fill an array in place."""
        if is_array(self.fill_value):
            if self.fill_value.shape not in (array.shape, ()):
                raise ValueError(
                    f'Constant: the array given must have the shape {array.shape}, but it is {self.fill_value.shape}. '
                    f'{_transposed(self.fill_value.shape, array.shape)}'
                )
            devices.copyto(array, self.fill_value)
        else:
            array[...] = self.fill_value


def _transposed(given: Any, wanted: Any) -> str:
    return 'Transpose it: W is (out, in).' if given == wanted[::-1] else 'Reshape it, or make another array.'


class NaN(Constant):
    """Fill with NaN, which shows a value that was used before it was set.

    Args:
        dtype: dtype of the arrays it makes.

    Example:
        >>> from chaingrad.initializers import NaN, generate_array
        >>> import numpy as np
        >>> generate_array(NaN(), (2,), np)
        array([nan, nan], dtype=float32)
    """

    fill_value = np.nan

    def __init__(self, dtype: Any = None) -> None:
        super().__init__(np.nan, dtype)


def get_initializer(initializer: Any, default: Any = None) -> Any:
    """Return what fills an array: an initializer as it is, a number or an array as a Constant.

    Args:
        initializer: initializer (or any callable), number, array or None.
        default: what None stands for.
    """
    initializer = default if initializer is None else initializer
    if callable(initializer):
        return initializer
    if isinstance(initializer, numbers.Number | np.generic) or is_array(initializer):
        return Constant(initializer)
    advice = 'Write chaingrad.initializers.HeNormal() or another one of that module.'
    if isinstance(initializer, list | tuple):
        advice = 'Write np.array(..., dtype=np.float32).'
    raise TypeError(
        f'initializer: it must be a callable, number or array, but it is {initializer!r} '
        f'({type(initializer).__name__}). {advice}'
    )


def generate_array(initializer: Any, shape: int | Sequence[int], xp: Any, dtype: Any = None, device: Any = None) -> Any:
    """Make an array and fill it.

    Args:
        initializer: callable that fills an array in place.
        shape: shape of the array.
        xp: array module, numpy or cupy.
        dtype: dtype; the initializer's where None, and `config.dtype` where that has none.
        device: where the array shall live; the current device where None.

    Returns:
        The array.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import One, generate_array
        >>> generate_array(One(), (2,), np)
        array([1., 1.], dtype=float32)
    """
    of_initializer = getattr(initializer, 'dtype', None)
    if dtype is not None and of_initializer is not None and np.dtype(dtype) != np.dtype(of_initializer):
        made, wanted = np.dtype(of_initializer), np.dtype(dtype)
        raise ValueError(f'generate_array: dtype {wanted} is wanted, but the initializer makes {made}. Give one.')
    lengths = shape if isinstance(shape, Sequence) else (shape,)
    if not all(isinstance(n, int | np.integer) for n in lengths):
        raise TypeError(
            f'generate_array: shape must be an int or a tuple of ints, but it is {shape!r}. Write n // 2 in place of '
            'n / 2, which is a float.'
        )
    array = xp.empty(shape, dtype=get_dtype(of_initializer if dtype is None else dtype))
    initializer(array)
    return array if device is None else devices.get_device(device).send(array)
