"""VariableNode, the place of a Variable in the graph.

Places are what functions hold of their inputs, and what gradients are kept by. The only output of a function needs no
object of its own: its place is the function, which has the same `place_...` attributes. All other places are
VariableNodes; `as_node` makes one for a user who asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from chaingrad.autograd.function_node import FunctionNode
    from chaingrad.autograd.variable import Variable


class VariableNode:
    """The place of a Variable in the graph: its creator, rank, shape and dtype, without the array.

    A function holds the places of its inputs, and arrays only if it retained them (`data`), so arrays that no gradient
    needs are freed as soon as the user drops the Variable.
    """

    __slots__ = (
        'place_creator place_differentiable place_dtype place_name place_rank place_shape _variable data __weakref__'
    ).split()

    is_function = False
    place_creator: FunctionNode | None
    place_dtype: Any
    place_shape: Any
    _variable: Callable[[], Variable | None]
    _make_variable: Callable[..., Variable]  # the class Variable, set where that is defined: it needs this one

    def __init__(
        self, variable: Variable, name: str | None = None, creator: FunctionNode | None = None, rank: int = 0
    ) -> None:
        self._variable = ref(variable)
        self.place_creator = creator
        self.place_rank = rank
        self.place_name: str | None = name or variable._name
        self.data: Any = None
        self._renew(variable._array, variable._requires_grad)

    def _renew(self, array: Any, requires_grad: bool) -> None:
        """Take over what the Variable's array is."""
        self.place_dtype, self.place_shape = (None, None) if array is None else (array.dtype, array.shape)
        self.place_differentiable = requires_grad and (array is None or array.dtype.kind in 'fc')
        if self.data is not None:
            self.data = array

    shape = property(attrgetter('place_shape'), doc='Lengths of the axes.')
    dtype = property(attrgetter('place_dtype'), doc='Type of the elements.')
    rank = property(attrgetter('place_rank'), doc='Number of functions on the longest way from a leaf to here.')
    name = property(attrgetter('place_name'), doc='Name shown in pictures of the graph.')
    requires_grad = property(attrgetter('place_differentiable'), doc='Whether gradients reach this variable.')

    @property
    def creator(self) -> Any:
        """The function that made this variable; an old-style Function itself, not the node around it."""
        return getattr(self.place_creator, '_old_function', None) or self.place_creator

    @property
    def creator_node(self) -> FunctionNode | None:
        """The FunctionNode that made this variable, or None for a leaf."""
        return self.place_creator

    def set_creator(self, creator: Any) -> None:
        """Set the function that made this variable."""
        self.set_creator_node(getattr(creator, 'node', creator))

    def set_creator_node(self, creator_node: FunctionNode) -> None:
        """Set the FunctionNode that made this variable."""
        self.place_creator, self.place_rank = creator_node, creator_node.place_rank

    @property
    def label(self) -> str:
        """Shape and dtype, with the name in front where there is one, as the graph's picture shows them."""
        kind = '' if self.shape is None else f'{self.shape}, {self.dtype}'
        return f'{self.name}: {kind}' if self.name else kind

    @property
    def grad(self) -> Any:
        """The gradient array of the Variable; None where the Variable is gone."""
        variable = self._variable()
        return None if variable is None else variable.grad

    @property
    def grad_var(self) -> Variable | None:
        """The gradient of the Variable as a Variable; None where the Variable is gone."""
        variable = self._variable()
        return None if variable is None else variable.grad_var

    def get_variable(self) -> Variable:
        """Return the Variable of this node; a new one around the retained array where the old one is gone."""
        variable = self._variable()
        return variable_at(self, self.data) if variable is None else variable

    def get_variable_or_none(self) -> Variable | None:
        """Return the Variable of this node, or None where it is gone."""
        return self._variable()

    def retain_data(self) -> None:
        """Keep the array on the node, for the backward computation."""
        variable = self._variable()
        if variable is None:
            raise RuntimeError('retain_data: the Variable of this node is gone, and its array with it.')
        self.data = variable._array

    def unchain(self) -> None:
        """Forget the creator: the node becomes a leaf."""
        creator, self.place_creator = self.place_creator, None
        if creator is not None and creator._outputs is None:
            creator.unchain()

    def as_node(self) -> VariableNode:
        """Return this node."""
        return self


def _nothing() -> None:
    """A reference to nothing."""


class FunctionPlace:
    """The part of FunctionNode that is the place of its only output, and that knows the places of its inputs.

    All references to outputs are weak: a function never keeps them alive.
    """

    is_function = True  # until it is unchained: then the output is a leaf
    place_differentiable = True
    place_dtype: Any = None
    place_name: str | None = None
    place_rank = 1
    place_shape: Any = None
    _variable: Any = staticmethod(_nothing)  # weak reference to the output
    _output_node: Any = staticmethod(_nothing)  # weak reference to its VariableNode, once somebody has asked for it
    _outputs: Any = None  # weak references to the VariableNodes of several outputs

    _source: Any = None  # the place of the only input
    _sources: Any = None  # the places of the inputs, where there is not just one
    _nodes: Any = None  # of the inputs, where somebody has asked for them
    _retained_inputs: tuple[int, ...] = ()
    _input_arrays: tuple[Any, ...] = ()  # the retained ones

    @property
    def _places(self) -> Any:
        """Places of the inputs, a tuple; None before the node is applied."""
        return self._sources if self._source is None else (self._source,)

    @property
    def inputs(self) -> Any:
        """Nodes of the inputs, a tuple; None before the node is applied."""
        if self._nodes is None and self._places is not None:
            self._nodes = tuple([place.as_node() for place in self._places])
            for i, array in zip(self._retained_inputs, self._input_arrays):
                self._nodes[i].data = array
        return self._nodes

    @property
    def outputs(self) -> Any:
        """Weak references to the nodes of the outputs, a tuple; None before the node is applied."""
        if self._outputs is not None or self._places is None:
            return self._outputs
        y = self._variable()
        return (_nothing if y is None else ref(y.node),)

    @property
    def rank(self) -> int:
        """Number of functions on the longest way from a leaf to here."""
        return self.place_rank - 1

    @property
    def place_creator(self) -> Any:
        """The node itself, unless its output has become a leaf."""
        return self if self.is_function else None

    def as_node(self) -> Any:
        """Return the VariableNode of the only output."""
        node = self._output_node()
        if node is None:
            node = VariableNode.__new__(VariableNode)
            for name in VariableNode.__slots__[:6]:
                setattr(node, name, getattr(self, name))
            node._variable, node.data = self._variable, None
            self._output_node = ref(node)
        return node


def variable_at(place: Any, array: Any) -> Variable:
    """Return the Variable at a place that holds this array; a new one where it is gone or was given another array."""
    variable: Variable | None = place._variable()
    if variable is None or variable._array is not array:
        fresh = VariableNode._make_variable(array, requires_grad=place.place_differentiable, name=place.place_name)
        fresh._place = place
        if variable is None:
            place._variable = ref(fresh)
        return fresh
    return variable
