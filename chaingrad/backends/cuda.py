"""GPU arrays by CuPy. `available` is False where CuPy or a GPU is missing."""

# `__getattr__` looks up the names that depend on CuPy (`available`, `cupy`, `ndarray`, ...) when they are asked for.
from chaingrad.autograd.backends import cuda as _home
from chaingrad.autograd.backends.cuda import *
from chaingrad.autograd.backends.cuda import __dir__, __getattr__

__all__ = []
__all__ += _home.__all__
