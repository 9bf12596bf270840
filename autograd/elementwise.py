"""Elementwise, the base of functions of one array whose output has its shape and dtype: a ufunc and its derivative."""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import ref

import numpy as np

from chaingrad.autograd.backprop import not_scalar
from chaingrad.autograd.configuration import active_hooks, config
from chaingrad.autograd.contract import public_name
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable

_ndarray = np.ndarray
_new = object.__new__
_FLOATS = frozenset(map(np.dtype, 'efd'))


class Elementwise(FunctionNode):
    """y = f(x), element by element.

    A subclass names the ufunc (or writes `compute(x)`) and one of `derivative(x)` and `derivative_from_output(y)`, the
    derivative; which one it is decides what is retained. A function that is flat everywhere writes neither. Slopes work
    on arrays and Variables alike: NumPy's ufuncs do. The label is the ufunc's name unless another is written.
    """

    ufunc: ClassVar[Any] = None
    compute: Any  # f(x) of an array; a method where no ufunc is named
    takes_integers = False

    _derivative: ClassVar[Any]  # the derivative, of x or of y
    _kept: Any = None  # x or y, whichever it needs

    def _get_kept(self) -> tuple[Any, ...]:
        return () if self._kept is None else (self._kept,)

    def _set_kept(self, arrays: tuple[Any, ...]) -> None:
        self._kept = arrays[0] if arrays else None

    _input_arrays = _output_arrays = property(_get_kept, _set_kept)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, inputs, outputs in (('derivative', (0,), ()), ('derivative_from_output', (), (0,))):
            if name in vars(cls):
                cls._retained_inputs, cls._retained_outputs, cls._derivative = inputs, outputs, vars(cls)[name]
                cls.backward = cls._chain_rule  # type: ignore[assignment, method-assign]
        if 'ufunc' in vars(cls):
            cls.compute, cls.label = cls.ufunc, vars(cls).get('label', cls.ufunc.__name__)  # type: ignore[method-assign]

    def forward(self, inputs: Any) -> Any:
        x = inputs[0]
        if x.dtype.kind != 'f' and not self.takes_integers:
            raise not_floating(self, x)
        return (self.compute(x),)

    def _chain_rule(self, indexes: Any, grad_outputs: Any) -> Any:
        """The backward of every function that has a derivative."""
        kept = self._kept if self._array_pass else (self.get_retained_inputs() or self.get_retained_outputs())[0]
        return (grad_outputs[0] * self._derivative(kept),)

    def apply_to(self, x: Any) -> Variable:
        """Apply to one Variable or array and return the output.

        It leaves what `apply` leaves, in half the time: shape and dtype need not be asked for, and nothing can be wrong
        with one Variable of a floating dtype. Whatever else is given, `apply` takes or refuses.
        """
        if isinstance(x, Variable) and config.enable_backprop and not active_hooks:
            place = x.node if x._place is None else x._place
            if place.place_differentiable and place.place_dtype in _FLOATS:
                y = self.compute(x._array)
                self._source = place
                self.place_rank = place.place_rank + 1
                self.place_dtype, self.place_shape = place.place_dtype, place.place_shape
                variable = _new(Variable)  # without the checks of __init__
                variable._array = y if type(y) is _ndarray else (y := not_scalar(y))
                variable._place = self
                self._variable = ref(variable)
                if self._retained_inputs:
                    self._kept = x._array
                elif self._retained_outputs:
                    self._kept = y
                return variable
        return self.apply((x,))[0]


def not_floating(function: FunctionNode, x: Any, name: str = 'x') -> InvalidType:
    """Return the error for an array that must have a floating dtype."""
    return InvalidType(
        f'{public_name(function)}: {name} must have a floating dtype, but it is {x.dtype} {x.shape}. '
        f"Convert it with F.cast({name}, 'float32')."
    )
