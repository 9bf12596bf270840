"""What debug mode and `detect_anomaly` watch: numbers that are none, and retained arrays that were changed in place.

A function that is watched remembers the calls of the user's program that applied it, and digests of the arrays that it
retains. While both modes are off, functions never come here.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd import call_site
from chaingrad.autograd.configuration import config, using_config

_ndarray = np.ndarray
_LARGE = 2**16
"""Bytes from which on a digest folds an array first: eight times as fast."""

_FOLD = 4093
"""Words per row of the fold; a prime, so that elements that change places change the digest."""


class _Differentiating(threading.local):
    function: Any = None  # whose rule runs on Variables in this thread


_differentiating = _Differentiating()


@contextlib.contextmanager
def detect_anomaly() -> Iterator[None]:
    """Say inside a `with` block where NaN or infinity was born: function, array, line of your program, link.

    It is an error when a function makes NaN, or makes infinity of finite numbers, in the forward or in the backward
    computation, when an update leaves such numbers in a parameter, and when an array that a function retained was
    changed in place before its backward computation. Errors that are raised in a backward computation say whose it
    was. Debug mode (`chaingrad.set_debug`) does the same, without looking for infinity.

    Raises:
        RuntimeError: inside the block, when such a thing happens.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> x = chaingrad.Variable(np.array([1.0, 0.0]))
        >>> with chaingrad.detect_anomaly(), np.errstate(divide='ignore'):
        ...     y = F.log(x)
        Traceback (most recent call last):
            ...
        RuntimeError: log: infinity in the output of the forward computation, float64 (2,): 1 of 2, the first...
    """
    with using_config('debug', True), using_config('detect_anomaly', True):
        yield


def check_forward(function: Any, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
    """Raise when an output holds what it must not; else remember where the function was applied, and digests."""
    function._call_site = site = call_site.current(_differentiating.function)
    _check(f'{function.label}: {{}} in the output of the forward computation', inputs, outputs, site)
    if config.enable_backprop:
        site.digests = (
            [_digest(inputs[i]) for i in function._retained_inputs],
            [_digest(outputs[i]) for i in function._retained_outputs],
        )


def run_rule(function: Any, rule: Callable[..., Any], gys: Sequence[Any], *arguments: Any) -> Any:
    """Run the rule of a function and return its gradients; raise when they hold what they must not.

    Args:
        function: the function.
        rule: computes the gradients.
        gys: gradients of the outputs, arrays or None.
        *arguments: those of the rule.
    """
    _check_retained(function)
    site = function._call_site
    outer, _differentiating.function = _differentiating.function, site and (function.label, site)
    try:
        gxs = rule(*arguments)
    except Exception as error:
        call_site.add_note(error, f'in the backward computation of {function.label}{_after(site, ", ")}')
        raise
    finally:
        _differentiating.function = outer
    arrays = [getattr(gx, 'array', gx) for gx in gxs]
    _check(f'{function.label}: {{}} in the gradient of an input', gys, arrays, site)
    return gxs


def check_update(who: str, params: Iterable[tuple[str, Any]]) -> None:
    """Raise when an update has left in a parameter what must not be there.

    Args:
        who: the optimizer.
        params: pairs of path and parameter.
    """
    for path, param in params:
        _check(f'{who}.update: {{}} in parameter {path}', [param.grad], [param.array], None)


def _check_retained(function: Any) -> None:
    """Raise when an array that a function retained was changed in place since the forward computation."""
    site = function._call_site
    if site is None or site.digests is None:
        return
    indexes = function._retained_inputs, function._retained_outputs
    arrays = function._input_arrays, function._output_arrays
    for what, numbers, before, now in zip(('input', 'output'), indexes, site.digests, arrays):
        for index, old, array in zip(numbers, before, now):
            if old != _digest(array):
                node = function._node_edges[index] if what == 'input' else function
                name = f' (parameter {node._node_name})' if node._node_name else ''
                how = 'updated by its optimizer' if node._node_update > function._updates_before else 'changed in place'
                raise RuntimeError(
                    f'{function.label}: {what} {index}{name} was {how} after the forward computation ({site}), so its '
                    'gradients would be wrong. Give the Variable another array (x.array = other), change a copy, or '
                    'call backward() first.'
                )


def _check(message: str, before: Sequence[Any], after: Sequence[Any], site: Any) -> None:
    """Raise when an array holds NaN, or infinity where those before it were finite (in `detect_anomaly` only)."""
    for array in after:
        if _is_finite(array):
            continue
        for word, wrong in (('NaN', array != array), ('infinity', abs(array) == np.inf)):
            if not wrong.any() or word == 'infinity' and not (config.detect_anomaly and all(map(_is_finite, before))):
                continue
            n, first = int(wrong.sum()), [int(i) for i in np.unravel_index(int(wrong.argmax()), wrong.shape)]
            at = f', the first at {first}' if first else ''
            given = '' if all(map(_is_finite, before)) else ' What it was computed from holds NaN or infinity already.'
            raise RuntimeError(
                f'{message.format(word)}, {array.dtype} {array.shape}: {n} of {array.size}{at}{_after(site)}.{given}'
            )


def _after(site: Any, separator: str = '; ') -> str:
    return '' if site is None else f'{separator}{site}'


def _is_finite(array: Any) -> bool:
    if type(array) is _ndarray:
        return array.dtype.kind not in 'fc' or bool(np.isfinite(array).all())
    return getattr(array, 'dtype', np.dtype(int)).kind not in 'fc' or bool((abs(array) < np.inf).all())


def _digest(array: Any) -> int:
    """Return a number that changes with the array; 0 for None and for arrays that are not NumPy's."""
    if type(array) is not _ndarray or array.dtype.hasobject:
        return 0
    if array.nbytes < _LARGE or array.itemsize > 8:
        return hash(array.tobytes())
    words = array.ravel('K').view(f'u{array.itemsize}')
    n = len(words) // _FOLD * _FOLD
    folded = np.bitwise_xor.reduce(words[:n].reshape(-1, _FOLD), axis=0)
    return hash((folded.tobytes(), words[n:].tobytes()))
