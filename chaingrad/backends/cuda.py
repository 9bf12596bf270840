"""GPU arrays by CuPy. `available` is False where CuPy or a GPU is missing."""

# What depends on CuPy (`available`, `cupy`, `ndarray`, ...) is looked up when asked for, by the module's own hook.
from chaingrad.autograd.backends.cuda import *
from chaingrad.autograd.backends.cuda import __all__, __dir__, __getattr__

__all__ = [*__all__]
