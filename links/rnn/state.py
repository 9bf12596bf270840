"""What links with a state share: they keep it between calls, move it between devices, and forget it."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.variable import Variable, as_variable
from chaingrad.links.chain import Chain


class Stateful(Chain):
    """Base of chains that keep Variables between calls, those named in `state_names`."""

    state_names: tuple[str, ...] = ('c', 'h')

    def reset_state(self) -> None:
        """Forget the state: the next call begins a new sequence."""
        for name in self.state_names:
            object.__setattr__(self, name, None)

    def _set_state(self, **states: Any) -> None:
        for name, value in states.items():
            state = as_variable(value)
            if not isinstance(value, Variable) or state.device != self.device:
                state.to_device(self.device)
            object.__setattr__(self, name, state)

    def device_resident_accept(self, visitor: Any) -> None:
        """Show all arrays, the state's too, to a visitor."""
        super().device_resident_accept(visitor)
        for name in self.state_names:
            if getattr(self, name) is not None:
                visitor.visit_variable(getattr(self, name))


def zeros(link: Any, n: int, size: int, like: Any) -> Variable:
    """Return a first state of zeros (n, size), of the dtype of an array."""
    return as_variable(link.xp.zeros((n, size), like.dtype))
