"""LinkHook: what is called before and after the forward computation of links.

Hooks of a thread (`with hook:`) live here; hooks of one link (`link.add_hook(hook)`) live on the link. Ready-made hooks
are in `hooks/`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any


@dataclass
class ForwardPreprocessArgs:
    """What `LinkHook.forward_preprocess` is given: the link, the name of its method, and the arguments."""

    link: Any
    forward_name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass
class ForwardPostprocessArgs(ForwardPreprocessArgs):
    """What `LinkHook.forward_postprocess` is given: the same, and `out`, what the link returned."""

    out: Any


class LinkHook:
    """A callback around the forward computation of links; subclass it.

    Used in a `with` statement, it applies to every link called inside; added by `link.add_hook(hook)`, to that link.
    A hook has a `name`; two of the same name cannot be in use at once.

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
        hooks = in_use.hooks
        if self.name in hooks:
            raise KeyError(f'{self.name}: a link hook of this name is already in use. Give one of them another `name`.')
        # A new dict each time: a link that runs now walks over the old one.
        in_use.hooks = {**hooks, self.name: self}
        anywhere.used = True
        self.added(None)
        return self

    def __exit__(self, *error: object) -> None:
        in_use.hooks = {name: hook for name, hook in in_use.hooks.items() if name != self.name}
        self.deleted(None)

    def added(self, link: Any) -> None:
        """Called when the hook begins to apply; `link` is None for a `with` statement."""

    def deleted(self, link: Any) -> None:
        """Called when the hook ends to apply; `link` is None for a `with` statement."""

    def forward_preprocess(self, args: ForwardPreprocessArgs) -> None:
        """Called before `forward`; `args` has `link`, `forward_name`, `args` and `kwargs`."""

    def forward_postprocess(self, args: ForwardPostprocessArgs) -> None:
        """Called after `forward`; `args` has `out` besides."""

    def forward_failed(self, args: ForwardPreprocessArgs) -> None:
        """Called in place of `forward_postprocess` when `forward` raises: put back what was changed."""


class _InUse(threading.local):
    # The class attribute is what every thread starts with; reading it costs less than a __getattr__ fallback.
    hooks: dict[str, LinkHook] = {}


in_use = _InUse()


class _Anywhere:
    # Whether any thread ever used a hook in a `with` statement: until then no link looks for those of its thread.
    used = False


anywhere = _Anywhere()


def get_link_hooks() -> dict[str, LinkHook]:
    """Return the link hooks that are in use in the current thread, by name.

    Example:
        >>> from chaingrad.links.link_hook import get_link_hooks
        >>> get_link_hooks()
        {}
    """
    return in_use.hooks
