"""Parameter, a link that is nothing but one parameter."""

from __future__ import annotations

from chaingrad.autograd import parameter
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.elementwise.identity import identity
from chaingrad.links.link import Link


class Parameter(Link):
    """A link that holds one parameter and returns it when called.

    Args:
        array: Variable or array, the initial value.

    Attributes:
        W (chaingrad.Parameter): the parameter.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> start = L.Parameter(np.array([1.0, 2.0]))
        >>> start()
        variable([1., 2.])
    """

    W: parameter.Parameter

    def __init__(self, array: VariableOrArray) -> None:
        super().__init__()
        with self.init_scope():
            self.W = parameter.Parameter(as_array(array))

    def forward(self, volatile: str = 'off') -> Variable:
        """Return the parameter as a Variable.

        Args:
            volatile: only 'off'.

        Returns:
            Variable of the shape of the array.

        Raises:
            ValueError: when volatile is not 'off'.
        """
        if volatile != 'off':
            raise ValueError(
                f"Parameter: volatile must be 'off', but it is {volatile!r}. Use no_backprop_mode() for what shall not "
                'be differentiated.'
            )
        return identity(self.W)
