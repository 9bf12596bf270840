"""The base of hooks around links; ready-made ones are in `chaingrad.link_hooks`."""

from chaingrad.links.link_hook import LinkHook

__all__ = ['LinkHook']
