"""Layers called one after the other."""

from chaingrad.links.sequential import Sequential

__all__ = ['Sequential']
