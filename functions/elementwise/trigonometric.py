"""sin, cos, tan, sinh, cosh and inverse functions (tanh is an activation function)."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Operand
from chaingrad.autograd.arithmetic import Binary
from chaingrad.autograd.elementwise import Elementwise, not_floating
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray


class Sin(Elementwise):
    """y = sin(x)."""

    ufunc = np.sin
    derivative = np.cos


class Cos(Elementwise):
    """y = cos(x)."""

    ufunc = np.cos

    def derivative(self, x: Operand) -> Operand:
        return -np.sin(x)


class Tan(Elementwise):
    """y = tan(x)."""

    ufunc = np.tan

    def derivative_from_output(self, y: Operand) -> Operand:
        return 1 + y * y


class Arcsin(Elementwise):
    """y = arcsin(x)."""

    ufunc = np.arcsin

    def derivative(self, x: Operand) -> Operand:
        return 1 / np.sqrt(1 - x * x)


class Arccos(Elementwise):
    """y = arccos(x)."""

    ufunc = np.arccos

    def derivative(self, x: Operand) -> Operand:
        return -1 / np.sqrt(1 - x * x)


class Arctan(Elementwise):
    """y = arctan(x)."""

    ufunc = np.arctan

    def derivative(self, x: Operand) -> Operand:
        return 1 / (1 + x * x)


class Arctan2(Binary):
    """y = the angle of the point (b, a)."""

    label = 'arctan2'
    _retained_inputs = (0, 1)

    def compute(self, a: Array, b: Array) -> Array:
        if a.dtype.kind != 'f':
            reject(not_floating(self, a, 'x1'))
        return np.arctan2(a, b)

    def partial(self, i: int, gy: Operand, a: Operand, b: Operand) -> Operand:
        numerator = b if i == 0 else -a
        return gy * (numerator / (a * a + b * b))


def sin(x: VariableOrArray) -> Variable:
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
    return Sin().apply_to(x)


def cos(x: VariableOrArray) -> Variable:
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
    return Cos().apply_to(x)


def tan(x: VariableOrArray) -> Variable:
    """Return the tangent, elementwise.

    y = sin(x) / cos(x).

    Args:
        x: Variable or array of any shape, floating dtype, radians.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.tan(np.array([0.0, np.pi / 4]))
        variable([0., 1.])
    """
    return Tan().apply_to(x)


def arcsin(x: VariableOrArray) -> Variable:
    """Return the inverse sine, elementwise.

    The derivative is infinite at -1 and 1; the value is NaN outside [-1, 1].

    Args:
        x: Variable or array of any shape, floating dtype, in [-1, 1].

    Returns:
        Variable of the same shape, in [-pi / 2, pi / 2].

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.arcsin(np.array([0.0, 1.0]))
        variable([0.        , 1.57079633])
    """
    return Arcsin().apply_to(x)


def arccos(x: VariableOrArray) -> Variable:
    """Return the inverse cosine, elementwise.

    The derivative is infinite at -1 and 1; the value is NaN outside [-1, 1].

    Args:
        x: Variable or array of any shape, floating dtype, in [-1, 1].

    Returns:
        Variable of the same shape, in [0, pi].

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.arccos(np.array([1.0, 0.0]))
        variable([0.        , 1.57079633])
    """
    return Arccos().apply_to(x)


def arctan(x: VariableOrArray) -> Variable:
    """Return the inverse tangent, elementwise.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape, in (-pi / 2, pi / 2).

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.arctan(np.array([0.0, 1.0]))
        variable([0.        , 0.78539816])
    """
    return Arctan().apply_to(x)


def arctan2(x1: VariableOrArray, x2: VariableOrArray) -> Variable:
    """Return the angle of the points (x2, x1), elementwise.

    y = arctan(x1 / x2), in the quadrant of the point. The operands broadcast; there is no derivative at (0, 0).

    Args:
        x1: Variable or array of any shape, floating dtype: the y coordinates of the points.
        x2: Variable or array of the same dtype: the x coordinates.

    Returns:
        Variable of the broadcast shape, in [-pi, pi].

    Raises:
        InvalidType: when shapes or dtypes do not fit, or the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.arctan2(np.array([1.0, 0.0]), np.array([1.0, -1.0]))
        variable([0.78539816, 3.14159265])
    """
    return Arctan2().apply((x1, x2))[0]


class Sinh(Elementwise):
    """y = sinh(x)."""

    ufunc = np.sinh
    derivative = np.cosh


class Cosh(Elementwise):
    """y = cosh(x)."""

    ufunc = np.cosh
    derivative = np.sinh


class Arctanh(Elementwise):
    """y = arctanh(x)."""

    ufunc = np.arctanh

    def derivative(self, x: Operand) -> Operand:
        return 1 / (1 - x * x)


def sinh(x: VariableOrArray) -> Variable:
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
    return Sinh().apply_to(x)


def cosh(x: VariableOrArray) -> Variable:
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
    return Cosh().apply_to(x)


def arctanh(x: VariableOrArray) -> Variable:
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
    return Arctanh().apply_to(x)
