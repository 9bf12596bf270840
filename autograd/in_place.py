"""Noticing that an optimizer has changed an array which a graph retains for its backward pass.

Every update of a parameter has a number, which its leaf keeps; a function that retains inputs keeps the number of the
last update before it. The backward pass compares the two where there was any update in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chaingrad.autograd.configuration import config
from chaingrad.autograd.node import Node, clock
from chaingrad.autograd.warning import warn_once

_ADVICE = (
    'was updated in place by its optimizer after the forward computation that this pass goes back through, so that '
    'gradients mix old and new values. Compute the loss again after the update, or update after the last backward().'
)


def say_updated(node: Node, function: Any) -> None:
    """Warn, once per line of the user's program, when an input that was updated is one that a function retained.

    In debug mode it is an error.

    Args:
        node: the node of an input, whose Variable was updated after the function was applied.
        function: the function.
    """
    variable = node._node_variable()
    edges = function._node_edges
    for index, array in zip(function._retained_inputs, function._input_arrays):
        if edges[index] is node and variable is not None and variable._array is array:
            name = f'parameter {node._node_name}' if node._node_name else 'a Variable'
            text = f'backward: {name} {array.shape}, input {index} of {function.label}, {_ADVICE}'
            if config.debug:
                raise RuntimeError(text)
            warn_once('update', text)


def check_functions(functions: Iterable[Any]) -> None:
    """Do the same for every retained input of some functions: a pass over some inputs alone may hand it no gradient."""
    for function in functions:
        if function._updates_before < clock.updates:
            for node in {function._node_edges[i] for i in function._retained_inputs}:
                if node._node_update > function._updates_before:
                    say_updated(node, function)
