"""Links: objects that have parameters, alone or as a tree."""

from chaingrad.links.chain import Chain
from chaingrad.links.chain_list import ChainList
from chaingrad.links.link import Link

__all__ = ['Chain', 'ChainList', 'Link']
