"""Functions that work element by element."""

from chaingrad.functions.elementwise.comparison import clip, maximum, minimum, where
from chaingrad.functions.elementwise.exponential import exp, log, sqrt
from chaingrad.functions.elementwise.trigonometric import cos, sin

__all__ = ['clip', 'cos', 'exp', 'log', 'maximum', 'minimum', 'sin', 'sqrt', 'where']
