"""float16 in, float32 inside, float16 out: for functions that sum many terms or divide by small numbers."""

from __future__ import annotations

from chaingrad.autograd.array_ops import downcast, upcast
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions.checks import require_floats

__all__ = ['downcast', 'upcast', 'upcast_inputs']


def upcast_inputs(who: str, **inputs: VariableOrArray) -> list[Variable]:
    """Return the inputs as Variables of one floating dtype, float32 in place of float16; raise when they differ."""
    xs = {name: as_variable(x) for name, x in inputs.items()}
    require_floats(who, **xs)
    return [upcast(x) for x in xs.values()]
