"""Draws from a categorical distribution in constant time."""

from chaingrad.links.loss.walker_alias import WalkerAlias

__all__ = ['WalkerAlias']
