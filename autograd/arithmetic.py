"""The nodes of + - * / // ** and abs; `operators.py` makes the operators of Variable from them.

A plain operand (number or array) is cast to the Variable's dtype. Scalars are attributes of nodes of their own
(`_ + 1`), arrays are inputs. Between two Variables the dtypes must be equal.
"""

import operator
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands, Shape
from chaingrad.autograd.array_ops import SumTo
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, as_array


def typed(value: Any, x: Any) -> Any:
    """Return a scalar as an array of x's dtype: NumPy takes twice as long to compute with a Python number."""
    return np.asarray(value, x.dtype) if type(x) is np.ndarray else value


class Neg(Elementwise):
    """y = -x."""

    label = '__neg__'
    ufunc = np.negative
    takes_integers = True

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (-grad_outputs[0],)


class Absolute(Elementwise):
    """y = |x|."""

    label = '|_|'
    ufunc = np.absolute
    derivative = np.sign
    takes_integers = True


class Log(Elementwise):
    """y = log(x)."""

    ufunc = np.log
    takes_integers = True
    _retained_inputs = (0,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (grad_outputs[0] / self.get_retained_inputs()[0],)  # where 1 / x would overflow, this need not


class Constant(Elementwise):
    """Base of the nodes with one scalar operand."""

    symbol = '_'
    operation: Any  # the value, from x and the scalar
    takes_integers = True

    def __init__(self, value: Any) -> None:
        self.value = value

    def compute(self, x: Array) -> Any:
        return self.operation(x, typed(self.value, x))

    @property
    def label(self) -> str:
        """The expression, such as `_ + 1`."""
        return self.symbol.format(self.value)


class AddConstant(Constant):
    """y = x + c."""

    symbol = '_ + {}'
    operation = operator.add

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return grad_outputs


class SubFromConstant(Constant):
    """y = c - x."""

    symbol = '{} - _'
    operation = staticmethod(lambda x, c: c - x)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (-grad_outputs[0],)


class MulConstant(Constant):
    """y = c x."""

    symbol = '_ * {}'
    operation: Any = operator.mul

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (self.operation(grad_outputs[0], typed(self.value, grad_outputs[0])),)


class DivConstant(MulConstant):
    """y = x / c."""

    symbol = '_ / {}'
    operation = operator.truediv


class DivFromConstant(Constant):
    """y = c / x."""

    symbol = '{} / _'
    _retained_inputs = (0,)
    operation = staticmethod(lambda x, c: c / x)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        return (-(grad_outputs[0] / x) * (self.value / x),)


class PowVarConst(Constant):
    """y = x ** c."""

    symbol = '_ ** {}'
    operation = operator.pow

    def derivative(self, x: Operand) -> Operand:
        c = self.value
        return c * x ** (c - 1 if c != 0 else 0)  # 0 * x ** -1 would be NaN at 0


class PowConstVar(Constant):
    """y = c ** x."""

    symbol = '{} ** _'
    operation = staticmethod(lambda x, c: c**x)

    def derivative_from_output(self, y: Operand) -> Operand:
        if self.value == 0:  # y log 0, where its limit is not 0: where y is infinite
            return y * -(as_array(y) == np.inf).astype(y.dtype)
        return y * float(np.log(self.value))


class Binary(FunctionNode):
    """Base of the nodes with two array operands, which broadcast; a subclass writes the partial derivatives."""

    _advice = 'Axes are compared from the last one on: make them equal, or insert some of length 1 with x[:, None].'
    compute: Any  # the value, from two arrays
    partial: Any  # the gradient of operand i from gy and the retained operands, before it is summed to i's shape
    _in_shapes: tuple[Shape, Shape] | None = None  # where the operands broadcast

    def forward(self, inputs: Arrays) -> Arrays:
        a, b = inputs
        if a.dtype is not b.dtype and a.dtype != b.dtype:
            reject(
                f'{self.label}: both operands must have the same dtype, but they are {a.dtype} {a.shape} and '
                f"{b.dtype} {b.shape}. Convert one with F.cast(x, '{a.dtype}')."
            )
        if a.shape != b.shape:
            self._in_shapes = (a.shape, b.shape)
        return (self.compute(a, b),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        gxs = []
        retained = self.get_retained_inputs() if self._retained_inputs else ()
        for i in indexes:
            g = self.partial(i, grad_outputs[0], *retained)
            if self._in_shapes is not None and g.shape != self._in_shapes[i]:
                g = SumTo.of(g, shape=self._in_shapes[i])
            gxs.append(g)
        return tuple(gxs)


class Add(Binary):
    """y = a + b."""

    label = '_ + _'
    compute = operator.add

    def partial(self, i: int, gy: Operand, *retained: Operand) -> Operand:
        return gy


class Sub(Binary):
    """y = a - b."""

    label = '_ - _'
    compute = operator.sub

    def partial(self, i: int, gy: Operand, *retained: Operand) -> Operand:
        return -gy if i else gy


class Mul(Binary):
    """y = a b."""

    label = '_ * _'
    compute = operator.mul
    _retained_inputs = (0, 1)

    def partial(self, i: int, gy: Operand, *retained: Operand) -> Operand:
        return gy * retained[1 - i]


class Div(Binary):
    """y = a / b."""

    label = '_ / _'
    compute = operator.truediv
    _retained_inputs = (0, 1)

    def partial(self, i: int, gy: Operand, *retained: Operand) -> Operand:
        a, b = retained
        return -(gy / b) * (a / b) if i else gy / b


class PowVarVar(Binary):
    """y = a ** b."""

    label = '_ ** _'
    _retained_inputs = (0, 1)
    _retained_outputs = (0,)

    compute = operator.pow

    def partial(self, i: int, gy: Operand, *retained: Operand) -> Operand:
        a, b = retained
        zero = as_array(a) == 0
        if i == 0:
            exponent = b - 1
            if zero.any():  # at 0 ** 0 the exponent -1 would give 0 * inf
                exponent = exponent + (zero & (as_array(b) == 0)).astype(a.dtype)
            return gy * (b * a**exponent)
        if zero.any():  # log 1 in place of log 0, whose limit with y is 0 where b is positive
            a = a + (zero & (as_array(b) >= 0)).astype(a.dtype)
        (y,) = self.get_retained_outputs()
        return gy * (y * Log.of(a))


class FloorDiv(Binary):
    """y = floor(a / b); its derivative is zero."""

    label = '_ // _'
    compute = operator.floordiv
    backward = FunctionNode.backward  # type: ignore[assignment]


def neg(self: Any) -> Variable:
    """Return -x.

    Args:
        self: Variable or array of any shape.
    """
    return Neg().apply_to(self)


def absolute(self: Any) -> Variable:
    """Return the absolute value, elementwise.

    y = |x|, whose derivative at 0 is taken as 0.

    Args:
        self: Variable or array of any shape, floating or integer dtype.

    Returns:
        Variable of the same shape.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.absolute(np.array([-1.0, 2.0]))
        variable([1., 2.])
    """
    return Absolute().apply_to(self)
