"""Function, a differentiable function in the style of Chainer 1, and FunctionAdapter, the node that carries it.

The engine does not need it; old programs do.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from chaingrad.autograd.backends.array_module import is_gpu_array
from chaingrad.autograd.backprop import not_scalar
from chaingrad.autograd.function_hook import FunctionHook
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, as_variable


class FunctionAdapter(FunctionNode):
    """The node around an old-style Function: its rule always gets arrays, so it cannot be differentiated twice."""

    _array_pass = True
    _old_function: Function

    def __init__(self, function: Function) -> None:
        self._old_function = function
        self._checks_types = type(function).check_type_forward is not Function.check_type_forward  # type: ignore
        function._node_reference = weakref.ref(self)

    @property
    def function(self) -> Function:
        """The old-style Function."""
        return self._old_function

    @property
    def label(self) -> str:
        """Name of the function in pictures of the graph."""
        return self._old_function.label

    _builtin = False

    def check_type_forward(self, in_types: Any) -> None:
        """Ask the Function."""
        self._old_function.check_type_forward(in_types)

    def forward(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Ask the Function; all inputs are retained unless it says otherwise."""
        self.retain_inputs(range(len(inputs)))
        return self._old_function.forward(inputs)

    def backward(self, target_input_indexes: tuple[int, ...], grad_outputs: tuple[Any, ...]) -> Any:
        """Ask the Function, which gets and returns arrays."""
        assert self.inputs is not None
        gxs = self._old_function.backward(self._in_data(), grad_outputs)
        return self._align(target_input_indexes, gxs)

    def _backward_on_variables(self, indexes: tuple[int, ...], gys: Sequence[Any], double: bool) -> Sequence[Any]:
        gxs = self.backward(indexes, tuple([gy if gy is None else gy._array for gy in gys]))
        if not double:
            return gxs  # type: ignore[no-any-return]
        # Copies, because a Function may return a gradient that it was given.
        arrays = [as_variable(not_scalar(gx)).array.copy() for gx in gxs if gx is not None]
        variables = iter(_FunctionGradient(self).record(gys, arrays))
        return [None if gx is None else next(variables) for gx in gxs]


class _FunctionGradient(FunctionNode):
    """The gradients from an old-style Function, which depend on its inputs and on gy in a way that nobody knows."""

    def __init__(self, adapter: FunctionAdapter) -> None:
        self._adapter_label = adapter.label
        self._adapter_edges = adapter._node_edges
        self._adapter_targets = adapter._node_targets
        self.rank = adapter.rank  # higher than that of the Function's inputs

    @property
    def label(self) -> str:
        """What is computed."""
        return f'gradient of {self._adapter_label}'

    def record(self, gys: Sequence[Any], gxs: Sequence[Any]) -> tuple[Variable, ...]:
        """Return the gradients as Variables that depend on gy and on all inputs, retained or not."""
        given = [gy for gy in gys if gy is not None]
        outputs = self._record(given, (), tuple(gxs)) if gxs else ()
        self._node_targets += tuple([i + len(given) for i in self._adapter_targets])
        self._node_inputs = (*self._node_edges, *self._adapter_edges)
        return outputs

    def backward(self, target_input_indexes: tuple[int, ...], grad_outputs: tuple[Any, ...]) -> Any:
        raise RuntimeError(
            f'{self._adapter_label}: an old-style Function cannot be differentiated twice, because its backward works '
            'on arrays. Write it as a FunctionNode, whose backward works on Variables.'
        )


class Function:
    """An old-style function; subclass it, write `forward(inputs)` and `backward(inputs, grad_outputs)` on arrays.

    New code should subclass FunctionNode, which can be differentiated again and retains only what it needs. To
    differentiate the gradient of a Function raises RuntimeError.

    Example:
        >>> import numpy as np, chaingrad
        >>> class Double(chaingrad.Function):
        ...     def forward(self, inputs):
        ...         return 2 * inputs[0],
        ...     def backward(self, inputs, grad_outputs):
        ...         return 2 * grad_outputs[0],
        >>> x = chaingrad.Variable(np.array(3.0))
        >>> y = Double()(x)
        >>> y.backward()
        >>> y.array, x.grad
        (array(6.), array(2.))
    """

    # The node holds the Function; the Function holds its node only until it is applied, or the two would never die.
    _node_reference: Any = staticmethod(lambda: None)
    _node_to_apply: FunctionAdapter | None = None

    def __call__(self, *inputs: Any) -> Any:
        """Apply the function to Variables or arrays.

        Returns:
            A Variable, or a tuple of Variables where there are several outputs.
        """
        node, self._node_to_apply = self._node_to_apply or FunctionAdapter(self), None
        outputs = node.apply(inputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def forward(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the outputs; override this, or forward_cpu and forward_gpu."""
        if any(is_gpu_array(x) for x in inputs):
            return self.forward_gpu(inputs)
        return self.forward_cpu(inputs)

    def forward_cpu(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the outputs from NumPy arrays; forward_gpu does so from CuPy arrays."""
        raise NotImplementedError(f'{self.label}: write forward(self, inputs), which returns a tuple of arrays.')

    forward_gpu = forward_cpu

    def backward(self, inputs: tuple[Any, ...], grad_outputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the gradients of all inputs; override this, or backward_cpu and backward_gpu."""
        if any(is_gpu_array(x) for x in (*inputs, *grad_outputs)):
            return self.backward_gpu(inputs, grad_outputs)
        return self.backward_cpu(inputs, grad_outputs)

    def backward_cpu(self, inputs: tuple[Any, ...], grad_outputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the gradients from NumPy arrays (backward_gpu: CuPy arrays); None where nothing is written."""
        return (None,) * len(inputs)

    backward_gpu = backward_cpu

    def check_type_forward(self, in_types: Any) -> None:
        """Check shapes and dtypes before `forward`, with `type_check.expect`; override where wanted."""

    def retain_inputs(self, indexes: Sequence[int]) -> None:
        """Keep only these input arrays for `backward`; the others are None there."""
        self.node.retain_inputs(indexes)

    def retain_outputs(self, indexes: Sequence[int], retain_after_backward: bool = False) -> None:
        """Keep output arrays, which `output_data` then holds."""
        self.node.retain_outputs(indexes)

    @property
    def node(self) -> FunctionAdapter:
        """The node of the last application, or of the next where that is gone."""
        node: FunctionAdapter | None = self._node_reference()
        if node is None:
            node = self._node_to_apply = FunctionAdapter(self)
        return node

    @property
    def label(self) -> str:
        """Name of the function in pictures of the graph and in messages."""
        return type(self).__name__

    inputs = property(attrgetter('node.inputs'), doc='Nodes of the inputs.')
    outputs = property(attrgetter('node.outputs'), doc='Weak references to the nodes of the outputs.')
    output_data = property(attrgetter('node.output_data'), doc='The retained output arrays, None for the others.')
    rank = property(attrgetter('node.rank'), doc='Number of functions on the longest way from a leaf to here.')
    stack = property(attrgetter('node.stack'), doc="The user's calls that applied it, in debug mode; else None.")
    local_function_hooks = property(attrgetter('node.local_function_hooks'), doc='The hooks of this function alone.')

    def add_hook(self, hook: FunctionHook, name: str | None = None) -> None:
        """Register a hook for this function."""
        self.node.add_hook(hook, name)

    def delete_hook(self, name: str) -> None:
        """Remove a hook of this function."""
        self.node.delete_hook(name)

    def unchain(self) -> None:
        """Take this function out of the graph: its outputs become leaves."""
        self.node.unchain()
