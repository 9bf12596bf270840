"""Hooks that are called before and after an update, by optimizers and by update rules."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


class Hookable:
    """Keep named hooks in the order in which they were added."""

    def __init__(self) -> None:
        self._pre_update_hooks: dict[str, Callable[..., Any]] = {}
        self._post_update_hooks: dict[str, Callable[..., Any]] = {}

    def _repr_html_(self) -> str:
        """Return what notebooks show: hyperparameters, hooks, target."""
        return importlib.import_module('chaingrad.optimizers.display').optimizer_html(self)  # few programs need it

    def add_hook(self, hook: Callable[..., Any], name: str | None = None, timing: str = 'auto') -> None:
        """Register a hook.

        An optimizer calls `hook(optimizer)`, or `hook(update_rule, param)` for each parameter when the hook has a
        true attribute `call_for_each_param`. An update rule calls `hook(update_rule, param)`.

        Args:
            hook (callable): the hook.
            name (str): its name; by default `hook.name`, else `hook.__name__`.
            timing (str): 'pre' to call it before the update, 'post' after it, 'auto' for the hook's attribute
                `timing`, or 'pre' when it has none.

        Raises:
            TypeError: when hook cannot be called.
            ValueError: when timing is none of these words, or the hook has no name.
            KeyError: when there is already a hook of this name.

        Example:
            >>> from chaingrad import optimizer_hooks, optimizers
            >>> optimizer = optimizers.SGD()
            >>> optimizer.add_hook(optimizer_hooks.WeightDecay(0.0005))
            >>> optimizer.remove_hook('WeightDecay')
        """
        who = f'{type(self).__name__}.add_hook'
        if not callable(hook):
            raise TypeError(f'{who}: hook must be callable, but it is a {type(hook).__name__}.')
        if isinstance(hook, type):
            raise TypeError(f'{who}: {hook.__name__} is a class. Pass an instance: {hook.__name__}(...).')
        if timing == 'auto':
            timing = getattr(hook, 'timing', 'pre')
        if timing not in ('pre', 'post'):
            raise ValueError(f"{who}: timing must be 'pre', 'post' or 'auto', but it is {timing!r}.")
        if name is None:
            name = getattr(hook, 'name', None) or getattr(hook, '__name__', None)
        if name is None:
            raise ValueError(f'{who}: {type(hook).__name__} has no name. Give one: add_hook(hook, name=...).')
        if name in self._pre_update_hooks or name in self._post_update_hooks:
            raise KeyError(f'{who}: a hook named {name} is there already. Remove it first or give another name.')
        if timing == 'pre':
            self._pre_update_hooks[name] = hook
        else:
            self._post_update_hooks[name] = hook

    def remove_hook(self, name: str) -> None:
        """Remove the hook of this name.

        Args:
            name (str): its name.

        Raises:
            KeyError: when there is no such hook.
        """
        for hooks in (self._pre_update_hooks, self._post_update_hooks):
            if name in hooks:
                del hooks[name]
                return
        names = ', '.join([*self._pre_update_hooks, *self._post_update_hooks]) or 'none'
        raise KeyError(f'{type(self).__name__}.remove_hook: there is no hook named {name}. The hooks are: {names}.')

    def _list_hooks(self, timing: str) -> list[Callable[..., Any]]:
        """Return the hooks of one timing, as a list of its own: a hook may add or remove hooks."""
        return list((self._pre_update_hooks if timing == 'pre' else self._post_update_hooks).values())
