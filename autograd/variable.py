"""Variable, the array that remembers how it was computed.

Its operators and methods that record functions are given to it by `operators.py`; its node in the graph is in
`node.py`, the traversal in `backprop.py`; its shape, device and text in `array_holder.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from chaingrad.autograd import backprop
from chaingrad.autograd.annotations import Array, Axis
from chaingrad.autograd.array_holder import ArrayHolder, not_an_array
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.configuration import active_hooks
from chaingrad.autograd.node import Leaf, Node
from chaingrad.autograd.tracebacks import shorten

if TYPE_CHECKING:
    from chaingrad.autograd.function_node import FunctionNode

_ndarray = np.ndarray
_ZEROGRAD = 'Variable.zerograd is deprecated. Use Variable.cleargrad instead.'


class Variable(ArrayHolder):
    """An array that records the functions applied to it, so that gradients can be computed.

    Args:
        data: array of any shape; None for a Variable that gets its array later.
        name (str): shown in pictures of the graph and by `print`.
        grad: gradient array of the same shape and dtype.
        requires_grad (bool): whether gradients shall reach it.

    Raises:
        TypeError: when data is no array.
        ValueError: for the keyword `volatile` of old programs.

    Example:
        >>> import numpy as np
        >>> from chaingrad import Variable
        >>> x = Variable(np.array([1.0, 2.0, 3.0]))
        >>> y = (x * x + 1) / 2
        >>> y.grad = np.ones(3)
        >>> y.backward()
        >>> x.grad
        array([1., 2., 3.])
    """

    __array_priority__ = 200

    if TYPE_CHECKING:  # given by operators.py; tests/autograd/test_operators.py compares names and arguments
        node: Any

        def __neg__(self) -> Variable: ...
        def __pos__(self) -> Variable: ...
        def __abs__(self) -> Variable: ...
        def __add__(self, other: Any, /) -> Variable: ...
        def __radd__(self, other: Any, /) -> Variable: ...
        def __sub__(self, other: Any, /) -> Variable: ...
        def __rsub__(self, other: Any, /) -> Variable: ...
        def __mul__(self, other: Any, /) -> Variable: ...
        def __rmul__(self, other: Any, /) -> Variable: ...
        def __truediv__(self, other: Any, /) -> Variable: ...
        def __rtruediv__(self, other: Any, /) -> Variable: ...
        def __floordiv__(self, other: Any, /) -> Variable: ...
        def __rfloordiv__(self, other: Any, /) -> Variable: ...
        def __pow__(self, other: Any, /) -> Variable: ...
        def __rpow__(self, other: Any, /) -> Variable: ...
        def __matmul__(self, other: Any, /) -> Variable: ...
        def __rmatmul__(self, other: Any, /) -> Variable: ...
        def __getitem__(self, slices: Any, /) -> Variable: ...
        def reshape(self, *shape: Any) -> Variable: ...
        def transpose(self, *axes: Any) -> Variable: ...
        @property
        def T(self) -> Variable: ...
        def sum(self, axis: Axis = None, keepdims: bool = False) -> Variable: ...
        def mean(self, axis: Axis = None, *, weights: Any = None, keepdims: bool = False) -> Variable: ...
        def backward_steps(
            self, retain_grad: bool = False, enable_double_backprop: bool = False, loss_scale: float | None = None
        ) -> Iterator[Any]: ...
        def graph(
            self, model: Any = None, depth: int | None = None, values: bool = False, grads: bool = False
        ) -> Any: ...

    # What most Variables never change: held by the class, so that making a Variable costs two assignments.
    _node: Node | None = None  # the node that made it, or its Leaf, once a function has used it
    _view: Any = None  # its VariableNode: the node as users see it, once somebody has asked for it
    _name: str | None = None  # until there is a node, which then has the name
    _grad: Array | None = None
    _grad_variable: Variable | None = None
    _requires_grad = True
    _loss_scale: float | None = None
    _never_cleared = False

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        if data is not None and type(data) is not _ndarray and not is_array(data):
            raise TypeError(not_an_array(data))
        self._array = data
        if kwargs:
            self._set_options(**kwargs)

    def _set_options(
        self, *, name: str | None = None, grad: Any = None, requires_grad: bool = True, **kwargs: Any
    ) -> None:
        if 'volatile' in kwargs:
            raise ValueError('Variable: volatile argument is not supported anymore. Use chaingrad.no_backprop_mode().')
        if kwargs:
            raise TypeError(f'Variable: unexpected keyword {sorted(kwargs)[0]!r}. It takes name, grad, requires_grad.')
        self._name = name
        self._requires_grad = requires_grad
        if grad is not None:
            self.grad = grad

    # The gradient

    @property
    def grad(self) -> Array:
        """The gradient array, of the same shape and dtype as the array, or None."""
        variable = self._grad_variable
        return self._grad if variable is None else variable._array  # type: ignore[return-value]

    @grad.setter
    def grad(self, g: Array | None) -> None:
        if g is not None:
            self._check_grad(g)
        self._set_grad(g)

    @property
    def grad_var(self) -> Variable | None:
        """The gradient as a Variable, with its own graph after `backward(enable_double_backprop=True)`."""
        if self._grad_variable is None and self._grad is not None:
            self._grad_variable, self._grad = Variable(self._grad), None
        return self._grad_variable

    @grad_var.setter
    def grad_var(self, g: Variable | None) -> None:
        if g is not None:
            self._check_grad(g._array)
        self._set_grad(g)

    def _set_grad(self, g: Any) -> None:
        self._never_cleared = False
        if isinstance(g, Variable):
            self._grad_variable, self._grad = g, None
        else:
            self._grad_variable, self._grad = None, g

    def _accumulate_grad(self, g: Any) -> None:
        """Add a gradient, an array or a Variable, to what is there."""
        if self._grad is None and self._grad_variable is None:
            self._set_grad(g)
            return
        if self._never_cleared:
            self._warn_never_cleared()
        if isinstance(g, Variable):
            self._set_grad(self.grad_var + g)
        else:
            self._set_grad(add_on_variables(self.grad, g) if active_hooks else backprop.not_scalar(self.grad + g))

    def _warn_never_cleared(self) -> None:
        """Parameters say that their first gradient is NaN."""

    def _check_grad(self, g: Any) -> None:
        if not is_array(g):
            raise TypeError(f'Variable.grad must be an array or None, but it is {type(g).__name__}.')
        x = self._array
        if x is None:
            raise ValueError('Variable.grad: the array has no value yet, so it can have no gradient.')
        who = f'Variable.grad of {self.name or "variable"}'
        if g.dtype != x.dtype:
            raise TypeError(f'{who}: dtype must be that of the array, {x.dtype}, but it is {g.dtype}.')
        if g.shape != x.shape:
            raise ValueError(f'{who}: shape must be that of the array, {x.shape}, but it is {g.shape}.')

    def cleargrad(self) -> None:
        """Forget the gradient (set it to None)."""
        self._set_grad(None)

    def zerograd(self) -> None:
        """Fill the gradient with zeros; deprecated, use `cleargrad`."""
        warnings.warn(_ZEROGRAD, DeprecationWarning, stacklevel=2)
        self._fill_grad_with_zeros()

    def _fill_grad_with_zeros(self) -> None:
        self._set_grad(None if self._array is None else self.xp.zeros_like(self._array))

    # The graph

    def _get_node(self) -> Node:
        """Return the node that made this Variable; a Leaf, made now where there is none."""
        node = self._node
        if node is None:
            node = self._node = Leaf(self, self._array, self._requires_grad)
            node._node_name = self._name
        return node

    @property
    def name(self) -> str | None:
        """Name shown in pictures of the graph and by `print`."""
        return self._name if self._node is None else self._node._node_name

    @name.setter
    def name(self, name: str | None) -> None:
        if self._node is None:
            self._name = name
        else:
            self._node._node_name = name

    label = property(attrgetter('node.label'), doc="Shape and dtype, as the graph's picture shows them.")
    requires_grad = property(attrgetter('_requires_grad'), doc='Whether gradients reach this Variable.')

    @property
    def rank(self) -> int:
        """Number of functions on the longest path from a leaf to here."""
        return 0 if self._node is None else self._node.rank + 1

    @property
    def creator(self) -> Any:
        """The function that made this Variable (an old-style Function itself), or None for a leaf."""
        node = self.creator_node
        return node if node is None else node._old_function or node

    @creator.setter
    def creator(self, function: Any) -> None:
        self.set_creator(function)

    @property
    def creator_node(self) -> FunctionNode | None:
        """The FunctionNode that made this Variable, or None for a leaf."""
        return None if self._node is None else self._node._node_creator

    @creator_node.setter
    def creator_node(self, node: FunctionNode | None) -> None:
        self._become_leaf()
        self._node = node

    def set_creator(self, gen_func: Any) -> None:
        """Set the function that made this Variable."""
        self.creator_node = getattr(gen_func, 'node', gen_func)

    def set_creator_node(self, fnode: FunctionNode) -> None:
        """Set the FunctionNode that made this Variable."""
        self.creator_node = fnode

    def retain_data(self) -> None:
        """Keep the array on the node, for the backward computation."""
        self.node.data = self._array

    def unchain(self) -> None:
        """Forget the function that made this Variable: gradients stop here."""
        if self._node is not None:
            self._node.unchain()
        self._end_graph()

    def _become_leaf(self) -> None:
        """Forget the node; the next use makes a Leaf."""
        self._name = self.name
        self._node = self._view = None

    def _end_graph(self) -> None:
        """Become a leaf of the same rank."""
        rank = self.rank
        self._become_leaf()
        if rank:
            self._get_node().rank = rank - 1

    def unchain_backward(self) -> None:
        """Forget the whole graph that led to this Variable, as truncated backpropagation through time does."""
        functions = [self.creator_node]
        while functions:
            function = functions.pop()
            if function is not None:
                functions += [node._node_creator for node in function._node_edges]
                function.unchain()
        self._end_graph()

    def backward(
        self, retain_grad: bool = False, enable_double_backprop: bool = False, loss_scale: float | None = None
    ) -> None:
        """Compute the gradients of this Variable and add them to the `grad` of every leaf that it depends on.

        A Variable without axes starts with gradient 1, any other with its own `grad`, which is None afterwards unless
        gradients are retained.

        Args:
            retain_grad: whether intermediate Variables get their gradients too, and this one keeps its own.
            enable_double_backprop: whether the gradients can be differentiated again (`x.grad_var`).
            loss_scale: factor on the starting gradient, for float16; an optimizer divides by it.

        Raises:
            RuntimeError: when there are several elements and no gradient was set.
        """
        try:
            backprop.backward([self], retain_grad, enable_double_backprop, loss_scale)
        except Exception as error:
            shorten(error)
            raise

    def _start_gradient(self, double: bool) -> Any:
        """Return the gradient with which a pass begins here: an array, or a Variable for double backprop."""
        if self._grad is not None or self._grad_variable is not None:
            return self.grad_var if double else self.grad
        array = self._array
        plain = not array.ndim and type(array) is _ndarray
        ones = np.array(1, array.dtype) if plain else self._ones()  # ones_like takes seven times as long
        return Variable(ones) if double else ones

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[Variable]:
        return (self[i] for i in range(len(self)))

    # Copies and files

    def __copy__(self) -> Variable:
        """Copy the Variable: the same array and, where a function made it, the same node."""
        copied = self.__class__.__new__(self.__class__)
        copied.__dict__.update(self.__dict__)
        copied._view = None
        if self.creator_node is None:
            copied._become_leaf()
        return copied

    def __getstate__(self) -> dict[str, Any]:
        """Return what deepcopy and pickling keep: everything but the graph."""
        graph = ('_node', '_view', '_grad_variable')
        state = {key: value for key, value in self.__dict__.items() if key not in graph}
        if self.name is not None:
            state['_name'] = self.name
        if self._grad_variable is not None:
            state['_grad'] = self.grad
        return state


VariableOrArray: TypeAlias = Variable | Array
"""The type of the inputs of functions."""


def variable_at(node: Node, array: Array | None) -> Variable:
    """Return the Variable of a node if it holds this array, else a new one."""
    variable: Variable | None = node._node_variable()
    if variable is not None and variable._array is array:
        return variable
    fresh = Variable(array, requires_grad=getattr(node, 'requires_grad', True))
    fresh._node = node
    if variable is None:
        node._set_node_variable(fresh)
    return fresh


def as_variable(obj: Any) -> Variable:
    """Return a Variable as it is, an array as a Variable that requires no gradient.

    Args:
        obj: a Variable or an array.

    Example:
        >>> import numpy as np, chaingrad
        >>> chaingrad.as_variable(np.zeros(2)).requires_grad
        False
    """
    if not isinstance(obj, Variable):
        obj = Variable(obj)
        obj._requires_grad = False
    return obj  # type: ignore[no-any-return]


def add_on_variables(a: Array, b: Array) -> Array:
    """Add two arrays by a function that hooks see."""
    return (as_variable(a) + as_variable(b))._array  # type: ignore[no-any-return]


def as_array(obj: Any) -> Any:
    """Return the array of a Variable, anything else as it is.

    Args:
        obj: a Variable or an array.

    Example:
        >>> import numpy as np, chaingrad
        >>> chaingrad.as_array(chaingrad.Variable(np.zeros(2)))
        array([0., 0.])
    """
    return obj._array if isinstance(obj, Variable) else obj
