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


class _Clock:
    def __init__(self) -> None:
        self.updates = 0  # of parameters so far, by optimizers


clock = _Clock()
"""Counts the updates, so that a backward pass sees whether one came after the forward computation (`in_place.py`)."""


def _no_variable() -> None:
    """A reference to a Variable that is gone."""


class Node:
    """The part of a Variable that stands in the graph: edges, rank, shape, dtype and name, without the array."""

    _node_is_leaf: bool
    rank: int
    """Number of functions on the longest path from a leaf to the inputs of this node's function; -1 for a leaf.

    A node that was unchained keeps its rank.
    """

    _node_inputs: Any
    """The node that the only edge leads to, or a tuple of nodes where there are several; None where there is none: in a
    leaf, and in a function before it is applied. A tuple for one node costs 7 % of the rows sin_20000 and mul_20000."""

    _node_shape: Shape | None
    _node_dtype: Any
    _node_name: str | None
    _node_variable: Callable[[], Any]
    _call_site: Any = None  # where the user's program applied it; in debug mode
    _node_update = 0  # the number of the last update of its Variable
    _updates_before = 2**62  # how many updates there were when it was applied, where it retains inputs

    _node_creator: Any
    """The function that made the output, or None for a leaf."""

    requires_grad: bool
    """Whether gradients shall reach it: known for a leaf, and for what a function made from constants alone (False)."""

    @property
    def _node_edges(self) -> tuple[Any, ...]:
        """The nodes that the edges lead to."""
        nodes = self._node_inputs
        if nodes is None:
            return ()
        return nodes if type(nodes) is tuple else (nodes,)

    def _set_node_variable(self, variable: Any) -> None:
        """Let a Variable stand for this node."""
        self._node_variable = ref(variable)

    def unchain(self) -> None:
        """Become a leaf."""


class Leaf(Node):
    """The beginning of a graph: a Variable that no function made."""

    _node_is_leaf = True
    rank = -1
    _node_inputs = None
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

    def __init__(self, function: Any, array: Array | None) -> None:
        self._node_inputs = function
        self.rank = function.rank
        self._node_is_leaf = False
        self._node_shape = None if array is None else array.shape
        self._node_dtype = None if array is None else array.dtype
        self._node_name = None
        self._node_variable = _no_variable

    @property
    def _node_creator(self) -> Any:
        return None if self._node_is_leaf else self._node_inputs

    def unchain(self) -> None:
        """Become a leaf; gradients of the other outputs still flow through the function."""
        self._node_is_leaf = True
        self._node_inputs = None
