"""Names for annotations: arrays, shapes, axes, and the operands of a rule. `Variable | Array` stands in variable.py."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
"""A NumPy array, or a CuPy array, which type checkers take for one."""

Arrays: TypeAlias = tuple[Array, ...]

Shape: TypeAlias = tuple[int, ...]

Axis: TypeAlias = int | tuple[int, ...] | None
"""Axes of a reduction; None stands for all."""

Indexes: TypeAlias = tuple[int, ...]
"""Numbers of a function's inputs or outputs."""

Operand: TypeAlias = Any
"""The operands of a rule: an array in a first-order pass, a Variable under double backprop."""

Operands: TypeAlias = tuple[Any, ...]
