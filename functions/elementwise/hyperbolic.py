"""sinh, cosh and arctanh (tanh is an activation function)."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.variable import Variable
from chaingrad.functions.elementwise.base import Elementwise


class Sinh(Elementwise):
    """y = sinh(x)."""

    label = 'sinh'
    ufunc = np.sinh

    def slope(self, x: Any) -> Any:
        return Cosh.of(x)


class Cosh(Elementwise):
    """y = cosh(x)."""

    label = 'cosh'
    ufunc = np.cosh

    def slope(self, x: Any) -> Any:
        return Sinh.of(x)


class Arctanh(Elementwise):
    """y = arctanh(x)."""

    label = 'arctanh'
    ufunc = np.arctanh

    def slope(self, x: Any) -> Any:
        return 1 / (1 - x * x)


def sinh(x: Any) -> Variable:
    """Return the hyperbolic sine, elementwise.

    y = (exp(x) - exp(-x)) / 2.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.sinh(np.array([0.0, 1.0]))
        variable([0.        , 1.17520119])
    """
    return Sinh().apply((x,))[0]


def cosh(x: Any) -> Variable:
    """Return the hyperbolic cosine, elementwise.

    y = (exp(x) + exp(-x)) / 2.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.cosh(np.array([0.0, 1.0]))
        variable([1.        , 1.54308063])
    """
    return Cosh().apply((x,))[0]


def arctanh(x: Any) -> Variable:
    """Return the inverse hyperbolic tangent, elementwise.

    y = log((1 + x) / (1 - x)) / 2.

    Args:
        x: Variable or array of any shape, floating dtype, in (-1, 1).

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.arctanh(np.array([0.0, 0.5]))
        variable([0.        , 0.54930614])
    """
    return Arctanh().apply((x,))[0]


provide(np.sinh, sinh)
provide(np.cosh, cosh)
provide(np.arctanh, arctanh)
