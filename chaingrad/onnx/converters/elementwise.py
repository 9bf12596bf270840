"""Functions of one array, element by element, and the arithmetic of arrays and numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chaingrad.autograd import arithmetic
from chaingrad.functions.elementwise import (
    addition,
    affine,
    comparison,
    errors,
    exponential,
    rounding,
    trigonometric,
)
from chaingrad.functions.elementwise.identity import Identity
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS', 'Converter', 'same', 'with_constant']

Converter = Callable[[Call], None]


def same(kind: str, **attributes: object) -> Converter:
    """Return a converter to the operator that does the same."""

    def convert(call: Call) -> None:
        call.end(kind, *call.input_names, **attributes)

    return convert


def _number(call: Call, value: Any, twin: Any) -> str:
    """Return the name of a number, which may be a multiple of the batch size: programs divide by len(x)."""
    if np.array_equal(value, twin):
        return call.number(value)
    n, m = call.graph.batch
    if not n or value % n or twin % m or value // n != twin // m:
        raise call.fail_outside('a number')
    size = call.add('Squeeze', call.sizes([int(value)], [int(twin)]), call.sizes([0]))
    return call.add('Cast', size, to={'float16': 10, 'float32': 1, 'float64': 11}[call.x.dtype.name])


def with_constant(kind: str, first: bool = False) -> Converter:
    """Return a converter to an operator of the array and the constant of the function."""

    def convert(call: Call) -> None:
        names = [*call.input_names, _number(call, call.func.value, call.twin.value)]
        call.end(kind, *(names[::-1] if first else names))

    return convert


def _expm1(call: Call) -> None:
    # exp(x) - 1 = 2 tanh(x/2) / (1 - tanh(x/2)) loses nothing near 0; the quotient is used below 1 only.
    x = call.input_names[0]
    half = call.add('Tanh', call.add('Mul', x, call.number(0.5)))
    small = call.add('Div', call.add('Mul', half, call.number(2)), call.add('Sub', call.number(1), half))
    large = call.add('Sub', call.add('Exp', x), call.number(1))
    call.end('Where', call.add('Less', call.add('Abs', x), call.number(1)), small, large)


def _log1p(call: Call) -> None:
    # log(1 + x) = 2 atanh(x / (2 + x)): no loss near 0.
    x = call.input_names[0]
    quotient = call.add('Div', x, call.add('Add', x, call.number(2)))
    small = call.add('Mul', call.add('Atanh', quotient), call.number(2))
    large = call.add('Log', call.add('Add', x, call.number(1)))
    call.end('Where', call.add('Less', call.add('Abs', x), call.number(0.5)), small, large)


def _scaled_log(factor: float) -> Converter:
    def convert(call: Call) -> None:
        call.end('Mul', call.add('Log', call.input_names[0]), call.number(factor))

    return convert


def _fix(call: Call) -> None:
    x = call.input_names[0]
    down, up = call.add('Floor', x), call.add('Ceil', x)
    call.end('Where', call.add('Less', x, call.number(0)), up, down)


def _rsqrt(call: Call) -> None:
    call.end('Reciprocal', call.add('Sqrt', call.input_names[0]))


def _square(call: Call) -> None:
    call.end('Mul', call.input_names[0], call.input_names[0])


def _squared_difference(call: Call) -> None:
    difference = call.add('Sub', *call.input_names)
    call.end('Mul', difference, difference)


def _arctan2(call: Call) -> None:
    a, b = call.input_names
    zero, pi = call.number(0), call.number(math.pi)
    angle = call.add('Atan', call.add('Div', a, b))
    turn = call.add('Where', call.add('Less', a, zero), call.number(-math.pi), pi)
    whole = call.add('Where', call.add('Less', b, zero), call.add('Add', angle, turn), angle)
    # On the axis b = 0 the quotient is infinite, and 0 / 0 at the origin, where the result is 0.
    upright = call.add('Mul', call.add('Sign', a), call.number(math.pi / 2))
    call.end('Where', call.add('Equal', b, zero), upright, whole)


def _fmod(call: Call) -> None:
    call.end('Mod', *call.input_names, fmod=1)


def _clip(call: Call) -> None:
    low, high = call.func.x_min, call.func.x_max
    names = ['' if value is None else call.number(value) for value in (low, high)]
    call.end('Clip', call.input_names[0], *names)


def _where(call: Call) -> None:
    condition = call.hidden(call.func._first, call.twin._first)
    call.end('Where', condition, *call.input_names)


def _identity(call: Call) -> None:
    for x, y in zip(call.input_names, call.output_names):
        call.add('Identity', x, outputs=[y])


def _erfc(call: Call) -> None:
    call.end('Sub', call.number(1), call.add('Erf', call.input_names[0]))


def _normal_distribution(call: Call) -> str:
    scaled = call.add('Mul', call.input_names[0], call.number(math.sqrt(0.5)))
    return call.add('Add', call.add('Erf', scaled), call.number(1))


def _ndtr(call: Call) -> None:
    call.end('Mul', _normal_distribution(call), call.number(0.5))


def _multi_add(call: Call) -> None:
    call.end('Sum', *call.input_names)


def _linear_interpolate(call: Call) -> None:
    p, x, y = call.input_names
    rest = call.add('Mul', call.add('Sub', call.number(1), p), y)
    call.end('Add', call.add('Mul', p, x), rest)


def _floor_divide(call: Call) -> None:
    call.end('Floor', call.add('Div', *call.input_names))


CONVERTERS: Mapping[type, Converter] = {
    arithmetic.Neg: same('Neg'),
    arithmetic.Absolute: same('Abs'),
    arithmetic.Log: same('Log'),
    Identity: _identity,
    exponential.Exp: same('Exp'),
    exponential.Expm1: _expm1,
    exponential.Log1p: _log1p,
    exponential.Log2: _scaled_log(1 / math.log(2)),
    exponential.Log10: _scaled_log(1 / math.log(10)),
    exponential.Square: _square,
    exponential.RSqrt: _rsqrt,
    exponential.SquaredDifference: _squared_difference,
    exponential.Sqrt: same('Sqrt'),
    rounding.Ceil: same('Ceil'),
    rounding.Floor: same('Floor'),
    rounding.Fix: _fix,
    rounding.Sign: same('Sign'),
    rounding.Fmod: _fmod,
    trigonometric.Sin: same('Sin'),
    trigonometric.Cos: same('Cos'),
    trigonometric.Tan: same('Tan'),
    trigonometric.Arcsin: same('Asin'),
    trigonometric.Arccos: same('Acos'),
    trigonometric.Arctan: same('Atan'),
    trigonometric.Arctan2: _arctan2,
    trigonometric.Sinh: same('Sinh'),
    trigonometric.Cosh: same('Cosh'),
    trigonometric.Arctanh: same('Atanh'),
    comparison.Maximum: same('Max'),
    comparison.Minimum: same('Min'),
    comparison.Where: _where,
    comparison.Clip: _clip,
    addition.MultiAdd: _multi_add,
    affine.LinearInterpolate: _linear_interpolate,
    errors.Erf: same('Erf'),
    errors.Erfc: _erfc,
    errors.Ndtr: _ndtr,
    arithmetic.AddConstant: with_constant('Add'),
    arithmetic.SubFromConstant: with_constant('Sub', first=True),
    arithmetic.MulConstant: with_constant('Mul'),
    arithmetic.DivConstant: with_constant('Div'),
    arithmetic.DivFromConstant: with_constant('Div', first=True),
    arithmetic.PowVarConst: with_constant('Pow'),
    arithmetic.PowConstVar: with_constant('Pow', first=True),
    arithmetic.Add: same('Add'),
    arithmetic.Sub: same('Sub'),
    arithmetic.Mul: same('Mul'),
    arithmetic.Div: same('Div'),
    arithmetic.PowVarVar: same('Pow'),
    arithmetic.FloorDiv: _floor_divide,
}
