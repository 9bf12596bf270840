"""Elementwise, the base of functions of one array whose output has its shape and dtype: a ufunc and its derivative."""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import ref

import numpy as np

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.backprop import not_scalar
from chaingrad.autograd.configuration import active_hooks, config
from chaingrad.autograd.contract import public_name
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray

_ndarray = np.ndarray
_new = object.__new__
_FLOATS = frozenset(map(np.dtype, 'efd'))


class Elementwise(FunctionNode):
    """y = f(x), element by element.

    A subclass names the ufunc (or writes `compute(x)`) and one of `derivative(x)` and `derivative_from_output(y)`, the
    derivative; which one it is decides what is retained. A flat function writes neither. Both work on
    arrays and Variables alike, as NumPy's ufuncs do. The label is the ufunc's name unless another is written.
    """

    ufunc: ClassVar[Any] = None
    compute: Any  # f(x) of an array; a method where no ufunc is named
    takes_integers = False

    _derivative: ClassVar[Any]  # of x or of y
    _retained: Any = None  # x or y; bare, since a tuple for it costs a tenth of the row sin_20000

    @property
    def _input_arrays(self) -> Arrays:  # type: ignore[override]
        return (self._retained,) if self._retained_inputs and self._retained is not None else ()

    @property
    def _output_arrays(self) -> Arrays:  # type: ignore[override]
        return (self._retained,) if self._retained_outputs and self._retained is not None else ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own: Any = vars(cls)
        if 'derivative' in own:
            cls._derivative = own['derivative']
            cls.backward = cls._backward_from_input  # type: ignore[assignment, method-assign]
            cls._retained_inputs, cls._retained_outputs = (0,), ()
        if 'derivative_from_output' in own:
            cls._derivative = own['derivative_from_output']
            if 'backward' not in own:
                cls.backward = cls._backward_from_output  # type: ignore[assignment, method-assign]
            cls._retained_inputs, cls._retained_outputs = (), (0,)
        if 'ufunc' in own:
            cls.compute = cls.ufunc
            cls.label = own.get('label', cls.ufunc.__name__)  # type: ignore[method-assign]

    def forward(self, inputs: Arrays) -> Arrays:
        x = inputs[0]
        if x.dtype.kind != 'f' and not self.takes_integers:
            reject(not_floating(self, x))
        return (self.compute(x),)

    def _retain(self, inputs: Arrays, outputs: Arrays) -> None:
        if self._retained_inputs:
            self._retained = inputs[0]
        elif self._retained_outputs:
            self._retained = outputs[0]

    def _release(self) -> None:
        self._retained = None

    def _backward_from_input(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        x = self._retained if self._array_pass else self.get_retained_inputs()[0]
        return (grad_outputs[0] * self._derivative(x),)

    def _backward_from_output(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        y = self._retained if self._array_pass else self.get_retained_outputs()[0]
        return (grad_outputs[0] * self._derivative(y),)

    def apply_to(self, x: VariableOrArray) -> Variable:
        """Apply to one Variable or array and return the output.

        It leaves what `apply` leaves, in half the time (rows sin_2000 and mul_2000 of the benchmarks): shape and dtype
        of the output are those of x, and nothing can be wrong with one Variable of a floating dtype. Whatever else is
        given, `apply` takes or refuses.
        """
        if not isinstance(x, Variable) or not x._requires_grad or active_hooks or not config.enable_backprop:
            return self.apply((x,))[0]
        node = x._node
        if node is None:
            node = x._get_node()
        dtype = node._node_dtype
        if dtype not in _FLOATS:
            return self.apply((x,))[0]
        array = x._array
        result = self.compute(array)
        if type(result) is not _ndarray:
            result = not_scalar(result)
        y = _new(Variable)  # without the checks of __init__
        y._array = result
        y._node = self
        self._node_inputs = node
        self.rank = node.rank + 1
        self._node_shape = node._node_shape
        self._node_dtype = dtype
        self._node_variable = ref(y)
        if self._retained_inputs:
            self._retained = array
        elif self._retained_outputs:
            self._retained = result
        return y


def not_floating(function: FunctionNode, x: Any, name: str = 'x') -> InvalidType:
    """Return the error for an array that must have a floating dtype."""
    return InvalidType(
        f'{public_name(function)}: {name} must have a floating dtype, but it is {x.dtype} {x.shape}. '
        f"Convert it with F.cast({name}, 'float32')."
    )
