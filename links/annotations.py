"""Names for the annotations of links: initial values of parameters, dtypes, sources of randomness, sizes of windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from chaingrad.autograd.annotations import Array

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt  # costs milliseconds to import

InitialValue: TypeAlias = Callable[[Array], None] | Array | float | None
"""An initializer (any callable that fills an array in place), an array, a number, or None for the default."""

DTypeLike: TypeAlias = 'npt.DTypeLike'
"""A dtype, or whatever numpy.dtype makes one of."""

RandomSource: TypeAlias = 'np.random.RandomState | np.random.Generator | None'
"""A generator to draw from (cupy's on a GPU), or None for the global one."""

Size: TypeAlias = int | tuple[int, ...]
"""Sides, steps or paddings of a window: one for all axes, or one for each."""
