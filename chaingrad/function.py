"""`chaingrad.function`: differentiable functions in the style of Chainer 1."""

from chaingrad.autograd.configuration import force_backprop_mode, no_backprop_mode
from chaingrad.autograd.old_function import Function, FunctionAdapter

__all__ = ['Function', 'FunctionAdapter', 'force_backprop_mode', 'no_backprop_mode']
