"""What `load` makes of a file, and what it refuses. That it computes the same is tested with every exported row."""

from __future__ import annotations

import io
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.onnx import export, load
from chaingrad.onnx.operators import OPERATORS
from chaingrad.onnx.operators.node import NotLoadable
from chaingrad.serializers import load_npz, save_npz
from tests.onnx.running import session_of


def rows(*shape):
    return np.random.RandomState(sum(shape)).uniform(-1, 1, shape).astype('f')


class CNN(chaingrad.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(2, 4, 3)
            self.bn = L.BatchNormalization(4)
            self.head = chaingrad.Sequential(L.Linear(24, 5), F.relu, L.Linear(5, 3))

    def forward(self, x):
        return self.head(F.max_pooling_2d(F.relu(self.bn(self.conv(x))), 2))


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


# What a loaded model is


def test_parameters_and_averages_have_their_paths(tmp_path):
    model = CNN()
    export(model, rows(1, 2, 7, 6), tmp_path / 'model.onnx')
    for file in (tmp_path / 'model.onnx', str(tmp_path / 'model.onnx'), (tmp_path / 'model.onnx').open('rb')):
        loaded = load(file)
        ours, theirs = dict(model.namedparams()), dict(loaded.namedparams())
        assert ours.keys() == theirs.keys()
        for path, parameter in ours.items():
            np.testing.assert_array_equal(theirs[path].array, parameter.array)
        assert loaded.bn._persistent == {'avg_mean', 'avg_var'}
    file.close()
    assert (loaded.input_names, loaded.output_names) == (['Input_0'], ['Output_0'])


def test_constants_are_no_parameters():
    loaded = load(export(lambda x: F.im2col(x + rows(2, 7, 6), 3) * 2, rows(1, 2, 7, 6)))
    assert not list(loaded.params())
    assert load(export(lambda x: x, rows(1, 2)))(rows(4, 2)).shape == (4, 2)


def test_a_loaded_model_learns_as_the_model_does():
    model, x, gy = CNN(), rows(5, 2, 7, 6), rows(5, 3)
    loaded = load(export(model, x))
    for one in (model, loaded):
        one.cleargrads()
        with chaingrad.using_config('train', False):
            y = one(x)
        y.grad = gy
        y.backward()
    wanted = {path: parameter.grad for path, parameter in model.namedparams()}
    for path, parameter in loaded.namedparams():
        np.testing.assert_allclose(parameter.grad, wanted[path], rtol=1e-4, atol=1e-6)
    chaingrad.optimizers.SGD(1.0).setup(loaded).update()
    assert np.abs(loaded(x).array - y.array).max() > 0.01


def test_weights_travel_by_npz(tmp_path):
    model, other, x = CNN(), CNN(), rows(3, 2, 7, 6)
    loaded = load(export(model, x))
    save_npz(tmp_path / 'other.npz', other)
    load_npz(tmp_path / 'other.npz', loaded)
    with chaingrad.using_config('train', False):
        np.testing.assert_allclose(loaded(x).array, other(x).array, rtol=1e-5, atol=1e-6)


def test_a_copy_has_parameters_of_its_own():
    loaded, x = load(export(CNN(), rows(1, 2, 7, 6))), rows(3, 2, 7, 6)
    copied, y = loaded.copy(mode='copy'), loaded(x).array
    for parameter in copied.params():
        parameter.array[...] = 0
    np.testing.assert_array_equal(loaded(x).array, y)
    assert not copied(x).array.any()


def test_inputs_by_name_and_several_outputs():
    def model(a, b):
        return {'sum': a + b, 'product': a * b}

    loaded = load(export(model, {'a': rows(2, 3), 'b': rows(2, 3)}))
    a, b = rows(7, 3), 2 * rows(7, 3)
    total, product = loaded(a, b=b)
    np.testing.assert_allclose(total.array, a + b)
    np.testing.assert_allclose(product.array, a * b)
    for args, kwargs in (((a,), {}), ((a, b, b), {}), ((a, b), {'b': b}), ((a,), {'c': b})):
        with pytest.raises(TypeError, match='the inputs must be a, b, but'):
            loaded(*args, **kwargs)
    for other in (b.astype('d'), b[0], b[:, :2]):
        with pytest.raises(ValueError, match=r"b must be float32 \('N', 3\), but it is float(32|64) \("):
            loaded(a, other)


def test_a_loaded_model_can_be_exported_again():
    x = rows(3, 2, 7, 6)
    first = export(CNN(), x)
    loaded = load(first)
    again = export(loaded, x)
    assert [node.op_type for node in again.graph.node] == [node.op_type for node in first.graph.node]
    assert {array.name for array in first.graph.initializer} <= {array.name for array in again.graph.initializer}
    np.testing.assert_allclose(load(again)(x).array, loaded(x).array, rtol=1e-6)


def test_without_onnx(monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnx', None)
    with pytest.raises(ImportError, match=r'pip install chaingrad\[onnx\]'):
        load('model.onnx')


def test_memory_of_what_is_not_needed_again_is_released():
    released = load(export(CNN(), rows(1, 2, 7, 6)))._released
    assert '/conv/Convolution2DFunction' not in released[0]
    assert sum(map(len, released)) >= len(released) - 1


def test_names_of_other_programs():
    node = helper.make_node('Gemm', ['x', 'body.0.copy', 'body.0.bias'], ['y'], transB=1)
    x, W, b = rows(4, 3), rows(2, 3), rows(2)
    model = made(node, {'x': x}, **{'body.0.copy': W, 'body.0.bias': b})
    loaded = load(model)
    assert [path for path, _ in loaded.namedparams()] == ['/body/0/bias', '/body/0/copy_']
    np.testing.assert_allclose(loaded(x).array, x @ W.T + b, rtol=1e-5)
    clash = made(helper.make_node('Sum', ['x', 'a', 'a.b'], ['y']), {'x': W}, **{'a': W, 'a.b': W})
    assert [path for path, _ in load(clash).namedparams()] == ['/a', '/a_/b']
    np.testing.assert_allclose(load(clash)(W).array, 3 * W)


def test_every_operator_is_listed_by_the_definitions_of_onnx():
    for kind in OPERATORS:
        assert onnx.defs.get_schema(kind, 17).name == kind


# Options that export does not write


X, IMAGE, IDS = rows(3, 4), rows(2, 4, 7, 8), np.array([[2, 0], [1, -1]])
SEQUENCE = rows(5, 3, 4)


def recurrent(gates, directions=1, **states):
    shapes = {'W': (directions, 6 * gates, 4), 'R': (directions, 6 * gates, 6), 'B': (directions, 12 * gates)}
    return {name: rows(*shape) for name, shape in {**shapes, **states}.items()}


OPTIONS = [
    ('Gemm', {'a': rows(4, 3), 'b': rows(4, 2)}, {'alpha': 0.5, 'beta': 2.0, 'transA': 1}, {'c': rows(3, 2)}),
    ('Gemm', {'a': X, 'b': rows(4, 2)}, {}, {}),
    ('Conv', {'x': IMAGE}, {'pads': [1, 2, 0, 1], 'strides': [2, 1]}, {'W': rows(3, 4, 3, 3), 'b': rows(3)}),
    ('Conv', {'x': IMAGE}, {'pads': [1, 1, 0, 1], 'strides': [2, 2]}, {'W': rows(3, 4, 3, 3)}),
    ('ConvTranspose', {'x': IMAGE}, {'pads': [1, 0, 0, 2], 'strides': [2, 3]}, {'W': rows(4, 2, 3, 3), 'b': rows(2)}),
    (
        'ConvTranspose',
        {'x': IMAGE},
        {'pads': [0, 0, 0, 0], 'strides': [3, 3], 'output_padding': [2, 2]},
        {'W': rows(4, 2, 2, 2), 'b': rows(2)},
    ),
    ('MaxPool', {'x': IMAGE}, {'kernel_shape': [3, 2], 'strides': [2, 2], 'pads': [1, 0, 1, 0]}, {}),
    ('MaxPool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'strides': [2, 2], 'pads': [1, 0, 0, 2]}, {}),
    ('MaxPool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'strides': [2, 2], 'ceil_mode': 1}, {}),
    ('MaxPool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'strides': [2, 2], 'ceil_mode': 1, 'pads': [1, 0, 0, 1]}, {}),
    ('AveragePool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'pads': [1, 1, 1, 1]}, {}),
    ('AveragePool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'pads': [1, 1, 1, 1], 'count_include_pad': 1}, {}),
    ('Flatten', {'x': IMAGE}, {'axis': 3}, {}),
    ('Flatten', {'x': IMAGE}, {'axis': 0}, {}),
    ('Squeeze', {'x': rows(1, 3, 1)}, {}, {}),
    ('Gather', {'x': X}, {'axis': 1}, {'ids': IDS}),
    ('GatherElements', {'x': X}, {'axis': -1}, {'ids': IDS}),
    ('Slice', {'x': X}, {}, {'start': np.array([-9, 2]), 'end': np.array([9, -9]), 'axes': np.array([0, -1]),
                             'steps': np.array([2, -1])}),
    ('Slice', {'x': X}, {}, {'start': np.array([1]), 'end': np.array([3])}),
    ('HardSigmoid', {'x': 4 * X}, {'alpha': 0.3, 'beta': 0.4}, {}),
    ('PRelu', {'x': X}, {}, {'slope': rows(4)}),
    ('Clip', {'x': X}, {}, {'low': np.array(0.1, 'f')}),
    ('Softmax', {'x': IMAGE}, {}, {}),
    ('ReduceMean', {'x': IMAGE}, {}, {}),
    ('ReduceL2', {'x': IMAGE}, {'axes': [-1, 1], 'keepdims': 0}, {}),
    ('ReduceMax', {'x': IDS}, {'axes': [0]}, {}),
    ('ReduceSum', {'x': X}, {'noop_with_empty_axes': 1}, {}),
    ('Div', {'x': np.array([-7, 7, 6, -6])}, {}, {'b': np.array([2, -2, 3, -3])}),
    ('Mod', {'x': np.array([-7, 7, 6])}, {}, {'b': np.array([2, -2, 4])}),
    ('Mod', {'x': np.array([-7, 7, 6])}, {'fmod': 1}, {'b': np.array([2, -2, 4])}),
    ('Max', {'x': IDS, 'z': IDS[::-1].copy()}, {}, {}),
    ('Where', {'x': np.array([True, False])}, {}, {'a': IDS, 'b': IDS + 7}),
    ('Clip', {'x': IDS}, {}, {'low': np.array(0)}),
    ('CumSum', {'x': IDS}, {}, {'axis': np.array(1)}),
    ('Pad', {'x': IDS}, {}, {'pads': np.array([1, 0, 0, 2])}),
    ('Shape', {'x': IMAGE}, {'start': 1, 'end': -1}, {}),
    ('Det', {'x': rows(3, 3)}, {}, {}),
    ('SoftmaxCrossEntropyLoss', {'x': X, 't': np.array([1, 3, 0])}, {'reduction': 'sum'}, {}),
    ('SoftmaxCrossEntropyLoss', {'x': X, 't': np.array([1, 3, 0])}, {'ignore_index': 3}, {'w': rows(4) + 2}),
    ('LSTM', {'x': SEQUENCE}, {'hidden_size': 6}, recurrent(4)),
    ('LSTM', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'reverse'}, recurrent(4)),
    ('LSTM', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'bidirectional'}, recurrent(4, 2)),
    ('GRU', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'reverse', 'linear_before_reset': 1}, recurrent(3)),
    ('GRU', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'bidirectional', 'linear_before_reset': 1},
     recurrent(3, 2)),
    ('RNN', {'x': SEQUENCE}, {'hidden_size': 6, 'activations': ['Relu']}, recurrent(1)),
    ('RNN', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'bidirectional'}, recurrent(1, 2)),
]  # fmt: skip


@pytest.mark.parametrize(('kind', 'inputs', 'attributes', 'arrays'), OPTIONS, ids=lambda x: x if type(x) is str else '')
def test_options_of_operators(kind, inputs, attributes, arrays):
    outputs = {'LSTM': ['y', 'h', 'c'], 'GRU': ['y', 'h'], 'RNN': ['y', 'h']}.get(kind, ['y'])
    node = helper.make_node(kind, [*inputs, *arrays], outputs, **attributes)
    model = made(node, inputs, outputs, **arrays)
    found = load(model)(*inputs.values())
    found = found if isinstance(found, tuple) else (found,)
    for y, wanted in zip(found, session_of(model).run(None, inputs), strict=True):
        assert y.dtype == wanted.dtype
        np.testing.assert_allclose(y.array, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('reverse', [False, True])
def test_recurrent_layers_take_first_states(reverse):
    arrays = recurrent(4, h=(1, 3, 6), c=(1, 3, 6))
    names = ['x', 'W', 'R', 'B', '', 'h', 'c']
    node = helper.make_node('LSTM', names, ['y'], hidden_size=6, direction='reverse' if reverse else 'forward')
    model = made(node, {'x': SEQUENCE}, **arrays)
    np.testing.assert_allclose(
        load(model)(SEQUENCE).array, *session_of(model).run(None, {'x': SEQUENCE}), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize('count', [2, 3])
def test_splits_of_equal_size(count):
    names = [f'y{i}' for i in range(count)]
    for opset, attributes in ((17, {}), (18, {'num_outputs': count})):
        model = made(helper.make_node('Split', ['x'], names, axis=1, **attributes), {'x': rows(3, 6)}, names, opset)
        for y, wanted in zip(load(model)(rows(3, 6)), session_of(model).run(None, {'x': rows(3, 6)}), strict=True):
            np.testing.assert_array_equal(y.array, wanted)


# What is refused


@pytest.mark.parametrize(
    ('node', 'words'),
    [
        (helper.make_node('Hardmax', ['x'], ['y'], name='last'), 'Hardmax (the node last) is no operator that chain'),
        (helper.make_node('Hardmax', ['x'], ['y']), 'Hardmax (the node that makes y)'),
        (helper.make_node('Pad', ['x', 'pads'], ['y'], mode='edge'), "has mode='edge', but only 'constant' can"),
        (helper.make_node('CumSum', ['x', 'axis'], ['y'], reverse=1), 'has reverse=1, but only 0'),
        (helper.make_node('Cast', ['x'], ['y'], to=TensorProto.BFLOAT16), 'casts to the dtype of number 16'),
    ],
)
def test_what_is_not_supported(node, words):
    arrays = {'pads': np.array([1, 0, 0, 2]), 'axis': np.array(1)}
    model = made(node, {'x': X}, **{key: x for key, x in arrays.items() if key in node.input})
    with pytest.raises(NotLoadable) as raised:
        load(model)
    assert words in str(raised.value)
    assert 'Nothing was loaded' in str(raised.value)
    if node.op_type == 'Hardmax':
        assert 'Not supported in the model: Hardmax. Supported: ' in str(raised.value)


@pytest.mark.parametrize(
    ('kind', 'attributes', 'outputs', 'words'),
    [
        ('MaxPool', {'dilations': [2, 2]}, ['y'], 'has dilations='),
        ('MaxPool', {}, ['y', 'i'], 'has indices as second output'),
        ('MaxPool', {'auto_pad': 'SAME_UPPER'}, ['y'], 'has auto_pad='),
        ('AveragePool', {'ceil_mode': 1}, ['y'], 'has ceil_mode=1'),
        ('AveragePool', {'pads': [1, 0, 0, 0]}, ['y'], 'has pads='),
    ],
)
def test_options_of_pooling_that_are_not_supported(kind, attributes, outputs, words):
    node = helper.make_node(kind, ['x'], outputs, kernel_shape=[2, 2], **attributes)
    with pytest.raises(NotLoadable, match=words):
        load(made(node, {'x': IMAGE}, outputs))


@pytest.mark.parametrize(
    ('kind', 'gates', 'attributes', 'words'),
    [
        ('GRU', 3, {}, 'linear_before_reset=0'),
        ('LSTM', 4, {'activations': ['Sigmoid', 'Relu', 'Tanh']}, 'has activations='),
        ('LSTM', 4, {'clip': 1.0}, 'has clip'),
        ('LSTM', 4, {'layout': 1}, 'has layout=1'),
    ],
)
def test_options_of_recurrent_layers_that_are_not_supported(kind, gates, attributes, words):
    node = helper.make_node(kind, ['x', 'W', 'R', 'B'], ['y'], hidden_size=6, **attributes)
    with pytest.raises(NotLoadable, match=words):
        load(made(node, {'x': SEQUENCE}, **recurrent(gates)))


def test_data_outside_the_file_is_refused(tmp_path):
    (tmp_path / 'secret').write_bytes(bytes(64))
    for place in ('initializer', 'attribute'):
        tensor = TensorProto(name='W', data_type=TensorProto.FLOAT, dims=[3, 4], data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key='location', value=str(tmp_path / 'secret'))
        node = helper.make_node('Add', ['x', 'W'], ['y'])
        constant = helper.make_node('Constant', [], ['W'], value=tensor)
        graph = helper.make_graph([node], 'one', [value('x', [3, 4])], [value('y', [3, 4])])
        if place == 'initializer':
            graph.initializer.append(tensor)
        else:
            graph.node.insert(0, constant)
        file = tmp_path / 'model.onnx'
        file.write_bytes(helper.make_model(graph, ir_version=8).SerializeToString())
        with pytest.raises(UnreadableFileError, match="model.onnx: the array 'W' has its data outside the file"):
            load(file)


def test_damaged_files(tmp_path):
    content = export(CNN(), rows(1, 2, 7, 6)).SerializeToString()
    with pytest.raises(UnreadableFileError, match='the file is no ONNX file, or damaged'):
        load(io.BytesIO(b'\x89HDF' + content))
    for n in (0, len(content) // 3, len(content) - 5):
        with pytest.raises(ValueError, match='onnx.load: '):
            load(io.BytesIO(content[:n]))
    with pytest.raises(FileNotFoundError):
        load(tmp_path / 'none.onnx')
    model = export(CNN(), rows(1, 2, 7, 6))
    model.graph.initializer[0].dims[0] = 10**9
    with pytest.raises(UnreadableFileError, match='damaged'):
        load(model)
    model = export(CNN(), rows(1, 2, 7, 6))
    model.metadata_props[0].value = '[' * 10
    with pytest.raises(UnreadableFileError, match='damaged'):
        load(model)


def test_other_versions_and_domains():
    model = export(CNN(), rows(1, 2, 7, 6))
    model.opset_import[0].version = 9
    with pytest.raises(NotLoadable, match='is of opset 9, but only 13 to 26 are loaded'):
        load(model)
    model = export(CNN(), rows(1, 2, 7, 6), external_opset_imports={'own': 1})
    model.graph.node[-1].domain = 'own'
    with pytest.raises(NotLoadable, match='own.Gemm'):
        load(model)
    model = export(CNN(), rows(1, 2, 7, 6))
    model.functions.add(name='f', domain='own')
    with pytest.raises(NotLoadable, match='functions of its own'):
        load(model)


def test_no_damage_does_worse_than_an_error():
    """Changed, lost and repeated bytes: the file is loaded, or a ValueError says why not."""
    lstm = L.NStepLSTM(1, 4, 3, 0)
    models = [export(CNN(), rows(1, 2, 7, 6)), export(lambda x: F.stack(lstm(None, None, list(x))[-1]), rows(2, 3, 4))]
    rng = np.random.default_rng(0)
    loaded = 0
    for k in range(300):
        content = bytearray(models[k % 2].SerializeToString())
        i, j = sorted(rng.integers(len(content), size=2))
        content[i] = rng.integers(256)
        if k % 3 == 1:
            del content[j:]
        if k % 3 == 2:
            content[i:i] = content[j : j + 40]
        try:
            load(io.BytesIO(bytes(content)))
            loaded += 1
        except ValueError as error:
            assert str(error).startswith('onnx.load: ')
    assert 0 < loaded < 150
