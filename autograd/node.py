"""The nodes of the graph.

Every node has one output, and a gradient flows to it along the edges of the nodes that use this output:

    Leaf            a Variable that no function made
    FunctionNode    one application of a function (function_node.py); its edges lead to the nodes of its inputs
    Output          one of several outputs of a function; its edge leads to the function

Nodes keep no arrays unless a function retains them, and refer to their Variables weakly: a graph lives as long as
somebody holds the Variables at its end.

What the engine keeps on a node begins with `_node_`, so that no attribute of a function, ours or a user's, meets it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from chaingrad.autograd.annotations import Array, Shape


def _no_variable() -> None:
    """A reference to a Variable that is gone."""


class Node:
    """What a Variable is in the graph: edges, rank, shape, dtype and name, without the array."""

    _node_is_leaf: bool
    _node_is_output = False
    rank: int
    """Number of functions on the longest path from a leaf to the inputs of this node's function; -1 for a leaf.

    A node that was unchained keeps its rank.
    """

    _node_edges: Any
    """The nodes that the edges lead to, a tuple; None for a function that is not applied yet or was unchained."""

    _node_shape: Shape | None
    _node_dtype: Any
    _node_name: str | None
    _node_variable: Callable[[], Any]

    _node_creator: Any
    """The function that made the output, or None for a leaf."""

    def _set_node_variable(self, variable: Any) -> None:
        """Let a Variable stand for this node."""
        self._node_variable = ref(variable)

    def unchain(self) -> None:
        """Become a leaf."""


class Leaf(Node):
    """The beginning of a graph: a Variable that no function made."""

    _node_is_leaf = True
    rank = -1
    _node_edges = ()
    _node_creator = None

    def __init__(self, variable: Any, array: Array | None, requires_grad: bool) -> None:
        self._node_variable = ref(variable)
        self._node_name = None
        self.describe(array, requires_grad)

    def describe(self, array: Array | None, requires_grad: bool) -> None:
        """Record what the Variable holds; None where it has no array yet."""
        if array is None:
            self._node_shape = self._node_dtype = None
            self.requires_grad = requires_grad
        else:
            self._node_shape = array.shape
            self._node_dtype = array.dtype
            self.requires_grad = requires_grad and array.dtype.kind in 'fc'


class Output(Node):
    """One of several outputs of a function."""

    _node_is_output = True

    def __init__(self, function: Any, array: Array | None) -> None:
        self._node_edges = (function,)
        self.rank = function.rank
        self._node_is_leaf = False
        self._node_shape = None if array is None else array.shape
        self._node_dtype = None if array is None else array.dtype
        self._node_name = None
        self._node_variable = _no_variable

    @property
    def _node_creator(self) -> Any:
        return None if self._node_is_leaf else self._node_edges[0]

    def unchain(self) -> None:
        """Become a leaf; gradients of the other outputs still flow through the function."""
        self._node_is_leaf = True
        self._node_edges = ()
