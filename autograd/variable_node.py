"""VariableNode, the place of a Variable in the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from chaingrad.autograd.function_node import FunctionNode
    from chaingrad.autograd.variable import Variable


class VariableNode:
    """The place of a Variable in the graph: its creator, rank, shape and dtype, without the array.

    A function holds the nodes of its inputs. The array stays on the node (`data`) only if the function retained it, so
    arrays that no gradient needs are freed as soon as the user drops the Variable.
    """

    __slots__ = '_creator_node _differentiable _name _variable data dtype rank shape __weakref__'.split()

    _creator_node: FunctionNode | None
    _name: str | None
    data: Any
    dtype: Any
    shape: Any
    _make_variable: Callable[..., Variable]  # the class Variable, set where that is defined: it needs this one

    def __init__(self, variable: Variable, array: Any, creator: FunctionNode | None = None, rank: int = 0) -> None:
        self._variable = ref(variable)
        self._creator_node = creator
        self.rank = rank
        self.data = None
        if array is None:
            self.dtype = self.shape = None
            self._differentiable = variable._requires_grad
        else:
            self.dtype = dtype = array.dtype
            self.shape = array.shape
            self._differentiable = variable._requires_grad and dtype.kind in 'fc'

    def _renew(self, variable: Variable, array: Any) -> None:
        """Take over what the Variable's new array is."""
        creator, rank, data = self._creator_node, self.rank, self.data
        VariableNode.__init__(self, variable, array, creator, rank)
        if data is not None:
            self.data = array

    @property
    def name(self) -> str | None:
        """Name shown in pictures of the graph."""
        return getattr(self, '_name', None)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients reach this variable."""
        return self._differentiable

    @property
    def creator(self) -> Any:
        """The function that made this variable; an old-style Function itself, not the node around it."""
        return getattr(self._creator_node, '_carried', None) or self._creator_node

    @property
    def creator_node(self) -> FunctionNode | None:
        """The FunctionNode that made this variable, or None for a leaf."""
        return self._creator_node

    @creator_node.setter
    def creator_node(self, node: FunctionNode | None) -> None:
        self._creator_node = node
        if node is not None:
            self.rank = node.rank + 1

    def set_creator(self, creator: Any) -> None:
        """Set the function that made this variable."""
        self.creator_node = getattr(creator, 'node', creator)

    def set_creator_node(self, creator_node: FunctionNode) -> None:
        """Set the FunctionNode that made this variable."""
        self.creator_node = creator_node

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
        if variable is None:
            variable = self._make_variable(self.data, name=self.name, requires_grad=self.requires_grad)
            variable._node = self
            self._variable = ref(variable)
        return variable

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
        self._creator_node = None
