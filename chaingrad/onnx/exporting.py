"""export: run a model, convert what it did, check it and write it.

The model runs twice: on the given inputs and on a batch that is one row larger and holds the rows in another order. So
the exporter knows which sizes grow with the batch, and finds values that a program computed outside the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.links.link import Link
from chaingrad.onnx.converters import find_converter
from chaingrad.onnx.graph import Call, Graph, NotExportable, Row
from chaingrad.onnx.inputs import Inputs, read_inputs, read_shapes
from chaingrad.onnx.recording import Recording, Step, record, row_steps
from chaingrad.onnx.tracing import is_traced, untraced
from chaingrad.onnx.writing import PARAMETERS, PERSISTENTS, build_model

__all__ = [
    'DEFAULT_OPSET_VERSION',
    'Exported',
    'Exporter',
    'MAXIMUM_OPSET_VERSION',
    'MINIMUM_OPSET_VERSION',
    'Options',
    'export_graph',
    'rename_outputs',
]

MINIMUM_OPSET_VERSION = 13
MAXIMUM_OPSET_VERSION = 26
DEFAULT_OPSET_VERSION = 17


def _record_twice(models: Sequence[Any], inputs: Inputs, train: bool) -> tuple[Recording, Recording, tuple[int, int]]:
    """Run the copies of the model, each on its batch; return also the sizes of the batches."""
    names = inputs.batched
    n = len(inputs.arrays[names[0]]) if names else 0
    if n == 1:  # one row would hide which sizes grow: many functions treat an axis of length one in another way
        inputs.arrays = {key: np.concatenate([x, x]) if key in names else x for key, x in inputs.arrays.items()}
        n = 2
    first = record(models[0], inputs.call, inputs.variables(inputs.arrays), train)
    try:
        # Where the values leave a domain there are NaNs, which change nothing.
        with np.errstate(all='ignore'):
            second = record(models[1], inputs.call, inputs.variables(inputs.enlarged()), train)
    except Exception as error:
        raise NotExportable(
            f'onnx.export: the model takes a batch of {n}, but not of {n + 1} and other values ({error}). Give '
            'input_shapes with numbers to export it for this batch size.'
        ) from error
    return first, second, (n, n + 1)


class Exporter:
    """Converts a recording; `converters` are those of the caller, by the name of a function."""

    def __init__(self, model: Any, opset: int, converters: Mapping[str, Any]) -> None:
        self.converters = converters
        self.opset = opset
        self.parameters: dict[int, str] = {}  # paths of parameters and persistents, by the identity of the array
        self.persistents: set[str] = set()
        if hasattr(model, 'namedparams'):
            for link_path, link in model.namedlinks():
                for name in (*sorted(link._params), *sorted(link._persistent)):
                    array = as_array(getattr(link, name))
                    if hasattr(array, 'dtype'):
                        path = self.parameters.setdefault(id(array), f'{link_path.rstrip("/")}/{name}')
                        if name in link._persistent:
                            self.persistents.add(path)

    def convert(self, first: Recording, second: Recording, batch: tuple[int, int], batched: list[str]) -> Graph:
        """Return the graph of the first recording."""
        self.graph = Graph(self.opset, batch, batched[0] if batched else '')
        self._name_ends(first)
        one, two = first.needed(), second.needed()
        rows, twin_rows = row_steps(first, second, (one, two), batch)
        two = [j for j in two if j not in twin_rows]
        kinds = [type(first.steps[i].function) for i in one if i not in rows]
        if kinds != [type(second.steps[j].function) for j in two]:
            raise NotExportable(
                'onnx.export: the model runs other functions for another batch (its size or its values). Nothing was '
                'written. Give input_shapes with numbers to export it for this batch size.'
            )
        twins = iter(two)
        for i in one:
            if i in rows:
                self._convert_row(first.steps[i], rows[i])
            else:
                self._convert_step(first.steps[i], second.steps[next(twins)])
        for name, y in first.outputs.items():
            if self.names.get(id(y._get_node())) != name:
                self._alias(name, y, second.outputs[name].array)
        self.graph.prune(list(first.outputs))
        return self.graph

    def _name_ends(self, first: Recording) -> None:
        """Give inputs and outputs their names."""
        self.names: dict[int, str] = {}  # of the value that a node of our graph stands for
        self.input_arrays = {id(x.array): name for name, x in first.inputs.items()}
        self.leaves: dict[int, str] = {}
        for name, x in first.inputs.items():
            self.graph.unique(name)
            self.names[id(x._get_node())] = name
        for name in first.outputs:
            self.graph.unique(name)
            node = first.outputs[name]._get_node()
            if not node._node_is_leaf:
                self.names.setdefault(id(node), name)

    def _alias(self, name: str, y: Variable, twin: Array) -> None:
        """Give a second name to a value: an output that is an input, a parameter, or another output too."""
        node, array = y._get_node(), y.array
        source = self.names.get(id(node))
        if source is None:
            is_known = id(array) in self.parameters or id(array) in self.input_arrays
            # What functions like F.accuracy compute may be the same for both batches by chance; it needs no gradient.
            is_constant = y.requires_grad and not is_traced(array) and np.array_equal(array, twin, equal_nan=True)
            if not is_known and not is_constant:
                raise NotExportable(
                    f'onnx.export: {name} was computed from the input outside the graph, as F.accuracy does, or under '
                    'no_backprop_mode. Nothing was written. Compute it with functions, or do not return it.'
                )
            source = self._leaf_name(node, array, twin, None)
        self.graph.add('Identity', [source], [name], 'Identity')

    def _leaf_name(self, node: Any, array: Array, twin: Array, call: Call | None) -> str:
        """Return the name of a parameter or of another constant."""
        if id(node) in self.leaves:
            return self.leaves[id(node)]
        if id(array) in self.input_arrays:
            return self.input_arrays[id(array)]
        if id(array) in self.parameters:
            name = self.parameters[id(array)]
            self.graph.arrays[name] = array
        elif call is None:
            name = self.graph.constant(array)
        else:
            name = call.settled(array, twin, 'constant')
        self.leaves[id(node)] = name
        return name

    def _source(self, node: Any, array: Array) -> str | None:
        """Return the name of an array that a function holds, where it is an input or the result of a function."""
        if node is not None and id(node) in self.names:
            return self.names[id(node)]
        return self.input_arrays.get(id(array))

    def _convert_step(self, step: Step, twin: Step) -> None:
        """Add the operators of one function."""
        function = step.function
        call = Call(self.graph, step, twin, [], [], self._source)
        for node, array, other in zip(function._node_edges, step.arrays, twin.arrays):
            known = self.names.get(id(node))
            call.input_names.append(known or self._leaf_name(node, array, other, call))
        self._name_outputs(call)
        if len(step.arrays) != len(twin.arrays) and call.batch_of_rows() is None:
            raise call.fail('takes as many inputs as the batch has rows')
        external = self.converters.get(step.kind)
        if external is not None:
            made = external(call)
            self.graph.operators.extend(made if isinstance(made, tuple | list) else [made] if made is not None else [])
            return
        converter = find_converter(type(function))
        if converter is None:
            raise call.fail('has no counterpart in ONNX that chaingrad writes')
        converter(call)

    def _name_outputs(self, call: Call) -> None:
        """Give the outputs of a function their names."""
        for node in [reference() for reference in call.func._node_outputs] or [call.func]:
            name = self.names.get(id(node)) if node is not None else None
            if name is None:
                name = self.graph.unique(call.step.label)
                if node is not None:
                    self.names[id(node)] = name
            call.output_names.append(name)
            self.graph.calls[name] = call

    def _convert_row(self, step: Step, index: int) -> None:
        """Note that the output is a row of the batch; the second recording has another number of such steps."""
        call = Call(self.graph, step, step, [], [], self._source)
        (node,) = step.function._node_edges
        array = step.arrays[0]
        base = self.names.get(id(node)) or self._leaf_name(node, array, array, None)
        self._name_outputs(call)
        (name,) = call.output_names
        call.add('Gather', base, call.number(index, np.int64), outputs=[name], axis=0)
        self.graph.rows[name] = Row(base, index, call)


def _opset(opset_version: int | None) -> int:
    """Return the opset to write."""
    opset = DEFAULT_OPSET_VERSION if opset_version is None else int(opset_version)
    if not MINIMUM_OPSET_VERSION <= opset <= MAXIMUM_OPSET_VERSION:
        raise ValueError(
            f'onnx.export: opset_version must be in [{MINIMUM_OPSET_VERSION}, {MAXIMUM_OPSET_VERSION}], but it is '
            f'{opset}.'
        )
    return opset


@dataclass
class Options:
    """What the caller of `export` chose."""

    export_params: bool = True
    graph_name: str = 'Graph'
    opset_version: int | None = None
    input_names: Any = None
    output_names: Any = None
    train: bool = False
    external_converters: Any = None
    external_opset_imports: Any = None
    input_shapes: Any = None


@dataclass
class Exported:
    """The model for onnx, and its inputs and outputs as the caller gave and named them."""

    model: Any
    inputs: dict[str, Array]
    outputs: dict[str, Variable]


def export_graph(model: Any, args: Any, options: Options) -> Exported:
    """Record, convert and check; write nothing."""
    opset = _opset(options.opset_version)
    inputs = read_inputs(args, options.input_names)
    original = dict(inputs.arrays)
    symbols = read_shapes(inputs, options.input_shapes)
    inputs.batched = [name for name, shape in symbols.items() if shape and isinstance(shape[0], str)]
    # Copies that share the parameters: a link with a state starts both passes from the same, and keeps its own.
    models = [model.copy(mode='share') if isinstance(model, Link) else model for _ in range(2)]
    first, second, batch = _record_twice(models, inputs, options.train)
    for one in (first, second):
        one.outputs = rename_outputs(one.outputs, options.output_names)
    exporter = Exporter(models[0], opset, options.external_converters or {})
    graph = exporter.convert(first, second, batch, inputs.batched)
    symbol = symbols[inputs.batched[0]][0] if inputs.batched else 'N'
    outputs = {
        name: (y.dtype, _symbolic(y.shape, second.outputs[name].shape, batch, symbol))
        for name, y in first.outputs.items()
    }
    shapes = {name: (x.dtype, symbols[name]) for name, x in inputs.arrays.items()}
    known = set(exporter.parameters.values())
    separate = set() if options.export_params else known
    imports = options.external_opset_imports or {}
    paths = {PARAMETERS: known - exporter.persistents, PERSISTENTS: exporter.persistents}
    proto = build_model(graph, options.graph_name, (shapes, outputs), separate, imports, paths)
    for y in first.outputs.values():
        y.array = untraced(y.array)
    return Exported(proto, original, first.outputs)


def rename_outputs(outputs: dict[str, Variable], names: Any) -> dict[str, Variable]:
    """Return the outputs under the names that the caller chose: a list in their order, or a dict from key to name."""
    if not names:
        return outputs
    if isinstance(names, Mapping):
        return {names.get(name, name): y for name, y in outputs.items()}
    if len(names) != len(outputs):
        raise ValueError(
            f'onnx.export: output_names must have one name for each of the {len(outputs)} outputs, but it is {names}.'
        )
    return dict(zip(names, outputs.values()))


def _symbolic(shape: Sequence[int], twin: Sequence[int], batch: tuple[int, int], symbol: str) -> tuple[Any, ...]:
    """Return a shape with the batch's name where it is the batch, and None where it grows in another way."""
    return tuple([n if n == m else symbol if (n, m) == batch else None for n, m in zip(shape, twin)])
