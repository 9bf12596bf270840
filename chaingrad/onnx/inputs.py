"""The arguments of the model that is exported: their names in the file, their shapes there, and the second batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.onnx.tracing import traced

__all__ = ['Inputs', 'read_inputs', 'read_shapes']


@dataclass
class Inputs:
    """The arguments of the model: how to call it, and the arrays by the names that they have in the file."""

    arrays: dict[str, Array]
    keys: list[Any]
    kind: type
    batched: list[str] = field(default_factory=list)

    def call(self, model: Callable[..., Any], variables: Mapping[str, Variable]) -> Any:
        """Call the model."""
        values = list(variables.values())
        if self.kind is dict:
            return model(**dict(zip(self.keys, values)))
        return model(*values)

    def variables(self, arrays: Mapping[str, Array]) -> dict[str, Variable]:
        """Return new Variables of the arrays."""
        return {name: Variable(traced(array), requires_grad=False) for name, array in arrays.items()}

    def enlarged(self) -> dict[str, Array]:
        """Return other inputs: one row more and in reverse order where there is a batch axis, other floating values.

        Many callers give zeros, which would not show what is computed from them outside the graph.
        """
        rng = np.random.RandomState(0)
        found = {}
        for name, x in self.arrays.items():
            y = np.concatenate([x[::-1], x[:1]]) if name in self.batched else x
            found[name] = np.asarray(y + rng.uniform(-0.5, 0.5, y.shape), y.dtype) if y.dtype.kind == 'f' else y
        return found


def read_inputs(args: Any, input_names: Any) -> Inputs:
    """Return the arguments by name."""
    given: dict[Any, Any]
    kind: type
    if isinstance(args, Mapping):
        given, kind = dict(args), dict
    else:
        given, kind = dict(enumerate(args if isinstance(args, tuple | list) else [args])), tuple
    arrays = {}
    for position, (key, value) in enumerate(given.items()):
        if not isinstance(value, Variable | np.ndarray):
            raise TypeError(
                f'onnx.export: args must hold arrays or Variables, but argument {key!r} is {type(value).__name__}. '
                'Give other arguments by functools.partial.'
            )
        if isinstance(input_names, Mapping):
            name = input_names.get(key, f'Input_{position}')
        elif input_names:
            name = input_names[position]
        else:
            name = key if kind is dict else f'Input_{position}'
        arrays[name] = as_array(value)
    if not arrays:
        raise ValueError('onnx.export: args must hold at least one array, but it is empty.')
    return Inputs(arrays, list(given), kind)


def read_shapes(inputs: Inputs, input_shapes: Any) -> dict[str, tuple[Any, ...]]:
    """Return the shape that each input has in the file, as the caller gave them or with a batch axis."""
    names = list(inputs.arrays)
    if input_shapes is None:
        sizes = [x.shape[:1] for x in inputs.arrays.values()]
        first = next((size for size in sizes if size), None)
        return {
            name: (('N', *x.shape[1:]) if x.ndim and x.shape[:1] == first else x.shape)
            for name, x in inputs.arrays.items()
        }
    if isinstance(input_shapes, Mapping):
        keyed = {key: tuple(shape) for key, shape in input_shapes.items()}
        shapes = {name: keyed.get(key, keyed.get(name)) for name, key in zip(names, inputs.keys)}
    else:
        rows = input_shapes if isinstance(input_shapes, list) else [input_shapes]
        shapes = dict(zip(names, map(tuple, rows)))
    for name, x in inputs.arrays.items():
        shape = shapes.get(name)
        if shape is None or len(shape) != x.ndim or not all(_fits(i, n, x.shape[i]) for i, n in enumerate(shape)):
            raise ValueError(
                f'onnx.export: input_shapes must fit the inputs and name at most axis 0, but {name} is {x.shape} and '
                f'has {shape}.'
            )
    return {name: shape for name, shape in shapes.items() if shape is not None}


def _fits(axis: int, given: Any, size: int) -> bool:
    """Return whether a size that the caller gave for an axis fits: the size, or a name for that of the batch."""
    return axis == 0 if isinstance(given, str) else given == size
