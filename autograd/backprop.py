"""The traversal: gradients flow from the outputs of a graph to its leaves.

It sees nodes and gradients only, and does not know what a Variable is: in a first-order pass the gradients are arrays,
in a pass that shall be differentiated again they are Variables, and both add with `+`.
"""

from __future__ import annotations

import contextlib
import copy
from bisect import insort_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np

from chaingrad.autograd import anomaly, in_place
from chaingrad.autograd.configuration import active_hooks, config, using_config
from chaingrad.autograd.function_hook import hooks_of
from chaingrad.autograd.node import Node, Output
from chaingrad.autograd.part_gradient import PartGradient, whole

Start: TypeAlias = Iterable[tuple[Node, Any]]
Gradients: TypeAlias = dict[Node, Any]

_ndarray = np.ndarray
_rank = attrgetter('rank')


class _Queue:
    """Functions that have a gradient and wait for their turn, in the order of their ranks."""

    def __init__(self) -> None:
        self.functions: list[Any] = []  # the highest rank last
        self._entered: set[Any] = set()  # functions of several outputs

    def add(self, node: Node) -> None:
        """Add the function of a node, once for all its outputs."""
        function = node._node_creator
        if type(node) is Output:
            if function in self._entered:
                return
            self._entered.add(function)
        insort_left(self.functions, function, key=_rank)


Pass: TypeAlias = tuple[Gradients, Callable[[Node, Any, Any], None], _Queue, list[Any]]
Visited: TypeAlias = tuple[Any, Sequence[int], Sequence[Any], Sequence[Any]]


def propagate(start: Start, double: bool = False, keep: bool = False, plan: Any = None, own: Any = None) -> Gradients:
    """Return the gradient of every leaf that the start nodes depend on.

    All gradients live in the dict that is returned; the graph and its Variables stay as they are.

    Args:
        start: pairs of a node and its gradient.
        double: whether the gradients are Variables, which record a graph of their own.
        keep: whether to return the gradients of intermediate nodes too.
        plan (dict): the functions to visit, each with the indexes of the inputs to differentiate; None visits all.
        own: makes the gradient that a leaf gets from what a rule returned; `owned` where None.

    Returns:
        Dict from node to gradient.
    """
    begun = start_pass(start, double)
    visit(begun, double, keep, plan, own)
    return begun[0]


def visit(begun: Pass, double: bool, keep: bool, plan: Any = None, own: Any = None, once: bool = False) -> Any:
    """Visit the functions that wait, and those that gradients reach from there.

    Functions are visited from high to low rank, so that the gradients of a function's outputs are complete when its
    turn comes.

    Args:
        begun: what `start_pass` returned: the gradients so far are in it.
        double, keep, plan, own: see `propagate`.
        once: whether to return after one function; the next call goes on from there.

    Returns:
        With `once` a `Visited`: the function, the indexes of its inputs, the gradients that came and those that go;
        None once nothing waits.
    """
    grads, add, queue, waiting = begun
    take = grads.get if keep else grads.pop
    on_arrays = not double and not active_hooks
    while waiting:
        function = waiting.pop()
        indexes = function._node_targets if plan is None else plan.get(function)
        if indexes is None:
            continue
        outputs = function._node_outputs
        gys = tuple([take(output(), None) for output in outputs]) if outputs else (take(function),)
        if on_arrays and function._array_pass:
            gxs = function.backward(indexes, gys)
        else:
            gxs = _gradients_with_hooks(function, indexes, gys, double)
        if len(gxs) != len(indexes):
            gxs = function._align(indexes, gxs)
        n = -1  # counted here: zip and enumerate cost 5 and 3 % of the rows sin_* and mul_*
        for gx in gxs:
            n += 1
            if gx is None:
                continue
            node = function._node_inputs
            if type(node) is tuple:
                node = node[indexes[n]]
            if type(gx) is not _ndarray or gx.dtype is not node._node_dtype or gx.shape != node._node_shape:
                gx = _checked(gx, function, indexes[n], double, node in grads)
            if node in grads:
                add(node, gx, function)
            elif node._node_inputs is None:
                grads[node] = (own or owned)(gx, node, function, gys, gxs)
            else:
                grads[node] = gx
                if waiting or type(node) is Output:
                    queue.add(node)
                else:  # nothing to be sorted: 3 % of the rows sin_* and mul_*
                    waiting.append(node)
        if once:
            return function, indexes, gys, tuple(map(whole, gxs))
    return None


def _checked(gx: Any, function: Any, index: int, double: bool, is_added: bool) -> Any:
    """Return a gradient of the right dtype and shape; a part of one as an array unless it is added to a sum."""
    if type(gx) is PartGradient:
        return gx if is_added else gx.array()
    return function._check_gradient(index, gx, double)


def start_pass(start: Start, double: bool) -> Pass:
    """Return the gradients with which a pass begins, what adds another one, the queue, and the functions in it."""
    grads: dict[Node, Any] = {}
    sums: set[Node] = set()
    add = partial(_add_gradient, grads, sums)
    queue = _Queue()
    for node, gy in start:
        if node in grads:
            add(node, gy, None)
            continue
        grads[node] = gy
        if not node._node_is_leaf:
            queue.add(node)
    if active_hooks and not double and queue.functions:
        add = partial(_add_seen_by_hooks, queue.functions[-1], grads)
    return grads, add, queue, queue.functions


def _add_gradient(grads: dict[Node, Any], sums: set[Node], node: Node, g: Any, function: Any) -> None:
    """Add a gradient to that of a node: in place where that is a sum made in this pass, which nobody else holds."""
    if function is not None and node._node_update > function._updates_before:
        in_place.say_updated(node, function)
    if type(g) is PartGradient:
        if node not in sums:
            grads[node] = grads[node].copy()
        g.add_to(grads[node])
    elif node in sums:
        grads[node] += g
    else:
        grads[node] = not_scalar(grads[node] + g)
    sums.add(node)


def _add_seen_by_hooks(one: Any, grads: dict[Node, Any], node: Node, g: Any, function: Any) -> None:
    """Add a gradient to that of a node by a function that hooks see; `one`, a FunctionNode, knows it."""
    if function is not None and node._node_update > function._updates_before:
        in_place.say_updated(node, function)
    grads[node] = one._add_on_variables(grads[node], g)


def _gradients_with_hooks(function: Any, indexes: Any, gys: Any, double: bool) -> Any:
    """Apply a rule that works on Variables, or one that hooks watch, and return one gradient per index."""
    hooks = hooks_of(function)
    in_data = function._in_data() if hooks else ()
    out_grad = tuple(map(_array, gys)) if hooks else ()
    for hook in hooks:
        hook.backward_preprocess(function, in_data, out_grad)
    if config.debug:
        gxs = anomaly.run_rule(function, _apply_rule, tuple(map(_array, gys)), function, indexes, gys, double)
    else:
        gxs = _apply_rule(function, indexes, gys, double)
    for hook in hooks:
        hook.backward_postprocess(function, in_data, out_grad)
        hook.backward_gradients(function, gxs)
    return gxs


def _apply_rule(function: Any, indexes: Any, gys: Any, double: bool) -> Any:
    if double or not function._array_pass:
        return function._backward_on_variables(indexes, gys, double)
    return list(map(whole, function._align(indexes, function.backward(indexes, gys))))


def _array(g: Any) -> Any:
    return getattr(g, 'array', g)


def not_scalar(g: Any) -> Any:
    """Turn the NumPy scalar back into an array that a sum or product of arrays without axes has become."""
    return np.asarray(g) if isinstance(g, np.generic) else g


def owned(gx: Any, node: Node, function: Any, gys: Sequence[Any], gxs: Sequence[Any]) -> Any:
    """Return a gradient that a leaf may own: gx itself where it is an array that nobody else holds, else a copy."""
    if node._node_update > function._updates_before:
        in_place.say_updated(node, function)
    array = _array(gx)
    if function._array_pass and array.base is None and getattr(array.flags, 'writeable', True):
        held = 0
        for other in (*gys, *gxs):
            held += other is gx
        if held <= 1:
            return gx
    return _copied(gx)


def _copied(g: Any) -> Any:
    """Return a gradient with an array of its own; a Variable keeps its node in the graph."""
    if not hasattr(g, '_array'):
        return g.copy()
    copied = copy.copy(g)
    copied._array = g._array.copy()
    copied._node = g._get_node()  # copy.copy leaves a leaf's node out
    return copied


def accumulate(grads: Mapping[Node, Any], loss_scale: float | None) -> None:
    """Hand the gradients of a pass to the Variables: add them to what a leaf holds, set them elsewhere."""
    for node, g in grads.items():
        x = node._node_variable()
        if x is None:
            continue
        if node._node_is_leaf:
            x._accumulate_grad(g)
            x._loss_scale = loss_scale
        elif g is not x.grad:
            x._set_grad(g)


def backward(outputs: Sequence[Any], retain_grad: bool, double: bool, loss_scale: float | None) -> None:
    """Compute the gradients of several Variables at once and add them to the leaves; see Variable.backward."""
    outputs, begun = begin(outputs, double, loss_scale)
    with using_config('enable_backprop', True) if double else contextlib.nullcontext():
        visit(begun, double, retain_grad)
        accumulate(begun[0], loss_scale)
    if not retain_grad:
        for y in outputs:
            y._set_grad(None)


def begin(outputs: Sequence[Any], double: bool, loss_scale: float | None) -> tuple[list[Any], Pass]:
    """Return the outputs that gradients pass, and the pass that begins there."""
    given, outputs = outputs, [y for y in outputs if y.creator_node is not None and y._requires_grad]
    for y in outputs or given:
        if not outputs or y._array.dtype.kind not in 'fc':
            y._warn_of_no_gradient()
    start = []
    for y in outputs:
        gy = y._start_gradient(double)
        start.append((y._node, gy if loss_scale is None else not_scalar(gy * loss_scale)))
    return outputs, start_pass(start, double)
