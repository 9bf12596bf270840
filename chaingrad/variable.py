"""Variables: arrays that remember how they were computed."""

from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, as_array, as_variable
from chaingrad.autograd.variable_node import VariableNode

__all__ = ['Parameter', 'Variable', 'VariableNode', 'as_array', 'as_variable']
