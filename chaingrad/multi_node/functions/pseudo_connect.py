"""pseudo_connect, and what all functions of communication share: the delegate and gradients that are not there."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, as_variable

__all__ = ['PseudoConnect', 'delegate', 'dummy_input', 'filled', 'pseudo_connect', 'specs_of', 'zeros']


def delegate() -> Array:
    """Return the array of a delegate variable: a zero, which stands for what happens on another rank."""
    return np.zeros((), np.float32)


def dummy_input() -> Variable:
    """Return an input that makes gradients reach a function that takes none from this rank."""
    return Variable(delegate(), name='dummy')


def zeros(like: tuple[Any, ...], on_arrays: bool) -> Any:
    """Return zeros of a shape and dtype: an array in a pass on arrays, else a Variable."""
    array = np.zeros(like[0], like[1])
    return array if on_arrays else as_variable(array)


def specs_of(arrays: Any) -> list[tuple[Any, ...]]:
    """Return the shapes and dtypes of arrays."""
    return [(x.shape, x.dtype) for x in arrays]


def filled(gys: Operands, specs: list[tuple[Any, ...]], on_arrays: bool) -> list[Any]:
    """Return gradients, with zeros for those of unused outputs: the other ranks wait for them."""
    return [zeros(spec, on_arrays) if gy is None else gy for gy, spec in zip(gys, specs)]


class PseudoConnect(FunctionNode):
    """ys = xs; the delegate gets a gradient of zeros."""

    def forward(self, inputs: Arrays) -> Arrays:
        self._specs = specs_of(inputs)
        return inputs[1:]

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        gys = filled(grad_outputs, self._specs[1:], self._array_pass)
        gradients = (zeros(self._specs[0], self._array_pass), *gys)
        return tuple([gradients[i] for i in indexes])


def pseudo_connect(delegate_variable: Any, *actual_variables: Any) -> Any:
    """Return variables as they are, joined to a delegate variable, so that backward also reaches what that stands for.

    Args:
        delegate_variable (Variable): what `send` returned; None changes nothing.
        *actual_variables: Variables or arrays.

    Returns:
        Variable, or a tuple where there are several.

    Example:
        >>> import numpy as np
        >>> from chaingrad import Variable, multi_node
        >>> phi, x = Variable(np.zeros(2)), Variable(np.array(3.0))
        >>> y = multi_node.functions.pseudo_connect(phi, x)
        >>> y.backward()
        >>> y.array, x.grad, phi.grad
        (array(3.), array(1.), array([0., 0.]))

    Source: ChainerMN's `pseudo_connect`.
    """
    if delegate_variable is None:
        return actual_variables[0] if len(actual_variables) == 1 else actual_variables
    ys = PseudoConnect().apply((delegate_variable, *actual_variables))
    return ys[0] if len(ys) == 1 else ys
