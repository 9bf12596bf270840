"""Pictures of the graph: DOT text, and SVG without any other program."""

from chaingrad.autograd.drawing.computational_graph import ComputationalGraph, build_computational_graph

__all__ = ['ComputationalGraph', 'build_computational_graph']
