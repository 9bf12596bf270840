"""The short path of `chaingrad.backends.cuda`."""

from chaingrad.backends import cuda as _home
from chaingrad.backends.cuda import *
from chaingrad.backends.cuda import __dir__, __getattr__

__all__ = []
__all__ += _home.__all__
