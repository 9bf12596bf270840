"""Parameters that are changed by their gradients. The equations stand with the rules, in `optimizers/`."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.functions.kernels.twins import with_twin


@with_twin
def update(rule: str, x: Array, g: Array, state: tuple[Array, ...], numbers: tuple[float, ...]) -> bool:
    """Change a parameter and the state of its rule in one pass over memory; return False where only NumPy can.

    Args:
        rule: name of the rule.
        x, g: parameter and gradient.
        state: the arrays of the rule's state, in its order.
        numbers: the numbers in its equation.
    """
    return False
