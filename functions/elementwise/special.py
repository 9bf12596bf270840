"""The base of elementwise functions that SciPy computes."""

from typing import Any, ClassVar

from chaingrad.autograd.elementwise import Elementwise
from chaingrad.functions.kernels.special import special_array


class Special(Elementwise):
    """y = f(x), under the name that SciPy has for the label unless `special` says another."""

    special: ClassVar[str] = ''

    def compute(self, x: Any) -> Any:
        return special_array(self.special or self.label, x)
