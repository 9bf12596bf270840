"""The gradient of an array of which a function has used a part: zero elsewhere, and written when it is added.

A loop over the rows of an array uses each of them in a function of its own. If each made an array of zeros for its
gradient, the loop would take the square of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.annotations import Array, Shape

LEAST = 16_384
"""Number of elements of the whole array from which this is faster than an array of zeros."""


class PartGradient(NamedTuple):
    """A gradient that a rule may return in a pass on arrays.

    Attributes:
        shape, dtype: those of the whole array.
        add_to: adds the part to an array of that shape, in place.
    """

    shape: Shape
    dtype: np.dtype[Any]
    add_to: Callable[[Array], None]

    def array(self) -> Array:
        """Return the gradient as an array."""
        whole = np.zeros(self.shape, self.dtype)
        self.add_to(whole)
        return whole


def whole(g: Any) -> Any:
    """Return a gradient as an array, or as the Variable that it is."""
    return g.array() if type(g) is PartGradient else g
