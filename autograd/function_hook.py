"""FunctionHook: what is called before and after every function, or before and after one.

Hooks of a thread (`with hook:`) live here; hooks of one function (`node.add_hook(hook)`) live on the node.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from chaingrad.autograd.configuration import active_hooks


class FunctionHook:
    """A callback around every forward and backward computation; subclass it and use it in a `with` statement.

    `in_data` are the input arrays, `out_grad` the gradients of the outputs (arrays, or None where there is none).
    In `backward_*`, an input array that the function did not retain is None.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> class Names(chaingrad.FunctionHook):
        ...     def forward_preprocess(self, function, in_data):
        ...         print(function.label)
        >>> with Names():
        ...     y = F.exp(chaingrad.Variable(np.array([0.0])))
        exp
    """

    name = 'FunctionHook'

    def __enter__(self) -> FunctionHook:
        hooks = get_function_hooks()
        if self.name in hooks:
            raise KeyError(f'{self.name}: a hook of this name is already in use. Give the second one another `name`.')
        hooks[self.name] = self
        active_hooks.append(self.name)
        self.added(None)
        return self

    def __exit__(self, *error: object) -> None:
        active_hooks.remove(self.name)
        get_function_hooks().pop(self.name).deleted(None)

    def added(self, function: Any) -> None:
        """Called when the hook begins to apply; `function` is None for a `with` statement."""

    def deleted(self, function: Any) -> None:
        """Called when the hook ends to apply; `function` is None for a `with` statement."""

    def forward_preprocess(self, function: Any, in_data: Sequence[Any]) -> None:
        """Called before the forward computation."""

    def forward_postprocess(self, function: Any, in_data: Sequence[Any]) -> None:
        """Called after the forward computation."""

    def forward_outputs(self, function: Any, outputs: Sequence[Any]) -> None:
        """Called after `forward_postprocess`, with the output arrays."""

    def backward_preprocess(self, function: Any, in_data: Sequence[Any], out_grad: Sequence[Any]) -> None:
        """Called before the backward computation."""

    def backward_postprocess(self, function: Any, in_data: Sequence[Any], out_grad: Sequence[Any]) -> None:
        """Called after the backward computation."""

    def backward_gradients(self, function: Any, gradients: Sequence[Any]) -> None:
        """Called after `backward_postprocess`, with the gradients of the inputs: arrays, Variables or None."""


class _State(threading.local):
    """The hooks of a thread."""

    def __init__(self) -> None:
        self.hooks: dict[str, FunctionHook] = {}


_state = _State()


def get_function_hooks() -> dict[str, FunctionHook]:
    """Return the hooks that are in use in the current thread, by name.

    Example:
        >>> import chaingrad
        >>> len(chaingrad.get_function_hooks())
        0
    """
    return _state.hooks


def hooks_of(function: Any) -> list[FunctionHook]:
    """Return the hooks around one function in this thread, those of the thread first."""
    return [*_state.hooks.values(), *(function._local_function_hooks or {}).values()]
