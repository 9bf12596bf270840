"""The base of initializers; ready-made ones are in `chaingrad.initializers`."""

from chaingrad.autograd.initializer import Initializer
from chaingrad.links.initializers.fans import get_fans

__all__ = ['Initializer', 'get_fans']
