"""Ready-made link hooks, public as `chaingrad.link_hooks`."""

from chaingrad.links.hooks.timer import TimerHook

__all__ = ['TimerHook']
