"""What export writes: names, the batch axis, opsets, files; and what it refuses."""

from __future__ import annotations

import io
import sys

import numpy as np
import onnx
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.onnx import MAXIMUM_OPSET_VERSION, MINIMUM_OPSET_VERSION, export, export_testcase
from chaingrad.onnx.graph import NotExportable
from tests.onnx.running import assert_same_in_onnxruntime, outputs_of, session_of


class MLP(chaingrad.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(4, 5)
            self.bn = L.BatchNormalization(5)
            self.l2 = L.Linear(5, 3)

    def forward(self, x):
        return self.l2(F.dropout(F.relu(self.bn(self.l1(x)))))


def rows(n, *shape):
    return np.random.RandomState(n).uniform(-1, 1, (n, *(shape or (4,)))).astype('f')


def shape_of(value):
    return [size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim]


def test_names_follow_the_paths_of_links():
    graph = export(MLP(), rows(3)).graph
    assert [array.name for array in graph.initializer] == [
        '/l1/W', '/l1/b', '/bn/gamma', '/bn/beta', '/bn/avg_mean', '/bn/avg_var', '/l2/W', '/l2/b',
    ]  # fmt: skip
    assert [node.name for node in graph.node] == [
        '/l1/LinearFunction/Gemm',
        '/bn/FixedBatchNormalization/BatchNormalization',
        '/ReLU/Relu',
        '/l2/LinearFunction/Gemm',
    ]


def test_the_batch_is_dynamic_and_can_be_fixed():
    graph = export(MLP(), rows(1)).graph
    assert (shape_of(graph.input[0]), shape_of(graph.output[0])) == (['N', 4], ['N', 3])
    graph = export(MLP(), rows(2), input_shapes=('batch', 4)).graph
    assert (shape_of(graph.input[0]), shape_of(graph.output[0])) == (['batch', 4], ['batch', 3])
    graph = export(MLP(), rows(2), input_shapes=(2, 4)).graph
    assert (shape_of(graph.input[0]), shape_of(graph.output[0])) == ([2, 4], [2, 3])
    with pytest.raises(ValueError, match='input_shapes must fit'):
        export(MLP(), rows(2), input_shapes=('N', 'M'))


def test_training_does_not_change_the_model():
    model = MLP()
    mean = model.bn.avg_mean.copy()
    assert_same_in_onnxruntime(model, lambda n: [rows(n)])
    np.testing.assert_array_equal(model.bn.avg_mean, mean)
    for train in (F.dropout, L.BatchNormalization(4)):
        with pytest.raises(NotExportable, match='train=False'):
            export(train, rows(3), train=True)


@pytest.mark.parametrize('opset', range(MINIMUM_OPSET_VERSION, MAXIMUM_OPSET_VERSION + 1))
def test_opsets(opset):
    def model(x):
        return F.logsumexp(F.softmax(x, axis=1), axis=1), F.max(x, axis=1), F.sum(x), F.pad(x, 1, 'constant')

    exported = assert_same_in_onnxruntime(model, lambda n: [rows(n)], opset_version=opset)
    assert exported.opset_import[0].version == opset
    assert exported.ir_version == {13: 7, 17: 8, 21: 10, 26: 13}.get(opset, exported.ir_version)


def test_default_opset_and_versions():
    exported = export(MLP(), rows(1))
    assert (exported.opset_import[0].version, exported.ir_version) == (17, 8)
    with pytest.raises(ValueError, match='opset_version must be in'):
        export(MLP(), rows(1), opset_version=7)


def test_inputs_and_outputs_by_name():
    def model(a, b):
        return {'total': a + b, 'parts': (a * 2, b)}

    exported = export(model, {'a': rows(2), 'b': rows(2)}, output_names={'total': 'sum'})
    assert [value.name for value in exported.graph.input] == ['a', 'b']
    assert [value.name for value in exported.graph.output] == ['sum', 'Output_1', 'Output_2']
    exported = export(model, {'a': rows(2), 'b': rows(2)}, input_names={'a': 'x'}, output_names=['p', 'q', 'r'])
    assert [value.name for value in exported.graph.input] == ['x', 'Input_1']
    ys = session_of(exported).run(['p', 'r'], {'x': rows(5), 'Input_1': rows(5)})
    np.testing.assert_allclose(ys[0], 2 * rows(5))
    np.testing.assert_allclose(ys[1], rows(5))


def test_return_named_inout_and_parameters_as_inputs():
    exported, inputs, outputs = export(MLP(), rows(2), return_named_inout=True, export_params=False)
    assert (list(inputs), list(outputs)) == (['Input_0'], ['Output_0'])
    assert not exported.graph.initializer
    assert {'/l1/W', '/bn/avg_var'} <= {value.name for value in exported.graph.input}


def test_files(tmp_path):
    model, x = MLP(), rows(2)
    path = tmp_path / 'model.onnx'
    exported = export(model, x, path, save_text=True, graph_name='mlp')
    stream = io.BytesIO()
    export(model, x, stream, graph_name='mlp')
    assert path.read_bytes() == stream.getvalue() == exported.SerializeToString()
    assert '/l1/LinearFunction' in (tmp_path / 'model.onnx.txt').read_text(encoding='utf-8')
    assert sorted(p.name for p in tmp_path.iterdir()) == ['model.onnx', 'model.onnx.txt']


def test_testcase(tmp_path):
    model, x = MLP(), rows(1)
    export_testcase(model, x, tmp_path, output_grad=True)
    folder = tmp_path / 'test_data_set_0'
    found = {}
    for path in folder.iterdir():
        tensor = onnx.load_tensor(path)
        found[path.stem] = tensor.name, onnx.numpy_helper.to_array(tensor)
    assert found['input_0'][0] == 'Input_0'
    (y,) = outputs_of(session_of(onnx.load(tmp_path / 'model.onnx')), [found['input_0'][1]])
    np.testing.assert_allclose(y, found['output_0'][1], rtol=1e-5)
    gradients = dict(value for key, value in found.items() if key.startswith('gradient'))
    np.testing.assert_allclose(gradients['/l2/b'], [1, 1, 1])


# What is refused, before a file is written


class Outside(chaingrad.Chain):
    def __init__(self, function):
        super().__init__()
        self.function = function
        with self.init_scope():
            self.inner = L.Linear(4, 4)
            self.inner.forward = lambda x: function(x)

    def forward(self, x):
        return self.inner(x)


@pytest.mark.parametrize(
    ('function', 'words'),
    [
        (lambda x: F.ndtri(F.sigmoid(x)), 'Ndtri (called in /inner) has no counterpart'),
        (lambda x: x * (x.array + 1), 'Mul (called in /inner) uses an array that was computed from the input'),
        (lambda x: F.where(x.array > 0, x, -x), 'Where (called in /inner) uses an array that was computed from'),
        (lambda x: x * float(x.array[0, 0]), 'MulConstant (called in /inner) uses a number that was computed'),
        (lambda x: x if len(x) == 3 else F.sin(x), 'runs other functions for another batch'),
        (lambda x: F.where(x.array * 0 + x.array > 0, x, -x), 'Where (called in /inner) uses an array'),
        (lambda x: F.max_pooling_1d(x[:, None], 1, 2), 'MaxPoolingND (called in /inner) has windows that lie in the'),
        (lambda x: F.reshape(x, (3, 4)), 'the model takes a batch of 3, but not of 4'),
        (lambda x: F.separate(x, axis=0)[0], 'Separate (called in /inner) separates the batch axis'),
    ],
)
def test_what_cannot_be_exported_is_named(function, words, tmp_path):
    with pytest.raises(NotExportable) as raised:
        export(Outside(function), 0 * rows(3), tmp_path / 'model.onnx')
    assert words in str(raised.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    'function',
    [
        lambda x, ids: x * (ids.array != -1).astype('f')[:, None],
        lambda x, ids: F.where(ids.array != -1, x[:, 0], -x[:, 0]),
        lambda x, ids: x[np.arange(len(x)), np.maximum(ids.array, 0)],
        lambda x, ids: x[:, 0] * (np.concatenate([ids.array, ids.array])[: len(x)] != -1).astype('f'),
    ],
)
def test_a_mask_that_is_the_same_for_every_example_is_no_constant(function):
    """It comes from the input by NumPy, so the file would hold the mask of the example, here of one without padding."""
    with pytest.raises(NotExportable, match='uses an array that was computed from the input outside the graph'):
        export(function, (rows(3), np.zeros(3, 'i')))


def test_arrays_of_the_shape_of_an_input_are_constants():
    def model(x, ids):
        return x + np.ones_like(x.array) + np.full_like(ids.array, 2, 'f')[:, None] * np.zeros(x.shape, 'f')

    exported = assert_same_in_onnxruntime(model, lambda n: [rows(n), np.zeros(n, 'i')])
    assert len(exported.graph.node) > 2
    _, inputs, outputs = export(model, (rows(3), np.zeros(3, 'i')), return_named_inout=True)
    assert {type(x.array) for x in (*inputs.values(), *outputs.values())} == {np.ndarray}


@pytest.mark.parametrize('function', [lambda x: chaingrad.Variable(2 * x.array), lambda x: F.sin(x).array * 1])
def test_an_output_computed_outside_the_graph(function):
    with pytest.raises(NotExportable, match='Output_1 was computed from the input outside the graph'):
        export(lambda x: (F.sin(x), chaingrad.as_variable(function(x))), rows(3))


def test_an_accuracy_is_no_constant_even_where_it_is_one():
    with pytest.raises(NotExportable, match='Output_1 was computed from the input outside the graph, as F.accuracy'):
        export(lambda x, t: (F.sin(x), F.accuracy(x, t)), (np.eye(4, dtype='f'), np.arange(4)))


def test_outputs_that_are_inputs_parameters_or_twice_the_same():
    model = L.Linear(4, 4)

    def outputs(x):
        y = model(x)
        return y, x, y, chaingrad.Variable(np.ones(2, 'f'))

    assert_same_in_onnxruntime(outputs, lambda n: [rows(n)])


def test_arrays_without_axes():
    def model(x, y):
        return (x - y) ** 2, F.mean_squared_error(x, y), F.transpose(x), F.sum(y), F.max(x)

    arrays = [np.array(value, 'f') for value in (2.5, -1)]
    assert_same_in_onnxruntime(model, lambda n: arrays)


def test_float64():
    with chaingrad.using_config('dtype', np.float64):
        model = MLP()
    exported = assert_same_in_onnxruntime(model, lambda n: [rows(n).astype('d')], tolerance=1e-12)
    assert {array.data_type for array in exported.graph.initializer} == {onnx.TensorProto.DOUBLE}


def test_a_function_of_a_user_has_no_converter_but_an_external_one():
    class Twice(F.elementwise.exponential.Exp):
        def forward(self, inputs):
            return (2 * inputs[0],)

    Twice.__module__ = 'user'

    def model(x):
        return F.sin(Twice().apply((x,))[0])

    def convert(call):
        return onnx.helper.make_node('Add', call.input_names * 2, call.output_names)

    with pytest.raises(NotExportable, match=r'Twice \(called in the model itself\) has no counterpart'):
        export(model, rows(3))
    assert_same_in_onnxruntime(model, lambda n: [rows(n)], external_converters={'Twice': convert})


def test_inputs_that_are_no_arrays():
    with pytest.raises(TypeError, match='argument 1 is int'):
        export(MLP(), (rows(2), 3))
    with pytest.raises(TypeError, match='must return Variables'):
        export(lambda x: x.array, rows(2))


def test_an_opset_that_the_installed_onnx_does_not_know(monkeypatch, tmp_path):
    monkeypatch.setattr(onnx.defs, 'onnx_opset_version', lambda: 16)
    with pytest.raises(ValueError, match=f'opset_version is 17, but the installed onnx {onnx.__version__} knows .* 16'):
        export(MLP(), rows(2), tmp_path / 'model.onnx')
    assert not list(tmp_path.iterdir())


def test_every_model_is_checked_before_it_is_written(tmp_path):
    def convert(call):
        return onnx.helper.make_node('Sin', [*call.input_names, 'unknown'], call.output_names)

    with pytest.raises(onnx.checker.ValidationError, match='Sin'):
        export(F.sin, rows(3), tmp_path / 'model.onnx', external_converters={'Sin': convert})
    assert not list(tmp_path.iterdir())


def test_without_onnx(monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnx', None)
    with pytest.raises(ImportError, match=r'pip install chaingrad\[onnx\]'):
        export(MLP(), rows(2))
