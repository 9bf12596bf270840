"""An ONNX file as plain Python: checked, its arrays and operators read. No data outside the file, nothing executed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.links.serializers.files import name_of
from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.onnx.operators.node import Node, NotLoadable
from chaingrad.onnx.writing import IR_VERSIONS, PARAMETERS, PERSISTENTS, import_onnx

__all__ = ['Input', 'Read', 'read_model']


@dataclass
class Input:
    """An input of a model: its name, its dtype, and its shape, with a name or None where any size will do."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[Any, ...] | None


@dataclass
class Read:
    """What a file holds."""

    name: str
    inputs: list[Input]
    outputs: list[str]
    arrays: dict[str, Array]
    nodes: list[Node]
    metadata: dict[str, str]

    def named(self) -> tuple[list[str], list[str]]:
        """Return the names of the parameters and of the persistents among the arrays.

        Our own files say which they are. In others each floating array that is no scalar is a parameter, but for the
        averages of normalizations.
        """
        if PARAMETERS in self.metadata:
            return self._listed(PARAMETERS), self._listed(PERSISTENTS)
        averages = {name for node in self.nodes if node.kind == 'BatchNormalization' for name in node.inputs[3:5]}
        floating = [name for name, x in self.arrays.items() if x.dtype.kind == 'f' and x.ndim]
        return [name for name in floating if name not in averages], [name for name in floating if name in averages]

    def _listed(self, key: str) -> list[str]:
        try:
            names = json.loads(self.metadata.get(key, '[]'))
        except ValueError as error:
            raise _damaged(self.name, error) from error
        return [name for name in names if isinstance(name, str) and name in self.arrays]


def _damaged(name: str, error: Exception) -> UnreadableFileError:
    text = ' '.join(str(error).split())
    return UnreadableFileError(f'onnx.load: {name} is no ONNX file, or damaged ({type(error).__name__}: {text}).')


def read_model(file: Any) -> Read:
    """Read and check a file, or a model that is in memory already."""
    onnx = import_onnx()
    name = 'the model' if isinstance(file, onnx.ModelProto) else name_of(file)
    if isinstance(file, onnx.ModelProto):
        model = file
    else:
        content = _bytes(file)
        try:
            model = onnx.ModelProto.FromString(content)
        except Exception as error:  # of protobuf, which onnx does not name
            raise _damaged(name, error) from error
    _refuse_what_is_elsewhere(name, model)
    _check_versions(name, model)
    try:
        onnx.checker.check_model(model, full_check=True)
        arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        nodes = [_node(onnx, node) for node in model.graph.node]
        inputs = [_input(onnx, value) for value in model.graph.input if value.name not in arrays]
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ValueError, TypeError) as error:
        if isinstance(error, NotLoadable):
            raise
        raise _damaged(name, error) from error
    metadata = {row.key: row.value for row in model.metadata_props}
    return Read(name, inputs, [value.name for value in model.graph.output], arrays, nodes, metadata)


def _bytes(file: Any) -> bytes:
    if not isinstance(file, str | os.PathLike):
        return bytes(file.read())
    with open(file, 'rb') as stream:
        return stream.read()


def _tensors(graph: Any) -> Iterator[Any]:
    """Yield all arrays of a graph and of the graphs within its operators."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield sparse.values
        yield sparse.indices
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for part in (attribute.g, *attribute.graphs):
                if part.node or part.initializer:
                    yield from _tensors(part)


def _refuse_what_is_elsewhere(name: str, model: Any) -> None:
    """Refuse arrays whose bytes are in other files: a file could name any of this machine."""
    for tensor in _tensors(model.graph):
        if tensor.data_location or tensor.external_data:
            raise UnreadableFileError(
                f'onnx.load: {name}: the array {tensor.name!r} has its data outside the file. It is refused. Save the '
                'model in one file: onnx.save(onnx.load(path), other_path).'
            )
    if model.functions or model.graph.sparse_initializer:
        raise NotLoadable(f'onnx.load: {name} has functions of its own, or sparse arrays, which are not loaded.')


def _check_versions(name: str, model: Any) -> None:
    domains = {row.domain: row.version for row in model.opset_import}
    opset = domains.pop('', None) or domains.pop('ai.onnx', None)
    if opset is not None and opset not in IR_VERSIONS:
        raise NotLoadable(
            f'onnx.load: {name} is of opset {opset}, but only {min(IR_VERSIONS)} to {max(IR_VERSIONS)} are loaded. '
            'Convert it by onnx.version_converter.convert_version(model, 17).'
        )


def _node(onnx: Any, node: Any) -> Node:
    if not all(isinstance(name, str) for name in (node.op_type, node.domain, *node.input, *node.output)):
        raise ValueError('a name is no text')  # bytes that are no UTF-8 come as such
    attributes = {str(row.name): onnx.helper.get_attribute_value(row) for row in node.attribute}
    attributes = {key: _plain(value) for key, value in attributes.items()}
    kind = node.op_type if node.domain in ('', 'ai.onnx') else f'{node.domain}.{node.op_type}'
    return Node(kind, node.name, list(node.input), list(node.output), attributes)


def _plain(value: Any) -> Any:
    """Return the value of an attribute with texts for bytes and lists for tuples."""
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else value


def _input(onnx: Any, value: Any) -> Input:
    kind = value.type.tensor_type
    if not kind.elem_type:
        raise NotLoadable(f'onnx.load: the input {value.name} is no array.')
    shape = None
    if kind.HasField('shape'):
        shape = tuple([row.dim_value if row.HasField('dim_value') else row.dim_param or None for row in kind.shape.dim])
    return Input(value.name, onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type), shape)
