"""identity, which returns its arguments as they are."""

from __future__ import annotations

from typing import overload

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, VariableOrArray


class Identity(FunctionNode):
    """y_i = x_i."""

    def forward(self, inputs: Arrays) -> Arrays:
        return inputs

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return tuple([grad_outputs[i] for i in indexes])


@overload
def identity(x: VariableOrArray, /) -> Variable: ...
@overload
def identity(x: VariableOrArray, y: VariableOrArray, /, *more: VariableOrArray) -> tuple[Variable, ...]: ...
def identity(*inputs: VariableOrArray) -> Variable | tuple[Variable, ...]:
    """Return the arrays as they are.

    y = x.

    Args:
        inputs: Variables or arrays of any shapes.

    Returns:
        Variable; a tuple of them where several were given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.identity(np.array([1.0, 2.0]))
        variable([1., 2.])
    """
    outputs = Identity().apply(inputs)
    return outputs[0] if len(outputs) == 1 else outputs
