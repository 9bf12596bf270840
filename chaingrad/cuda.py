"""The short path of `chaingrad.backends.cuda`."""

from chaingrad.backends.cuda import *
from chaingrad.backends.cuda import __all__, __dir__, __getattr__

__all__ = [*__all__]
