"""What `load` makes of a file, and what it refuses. That it computes the same is tested with every exported row."""

from __future__ import annotations

import copy
import io
import pickle
import sys

import numpy as np
import pytest
from onnx import TensorProto, helper

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.onnx import export, load
from chaingrad.onnx.operators.node import NotLoadable
from chaingrad.serializers import load_npz, save_npz
from tests.onnx.running import made, value


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


def test_copies_by_copy_and_pickle():
    loaded, x = load(export(CNN(), rows(1, 2, 7, 6))), rows(3, 2, 7, 6)
    for again in (copy.deepcopy(loaded), pickle.loads(pickle.dumps(loaded))):
        np.testing.assert_array_equal(again(x).array, loaded(x).array)
        assert again.conv.W is not loaded.conv.W


def test_parameters_as_inputs():
    model, x = CNN(), rows(3, 2, 7, 6)
    loaded = load(export(model, x, export_params=False))
    assert not list(loaded.params())
    arrays = {path: p.array for path, p in model.namedparams()}
    averages = {f'/bn/{name}': getattr(model.bn, name) for name in ('avg_mean', 'avg_var')}
    with chaingrad.using_config('train', False):
        np.testing.assert_allclose(loaded(x, **arrays, **averages).array, model(x).array, rtol=1e-5, atol=1e-6)


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


# What is refused


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
