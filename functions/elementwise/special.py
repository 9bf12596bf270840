"""The base of elementwise functions that SciPy computes."""

from __future__ import annotations

from typing import ClassVar

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.functions.kernels.special import special_array


class Special(Elementwise):
    """y = f(x), where f is SciPy's function of the name `special`, or of the label where that is empty."""

    special: ClassVar[str] = ''

    def compute(self, x: Array) -> Array:
        return special_array(self.special or self.label, x)
