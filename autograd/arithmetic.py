"""The nodes of + - * / // ** and abs: scalars are attributes of nodes of their own (`_ + 1`), arrays are inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import sum_to_shape
from chaingrad.autograd.checks.type_check import InvalidType
from chaingrad.autograd.function_node import FunctionNode


class Neg(FunctionNode):
    """y = -x."""

    label = '__neg__'

    def forward(self, inputs: Any) -> Any:
        return (-inputs[0],)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (-grad_outputs[0],)


class Sign(FunctionNode):
    """y = sign(x); its derivative is zero."""

    label = 'sign'

    def forward(self, inputs: Any) -> Any:
        return (np.sign(inputs[0]),)


class Absolute(FunctionNode):
    """y = |x|."""

    label = '|_|'

    def forward(self, inputs: Any) -> Any:
        self._sign = np.sign(inputs[0])
        return (abs(inputs[0]),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (grad_outputs[0] * self._sign,)


class Log(FunctionNode):
    """y = log(x)."""

    label = 'log'
    _retained_inputs = (0,)

    def forward(self, inputs: Any) -> Any:
        return (np.log(inputs[0]),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (grad_outputs[0] / self.get_retained_inputs()[0],)


class Constant(FunctionNode):
    """Base of the nodes with one scalar operand."""

    symbol = '_'

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def label(self) -> str:
        """The expression, such as `_ + 1`."""
        return self.symbol.format(self.value)


class AddConstant(Constant):
    """y = x + c."""

    symbol = '_ + {}'

    def forward(self, inputs: Any) -> Any:
        return (inputs[0] + self.value,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return grad_outputs


class SubConstant(Constant):
    """y = x - c."""

    symbol = '_ - {}'

    def forward(self, inputs: Any) -> Any:
        return (inputs[0] - self.value,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return grad_outputs


class SubFromConstant(Constant):
    """y = c - x."""

    symbol = '{} - _'

    def forward(self, inputs: Any) -> Any:
        return (self.value - inputs[0],)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (-grad_outputs[0],)


class MulConstant(Constant):
    """y = c x."""

    symbol = '_ * {}'

    def forward(self, inputs: Any) -> Any:
        return (inputs[0] * self.value,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (grad_outputs[0] * self.value,)


class DivConstant(Constant):
    """y = x / c."""

    symbol = '_ / {}'

    def forward(self, inputs: Any) -> Any:
        return (inputs[0] / self.value,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (grad_outputs[0] / self.value,)


class DivFromConstant(Constant):
    """y = c / x."""

    symbol = '{} / _'
    _retained_inputs = (0,)

    def forward(self, inputs: Any) -> Any:
        return (self.value / inputs[0],)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (x,) = self.get_retained_inputs()
        return (-(grad_outputs[0] / x) * (self.value / x),)


class PowVarConst(Constant):
    """y = x ** c."""

    symbol = '_ ** {}'
    _retained_inputs = (0,)

    def forward(self, inputs: Any) -> Any:
        return (inputs[0] ** self.value,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (x,) = self.get_retained_inputs()
        c = self.value
        if c == 0:  # 0 * x ** -1 would be NaN at 0
            return (grad_outputs[0] * 0,)
        return (grad_outputs[0] * (c * x ** (c - 1)),)


class PowConstVar(Constant):
    """y = c ** x."""

    symbol = '{} ** _'
    _retained_outputs = (0,)

    def forward(self, inputs: Any) -> Any:
        return (np.asarray(self.value ** inputs[0], inputs[0].dtype),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (y,) = self.get_retained_outputs()
        log_c = float(np.log(self.value)) if self.value != 0 else 0.0
        return (grad_outputs[0] * (y * log_c),)


class Binary(FunctionNode):
    """Base of the nodes with two array operands, which broadcast; a subclass writes the partial derivatives."""

    def forward(self, inputs: Any) -> Any:
        a, b = inputs
        if a.dtype is not b.dtype and a.dtype != b.dtype:
            raise InvalidType(
                f'{self.label}: both operands must have the same dtype, but they are {a.dtype} {a.shape} and '
                f"{b.dtype} {b.shape}. Convert one with F.cast(x, '{a.dtype}')."
            )
        return (self.compute(a, b),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        inputs = self.inputs
        return tuple([sum_to_shape(self.partial(i, grad_outputs[0]), inputs[i].shape) for i in indexes])

    def compute(self, a: Any, b: Any) -> Any:
        """Return the value."""
        raise NotImplementedError

    def partial(self, i: int, gy: Any) -> Any:
        """Return the gradient of operand i before it is summed to that operand's shape."""
        raise NotImplementedError


class Add(Binary):
    """y = a + b."""

    label = '_ + _'

    def compute(self, a: Any, b: Any) -> Any:
        return a + b

    def partial(self, i: int, gy: Any) -> Any:
        return gy


class Sub(Binary):
    """y = a - b."""

    label = '_ - _'

    def compute(self, a: Any, b: Any) -> Any:
        return a - b

    def partial(self, i: int, gy: Any) -> Any:
        return -gy if i else gy


class Mul(Binary):
    """y = a b."""

    label = '_ * _'
    _retained_inputs = (0, 1)

    def compute(self, a: Any, b: Any) -> Any:
        return a * b

    def partial(self, i: int, gy: Any) -> Any:
        return gy * self.get_retained_inputs()[1 - i]


class Div(Binary):
    """y = a / b."""

    label = '_ / _'
    _retained_inputs = (0, 1)

    def compute(self, a: Any, b: Any) -> Any:
        return a / b

    def partial(self, i: int, gy: Any) -> Any:
        a, b = self.get_retained_inputs()
        return -(gy / b) * (a / b) if i else gy / b


class PowVarVar(Binary):
    """y = a ** b."""

    label = '_ ** _'
    _retained_inputs = (0, 1)
    _retained_outputs = (0,)

    def compute(self, a: Any, b: Any) -> Any:
        self._a_is_zero = (a == 0).astype(a.dtype)
        return a**b

    def partial(self, i: int, gy: Any) -> Any:
        a, b = self.get_retained_inputs()
        if i == 0:
            return gy * (b * a ** (b - 1))
        (y,) = self.get_retained_outputs()
        return gy * (y * Log.of(a + self._a_is_zero))  # log 1 in place of log 0, whose limit with y is 0


class MultiAdd(FunctionNode):
    """y = x_0 + x_1 + ... + x_n, all of one shape."""

    def forward(self, inputs: Any) -> Any:
        y = inputs[0] + inputs[1]
        for x in inputs[2:]:
            y += x
        return (y,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return grad_outputs * len(indexes)


class FloorDiv(Binary):
    """y = floor(a / b); its derivative is zero."""

    label = '_ // _'

    def compute(self, a: Any, b: Any) -> Any:
        return a // b

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (None,) * len(indexes)
