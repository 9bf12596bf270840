"""Ready-made hooks around links."""

from chaingrad.links import hooks as _home
from chaingrad.links.hooks import *

__all__ = []
__all__ += _home.__all__
