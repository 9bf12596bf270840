"""From the graph to onnx's own objects, its checker, and the file. Only this module imports onnx."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from chaingrad._version import __version__
from chaingrad.links.serializers.files import open_to_write
from chaingrad.onnx.graph import Graph, Operator

__all__ = ['IR_VERSIONS', 'PARAMETERS', 'PERSISTENTS', 'build_model', 'import_onnx', 'write_model']

# The keys of the metadata under which our files list the paths of parameters and of persistents among their arrays.
PARAMETERS, PERSISTENTS = 'chaingrad.parameters', 'chaingrad.persistents'

# The IR version that belongs to an opset; runtimes refuse models whose IR is newer than they know.
IR_VERSIONS = dict(enumerate([7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13, 13], start=13))

Shapes = Mapping[str, tuple[Any, tuple[Any, ...]]]


def import_onnx() -> Any:
    """Return the library, or raise an error that says how to install it."""
    try:
        import onnx
        import onnx.checker
        import onnx.defs
        import onnx.helper
        import onnx.numpy_helper
        import onnx.shape_inference
    except ImportError as error:
        raise ImportError('chaingrad.onnx needs the package onnx: pip install chaingrad[onnx]') from error
    return onnx


def build_model(
    graph: Graph,
    name: str,
    ends: tuple[Shapes, Shapes],
    separate: set[str],
    imports: Mapping[str, int],
    paths: Mapping[str, set[str]],
) -> Any:
    """Return the ModelProto, checked; arrays named in `separate` become inputs without values."""
    onnx = import_onnx()
    known = onnx.defs.onnx_opset_version()
    if graph.opset > known:
        raise ValueError(
            f'onnx.export: opset_version is {graph.opset}, but the installed onnx {onnx.__version__} knows opsets up '
            f'to {known}. Update it, or give a lower one.'
        )
    nodes = [_node(onnx, operator) if isinstance(operator, Operator) else operator for operator in graph.operators]
    inputs = [_value(onnx, *row) for row in ends[0].items()]
    inputs += [_value(onnx, key, (x.dtype, x.shape)) for key, x in graph.arrays.items() if key in separate]
    arrays = [
        onnx.numpy_helper.from_array(np.asarray(x, order='C'), key)
        for key, x in graph.arrays.items()
        if key not in separate
    ]
    outputs = [_value(onnx, *row) for row in ends[1].items()]
    domains = {'': graph.opset, **imports}
    model = onnx.helper.make_model(
        onnx.helper.make_graph(nodes, name, inputs, outputs, arrays),
        producer_name='chaingrad',
        producer_version=__version__,
        opset_imports=[onnx.helper.make_opsetid(domain, version) for domain, version in domains.items()],
        ir_version=IR_VERSIONS[graph.opset],
    )
    held = {key: [array.name for array in arrays if array.name in known] for key, known in paths.items()}
    onnx.helper.set_model_props(model, {key: json.dumps(names) for key, names in held.items()})
    onnx.checker.check_model(model, full_check=True)
    return model


def _node(onnx: Any, operator: Operator) -> Any:
    return onnx.helper.make_node(
        operator.kind, operator.inputs, operator.outputs, name=operator.name, **operator.attributes
    )


def _value(onnx: Any, name: str, end: tuple[Any, tuple[Any, ...]]) -> Any:
    dtype, shape = end
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return onnx.helper.make_tensor_value_info(name, kind, [int(n) if isinstance(n, np.integer) else n for n in shape])


def write_model(model: Any, file: Any, save_text: bool) -> None:
    """Write the model, and beside it its text where that is wanted; a file is replaced when it is complete."""
    with open_to_write(file) as stream:
        stream.write(model.SerializeToString())
    if save_text:
        if not isinstance(file, str | os.PathLike):
            raise TypeError(f'onnx.export: save_text needs a filename, but filename is {type(file).__name__}.')
        with open_to_write(os.fspath(file) + '.txt') as stream:
            stream.write(str(model).encode())
