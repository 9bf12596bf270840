"""square, squared_difference and rsqrt."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import Binary
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.variable import Variable
from chaingrad.functions.elementwise.base import Elementwise


class Square(Elementwise):
    """y = x ** 2."""

    label = 'square'
    ufunc = np.square

    def slope(self, x: Any) -> Any:
        return 2 * x


class RSqrt(Elementwise):
    """y = x ** -0.5."""

    label = 'rsqrt'

    def compute(self, x: Any) -> Any:
        return 1 / np.sqrt(x)

    def slope_from_output(self, y: Any) -> Any:
        return -0.5 * (y * y * y)


class SquaredDifference(Binary):
    """y = (a - b) ** 2."""

    label = 'squared_difference'
    _retained_inputs = (0, 1)

    def compute(self, a: Any, b: Any) -> Any:
        difference = a - b
        return difference * difference

    def partial(self, i: int, gy: Any) -> Any:
        a, b = self.get_retained_inputs()
        return gy * ((-2 if i else 2) * (a - b))


def square(x: Any) -> Variable:
    """Return the square, elementwise.

    y = x ** 2.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.square(np.array([-3.0, 2.0]))
        variable([9., 4.])
    """
    return Square().apply((x,))[0]


def squared_difference(x1: Any, x2: Any) -> Variable:
    """Return the square of the difference of two arrays, elementwise.

    y = (x1 - x2) ** 2. The operands broadcast.

    Args:
        x1: Variable or array.
        x2: Variable or array of the same dtype.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.squared_difference(np.array([1.0, 5.0]), np.array([3.0, 4.0]))
        variable([4., 1.])
    """
    return SquaredDifference().apply((x1, x2))[0]


def rsqrt(x: Any) -> Variable:
    """Return the reciprocal of the square root, elementwise.

    y = x ** -0.5; infinite at 0.

    Args:
        x: Variable or array of any shape, floating dtype, positive.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.rsqrt(np.array([4.0, 0.25]))
        variable([0.5, 2. ])
    """
    return RSqrt().apply((x,))[0]


provide(np.square, square)
