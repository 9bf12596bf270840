"""The traversal: gradients flow from the outputs of a graph to its leaves.

It sees nodes and gradients only, and does not know what a Variable is: in a first-order pass the gradients are arrays,
in a pass that shall be differentiated again they are Variables, and both add with `+`.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np

from chaingrad.autograd.configuration import active_hooks, config, using_config
from chaingrad.autograd.function_hook import hooks_of

if TYPE_CHECKING:
    from chaingrad.autograd.function_node import FunctionNode
    from chaingrad.autograd.variable import Variable

_ndarray = np.ndarray


def propagate(start: Iterable[tuple[Any, Any]], double: bool = False, keep: bool = False, plan: Any = None) -> Any:
    """Return the gradient of every leaf that the start nodes depend on.

    Functions are visited from high to low rank, so that the gradients of a function's outputs are complete when its
    turn comes. All gradients live in the dict that is returned; the graph and its Variables stay as they are.

    Args:
        start: pairs of a place and its gradient.
        double: whether the gradients are Variables, which record a graph of their own.
        keep: whether to return the gradients of intermediate places too.
        plan (dict): the functions to visit, each with the indexes of the inputs to differentiate; None visits all.

    Returns:
        Dict from place to gradient.
    """
    grads: dict[Any, Any] = {}
    sums: set[Any] = set()  # places whose gradient is a sum that was made here: the next one is added in place
    seen: set[FunctionNode] = set()  # functions of several outputs: each output leads to them
    heap: list[tuple[int, int, Any]] = []  # places whose functions wait for their turn
    ready: Any = None  # a place while no other waits: a chain needs no heap
    turn = itertools.count()
    take = grads.get if keep else grads.pop
    plain = not double and not active_hooks

    def wait(x: Any) -> None:
        heappush(heap, (-x.place_rank, next(turn), x))

    for y, gy in start:
        if y not in grads and y.place_creator is not None:
            wait(y)
        grads[y] = not_scalar(grads[y] + gy) if y in grads else gy
    while heap or ready is not None:
        if heap:
            if ready is not None:
                wait(ready)
            ready = heappop(heap)[2]
        place, ready = ready, None
        function = place if place.is_function else place.place_creator
        if plan is not None and function not in plan:
            continue
        if function is place or function._outputs is None:
            gys: Any = (take(place),)
        elif function in seen:
            continue
        else:
            seen.add(function)
            gys = tuple([take(y(), None) for y in function._outputs])
        indexes = function._targets if plan is None else plan[function]
        if plain and function._array_pass:
            gxs = function.backward(indexes, gys)
            if len(gxs) != len(indexes):
                gxs = function._align(indexes, gxs)
        else:
            gxs = _gradients_with_hooks(function, indexes, gys, double)
        n = -1  # counted by hand: zip would cost as much as all the checks below
        for gx in gxs:
            n += 1
            if gx is None:
                continue
            x = function._sources[indexes[n]] if function._source is None else function._source
            if type(gx) is not _ndarray or gx.dtype is not x.place_dtype or gx.shape != x.place_shape:
                gx = function._check_gradient(indexes[n], gx, double)
            if x in grads:
                grads[x] = _sum(grads[x], gx, x in sums)
                sums.add(x)
            elif x.is_function or x.place_creator is not None:
                grads[x] = gx
                if heap or ready is not None:
                    wait(x)
                else:
                    ready = x
            else:
                grads[x] = gx if _is_fresh(gx, function, gys, gxs) else _copied(gx)
    return grads


def _gradients_with_hooks(function: FunctionNode, indexes: Any, gys: Any, double: bool) -> Sequence[Any]:
    """Apply a rule that works on Variables, or one that hooks watch, and return one gradient per index."""
    hooks = hooks_of(function)
    in_data = function._in_data() if hooks else ()
    out_grad = tuple(map(_array, gys)) if hooks else ()
    for hook in hooks:
        hook.backward_preprocess(function, in_data, out_grad)
    if double or not function._array_pass:
        gxs = function._backward_on_variables(indexes, gys, double)
    else:
        gxs = function._align(indexes, function.backward(indexes, gys))
    for hook in hooks:
        hook.backward_postprocess(function, in_data, out_grad)
    if config.debug and any(gx is not None and (gx != gx).any() for gx in map(_array, gxs)):
        raise RuntimeError(f'{function.label}: NaN in the gradient of an input (debug mode is on).')
    return gxs


def _array(g: Any) -> Any:
    return getattr(g, 'array', g)


def not_scalar(g: Any) -> Any:
    """Turn the NumPy scalar back into an array that a sum or product of arrays without axes has become."""
    return np.asarray(g) if isinstance(g, np.generic) else g


def _sum(g: Any, gx: Any, in_place: bool) -> Any:
    """Return the sum of two gradients, in the first of them if the pass owns that."""
    if not in_place:
        return not_scalar(g + gx)
    g += gx
    return g


def _is_fresh(gx: Any, function: FunctionNode, gys: Sequence[Any], gxs: Sequence[Any]) -> bool:
    """Return whether a leaf may own gx as it is: an array of its own that nobody else holds."""
    array = _array(gx)
    if not function._array_pass or array.base is not None or not getattr(array.flags, 'writeable', True):
        return False
    return sum([gx is other for other in (*gys, *gxs)]) == 1


def _copied(g: Any) -> Any:
    """Return a gradient with an array of its own; a Variable keeps its place in the graph."""
    if not hasattr(g, '_array'):
        return g.copy()
    copied = copy.copy(g)
    copied._array, copied._place = g._array.copy(), g._place or g.node  # copy.copy leaves a leaf's place out
    return copied


def accumulate(grads: Mapping[Any, Any], loss_scale: float | None) -> None:
    """Hand the gradients of a pass to the Variables: add them to what a leaf holds, set them elsewhere."""
    for place, g in grads.items():
        x = place._variable()
        if x is None:
            continue
        if place.place_creator is None:
            x._accumulate_grad(g)
            x._loss_scale = loss_scale
        else:
            x._set_grad(g)


def backward(outputs: Sequence[Variable], retain_grad: bool, double: bool, loss_scale: float | None) -> None:
    """Compute the gradients of several Variables at once and add them to the leaves; see Variable.backward."""
    start = []
    for y in outputs:
        if y.creator_node is not None:
            gy = y._start_gradient(double)
            start.append((y._place, gy if loss_scale is None else not_scalar(gy * loss_scale)))
    with using_config('enable_backprop', True) if double else contextlib.nullcontext():
        accumulate(propagate(start, double, retain_grad), loss_scale)
