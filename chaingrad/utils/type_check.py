"""Expressions of the shapes and dtypes of a function's inputs, for `check_type_forward`."""

from chaingrad.autograd.type_checking import type_check as _home
from chaingrad.autograd.type_checking.type_check import *

__all__ = []
__all__ += _home.__all__
