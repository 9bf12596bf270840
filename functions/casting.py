"""float16 in, float32 inside, float16 out: how functions that add up many terms or divide by little are computed."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.array_ops import downcast, upcast
from chaingrad.autograd.variable import Variable, as_variable
from chaingrad.functions.checks import require_floats

__all__ = ['downcast', 'upcast', 'upcast_inputs']


def upcast_inputs(who: str, **inputs: Any) -> list[Variable]:
    """Return the inputs as Variables of one floating dtype, float32 in place of float16; raise when they differ."""
    xs = {name: as_variable(x) for name, x in inputs.items()}
    require_floats(who, **xs)
    return [upcast(x) for x in xs.values()]
