"""The base of functions of one array that work element by element: a ufunc and its slope."""

from __future__ import annotations

from typing import Any, ClassVar

from chaingrad.autograd.checks.type_check import InvalidType
from chaingrad.autograd.function_node import FunctionNode, public_name
from chaingrad.autograd.variable import Variable
from chaingrad.functions.kernels.special import special_array


class Elementwise(FunctionNode):
    """y = f(x), element by element.

    A subclass names the ufunc (or writes `compute(x)`) and one of `slope(x)` and `slope_from_output(y)`, the
    derivative; which one it is decides what is retained. A function that is flat everywhere writes neither.
    """

    ufunc: ClassVar[Any] = None
    slope: ClassVar[Any] = None
    slope_from_output: ClassVar[Any] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if 'slope_from_output' in vars(cls):
            cls._retained_inputs, cls._retained_outputs = (), (0,)
        elif 'slope' in vars(cls):
            cls._retained_inputs, cls._retained_outputs = (0,), ()
        if 'ufunc' in vars(cls):
            cls.compute, cls.of = cls.ufunc, staticmethod(_of_ufunc(cls))  # type: ignore[method-assign, assignment]

    def forward(self, inputs: Any) -> Any:
        x = inputs[0]
        if x.dtype.kind != 'f':
            raise not_floating(self, x)
        return (self.compute(x),)

    def compute(self, x: Any) -> Any:
        """Return f(x) of an array, where no ufunc is named."""
        raise NotImplementedError

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        if self._retained_outputs:
            y = self._output_arrays[0] if self._on_arrays else self.get_retained_outputs()[0]
            return (grad_outputs[0] * self.slope_from_output(y),)
        if self._retained_inputs:
            x = self._input_arrays[0] if self._on_arrays else self.get_retained_inputs()[0]
            return (grad_outputs[0] * self.slope(x),)
        return (None,)


def _of_ufunc(cls: type[Elementwise]) -> Any:
    """Return `cls.of` without a node where x is an array (or scalar): so are slopes computed in a first-order pass."""
    ufunc = cls.ufunc

    def of(x: Any) -> Any:
        return cls().apply((x,))[0] if isinstance(x, Variable) else ufunc(x)

    return of


class Special(Elementwise):
    """Base of the functions that SciPy computes, under the name of the label unless `special` says another."""

    special: ClassVar[str] = ''

    def compute(self, x: Any) -> Any:
        return special_array(self.special or self.label, x)


def not_floating(function: FunctionNode, x: Any, name: str = 'x') -> InvalidType:
    """Return the error for an array that must have a floating dtype."""
    return InvalidType(
        f'{public_name(function)}: {name} must have a floating dtype, but it is {x.dtype} {x.shape}. '
        f"Convert it with F.cast({name}, 'float32')."
    )
