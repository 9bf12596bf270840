"""One operator of a file that is loaded, and what the tables of operators are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.variable import Variable, as_array

__all__ = ['Make', 'Node', 'NotLoadable', 'Run', 'Value', 'is_floating', 'numbers']

Value: TypeAlias = Variable | Array
"""A floating value that was computed is a Variable; integers, truth values and constants are arrays."""

Run: TypeAlias = Callable[..., Any]
"""Computes the output, or the tuple of outputs, from the inputs; None stands for an input that is left out."""


class NotLoadable(ValueError):
    """A file has an operator, or an option of one, that chaingrad does not run."""


@dataclass
class Node:
    """One operator: its kind, its name, its inputs and outputs by name, and its attributes.

    What makes an operator ready takes every attribute that it knows. So one that it does not know is noticed.
    """

    kind: str
    name: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: dict[str, Any] = field(default_factory=dict)

    def take(self, key: str, default: Any = None) -> Any:
        """Return an attribute and count it as known."""
        return self.attributes.pop(key, default)

    def require(self, key: str, *allowed: Any) -> None:
        """Take an attribute; refuse another value than those allowed, of which the first is the default."""
        value = self.take(key, allowed[0])
        if value not in allowed:
            wanted = ' or '.join(repr(one) for one in allowed)
            raise self.fail(f'has {key}={value!r}, but only {wanted} can be loaded')

    def fail(self, why: str) -> NotLoadable:
        """Return the error that names the operator."""
        where = f'the node {self.name}' if self.name else f'the node that makes {self.outputs[0]}'
        return NotLoadable(f'onnx.load: {self.kind} ({where}) {why}. Nothing was loaded.')


Make: TypeAlias = Callable[[Node], Run]
"""Takes the attributes of an operator and returns what computes it."""


def is_floating(value: Value | None) -> bool:
    """Return whether a value is of a floating dtype."""
    return value is not None and value.dtype.kind == 'f'


def numbers(value: Value) -> list[int]:
    """Return an integer vector, or a scalar, as a list."""
    return [int(n) for n in as_array(value).reshape(-1)]
