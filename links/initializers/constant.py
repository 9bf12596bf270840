"""Zero and One, and initializers that fill parameters with given arrays."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.initializer import Constant, Initializer
from chaingrad.autograd.variable import VariableOrArray, as_array
from chaingrad.links.annotations import DTypeLike


class Zero(Constant):
    """Fill with zeros.

    Args:
        dtype: dtype of the arrays it makes; None for the one asked for.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import Zero, generate_array
        >>> generate_array(Zero(), (2,), np)
        array([0., 0.], dtype=float32)
    """

    fill_value = 0.0

    def __init__(self, dtype: DTypeLike | None = None) -> None:
        super().__init__(0.0, dtype)


class One(Constant):
    """Fill with ones.

    Args:
        dtype: dtype of the arrays it makes; None for the one asked for.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import One, generate_array
        >>> generate_array(One(), (2,), np)
        array([1., 1.], dtype=float32)
    """

    fill_value = 1.0

    def __init__(self, dtype: DTypeLike | None = None) -> None:
        super().__init__(1.0, dtype)


def with_dtype(initializer: Any, dtype: np.dtype[Any]) -> Any:
    """Return an initializer as it is where it is none of ours or has a dtype, else a copy of that dtype."""
    if isinstance(initializer, Initializer) and initializer.dtype is None:
        initializer = copy.copy(initializer)
        initializer.dtype = dtype
    return initializer


def initializers_from(W: VariableOrArray, b: VariableOrArray | None) -> tuple[Shape, Constant, Constant]:
    """Return the shape of W, and initializers that fill a weight with W and a bias with b, or zeros if b is None."""
    weight: Array = as_array(W)
    bias = 0 if b is None else as_array(b)
    return weight.shape, Constant(weight, weight.dtype), Constant(bias, weight.dtype)
