"""exp, log and sqrt."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import Log
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.variable import Variable
from chaingrad.functions.elementwise.base import Elementwise


class Exp(Elementwise):
    """y = exp(x)."""

    label = 'exp'
    ufunc = np.exp

    def slope_from_output(self, y: Any) -> Any:
        return y


class Sqrt(Elementwise):
    """y = x ** 0.5."""

    label = 'sqrt'
    ufunc = np.sqrt

    def slope_from_output(self, y: Any) -> Any:
        return 0.5 / y


def exp(x: Any) -> Variable:
    """Return the exponential function, elementwise.

    y = e ** x.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.exp(np.array([0.0, 1.0]))
        variable([1.        , 2.71828183])
    """
    return Exp().apply((x,))[0]


def log(x: Any) -> Variable:
    """Return the natural logarithm, elementwise.

    Args:
        x: Variable or array of any shape, floating dtype, positive.

    Returns:
        Variable of the same shape.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.log(np.array([1.0, np.e]))
        variable([0., 1.])
    """
    return Log().apply((x,))[0]


def sqrt(x: Any) -> Variable:
    """Return the square root, elementwise.

    y = x ** 0.5; the derivative at 0 is infinite.

    Args:
        x: Variable or array of any shape, floating dtype, not negative.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.sqrt(np.array([4.0, 9.0]))
        variable([2., 3.])
    """
    return Sqrt().apply((x,))[0]


provide(np.exp, exp)
provide(np.log, log)
provide(np.sqrt, sqrt)
