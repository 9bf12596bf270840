"""The part of Link that calls `forward`, with link hooks around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from chaingrad.autograd.tracebacks import shorten
from chaingrad.autograd.variable import Variable
from chaingrad.links.link_hook import (
    ForwardPostprocessArgs,
    ForwardPreprocessArgs,
    LinkHook,
    process_hooks,
    thread_hooks,
)

_Self = TypeVar('_Self', bound='CallingMixin')


class CallingMixin:
    """A callable object whose `forward` is called between hooks: those of the thread first, then its own."""

    forward: Callable[..., Any]  # a subclass defines it
    _local_link_hooks: dict[str, LinkHook] | None  # set in Link.__init__

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        others = cls.__mro__[cls.__mro__.index(CallingMixin) + 1 :]
        if cls.__call__ is CallingMixin.__call__ and any('__call__' in vars(base) for base in others):
            cls.__call__ = cls._call_injected  # type: ignore[method-assign]

    # Nearly every link returns one Variable. Those that return something else say so with a `__call__` of their own.
    def __call__(self, *args: Any, **kwargs: Any) -> Variable:
        if self._local_link_hooks is None and not (process_hooks.used and thread_hooks.hooks):
            try:
                return self.forward(*args, **kwargs)
            except Exception as error:
                shorten(error)
                raise
        return self._call_with_hooks(self.forward, args, kwargs)

    def _call_injected(self, *args: Any, **kwargs: Any) -> Any:
        """Stand for `__call__` where a base class after Link defines one, which is called in place of `forward`."""
        call = super().__call__  # type: ignore[misc]
        if self._local_link_hooks is None and not (process_hooks.used and thread_hooks.hooks):
            return call(*args, **kwargs)
        return self._call_with_hooks(call, args, kwargs)

    def _call_with_hooks(self, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        hooks = list(thread_hooks.hooks.values())
        if self._local_link_hooks is not None:
            hooks.extend(self._local_link_hooks.values())
        before = ForwardPreprocessArgs(self, 'forward', args, kwargs)
        for hook in hooks:
            hook.forward_preprocess(before)
        try:
            out = forward(*args, **kwargs)
        except BaseException:
            for hook in hooks:
                hook.forward_failed(before)
            raise
        after = ForwardPostprocessArgs(self, 'forward', args, kwargs, out)
        for hook in hooks:
            hook.forward_postprocess(after)
        return out

    @property
    def local_link_hooks(self) -> dict[str, LinkHook]:
        """The hooks of this link, by name."""
        if self._local_link_hooks is None:
            self._local_link_hooks = {}
        return self._local_link_hooks

    def add_hook(self: _Self, hook: LinkHook, name: str | None = None) -> _Self:
        """Add a hook to this link.

        Args:
            hook: the hook, which is called before and after `forward`.
            name: its name; `hook.name` when None.

        Returns:
            The link itself.

        Raises:
            TypeError: when it is no LinkHook.
            KeyError: when the link has a hook of this name.
        """
        if not isinstance(hook, LinkHook):
            raise TypeError(
                f'{type(self).__name__}.add_hook: a LinkHook must be given, but it is {type(hook).__name__}.'
            )
        name = hook.name if name is None else name
        if name in self.local_link_hooks:
            raise KeyError(
                f'{type(self).__name__}.add_hook: the link has a hook {name!r} already. Give another `name`.'
            )
        self.local_link_hooks[name] = hook
        hook.added(self)
        return self

    def delete_hook(self, name: str) -> None:
        """Remove a hook of this link.

        Args:
            name: the name under which it was added.

        Raises:
            KeyError: when the link has no hook of this name.
        """
        hooks = self.local_link_hooks
        if name not in hooks:
            raise KeyError(f'{type(self).__name__}.delete_hook: no hook {name!r}; there are {list(hooks)}.')
        hook = hooks.pop(name)
        if not hooks:
            self._local_link_hooks = None  # so that calls take the short path again
        hook.deleted(self)
