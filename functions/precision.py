"""float16 in, float32 inside, float16 out: for functions that sum many terms or divide by small numbers."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike

from chaingrad.autograd.array_ops import Cast
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions.checks import require_floats

_Operand = TypeVar('_Operand', bound=VariableOrArray)


def upcast(x: _Operand) -> _Operand:
    """Return an array or Variable in float32 where it is in float16, else as it is."""
    return downcast(x, np.float32) if x.dtype == np.float16 else x


def downcast(x: _Operand, dtype: DTypeLike) -> _Operand:
    """Return an array or Variable in another dtype."""
    return x if x.dtype == dtype else Cast.of(x, dtype=dtype)


def upcast_inputs(who: str, **inputs: VariableOrArray) -> list[Variable]:
    """Return the inputs as Variables of one floating dtype, float32 in place of float16; raise when they differ."""
    xs = {name: as_variable(x) for name, x in inputs.items()}
    require_floats(who, **xs)
    return [upcast(x) for x in xs.values()]
