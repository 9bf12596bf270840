"""mean_squared_error."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.checks.type_check import InvalidType
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable
from chaingrad.functions.elementwise.base import not_floating


class MeanSquaredError(FunctionNode):
    """y = mean((x0 - x1) ** 2)."""

    _retained_inputs = (0, 1)

    def forward(self, inputs: Any) -> Any:
        x0, x1 = inputs
        check_same('mean_squared_error', x0, x1)
        if x0.dtype.kind != 'f':
            raise not_floating(self, x0, 'x0')
        d = x0 - x1
        if d.dtype == np.float16:
            d = d.astype(np.float32)
        if type(d) is np.ndarray:
            y = np.vdot(d, d) / max(d.size, 1)  # half the cost of (d * d).sum() on small arrays
        else:
            y = (d * d).sum() / max(d.size, 1)
        return (y.astype(x0.dtype),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        x0, x1 = self.get_retained_inputs()
        g = grad_outputs[0] * (2.0 / max(x0.size, 1)) * (x0 - x1)
        return tuple([-g if i else g for i in indexes])


def check_same(who: str, x0: Any, x1: Any) -> None:
    """Raise unless two arrays have the same shape and dtype."""
    if x0.shape == x1.shape and (x0.dtype is x1.dtype or x0.dtype == x1.dtype):
        return
    advice = ''
    if {x0.ndim, x1.ndim} == {1, 2} and x0.size == x1.size:
        advice = ' Reshape one: (n, 1) against (n,) would broadcast to (n, n).'
    elif x0.shape == x1.shape:
        advice = f" Convert one with F.cast(x, '{x0.dtype}')."
    raise InvalidType(
        f'{who}: x0.shape == x1.shape and x0.dtype == x1.dtype must hold, but x0 is {x0.dtype} {x0.shape} and x1 is '
        f'{x1.dtype} {x1.shape}.{advice}'
    )


def mean_squared_error(x0: Any, x1: Any) -> Variable:
    """Return the mean of the squared differences.

    y = sum((x0 - x1) ** 2) / n, over all n elements.

    Args:
        x0: Variable or array of any shape, floating dtype.
        x1: Variable or array of the same shape and dtype.

    Returns:
        Variable of no axes.

    Raises:
        InvalidType: when shapes or dtypes differ.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.mean_squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        variable(2.)
    """
    return MeanSquaredError().apply((x0, x1))[0]
