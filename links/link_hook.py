"""LinkHook: callbacks before and after the forward computation of links.

Hooks of a thread (`with hook:`) live here; hooks of one link (`link.add_hook(hook)`) live on the link. Ready-made hooks
are in `hooks/`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any


@dataclass
class ForwardPreprocessArgs:
    """The argument of `LinkHook.forward_preprocess`: the link, the name of its method, and the arguments."""

    link: Any  # a Link; hooks read the attributes of its class
    forward_name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass
class ForwardPostprocessArgs(ForwardPreprocessArgs):
    """The argument of `LinkHook.forward_postprocess`: the same, and `out`, the value that the link returned."""

    out: Any


class LinkHook:
    """A callback around the forward computation of links; subclass it.

    Used in a `with` statement, it applies to every link called inside; added by `link.add_hook(hook)`, to that link.
    A hook has a `name`; two hooks of the same name cannot be active at once.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.links as L
        >>> class Shapes(chaingrad.LinkHook):
        ...     name = 'Shapes'
        ...     def forward_postprocess(self, args):
        ...         print(type(args.link).__name__, args.out.shape)
        >>> layer = L.Linear(3, 2)
        >>> with Shapes():
        ...     y = layer(np.zeros((4, 3), np.float32))
        Linear (4, 2)
    """

    name = 'LinkHook'

    def __enter__(self) -> LinkHook:
        hooks = thread_hooks.hooks
        if self.name in hooks:
            raise KeyError(f'{self.name}: a link hook of this name is already in use. Give one of them another `name`.')
        # A new dict each time: a link that is running now iterates over the old one.
        thread_hooks.hooks = {**hooks, self.name: self}
        process_hooks.used = True
        self.added(None)
        return self

    def __exit__(self, *error: object) -> None:
        thread_hooks.hooks = {name: hook for name, hook in thread_hooks.hooks.items() if name != self.name}
        self.deleted(None)

    def added(self, link: Any) -> None:
        """Called when the hook starts to apply; `link` is None for a `with` statement."""

    def deleted(self, link: Any) -> None:
        """Called when the hook stops applying; `link` is None for a `with` statement."""

    def forward_preprocess(self, args: ForwardPreprocessArgs) -> None:
        """Called before `forward`; `args` has `link`, `forward_name`, `args` and `kwargs`."""

    def forward_postprocess(self, args: ForwardPostprocessArgs) -> None:
        """Called after `forward`; `args` also has `out`."""

    def forward_failed(self, args: ForwardPreprocessArgs) -> None:
        """Called instead of `forward_postprocess` when `forward` raises: restore what was changed."""


class _ThreadHooks(threading.local):
    # Every thread starts with the class attribute; reading it costs less than a __getattr__ fallback.
    hooks: dict[str, LinkHook] = {}


thread_hooks = _ThreadHooks()


class _ProcessHooks:
    # True once any thread has used a hook in a `with` statement: until then no link looks for those of its thread.
    used = False


process_hooks = _ProcessHooks()


def get_link_hooks() -> dict[str, LinkHook]:
    """Return the link hooks that are active in the current thread, by name.

    Example:
        >>> from chaingrad.links.link_hook import get_link_hooks
        >>> get_link_hooks()
        {}
    """
    return thread_hooks.hooks
