"""add: the sum of two or more arrays."""

from __future__ import annotations

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions.checks import describe, require_sequence


class MultiAdd(FunctionNode):
    """y = x_0 + x_1 + ... + x_n, all of one shape."""

    def forward(self, inputs: Arrays) -> Arrays:
        y = inputs[0] + inputs[1]
        for x in inputs[2:]:
            y += x
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return grad_outputs * len(indexes)


def add(*xs: VariableOrArray) -> Variable:
    """Return the sum of two or more arrays, elementwise.

    Two operands broadcast; more than two must have one shape.

    Args:
        xs: Variables or arrays of any shape, of one dtype.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when fewer than two are given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.add(np.array([1.0, 2.0]), np.array([10.0, 10.0]), np.array([5.0, 5.0]))
        variable([16., 17.])
    """
    if len(xs) < 2:
        raise ValueError(f'add: at least two operands are needed, but {len(xs)} were given.')
    if len(xs) == 2:
        return as_variable(xs[0]) + xs[1]
    require_sequence('add', xs)
    for x in xs[1:]:
        if x.shape != xs[0].shape or x.dtype != xs[0].dtype:
            reject(f'add: all operands must have one shape and dtype, but they are {describe(xs)}.')
    return MultiAdd().apply(xs)[0]
