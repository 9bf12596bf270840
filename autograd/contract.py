"""The contract of FunctionNode: checks of what forward returns, messages that explain its failures, a second apply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Arrays
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.configuration import config
from chaingrad.autograd.tracebacks import shorten
from chaingrad.autograd.type_checking import type_check

_OF_APPLICATION = (
    'rank', 'requires_grad', '_node_is_leaf', '_node_inputs', '_node_targets', '_node_outputs', '_node_shape',
    '_node_dtype', '_node_name', '_node_variable', '_input_views', '_retained_inputs', '_retained_outputs',
)  # fmt: skip


def as_arrays(function: Any, outputs: Any) -> Arrays:
    """Return the outputs as arrays, where NumPy has made scalars of results without axes; refuse anything else."""
    must = f'{function.label}.forward must return a tuple of arrays (or None for some)'
    if not isinstance(outputs, tuple):
        raise TypeError(f'{must}, but it returned {type(outputs).__name__}.')
    arrays = []
    for y in outputs:
        if isinstance(y, np.generic):
            y = np.asarray(y)
        if not is_array(y) and y is not None:
            raise TypeError(f'{must}, but a {type(y).__name__} is in it.')
        arrays.append(y)
    if len(arrays) == 1 and arrays[0] is None:
        raise TypeError(f'{must}, but its only output is None.')
    return tuple(arrays)


def forget_application(function: Any, inputs: Sequence[Any]) -> None:
    """Make a node that was applied before like a new one; refuse inputs that it has made itself.

    In the graph there would be a circle then, which gradients could not pass.
    """
    nodes = [x._node for x in inputs if getattr(x, '_node', None) is not None]
    seen: set[Any] = set()
    while nodes:
        node = nodes.pop()
        if node is function:
            raise RuntimeError(
                f'{function.label}: this node was applied before, and its inputs depend on what it returned then. Make '
                'a new one for every application.'
            )
        if node not in seen and node.rank >= function.rank:  # no other node can depend on the function
            seen.add(node)
            nodes += node._node_edges
    function._release()
    for name in _OF_APPLICATION:
        vars(function).pop(name, None)


def explained(function: Any, arrays: Arrays, error: Exception) -> Exception:
    """Return the error that tells the user why `forward` failed: this one, its traceback shortened, or a new one."""
    if not isinstance(error, type_check.InvalidType):
        try:
            function._explain(arrays, error)
        except Exception as told:
            return told.with_traceback(None)
    shorten(error)
    return error


def explain_failure(function: Any, arrays: Arrays, error: Exception) -> None:
    """Raise what tells the user why `forward` failed; return where `error` says it all."""
    for i, x in enumerate(arrays):
        if x is None:
            raise RuntimeError(
                f'{public_name(function)}: input {i} has no array yet (a parameter before its first use?).'
            )
        if not is_array(x):
            what = f'input {i} must be a Variable or an array, but it is a {type(x).__name__}'
            raise TypeError(f'{public_name(function)}: {what}. Convert it with np.asarray(..., dtype=np.float32).')
    if config.type_check and function._builtin and isinstance(error, ValueError | TypeError):
        given = ', '.join(f'input {i} is {x.dtype} {x.shape}' for i, x in enumerate(arrays))
        raise type_check.InvalidType(f'{public_name(function)}: {error}. Given: {given}.')


def public_name(function: Any) -> str:
    """Return the name of the function that users call: leaky_relu for a node of class LeakyReLU."""
    return re.sub('(?<=[a-z])(?=[A-Z])', '_', function.label.replace('ReLU', 'Relu')).lower()
