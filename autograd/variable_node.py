"""VariableNode, the object that users, hooks and pictures of the graph see for a Variable's node.

The engine does without it. `operators.py` gives `Variable.node`, `FunctionNode.inputs` and `FunctionNode.outputs` to
their classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.node import Node
from chaingrad.autograd.variable import Variable, variable_at


class VariableNode:
    """A view of a node: creator, rank, shape and dtype of a Variable, without the array.

    Two views of the same node are equal. `data` is the array where a function has retained it.
    """

    __slots__ = ('__weakref__', '_node', 'data')

    def __init__(self, variable: Variable, name: str | None = None) -> None:
        self._node = variable._get_node()
        self.data: Array | None = None
        if name is not None:
            self._node._node_name = name

    @classmethod
    def of_node(cls, node: Node) -> VariableNode:
        """Return a view of a node, whose Variable may be gone."""
        view = cls.__new__(cls)
        view._node = node
        view.data = None
        return view

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VariableNode) and self._node is other._node

    def __hash__(self) -> int:
        return hash(self._node)

    @property
    def shape(self) -> Shape | None:
        """Lengths of the axes."""
        return self._node._node_shape

    @property
    def dtype(self) -> Any:
        """Type of the elements."""
        return self._node._node_dtype

    @property
    def rank(self) -> int:
        """Number of functions on the longest path from a leaf to here."""
        return self._node.rank + 1

    @property
    def name(self) -> str | None:
        """Name shown in pictures of the graph."""
        return self._node._node_name

    @property
    def requires_grad(self) -> bool:
        """Whether gradients reach this variable."""
        known: bool | None = getattr(self._node, 'requires_grad', None)
        if known is not None:
            return known
        return self.dtype is None or self.dtype.kind in 'fc'

    @property
    def label(self) -> str:
        """Shape and dtype, after the name where there is one, as the graph's picture shows them."""
        kind = '' if self.shape is None else f'{self.shape}, {self.dtype}'
        return f'{self.name}: {kind}' if self.name else kind

    @property
    def creator_node(self) -> FunctionNode | None:
        """The FunctionNode that made this variable, or None for a leaf."""
        return self._node._node_creator  # type: ignore[no-any-return]

    @property
    def creator(self) -> Any:
        """The function that made this variable; an old-style Function itself, not the node around it."""
        node = self.creator_node
        return node if node is None else node._old_function or node

    def set_creator(self, creator: Any) -> None:
        """Set the function that made this variable."""
        self.set_creator_node(getattr(creator, 'node', creator))

    def set_creator_node(self, creator_node: FunctionNode) -> None:
        """Set the FunctionNode that made this variable."""
        variable = self.get_variable_or_none()
        if variable is not None:
            variable.creator_node = creator_node
        self._node = creator_node

    @property
    def grad(self) -> Array | None:
        """The gradient array of the Variable; None where the Variable is gone."""
        variable = self.get_variable_or_none()
        return None if variable is None else variable.grad

    @property
    def grad_var(self) -> Variable | None:
        """The gradient of the Variable as a Variable; None where the Variable is gone."""
        variable = self.get_variable_or_none()
        return None if variable is None else variable.grad_var

    def get_variable(self) -> Variable:
        """Return the Variable of this node; a new one around the retained array where the old one is gone."""
        variable = self.get_variable_or_none()
        if variable is None:
            variable = variable_at(self._node, self.data)
            variable._view = self
        return variable

    def get_variable_or_none(self) -> Variable | None:
        """Return the Variable of this node, or None where it is gone."""
        return self._node._node_variable()  # type: ignore[no-any-return]

    def retain_data(self) -> None:
        """Keep the array on the node, for the backward computation."""
        variable = self.get_variable_or_none()
        if variable is None:
            raise RuntimeError('retain_data: the Variable of this node is gone, and its array with it.')
        self.data = variable._array

    def unchain(self) -> None:
        """Forget the creator: the node becomes a leaf."""
        self._node.unchain()


def view_of(variable: Variable) -> VariableNode:
    """The node of this Variable in the graph: creator, rank, shape and dtype without the array."""
    node = variable._get_node()
    view: VariableNode | None = variable._view
    if view is None or view._node is not node:
        view = variable._view = VariableNode.of_node(node)
    return view


def _view_at(node: Node) -> VariableNode:
    """Return the view that the Variable of a node has, a new one where the Variable is gone."""
    variable = node._node_variable()
    return VariableNode.of_node(node) if variable is None or variable._node is not node else view_of(variable)


def views_of_inputs(function: FunctionNode) -> tuple[VariableNode, ...] | None:
    """Nodes of the inputs, a tuple; None before the node is applied and after it was unchained."""
    if function._node_inputs is None:
        return None
    views: tuple[VariableNode, ...] | None = function._input_views
    if views is None:
        views = tuple([_view_at(node) for node in function._node_edges])
        for index, array in zip(function._retained_inputs, function._input_arrays):
            views[index].data = array
        function._input_views = views
    return views


def _nothing() -> None:
    """A reference to nothing."""


def views_of_outputs(function: FunctionNode) -> tuple[Callable[[], VariableNode | None], ...] | None:
    """Weak references to the nodes of the outputs, a tuple; None before the node is applied."""
    if function._node_inputs is None and not function._node_is_leaf:
        return None
    nodes = [output() for output in function._node_outputs] if function._node_outputs else [function]
    variables = [None if node is None else node._node_variable() for node in nodes]
    return tuple([_nothing if y is None else ref(view_of(y)) for y in variables])
