"""Draws from a categorical distribution in constant time."""

from chaingrad.links.loss.sampled import WalkerAlias

__all__ = ['WalkerAlias']
