"""Export a model, run the file in onnxruntime at several batch sizes, and compare with the model itself."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

import chaingrad
from chaingrad.autograd.variable import as_variable
from chaingrad.onnx import export, load
from chaingrad.onnx.recording import named_outputs

BATCHES = (1, 2, 7)
IS_OLD = tuple(map(int, onnxruntime.__version__.split('.')[:2])) < (1, 24)  # the newest for Python 3.10


def session_of(model):
    """Return a session that runs the model, silently and on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=['CPUExecutionProvider'])
    except Exception as error:
        if 'max supported IR version' in str(error):  # the newest for Python 3.10 is of 2025
            pytest.skip(f'onnxruntime {onnxruntime.__version__} does not read files of this opset')
        raise


def outputs_of(session, arrays):
    """Return what the file computes."""
    return session.run(None, {f'Input_{i}': x for i, x in enumerate(arrays)})


def expected_outputs(model, arrays):
    """Return what the model computes, in test mode."""
    with chaingrad.using_config('train', False):
        returned = model(*(as_variable(x) for x in arrays))
    return [y.array for y in named_outputs(returned).values()]


def assert_same_in_onnxruntime(model, make, batches=BATCHES, tolerance=1e-5, **options):
    """Export the model; at each batch size onnxruntime and `load` must give its outputs. `make(n)` makes inputs."""
    exported = export(model, tuple(make(3)), **options)
    session, loaded = session_of(exported), load(exported)
    for n in batches:
        arrays = make(n)
        wanted = expected_outputs(model, arrays)
        for ys in (outputs_of(session, arrays), expected_outputs(loaded, arrays)):
            for y, expected in zip(ys, wanted, strict=True):
                assert y.dtype == expected.dtype
                largest = np.abs(expected).max(initial=1)  # what sums of many terms are rounded by
                np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance * largest)
    return exported


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def made(node, inputs, outputs=('y',), opset=17, **arrays):
    """Return a model of one operator; `inputs` are arrays by name, `arrays` those that the file holds."""
    given = [value(key, x.shape, helper.np_dtype_to_tensor_dtype(x.dtype)) for key, x in inputs.items()]
    kinds = [helper.make_empty_tensor_value_info(name) for name in outputs]
    held = [onnx.numpy_helper.from_array(x, key) for key, x in arrays.items()]
    graph = helper.make_graph([node], 'one', given, kinds, held)
    imports = [helper.make_opsetid('', opset)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8 if opset < 19 else 10)
    return onnx.shape_inference.infer_shapes(model, strict_mode=True)
