"""maximum, minimum, clip and where: functions that select."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import Binary, typed
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.variable import Variable, as_array


class Selection(Binary):
    """Base of the functions whose output is one of two operands; `_first` says where it is the first."""

    _first: Any

    def partial(self, i: int, gy: Any, *retained: Any) -> Any:
        return gy * (~self._first if i else self._first)


class Maximum(Selection):
    """y = max(a, b); where they are equal the gradient goes to a."""

    def compute(self, a: Any, b: Any) -> Any:
        self._first = a >= b
        return np.maximum(a, b)


class Minimum(Selection):
    """y = min(a, b); where they are equal the gradient goes to a."""

    def compute(self, a: Any, b: Any) -> Any:
        self._first = a <= b
        return np.minimum(a, b)


class Where(Selection):
    """y = a where the condition holds, else b."""

    def __init__(self, condition: Any) -> None:
        self._first = condition

    def compute(self, a: Any, b: Any) -> Any:
        return np.where(self._first, a, b)


class Clip(Elementwise):
    """y = x, at least x_min and at most x_max."""

    def __init__(self, x_min: Any, x_max: Any) -> None:
        self._bounds = x_min, x_max

    def compute(self, x: Any) -> Any:
        return x.clip(*[None if bound is None else typed(bound, x) for bound in self._bounds])

    def derivative(self, x: Any) -> Any:
        x = as_array(x)
        low, high = self._bounds
        inside = np.ones(x.shape, bool) if low is None else x >= low
        return inside if high is None else inside & (x <= high)


def maximum(x1: Any, x2: Any) -> Variable:
    """Return the larger of two arrays, elementwise.

    The operands broadcast. Where they are equal the gradient goes to x1.

    Args:
        x1: Variable or array.
        x2: Variable or array of the same dtype.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.maximum(np.array([1.0, 5.0]), np.array([3.0, 2.0]))
        variable([3., 5.])
    """
    return Maximum().apply((x1, x2))[0]


def minimum(x1: Any, x2: Any) -> Variable:
    """Return the smaller of two arrays, elementwise.

    The operands broadcast. Where they are equal the gradient goes to x1.

    Args:
        x1: Variable or array.
        x2: Variable or array of the same dtype.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.minimum(np.array([1.0, 5.0]), np.array([3.0, 2.0]))
        variable([1., 2.])
    """
    return Minimum().apply((x1, x2))[0]


def where(condition: Any, x: Any, y: Any) -> Variable:
    """Return elements of x where a condition holds, and of y elsewhere.

    The three broadcast.

    Args:
        condition: array or Variable of booleans (numbers count as true where they are not 0).
        x: Variable or array.
        y: Variable or array of the same dtype.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.where(np.array([True, False]), np.array([1.0, 2.0]), np.array([-1.0, -2.0]))
        variable([ 1., -2.])
    """
    return Where(as_array(condition).astype(bool)).apply((x, y))[0]


def clip(x: Any, x_min: Any, x_max: Any) -> Variable:
    """Return the elements, held between two bounds.

    The gradient passes where x is inside, the bounds included.

    Args:
        x: Variable or array of any shape, floating dtype.
        x_min (float): lower bound, or None.
        x_max (float): upper bound, or None.

    Returns:
        Variable of the same shape.

    Raises:
        ValueError: when x_min is larger than x_max.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.clip(np.array([-2.0, 0.5, 2.0]), -1.0, 1.0)
        variable([-1. ,  0.5,  1. ])
    """
    if x_min is not None and x_max is not None and np.any(x_min > x_max):
        raise ValueError(f'clip: x_min must not be larger than x_max, but they are {x_min} and {x_max}.')
    return Clip(x_min, x_max).apply_to(x)
