"""export and export_testcase, as the reference's exporter names them."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import Any

import numpy as np

from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.variable import Variable
from chaingrad.links.serializers.files import open_to_write
from chaingrad.onnx.exporting import Options, export_graph, rename_outputs
from chaingrad.onnx.inputs import read_inputs
from chaingrad.onnx.recording import named_outputs
from chaingrad.onnx.writing import import_onnx, write_model

__all__ = ['export', 'export_testcase']


def export(
    model: Any,
    args: Any,
    filename: Any = None,
    export_params: bool = True,
    graph_name: str = 'Graph',
    save_text: bool = False,
    opset_version: int | None = None,
    input_names: Any = None,
    output_names: Any = None,
    train: bool = False,
    return_named_inout: bool = False,
    external_converters: Any = None,
    external_opset_imports: Any = None,
    input_shapes: Any = None,
    no_testcase: bool = False,
) -> Any:
    """Write a model as an ONNX file that other programs run.

    The model runs on `args` and on a batch that is one row larger; what both passes did becomes the graph. Axis 0 of
    the inputs is the batch, of any size, unless `input_shapes` says otherwise. Names follow the paths of links:
    `/l1/W` is the parameter, `/l1/LinearFunction` the node. Values that a program computes outside the graph, and
    functions without a counterpart, are refused by name before a file is written.

    Args:
        model: a Link or another callable that returns Variables, in tuples, lists or dicts.
        args: array or Variable, a list or tuple of them, or a dict of keyword arguments.
        filename: path or file opened to write bytes; None: no file.
        export_params (bool): False: parameters are inputs of the graph, without values.
        graph_name (str): name of the graph.
        save_text (bool): write `<filename>.txt` too, which people can read.
        opset_version (int): from 13 to 26, as far as the installed onnx knows them; None: 17.
        input_names: list of names in the order of the arguments, or dict from argument to name; None: `Input_0`, ...,
            or the keywords.
        output_names: list of names, or dict; None: `Output_0`, ..., or the keys of the dict that the model returns.
        train (bool): the value of `config.train`; Dropout and batch statistics are not exported in training.
        return_named_inout (bool): return the Variables of inputs and outputs by name too.
        external_converters (dict): from the name of a function to a converter. It gets an object with `func`,
            `input_names`, `output_names`, `opset_version` and `context`, and returns nodes of onnx.
        external_opset_imports (dict): from domain to version, for operators outside ONNX's own domain.
        input_shapes: shape or list of shapes (dict for keywords), a name instead of a number where axis 0 is the
            batch: `('N', 3, 224, 224)`. With numbers only, the batch size is fixed.
        no_testcase (bool): accepted, for programs of the reference; there is nothing to leave out.

    Returns:
        onnx.ModelProto; with return_named_inout a tuple of it and two OrderedDicts, of inputs and outputs.

    Raises:
        ImportError: when onnx is not installed.
        ValueError: when a function cannot be exported, or an argument does not fit.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad import onnx
        >>> model = onnx.export(L.Linear(3, 2), np.zeros((1, 3), np.float32))
        >>> [node.op_type for node in model.graph.node], [array.name for array in model.graph.initializer]
        (['Gemm'], ['/W', '/b'])

    Source: ONNX-Chainer's `export`; the dynamic batch is ours.
    """
    options = Options(
        export_params,
        graph_name,
        opset_version,
        input_names,
        output_names,
        train,
        external_converters,
        external_opset_imports,
        input_shapes,
    )
    exported = export_graph(model, args, options)
    if filename is not None:
        write_model(exported.model, filename, save_text)
    if return_named_inout:
        inputs = OrderedDict((name, Variable(x)) for name, x in exported.inputs.items())
        return exported.model, inputs, OrderedDict(exported.outputs)
    return exported.model


def export_testcase(model: Any, args: Any, out_dir: Any, output_grad: bool = False, **kwargs: Any) -> None:
    """Write a model with a test of it: `model.onnx`, and inputs and outputs in `test_data_set_0`.

    The layout is that of ONNX's own tests: `input_0.pb`, ..., `output_0.pb`, ...; with output_grad also
    `gradient_0.pb`, ..., the gradients of the parameters of the sum of all outputs.

    Args:
        model: a Link or another callable.
        args: as in `export`.
        out_dir: path of the folder, made where it does not exist.
        output_grad (bool): write the gradients of the parameters.
        **kwargs: further arguments of `export`, but for `filename`.

    Raises:
        ImportError: when onnx is not installed.
        ValueError: when a function cannot be exported.

    Example:
        >>> import os, tempfile, numpy as np, chaingrad.links as L
        >>> from chaingrad import onnx
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     onnx.export_testcase(L.Linear(3, 2), np.zeros((1, 3), np.float32), folder)
        ...     print(sorted(os.listdir(folder)))
        ['model.onnx', 'test_data_set_0']

    Source: ONNX-Chainer's `export_testcase`.
    """
    export(model, args, **{**kwargs, 'filename': None, 'return_named_inout': False})
    folder = os.path.join(os.fspath(out_dir), 'test_data_set_0')
    os.makedirs(folder, exist_ok=True)
    export(model, args, **{**kwargs, 'filename': os.path.join(os.fspath(out_dir), 'model.onnx')})
    inputs = read_inputs(args, kwargs.get('input_names'))
    with using_config('train', kwargs.get('train', False)):
        outputs = rename_outputs(
            named_outputs(inputs.call(model, inputs.variables(inputs.arrays))), kwargs.get('output_names')
        )
    _write_arrays(folder, 'input', inputs.arrays)
    _write_arrays(folder, 'output', {name: y.array for name, y in outputs.items()})
    if output_grad:
        model.cleargrads()
        for y in outputs.values():
            y.grad = np.ones_like(y.array)
            y.backward(retain_grad=False)
        gradients = {name: p.grad for name, p in sorted(model.namedparams()) if p.grad is not None}
        _write_arrays(folder, 'gradient', gradients)


def _write_arrays(folder: str, kind: str, arrays: dict[str, Any]) -> None:
    """Write arrays as ONNX's tests have them."""
    onnx = import_onnx()
    for i, (name, array) in enumerate(arrays.items()):
        with open_to_write(os.path.join(folder, f'{kind}_{i}.pb')) as stream:
            stream.write(onnx.numpy_helper.from_array(np.asarray(array, order='C'), name).SerializeToString())
