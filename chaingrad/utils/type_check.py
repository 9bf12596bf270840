"""Expressions over the shapes and dtypes of a function's inputs, for `check_type_forward`."""

from chaingrad.autograd.type_checking.type_check import *
from chaingrad.autograd.type_checking.type_check import __all__

__all__ = [*__all__]
