"""FunctionNode: one application of a function, and the contract of everyone who writes one.

`forward` works on arrays. `backward` is the rule; in a class of this package it must work on arrays and on Variables
alike, because a first-order pass runs it on arrays. A class of a user always gets Variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import ref

import numpy as np

from chaingrad.autograd import anomaly, backprop, contract
from chaingrad.autograd.annotations import Array, Arrays, Indexes
from chaingrad.autograd.backends.array_module import is_array, is_gpu_array
from chaingrad.autograd.configuration import active_hooks, config, using_config
from chaingrad.autograd.frames import is_of_package
from chaingrad.autograd.function_hook import FunctionHook, hooks_of
from chaingrad.autograd.node import Node, Output, _no_variable, clock
from chaingrad.autograd.type_checking import type_check
from chaingrad.autograd.variable import Variable, add_on_variables, as_array, as_variable, variable_at

_ndarray = np.ndarray


class FunctionNode(Node):
    """One application of a differentiable function; subclass it to write your own.

    `forward(inputs)` takes and returns a tuple of arrays; `backward(target_input_indexes, grad_outputs)` takes and
    returns Variables, one per index (or one per input), None where there is no gradient. What `backward` needs must be
    retained in `forward` (`retain_inputs`, `retain_outputs`). Of several applications of an instance the last counts.

    Example:
        >>> import numpy as np, chaingrad
        >>> class Cube(chaingrad.FunctionNode):
        ...     def forward(self, inputs):
        ...         self.retain_inputs((0,))
        ...         x, = inputs
        ...         return x ** 3,
        ...     def backward(self, indexes, grad_outputs):
        ...         x, = self.get_retained_inputs()
        ...         return 3 * x * x * grad_outputs[0],
        >>> x = chaingrad.Variable(np.array(2.0))
        >>> y, = Cube().apply((x,))
        >>> y.backward()
        >>> x.grad
        array(12.)
    """

    if TYPE_CHECKING:  # given by operators.py
        inputs: Any
        outputs: Any

    stack = property(contract.stack_of, doc="The user's calls that applied it, in debug mode; else None.")
    lazy_grad_sum = is_elementwise = False

    _node_is_leaf = False  # True once it is unchained
    rank = 0
    _node_inputs: Any = None
    _node_targets: Indexes = (0,)  # the inputs that gradients can reach
    _node_outputs: tuple[Any, ...] = ()  # weak references to the Output nodes of several outputs
    _node_shape = _node_dtype = _node_name = None  # of the only output
    _node_variable: Any = staticmethod(_no_variable)  # weak reference to the only output
    _node_location: Any = None  # the link in which a profile has seen it applied
    _input_views: Any = None  # the VariableNodes of the inputs, once somebody has asked for them

    _retained_inputs: Indexes = ()
    _retained_outputs: Indexes = ()
    _input_arrays: Arrays = ()  # the retained ones
    _output_arrays: Arrays = ()  # the retained ones
    _local_function_hooks: dict[str, FunctionHook] | None = None
    _array_pass = True  # whether `backward` is now called with arrays
    _add_on_variables = staticmethod(add_on_variables)
    _old_function: Any = None  # the old-style Function that this node stands for
    _builtin: ClassVar[bool] = True
    _advice: ClassVar[str] = ''  # what to do when shapes do not fit
    _checks_types: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        is_ours = is_of_package(cls.__module__)
        cls._builtin = cls._builtin and is_ours
        if not is_ours and {'backward', 'backward_accumulate'} & set(vars(cls)):
            cls._array_pass = False
        if 'check_type_forward' in vars(cls):
            cls._checks_types = True

    @property
    def label(self) -> str:
        """Name of the function in pictures of the graph and in messages."""
        return type(self).__name__

    # Applying

    @classmethod
    def of(cls, *inputs: Any, **options: Any) -> Any:
        """Apply `cls(**options)` and return the output, a tuple if there are several.

        Arrays in, arrays out: only `forward` runs, nothing is checked or recorded. With a Variable among the inputs it
        is the same as `apply`. So a rule written with `of` serves both.
        """
        function = cls(**options)
        for x in inputs:
            if isinstance(x, Variable):
                outputs = function.apply(inputs)
                break
        else:
            outputs = function.forward(inputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def apply(self, inputs: Sequence[Any]) -> tuple[Variable, ...]:
        """Compute the outputs and record this node as their creator.

        Args:
            inputs: tuple of Variables or arrays.

        Returns:
            Tuple of Variables.

        Raises:
            TypeError: when an input is neither Variable nor array, or `forward` returns no tuple of arrays.
            InvalidType: when shapes or dtypes do not fit.
        """
        if self._node_inputs is not None or self._node_is_leaf:
            contract.forget_application(self, inputs)
        variables, arrays, requires_grad = [], [], False
        try:
            for x in inputs:
                if not isinstance(x, Variable):
                    x = as_variable(x)
                variables.append(x)
                arrays.append(x._array)
                requires_grad = requires_grad or x._requires_grad
            in_data = tuple(arrays)
            outputs = self._forward_with_hooks(in_data) if active_hooks or self._checks_types else self.forward(in_data)
        except Exception as error:
            told = contract.explained(self, tuple(map(as_array, inputs)), error)
            if told is not error:
                raise told from (error if config.debug else None)
            raise
        if type(outputs) is not tuple or len(outputs) != 1 or type(outputs[0]) is not _ndarray:
            outputs = contract.as_arrays(self, outputs)
        if requires_grad and config.enable_backprop:
            return self._record(variables, in_data, outputs)
        ys = self._record(variables, in_data, outputs) if config.enable_backprop else tuple(map(Variable, outputs))
        if not requires_grad:  # no gradient will need what was retained
            self._release()
            for y in ys:
                y._requires_grad = y._get_node().requires_grad = False
        return ys

    def _forward_with_hooks(self, arrays: tuple[Any, ...]) -> Any:
        """Run `forward` between hooks and checks."""
        if self._checks_types and config.type_check:
            type_check.check_forward(self, arrays)
        hooks = hooks_of(self)
        for hook in hooks:
            hook.forward_preprocess(self, arrays)
        outputs = self.forward(arrays)
        for hook in hooks:
            hook.forward_postprocess(self, arrays)
            hook.forward_outputs(self, outputs)
        if config.debug:
            anomaly.check_forward(self, arrays, outputs)
        return outputs

    def _record(self, inputs: Sequence[Variable], arrays: Arrays, outputs: Arrays) -> tuple[Variable, ...]:
        """Connect this node with the nodes of the inputs and with the outputs."""
        edges, targets = [], []
        for i, x in enumerate(inputs):
            node = x._get_node()
            edges.append(node)
            if node.rank >= self.rank:
                self.rank = node.rank + 1
            if x._requires_grad and x._array.dtype.kind in 'fc':
                targets.append(i)
        self._node_inputs = edges[0] if len(edges) == 1 else tuple(edges)
        self._node_targets = tuple(targets)
        self._retain(arrays, outputs)
        if len(outputs) == 1:
            y = Variable(outputs[0])
            y._node = self
            self._node_variable = ref(y)
            self._node_shape, self._node_dtype = y._array.shape, y._array.dtype
            return (y,)
        variables = [Variable(array) for array in outputs]
        self._node_outputs = tuple([ref(self._add_output(y)) for y in variables])
        return tuple(variables)

    def _add_output(self, y: Variable) -> Output:
        """Make the Output node of one of several outputs."""
        y._node = node = Output(self, y._array)
        node._node_variable = ref(y)
        return node

    def _retain(self, inputs: Arrays, outputs: Arrays) -> None:
        """Keep the arrays that `backward` needs."""
        if self._retained_inputs:
            self._input_arrays = tuple([inputs[i] for i in self._retained_inputs])
            self._updates_before = clock.updates
        if self._retained_outputs:
            self._output_arrays = tuple([outputs[i] for i in self._retained_outputs])

    def _release(self) -> None:
        """Let the retained arrays go."""
        self._input_arrays = self._output_arrays = ()

    def run_on_arrays(self, inputs: Arrays) -> Arrays:
        """Run `forward` alone and keep what `backward` needs: for a node inside another node."""
        outputs = self.forward(inputs)
        self._retain(inputs, outputs)
        return outputs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: a FunctionNode is applied with `apply`."""
        raise RuntimeError(f'{self.label}: write node.apply((x, ...)); a FunctionNode is not called.')

    def forward(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the outputs; override this, or forward_cpu and forward_gpu.

        Args:
            inputs: tuple of arrays, which must not be changed.

        Returns:
            Tuple of arrays.
        """
        if any(is_gpu_array(x) for x in inputs):
            return self.forward_gpu(inputs)
        return self.forward_cpu(inputs)

    def forward_cpu(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the outputs from NumPy arrays; forward_gpu does so from CuPy arrays."""
        raise NotImplementedError(f'{self.label}: write forward(self, inputs), which returns a tuple of arrays.')

    forward_gpu = forward_cpu

    def check_type_forward(self, in_types: Any) -> None:
        """Check shapes and dtypes before `forward`, with `type_check.expect`; override where wanted."""

    # The rule

    def backward(self, target_input_indexes: tuple[int, ...], grad_outputs: tuple[Any, ...]) -> Any:
        """Compute the gradients of the inputs; override this.

        Args:
            target_input_indexes: the inputs whose gradients are wanted.
            grad_outputs: one gradient per output, None where the output was not used.

        Returns:
            Tuple of gradients, one per index or one per input; None where there is none.
        """
        return (None,) * len(target_input_indexes)

    def backward_accumulate(self, target_input_indexes: Any, grad_outputs: Any, grad_inputs: Any) -> tuple[Any, ...]:
        """Compute the gradients and add them to `grad_inputs`, one per index or None; override it to save memory."""
        gxs = self._align(target_input_indexes, self.backward(target_input_indexes, grad_outputs))
        return tuple(
            [g if gx is None else gx if g is None else backprop.not_scalar(g + gx) for g, gx in zip(grad_inputs, gxs)]
        )

    def _backward_on_variables(self, indexes: tuple[int, ...], gys: Sequence[Any], double: bool) -> Sequence[Any]:
        """Run the rule on Variables: for a class of a user, and to differentiate again."""
        held = self._array_pass
        self._array_pass = False
        try:
            with using_config('enable_backprop', double):
                grad_outputs = tuple([None if gy is None else as_variable(gy) for gy in gys])
                gxs = self.backward_accumulate(indexes, grad_outputs, (None,) * len(indexes))
        finally:
            self._array_pass = held
        if double:
            return [gx if gx is None else as_variable(gx) for gx in gxs]
        return [gx._array if isinstance(gx, Variable) else gx for gx in gxs]

    def _align(self, indexes: Sequence[int], gxs: Any) -> Any:
        """Return one gradient per index, where the rule may have returned one per input."""
        if not isinstance(gxs, tuple | list):
            raise TypeError(f'{self.label}.backward must return a tuple of gradients, but not a {type(gxs).__name__}.')
        if len(gxs) == len(indexes):
            return gxs
        if len(gxs) != len(self._node_edges):
            raise ValueError(
                f'{self.label}.backward must return one gradient per index ({len(indexes)}) or per input '
                f'({len(self._node_edges)}), but it returned {len(gxs)}.'
            )
        return [gxs[i] for i in indexes]

    def _check_gradient(self, index: int, gx: Any, double: bool) -> Any:
        """Return a gradient whose dtype and shape are right, or raise. NumPy scalars become arrays of 0 axes."""
        node = self._node_edges[index]
        shape, dtype = node._node_shape, node._node_dtype
        if isinstance(gx, np.generic):
            gx = np.asarray(gx)
        if isinstance(gx, Variable) is not double or not isinstance(gx, Variable) and not is_array(gx):
            raise TypeError(f'{self.label}.backward: gradient {index} must be an array, but it is {type(gx).__name__}.')
        if shape is None or gx.dtype == dtype and gx.shape == shape:
            return gx
        if gx.dtype == dtype.newbyteorder() and gx.shape == shape:  # x has the byte order of another machine
            return gx.astype(dtype)
        what = 'dtype' if gx.dtype != dtype else 'shape'
        blame = ' This is an error of chaingrad: please report it.' if self._builtin and config.type_check else ''
        raise (TypeError if what == 'dtype' else ValueError)(
            f'{self.label}.backward: the gradient of input {index} must have the {what} of the input, which is '
            f'{dtype} {shape}, but it is {gx.dtype} {gx.shape}.{blame}'
        )

    # Retained arrays

    def retain_inputs(self, indexes: Sequence[int]) -> None:
        """Keep the input arrays of these indexes for `backward`; to be called in `forward`."""
        self._retained_inputs = tuple(indexes)

    def retain_outputs(self, indexes: Sequence[int]) -> None:
        """Keep the output arrays of these indexes for `backward`; to be called in `forward`."""
        self._retained_outputs = tuple(indexes)

    def get_retained_inputs(self) -> tuple[Any, ...]:
        """Return the retained inputs in the order of `retain_inputs`: Variables, or arrays in a pass on arrays."""
        if self._array_pass:
            return self._input_arrays
        edges = self._node_edges
        return tuple([variable_at(edges[i], x) for i, x in zip(self._retained_inputs, self._input_arrays)])

    def get_retained_outputs(self) -> tuple[Any, ...]:
        """Return the retained outputs in the order of `retain_outputs`: Variables, or arrays in a pass on arrays."""
        if self._array_pass:
            return self._output_arrays
        return tuple([self._output_at(i, y) for i, y in zip(self._retained_outputs, self._output_arrays)])

    def _output_at(self, index: int, array: Array) -> Variable:
        """Return an output as a Variable; a new one where the user has dropped it."""
        if not self._node_outputs:
            return variable_at(self, array)
        node = self._node_outputs[index]()
        if node is not None:
            return variable_at(node, array)
        y = Variable(array)
        outputs = list(self._node_outputs)
        outputs[index] = ref(self._add_output(y))
        self._node_outputs = tuple(outputs)
        return y

    def _in_data(self) -> tuple[Any, ...]:
        """Return the input arrays, None for those that were not retained."""
        arrays = dict(zip(self._retained_inputs, self._input_arrays))
        return tuple([arrays.get(i) for i in range(len(self._node_edges))])

    @property
    def output_data(self) -> tuple[Any, ...]:
        """The retained output arrays, None for the others."""
        if self._node_inputs is None:
            raise RuntimeError(f'{self.label}: output_data is known after apply() only.')
        arrays = dict(zip(self._retained_outputs, self._output_arrays))
        return tuple([arrays.get(i) for i in range(len(self._node_outputs) or 1)])

    # Hooks, graph, messages

    @property
    def local_function_hooks(self) -> dict[str, FunctionHook]:
        """The hooks of this node alone, by name."""
        if self._local_function_hooks is None:
            self._local_function_hooks = {}
        return self._local_function_hooks

    def add_hook(self, hook: FunctionHook, name: str | None = None) -> None:
        """Register a hook for this node, under `hook.name` unless another name is given; KeyError when it is taken."""
        name = hook.name if name is None else name
        if name in self.local_function_hooks:
            raise KeyError(f'{self.label}: a hook named {name} is already registered. Give this one another name.')
        self.local_function_hooks[name] = hook
        active_hooks.append(name)
        hook.added(self)

    def delete_hook(self, name: str) -> None:
        """Remove a hook of this node; KeyError when there is none of that name."""
        if name not in self.local_function_hooks:
            raise KeyError(f'{self.label}: no hook is named {name}.')
        active_hooks.remove(name)
        self.local_function_hooks.pop(name).deleted(self)

    @property
    def _node_creator(self) -> FunctionNode | None:
        return None if self._node_is_leaf else self

    def unchain(self) -> None:
        """Take this node out of the graph: its outputs become leaves."""
        for output in self._node_outputs:
            node = output()
            if node is not None:
                node.unchain()
        self._node_is_leaf = True
        self._node_inputs = self._input_views = None
        self._node_targets = ()
        self._release()

    def _explain(self, arrays: Arrays, error: Exception) -> None:
        """Raise what tells the user why `forward` failed; return where `error` says it all."""
        contract.explain_failure(self, arrays, error)
