"""What a new parameter is filled with."""

from chaingrad.links.initializers import *
from chaingrad.links.initializers import __all__

__all__ = [*__all__]
