"""Old-style functions, whose `backward` works on arrays."""

from chaingrad.autograd.configuration import force_backprop_mode, no_backprop_mode
from chaingrad.autograd.function import Function, FunctionAdapter

__all__ = ['Function', 'FunctionAdapter', 'force_backprop_mode', 'no_backprop_mode']
