"""Names beyond the documented ones that public programs import from the reference, and what they do."""

from __future__ import annotations

import importlib
import io
import operator
import pathlib
from unittest import mock

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from tests.source import ROOT

TEXT = (ROOT / 'tests' / 'data' / 'names_in_use.txt').read_text(encoding='utf-8')
NAMES = [line for line in TEXT.splitlines() if not line.startswith('#')]
X = np.random.RandomState(0).randn(3, 8).astype('f')


def find(name):
    """Return what `from chainer.a.b import c` imports."""
    module, _, attribute = f'chainer.{name}'.rpartition('.')
    try:
        return getattr(importlib.import_module(module), attribute)
    except AttributeError:
        return importlib.import_module(f'chainer.{name}')


@pytest.mark.behaviour('alias-half-private-names')
@pytest.mark.parametrize('name', NAMES)
def test_name_can_be_imported(chainer, name):
    assert find(name) is not None


@pytest.mark.behaviour('alias-modules')
@pytest.mark.parametrize('name', NAMES)
def test_name_can_be_read_from_the_top(chainer, name):
    """As `import chainer` alone allows, where the reference imports the file itself."""
    found = chainer
    for part in name.split('.'):
        found = getattr(found, part)
    assert found is not None


@pytest.mark.behaviour('names-of-other-devices')
def test_other_devices(chainer, no_gpu):
    for module in (chaingrad.cuda, chaingrad.backends.cuda, chainer.cuda, chainer.backends.cuda):
        assert module.cudnn_enabled is False
        assert module.should_use_cudnn('>=auto', 4000) is False
        assert module.should_use_cudnn_tensor_core(np.float16) is False
    for module in (chaingrad, chainer):
        assert module.should_use_cudnn('>=auto', 4000) is False
        device = module.get_device('@numpy')
        assert not isinstance(device, module.backend.ChainerxDevice | module.backend.Intel64Device)
        for cls in (module.backend.ChainerxDevice, module.backend.Intel64Device):
            assert issubclass(cls, module.backend.Device) and cls.from_array(X) is None
        for decorator in (module.static_graph, module.static_code, module.cuda.fuse):
            assert decorator(find) is find and decorator()(find) is find
        assert module.static_graph(verbosity_level=1)(find) is find
    link = L.Linear(2, 1)
    assert link.to_intel64() is link and link.from_chx() is link
    assert chainer.backend.from_chx(X) is X
    assert chainer.backends.intel64.is_ideep_available() is False
    assert chainer.backends.intel64.should_use_ideep('>=auto') is False


@pytest.mark.behaviour('absent-when-used')
@pytest.mark.parametrize(
    ('name', 'arguments', 'error', 'words'),
    [
        ('links.caffe.CaffeFunction', ('a.caffemodel',), NotImplementedError, 'Write the model as a Chain'),
        ('links.caffe.caffe_function.CaffeFunction', ('a',), NotImplementedError, 'Write the model as a Chain'),
        ('functions.caffe.CaffeFunction', ('a',), NotImplementedError, 'Write the model as a Chain'),
        ('links.TheanoFunction', ([], []), NotImplementedError, 'chaingrad has no Theano'),
        ('links.theano.theano_function.TheanoFunction', ([], []), NotImplementedError, 'chaingrad has no Theano'),
        ('exporters.caffe.export', (None, []), NotImplementedError, 'chaingrad writes no Caffe files'),
        ('datasets.PickleDataset', (io.BytesIO(),), NotImplementedError, 'can run any code'),
        ('datasets.open_pickle_dataset', ('a.pkl',), NotImplementedError, 'can run any code'),
        ('backend.ChainerxDevice', ('native',), RuntimeError, 'no ChainerX arrays'),
        ('backend.Intel64Device', (), RuntimeError, 'no iDeep arrays'),
        ('backend.ChainerxDevice.from_fallback_device', (None,), RuntimeError, 'no ChainerX arrays'),
        ('backend.to_chx', (X,), RuntimeError, 'no ChainerX arrays'),
        ('backends.intel64.mdarray', (), RuntimeError, 'no iDeep arrays'),
        ('backends.intel64.check_ideep_available', (), RuntimeError, 'no iDeep arrays'),
        ('cuda.Event', (), RuntimeError, 'a GPU is needed'),
        ('Variable.to_chx', (chaingrad.Variable(X),), RuntimeError, 'no ChainerX arrays'),
        ('testing.attr._dummy_callable', (0,), RuntimeError, 'a GPU is needed'),
    ],
)
def test_what_is_absent_says_so_when_it_is_used(chainer, no_gpu, name, arguments, error, words):
    target = operator.attrgetter(name)(chainer) if 'evice' in name or 'Variable' in name else find(name)
    with pytest.raises(error, match=words) as caught:
        target(*arguments)
    assert len(caught.value.args) == 1


@pytest.mark.behaviour('absent-when-used')
def test_chainerx_arrays_are_absent_when_used(chainer):
    chainerx = importlib.import_module('chainerx')
    with pytest.raises(AttributeError, match=r"'array'. chaingrad has no ChainerX arrays"):
        _ = chainerx.array
    assert not hasattr(chainerx, '__wrapped__')


SET = {
    'functions.connection.linear.linear': lambda: L.Linear(2, 1)(X[:, :2]),
    'functions.connection.convolution_2d.convolution_2d': lambda: L.Convolution2D(1, 1, 1)(
        X[:1, :1].reshape(1, 1, 1, 1)
    ),
    'functions.rnn.lstm.lstm': lambda: L.LSTM(8, 2)(X),
    'initializers.normal.LeCunNormal': lambda: L.Linear(2, 1),
}


@pytest.mark.behaviour('alias-modules')
@pytest.mark.parametrize('name', SET)
def test_what_a_program_replaces_is_called(chainer, name):
    before = find(name)
    doors = {path: getattr(importlib.import_module(path), name.rpartition('.')[2], None) for path in DOORS}
    for use in (False, True):  # mock restores a name in another way when the module has kept it
        with mock.patch(f'chainer.{name}', side_effect=before) as patched:
            assert use is False or find(name) is patched
            SET[name]()
            assert patched.called
            assert {
                path: getattr(importlib.import_module(path), name.rpartition('.')[2], None) for path in DOORS
            } == doors
        assert find(name) is before
        with mock.patch(f'chainer.{name}') as patched:
            pass
        SET[name]()
        assert not patched.called


DOORS = ('chaingrad.functions', 'chaingrad.initializers')


@pytest.mark.behaviour('alias-modules')
@pytest.mark.parametrize(
    'name', ['functions.rnn.n_step_lstm._lstm', 'functions.connection.linear._own', 'initializers._get_initializer']
)
def test_what_nothing_looks_up_is_set_with_a_warning(chainer, name):
    module, _, attribute = f'chainer.{name}'.rpartition('.')
    module = importlib.import_module(module)
    before = getattr(module, attribute, None)
    with pytest.warns(UserWarning, match=f'^chainer.{name}: nothing in chaingrad looks this name up'):
        setattr(module, attribute, find)
    assert getattr(module, attribute) is find
    if before is None:
        delattr(module, attribute)
        assert not hasattr(module, attribute)
    else:
        setattr(module, attribute, before)


def test_modules_by_path(chainer):
    from chainer import initializers
    from chainer.functions.connection import convolution_nd
    from chainer.initializers import constant

    assert initializers.constant is constant and constant.Constant is initializers.Constant
    assert convolution_nd.convolution_nd is F.convolution_nd
    assert chainer.utils.collections_abc.Sequence is importlib.import_module('collections.abc').Sequence
    assert chainer.basic_math is importlib.import_module('chainer.functions.math.basic_math')
    assert chainer.backend.cuda.to_cpu is chaingrad.cuda.to_cpu


@pytest.mark.behaviour('alias-half-private-names')
def test_arrays(chainer):
    x = X.reshape(3, 2, 4)
    log_softmax = find('functions.activation.log_softmax._log_softmax')
    for arguments in ((), (True,), (1,)):  # version 1 passed use_cudnn
        np.testing.assert_allclose(np.exp(log_softmax(X, *arguments)).sum(1), 1, rtol=1e-5)
    assert (find('functions.array.flip._flip')(X, 1) == X[:, ::-1]).all()
    assert (find('functions.array.as_strided._stride_array')(X, (2,), (3,), 1) == X.ravel()[[1, 4]]).all()
    backward_one = find('functions.array.broadcast._backward_one')
    np.testing.assert_allclose(backward_one((1, 8), X.dtype, X), X.sum(0, keepdims=True), rtol=1e-5)
    np.testing.assert_allclose(backward_one(X[0], X), X.sum(0), rtol=1e-5)
    assert not backward_one((2,), np.float32, None).any()
    assert find('optimizer_hooks.gradient_clipping._sum_sqnorm')([X, X]) == pytest.approx(2 * (X**2).sum(), rel=1e-5)
    assert find('utils.array.as_mat')(x).shape == (3, 8)
    assert find('utils.conv_nd.im2col_nd')(x, (2,), (1,), (0,)).shape == (3, 2, 2, 3)
    images = np.arange(2 * 5 * 6 * 3).reshape(2, 5, 6, 3)
    crops = find('utils.imgproc.oversample')(images, (4, 4))
    assert crops.shape == (20, 4, 4, 3)
    assert (crops[0] == images[0, :4, :4]).all() and (crops[13] == images[1, 1:, 2:]).all()
    assert (crops[5] == crops[0][:, ::-1]).all()
    gates = find('functions.rnn.lstm._extract_gates')(X)
    assert [gate.shape for gate in gates] == [(3, 2)] * 4 and (gates[1] == X[:, [1, 5]]).all()
    assert find('backends._cpu._to_cpu')(X) is X
    assert find('reporter._get_device')(X) == chaingrad.get_device('@numpy')


@pytest.mark.behaviour('alias-half-private-names')
def test_initializers(chainer):
    get_initializer = find('initializers._get_initializer')
    assert isinstance(get_initializer(None), chaingrad.initializers.LeCunNormal)
    assert get_initializer(3).fill_value == 3 and get_initializer(X).fill_value is X
    assert get_initializer(find) is find
    with pytest.raises(TypeError, match='An initializer must be'):
        get_initializer('x')


@pytest.mark.behaviour('alias-half-private-names')
def test_recurrent_helpers(chainer):
    rng = np.random.RandomState(0)
    ws = [rng.randn(2, 2).astype('f') for _ in range(8)]
    bs = [rng.randn(2).astype('f') for _ in range(8)]
    x, h, c = rng.randn(3, 3, 2).astype('f')
    hy, cy, _ = F.n_step_lstm(1, 0.0, h[None], c[None], [ws], [bs], [x])
    for path in ('functions.rnn.n_step_lstm', 'functions.connection.n_step_lstm'):
        h_new, c_new = find(f'{path}._lstm')(x, h, c, ws, bs)
        np.testing.assert_allclose(h_new.array, hy.array[0], rtol=1e-5)
        np.testing.assert_allclose(c_new.array, cy.array[0], rtol=1e-5)
    order = find('links.connection.n_step_rnn.argsort_list_descent')
    permutate = find('links.connection.n_step_rnn.permutate_list')
    lists = [[1], [1, 2, 3], [1, 2]]
    indices = order(lists)
    assert indices.tolist() == [1, 2, 0]
    assert permutate(permutate(lists, indices, inv=False), indices, inv=True) == lists


@pytest.mark.behaviour('alias-half-private-names')
def test_nodes(chainer):
    images = X.reshape(1, 3, 2, 4)
    assert isinstance(F.relu(chaingrad.Variable(X)).creator, chainer.functions.ReLU)
    pooled = F.max_pooling_2d(chaingrad.Variable(images), 2).creator
    assert isinstance(pooled, chainer.functions.MaxPooling2D) and isinstance(pooled, chainer.functions.MaxPoolingND)
    assert isinstance(pooled, find('functions.pooling.pooling_2d.Pooling2D'))
    assert find('functions.pooling.pooling_2d.Pooling2D')(3, 2).kw == 3
    resize = find('functions.array.resize_images.ResizeImages')((4, 8))
    assert (resize.apply((images,))[0].array == F.resize_images(images, (4, 8)).array).all()
    t = np.array([0, 1, -1], 'i')
    accuracy = find('functions.evaluation.accuracy.Accuracy')(ignore_label=-1)
    assert accuracy(X, t).array == accuracy.forward((X, t))[0] == F.accuracy(X, t, -1).array
    with pytest.raises(AttributeError, match='no attribute'):
        _ = chainer.functions.Nonsense


@pytest.mark.behaviour('alias-half-private-names')
def test_checks(chainer):
    check = find('variable._check_grad_type')
    x = chaingrad.Variable(X)
    check(None, x, True, X)
    check(None, x, None)
    for wrong, error in ((X.astype('d'), TypeError), (X[0], ValueError), ('x', TypeError)):
        with pytest.raises(error, match='the gradient of float32'):
            check(None, x, True, wrong)
    find('gradient_check._check_backward_with_params')(F.exp, X.astype('d'), np.ones((3, 8)))
    Constant, Unary, Binary = (
        find(f'utils.type_check.{name}') for name in ('Constant', 'UnaryOperator', 'BinaryOperator')
    )
    two = Binary(4, Constant(1), 1, '+', lambda a, b: a + b)
    negative = Unary(5, two, '-', lambda a: -a)
    assert two.eval() == 2 and str(two) == '1 + 1' and negative.eval() == -2 and str(negative) == '-1 + 1'
    chainer.utils.type_check.expect(two == 2)


@pytest.mark.behaviour('alias-half-private-names')
def test_optional_programs(chainer):
    assert find('datasets.image_dataset.available') is find('links.model.vision.resnet.available')
    assert find('serializers.hdf5._available') in (True, False)
    assert find('computational_graph.is_graphviz_available')() in (True, False)
    assert find('_runtime_info.get_runtime_info')().startswith('Platform: ')


@pytest.mark.behaviour('alias-half-private-names')
def test_datasets(chainer, tmp_path):
    convert = importlib.import_module('chainer.dataset.convert')
    assert convert._concat_arrays([1, 2], None).tolist() == [1, 2]
    assert convert._concat_arrays_with_padding([X[0], X[0, :2]], 7).tolist()[1][2:] == [7] * 6
    assert convert._call_converter(lambda batch, device: (batch, device), [1], None) == ([1], None)
    image = pytest.importorskip('PIL.Image')
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    image.fromarray(pixels).save(tmp_path / 'a.png')
    assert (find('datasets.image_dataset._read_image_as_array')(tmp_path / 'a.png', np.float32) == pixels).all()
    helper = find('datasets._mnist_helper')
    raw = {'x': np.full((2, 784), 255, np.uint8), 'y': np.array([1, 2])}
    x, t = helper.preprocess_mnist(raw, True, 3, 2.0, np.float32, np.int64, False)[1]
    assert x.shape == (1, 28, 28) and (x == 2).all() and t == 2 and t.dtype == np.int64


@pytest.mark.behaviour('alias-half-private-names')
def test_snapshots(chainer, tmp_path):
    module = importlib.import_module('chainer.training.extensions._snapshot')
    for i in (10, 9, 2):
        (tmp_path / f'snapshot_iter_{i}').write_bytes(b'')
    names = 'snapshot_iter_{}', str(tmp_path)
    assert [name for _, name in module._find_snapshot_files(*names)] == [f'snapshot_iter_{i}' for i in (2, 9, 10)]
    assert module._find_latest_snapshot(*names) == 'snapshot_iter_10'
    assert list(module._find_stale_snapshots(*names, 1)) == ['snapshot_iter_2', 'snapshot_iter_9']
    assert module._find_latest_snapshot('other_{}', str(tmp_path)) is None
    trainer = mock.Mock(out=pathlib.Path(tmp_path))
    module._snapshot_object(trainer, L.Linear(2, 1), 'model.npz')
    assert (tmp_path / 'model.npz').exists()


@pytest.mark.behaviour('alias-half-private-names')
def test_states_of_iterators(chainer):
    module = find('iterators._statemachine')
    for repeat in (True, False):
        iterator = chaingrad.iterators.SerialIterator(list(range(5)), 2, repeat, shuffle=False)
        state = module.IteratorState(0, 0, False, None)
        for _ in range(3):
            batch = next(iterator)
            state, indices = module.iterator_statemachine(state, 2, repeat, None, 5)
            assert batch == list(indices)
            assert state[:3] == (iterator.current_position, iterator.epoch, iterator.is_new_epoch)
    assert module.iterator_statemachine(state, 2, False, None, 5) == (state, None)
    order = np.array([2, 0, 1])
    state, indices = module.iterator_statemachine(
        module.IteratorState(2, 0, False, order), 2, True, lambda order, position: order[::-1], 3
    )
    assert indices.tolist() == [1, 1] and state.order.tolist() == [1, 0, 2]


@pytest.mark.behaviour('alias-half-private-names')
def test_progress_bars(chainer, capsys):
    util = find('training.util')
    iterator = mock.Mock(epoch_detail=0.5)
    out = io.StringIO()
    bar = find('training.extensions.evaluator._IteratorProgressBar')(iterator, bar_length=4, out=out)
    bar.update()
    bar.close()
    assert '[##..] 50.00%' in out.getvalue() and isinstance(bar, util.ProgressBar)
    util.erase_console(0, 0)
    util.set_console_cursor_position(0, -3)
    assert capsys.readouterr().out == '\033[J\033[3A\r'
    assert util.get_trigger((1, 'epoch')).period == 1
