"""sin and cos."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.variable import Variable
from chaingrad.functions.elementwise.base import Elementwise


class Sin(Elementwise):
    """y = sin(x)."""

    label = 'sin'
    ufunc = np.sin

    def slope(self, x: Any) -> Any:
        return Cos.of(x)


class Cos(Elementwise):
    """y = cos(x)."""

    label = 'cos'
    ufunc = np.cos

    def slope(self, x: Any) -> Any:
        return -Sin.of(x)


def sin(x: Any) -> Variable:
    """Return the sine, elementwise.

    Args:
        x: Variable or array of any shape, floating dtype, radians.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.sin(np.array([0.0, np.pi / 2]))
        variable([0., 1.])
    """
    return Sin().apply((x,))[0]


def cos(x: Any) -> Variable:
    """Return the cosine, elementwise.

    Args:
        x: Variable or array of any shape, floating dtype, radians.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.cos(np.array([0.0, np.pi]))
        variable([ 1., -1.])
    """
    return Cos().apply((x,))[0]


provide(np.sin, sin)
provide(np.cos, cos)
