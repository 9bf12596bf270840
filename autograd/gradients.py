"""Gradients on request: `grad` returns them, `backward` starts from several Variables."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from chaingrad.autograd import backprop, in_place
from chaingrad.autograd.annotations import Indexes
from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.node import Node
from chaingrad.autograd.variable import Variable, as_variable


def backward(
    outputs: Sequence[Variable],
    grad_outputs: Sequence[Any] | None = None,
    *,
    enable_double_backprop: bool = False,
    **kwargs: Any,
) -> None:
    """Compute the gradients of several Variables in one pass and add them to the `grad` of every leaf.

    Args:
        outputs: tuple or list of Variables.
        grad_outputs: their gradients, as Variables; each one's own `grad` when None (1 for a single element), and a
            Variable that is there twice counts once.
        enable_double_backprop: whether the gradients can be differentiated again.

    Raises:
        TypeError: when outputs is no tuple or list.

    Example:
        >>> import numpy as np, chaingrad
        >>> x = chaingrad.Variable(np.array(3.0))
        >>> chaingrad.backward([x * x, 2 * x])
        >>> x.grad
        array(8.)
    """
    for name in kwargs:
        if name in ('retain_grad', 'loss_scale'):
            raise ValueError(f'backward: {name} is not supported for several outputs. Use Variable.backward.')
        raise TypeError(f'backward: unexpected keyword {name!r}.')
    _check_sequence('backward', 'outputs', outputs)
    different = list({id(y): y for y in outputs}.values())
    if grad_outputs is None:
        if len(different) < len(outputs):
            warnings.warn(
                f'backward: outputs hold {len(different)} different Variables of {len(outputs)}. Each counts once; '
                'give grad_outputs to count one several times.',
                RuntimeWarning,
                stacklevel=2,
            )
    else:
        _check_sequence('backward', 'grad_outputs', grad_outputs, len(outputs))
        for y in different:
            y.grad_var = None
        for y, gy in zip(outputs, grad_outputs):
            if gy is not None:
                y.grad_var = as_variable(gy) if y.grad_var is None else y.grad_var + as_variable(gy)
    backprop.backward(different, False, enable_double_backprop, None)


def grad(
    outputs: Sequence[Variable],
    inputs: Sequence[Variable],
    grad_outputs: Sequence[Any] | None = None,
    grad_inputs: Sequence[Any] | None = None,
    set_grad: bool = False,
    retain_grad: bool = False,
    enable_double_backprop: bool = False,
    loss_scale: float | None = None,
) -> list[Variable]:
    """Return the gradients of outputs with respect to inputs, visiting only the functions between them.

    Args:
        outputs: tuple or list of Variables to start from.
        inputs: tuple or list of Variables whose gradients are wanted.
        grad_outputs: gradients of the outputs, as Variables or arrays; ones where None.
        grad_inputs: gradients to add to the results, one per input or None. What is given for an input flows on to
            the inputs that it depends on.
        set_grad (bool): whether to set the results as `grad` of the inputs.
        retain_grad (bool): whether to set `grad` of the Variables in between.
        enable_double_backprop (bool): whether the results can be differentiated again.
        loss_scale (float): factor on the gradients of the outputs, for float16.

    Returns:
        List of Variables, one per input; None where no path leads from an output to the input. A gradient that is
        one of the given Variables is that Variable (with set_grad a leaf gets a copy).

    Raises:
        TypeError: when outputs or inputs are no tuple or list.

    Example:
        >>> import numpy as np, chaingrad
        >>> x = chaingrad.Variable(np.array(3.0))
        >>> gx, = chaingrad.grad([x ** 3], [x], enable_double_backprop=True)
        >>> ggx, = chaingrad.grad([gx], [x])
        >>> gx.array, ggx.array
        (array(27.), array(18.))
    """
    _check_sequence('grad', 'outputs', outputs)
    _check_sequence('grad', 'inputs', inputs)
    _check_sequence('grad', 'grad_outputs', grad_outputs, len(outputs))
    _check_sequence('grad', 'grad_inputs', grad_inputs, len(inputs))
    double = enable_double_backprop
    given = _Given(double)
    start = []
    for y, gy in zip(outputs, grad_outputs or [None] * len(outputs)):
        g = given.unwrap(y.xp.ones_like(y.array) if gy is None else gy)
        start.append((y._get_node(), g if loss_scale is None else backprop.not_scalar(g * loss_scale)))
    targets = {x._get_node() for x in inputs}
    plan = _functions_between([node for node, _ in start], targets)
    keep = retain_grad or any(node._node_creator in plan for node in targets)
    start += [(x._get_node(), given.unwrap(gx)) for x, gx in zip(inputs, grad_inputs or ()) if gx is not None]

    with using_config('enable_backprop', double):
        in_place.check_functions(plan)
        grads = backprop.propagate(start, double, keep, plan, None if set_grad else given.own)
        if retain_grad:
            backprop.accumulate({node: g for node, g in grads.items() if not node._node_is_leaf}, None)
        gxs = [given.wrap(grads.get(x._get_node())) for x in inputs]
    if set_grad:
        for x, gx in zip(inputs, gxs):
            x.grad_var = gx
    return gxs


class _Given:
    """The gradients that a caller gave, found again by the identity of what the pass sees of them."""

    def __init__(self, double: bool) -> None:
        self._double = double
        self._variables: dict[int, Variable] = {}

    def unwrap(self, g: Any) -> Any:
        """Return what the pass shall see of a gradient that was given as an array or a Variable."""
        variable = as_variable(g)
        seen = variable if self._double else variable._array
        self._variables[id(seen)] = variable
        return seen

    def own(self, gx: Any, *context: Any) -> Any:
        """Return the gradient of a leaf, which owns it unless it was given."""
        return gx if id(gx) in self._variables else backprop.owned(gx, *context)

    def wrap(self, g: Any) -> Any:
        """Return a gradient of the pass as a Variable, or None; callers need not ask which."""
        if g is None or id(g) in self._variables:
            return self._variables.get(id(g))
        return as_variable(g)


def _functions_between(outputs: list[Node], targets: set[Node]) -> dict[FunctionNode, Indexes]:
    """Return the functions on a path from targets to outputs, each with the indexes of its inputs on such a path."""
    found: set[FunctionNode] = set()
    nodes = list(outputs)
    while nodes:
        function = nodes.pop()._node_creator
        if function is not None and function not in found:
            found.add(function)
            nodes += function._node_edges
    plan: dict[FunctionNode, Indexes] = {}
    for function in sorted(found, key=attrgetter('rank')):
        edges = function._node_edges
        indexes = [i for i in function._node_targets if edges[i] in targets or edges[i]._node_creator in plan]
        if indexes:
            plan[function] = tuple(indexes)
    return plan


def _check_sequence(who: str, name: str, given: Any, length: int | None = None) -> None:
    if given is None and length is not None:
        return
    if not isinstance(given, tuple | list):
        kind = type(given).__name__
        raise TypeError(f'{who}: {name} must be a tuple or list of Variables, but it is {kind}. Write [{name}].')
    for i, x in enumerate(given):
        if name in ('outputs', 'inputs') and not isinstance(x, Variable):
            raise TypeError(
                f'{who}: {name}[{i}] must be a Variable, but it is a {type(x).__name__} ({str(x)[:40]}). Give the '
                'Variables themselves.'
            )
    if length is not None and len(given) != length:
        raise ValueError(f'{who}: {name} must have {length} elements, but it has {len(given)}.')
