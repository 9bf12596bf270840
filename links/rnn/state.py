"""States of recurrent links: kept between calls, moved between devices, reset, and zeros at first."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.backends import DeviceResidentsVisitor
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.links.chain import Chain


class Stateful(Chain):
    """Base of chains that keep Variables between calls, in the attributes that `state_names` lists."""

    state_names: tuple[str, ...] = ('c', 'h')

    def reset_state(self) -> None:
        """Reset the state: the next call starts a new sequence."""
        for name in self.state_names:
            object.__setattr__(self, name, None)

    def _set_state(self, **states: VariableOrArray) -> None:
        for name, value in states.items():
            state = as_variable(value)
            if not isinstance(value, Variable) or state.device != self.device:
                state.to_device(self.device)
            object.__setattr__(self, name, state)

    def device_resident_accept(self, visitor: DeviceResidentsVisitor) -> None:
        """Pass all arrays, those of the state too, to a visitor."""
        super().device_resident_accept(visitor)
        for name in self.state_names:
            state = getattr(self, name)
            if state is not None:
                visitor.visit_variable(state)


def zero_state(link: Any, x: VariableOrArray) -> Variable:
    """Return the first state of a recurrent link, zeros (len(x), link.state_size) of the dtype of x."""
    return as_variable(link.xp.zeros((len(x), link.state_size), x.dtype))
