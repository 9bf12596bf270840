"""Array libraries besides NumPy: `chaingrad.backends.cuda` for CuPy."""

from chaingrad.backends import cuda

__all__ = ['cuda']
