"""load: an ONNX file as a Chain, whose forward runs the operators of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, as_array, as_variable
from chaingrad.links.chain import Chain
from chaingrad.links.link import Link
from chaingrad.onnx.operators import OPERATORS
from chaingrad.onnx.operators.node import Node, NotLoadable, Run
from chaingrad.onnx.reading import Input, Read, read_model

__all__ = ['LoadedModel', 'load']


class LoadedModel(Chain):
    """A model that was read from an ONNX file; `load` makes it.

    Parameters and persistents have the paths that they have in the file: `/l1/W` is `model.l1.W`. Everything is
    differentiable, so the model can be trained further; normalizations over the batch keep their averages.

    Attributes:
        input_names, output_names (list of str): in their order.
    """

    def __init__(self, read: Read) -> None:
        super().__init__()
        self.input_names = [row.name for row in read.inputs]
        self.output_names = read.outputs
        self._inputs = read.inputs
        self._nodes = read.nodes
        self._steps = _prepared(self._nodes)
        self._released = _last_uses(self._steps, read.outputs)
        self._constants = dict(read.arrays)
        self._places: dict[str, list[str]] = {}  # where the value of a name stands: attributes, from this link on
        for names, add in zip(read.named(), (_add_parameter, Link.add_persistent)):
            for name in names:
                link, attributes = _make_links(self, name)
                add(link, attributes[-1], self._constants.pop(name).copy())  # onnx gives views that are read only
                self._places[name] = attributes

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), '_steps': None}  # functions cannot be pickled: they are made anew

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._steps = _prepared(self._nodes)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Run the operators.

        Args:
            *args: arrays or Variables, the inputs in their order.
            **kwargs: inputs by name.

        Returns:
            Variable, the output; a tuple where the file has several.

        Raises:
            TypeError: when inputs are missing, or too many.
            ValueError: when an input has another dtype or shape than the file says.
        """
        values = {**self._constants, **self._named_inputs(args, kwargs)}
        for name, path in self._places.items():
            value: Any = self
            for attribute in path:
                value = getattr(value, attribute)
            values[name] = value
        for (node, run), released in zip(self._steps, self._released):
            outputs = run(*[values[name] if name else None for name in node.inputs])
            for name, y in zip(node.outputs, outputs if isinstance(outputs, tuple) else (outputs,)):
                is_variable = isinstance(y, Variable) and y.dtype.kind == 'f'
                values[name] = y if is_variable else np.asarray(as_array(y))
            for name in released:
                del values[name]
        found = [as_variable(values[name]) for name in self.output_names]
        return found[0] if len(found) == 1 else tuple(found)

    def _named_inputs(self, args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs by name, compared with what the file says."""
        given = dict(zip(self.input_names, args))
        if len(args) > len(self.input_names) or given.keys() & kwargs or {*given, *kwargs} != {*self.input_names}:
            raise TypeError(
                f'onnx model: the inputs must be {", ".join(self.input_names)}, but {len(args)} were given by position '
                f'and {sorted(kwargs)} by name.'
            )
        given.update(kwargs)
        return {row.name: _fitting(row, given[row.name]) for row in self._inputs}


def _prepared(nodes: Sequence[Node]) -> list[tuple[Node, Run]]:
    """Return the operators with the functions that compute them."""
    steps = []
    for node in nodes:
        taken = replace(node, attributes=dict(node.attributes))
        run = OPERATORS[node.kind](taken)
        if taken.attributes:
            raise node.fail(f'has the attribute {sorted(taken.attributes)[0]}, which chaingrad does not know')
        steps.append((node, run))
    return steps


def _fitting(row: Input, x: Any) -> Any:
    """Return an input as the operators take it: a Variable where it is floating, else an array."""
    array = as_array(x)
    is_shape = row.shape is None or len(row.shape) == array.ndim
    if is_shape and row.shape is not None:
        is_shape = all(n == m for n, m in zip(row.shape, array.shape) if isinstance(n, int))
    if array.dtype != row.dtype or not is_shape:
        raise ValueError(
            f'onnx model: {row.name} must be {row.dtype} {row.shape}, but it is {array.dtype} {array.shape}.'
        )
    return as_variable(x) if array.dtype.kind == 'f' else array


def _last_uses(steps: Sequence[tuple[Node, Run]], outputs: Sequence[str]) -> list[list[str]]:
    """Return for each step the names that no later one needs, so that what they stand for does not stay in memory."""
    seen = {*outputs}
    found = []
    for node, _ in reversed(steps):
        names = {name for name in (*node.inputs, *node.outputs) if name} - seen
        seen |= names
        found.append(sorted(names))
    return found[::-1]


def _add_parameter(link: Link, name: str, array: Array) -> None:
    with link.init_scope():
        setattr(link, name, Parameter(array))


def _make_links(model: Chain, path: str) -> tuple[Link, list[str]]:
    """Return the link that holds a value, with those above it made, and the attributes that lead to the value.

    Names of other programs may be written with points; `_` is put behind a name that a link needs itself.
    """
    link = model
    attributes = []
    *above, last = [part for part in path.replace('.', '/').split('/') if part] or ['value']
    for part in above:
        while hasattr(Chain, part) or isinstance(vars(link).get(part), Variable | np.ndarray):
            part += '_'
        if part not in vars(link):
            link.add_link(part, Chain())
        link = vars(link)[part]
        attributes.append(part)
    while hasattr(Chain, last) or last in vars(link):
        last += '_'
    return link, [*attributes, last]


def load(file: Any) -> LoadedModel:
    """Load an ONNX file as a Chain.

    The operators that `export` writes are run, in opset 13 to 26. The file is checked by onnx, nothing in it is
    executed, and data outside it is refused.

    Args:
        file: path, binary file object, or an `onnx.ModelProto`.

    Returns:
        LoadedModel: a Chain; calling it runs the model. Its parameters have the paths of the file.

    Raises:
        ImportError: when onnx is not installed.
        NotLoadable: a ValueError: an operator, or an option of one, is not supported.
        UnreadableFileError: a ValueError: the file is damaged, of another kind, or has data outside itself.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad import onnx
        >>> _ = onnx.export(L.Linear(3, 2), np.ones((1, 3), np.float32), 'linear.onnx')
        >>> loaded = onnx.load('linear.onnx')
        >>> [path for path, _ in loaded.namedparams()], loaded(np.ones((4, 3), np.float32)).shape
        (['/W', '/b'], (4, 2))

    Source: https://onnx.ai/onnx/operators/, the definitions of the operators.
    """
    read = read_model(file)
    unknown = [node for node in read.nodes if node.kind not in OPERATORS]
    if unknown:
        kinds = sorted({node.kind for node in unknown})
        raise NotLoadable(
            f'{unknown[0].fail("is no operator that chaingrad runs")} Not supported in {read.name}: '
            f'{", ".join(kinds)}. Supported: those that chaingrad.onnx.export writes, sorted(OPERATORS) of '
            'chaingrad.onnx.operators.'
        )
    return LoadedModel(read)
