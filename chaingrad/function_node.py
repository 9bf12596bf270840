"""The base of differentiable functions."""

from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.gradients import grad

__all__ = ['FunctionNode', 'grad']
