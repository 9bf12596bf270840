"""In which dtype a function computes: float16 in float32, and two floating dtypes in the wider one.

A function whose inputs may differ in dtype computes in `upcast(x, *others)`. Its gradients go back to the dtypes of the
inputs with `downcast`, and so does its result where it has the dtype of x.
"""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.array_ops import cast, downcast, upcast
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions.checks import require_floats

__all__ = ['downcast', 'promoted', 'upcast', 'upcast_inputs']


def upcast_inputs(who: str, **inputs: VariableOrArray) -> list[Variable]:
    """Return the inputs as Variables of one floating dtype, float32 in place of float16; raise when they differ."""
    xs = {name: as_variable(x) for name, x in inputs.items()}
    require_floats(who, **xs)
    return [upcast(x) for x in xs.values()]


def promoted(a: VariableOrArray, b: VariableOrArray) -> tuple[Variable, Variable]:
    """Return two operands of a product in the wider of their dtypes where both are floating, else as they are."""
    if a.dtype == b.dtype or not a.dtype.kind == b.dtype.kind == 'f':
        return as_variable(a), as_variable(b)
    dtype = np.promote_types(a.dtype, b.dtype)
    return cast(a, dtype), cast(b, dtype)
