"""float16 in, float32 inside, float16 out: how functions that add up many terms or divide by little are computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import Cast
from chaingrad.autograd.variable import Variable, as_variable
from chaingrad.functions.checks import require_floats


def upcast(x: Any) -> Any:
    """Return an array or Variable in float32 where it is in float16, else as it is."""
    return downcast(x, np.float32) if x.dtype == np.float16 else x


def downcast(x: Any, dtype: Any) -> Any:
    """Return an array or Variable in a dtype."""
    return x if x.dtype == dtype else Cast.of(x, dtype=dtype)


def upcast_inputs(who: str, **inputs: Any) -> list[Variable]:
    """Return the inputs as Variables of one floating dtype, float32 in place of float16; raise when they differ."""
    xs = {name: as_variable(x) for name, x in inputs.items()}
    require_floats(who, **xs)
    return [upcast(x) for x in xs.values()]
