"""Ready-made hooks around links."""

from chaingrad.links.hooks import *
from chaingrad.links.hooks import __all__

__all__ = [*__all__]
