"""Attributes of objects, beyond the documented ones, that programs of the reference read, set or override."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, training
from chaingrad.datasets import SubDataset
from chaingrad.training import extensions

X = np.random.RandomState(0).randn(2, 4, 6, 8).astype('f')
pytestmark = pytest.mark.behaviour('alias-half-private-names')


@pytest.fixture(autouse=True)
def _alias(chainer):
    """The attributes are given to the classes when the modules are loaded under the reference's names."""
    for name in ('training.extensions', 'iterators', 'datasets'):
        __import__(f'chainer.{name}')


def test_device_of_a_link(no_gpu):
    link = L.Linear(2, 1)
    assert link._device_id is None and link._cpu is True and link._shown
    link._device_id = None
    link._cpu = True
    assert link.device == chaingrad.get_device('@numpy')
    for name, value in (('_device_id', 0), ('_cpu', False)):
        with pytest.raises(RuntimeError, match='a GPU is needed'):
            setattr(link, name, value)


@pytest.mark.parametrize(
    ('cls', 'arguments', 'x'),
    [
        (L.Linear, (8, 3), X[0, 0]),
        (L.Linear, (None, 3), X[0, 0]),
        (L.Convolution2D, (4, 3, 2), X),
        (L.Convolution2D, (None, 3, 2), X),
        (L.Deconvolution2D, (None, 3, 2), X),
        (L.DepthwiseConvolution2D, (4, 2, 2), X),
        (L.DepthwiseConvolution2D, (None, 2, 2), X),
    ],
)
def test_initialize_params_can_be_overridden(cls, arguments, x):
    class Own(cls):
        def _initialize_params(self, *sizes):
            super()._initialize_params(*sizes)
            self.sizes = sizes
            self.W.array[...] = 0

    link = Own(*arguments)
    assert not link(x).array.any()
    assert link.sizes == ((4,) if x is X else (8,))


def test_array_of_a_variable():
    x = chaingrad.Variable(X)
    assert x._data == [X]
    x._data[0] = X[0]
    assert x.array is not X and x.shape == X.shape[1:]
    x._data = [X]
    assert x.array is X and x.layout is None and x._has_chainerx_array is False
    with pytest.raises(RuntimeError, match=r'^Variable.volatile .* Use chaingrad.no_backprop_mode\(\).$'):
        _ = x.volatile


def test_iterators():
    dataset = list(range(5))
    iterator = iterators.SerialIterator(dataset, 2, repeat=False, shuffle=False)
    assert iterator._order is None and iterator._repeat is False and iterator._shuffle is False
    assert iterator._epoch_size == 5
    iterator._repeat = True
    assert len([next(iterator) for _ in range(4)]) == 4
    iterator = iterators.SerialIterator(dataset, 2)
    assert sorted(iterator._order) == dataset and iterator._shuffle is True
    iterator._order = np.array([4, 3, 2, 1, 0])
    assert next(iterator) == [4, 3]
    iterator._shuffle = False
    iterator.reset()
    assert next(iterator) == [0, 1] and iterator._order is None
    with pytest.raises(ValueError, match='Make one with shuffle=True'):
        iterator._shuffle = True
    with iterators.MultithreadIterator(dataset, 2, shuffle=False) as iterator:
        assert iterator._pushed_position == 0
        next(iterator)
        assert iterator._pushed_position == 4 and iterator.current_position == 2
    with iterators.MultiprocessIterator(dataset, 2) as iterator:
        assert iterator._pushed_position == 0


def test_attributes_of_a_subclass_are_its_own():
    class Own(iterators.SerialIterator):
        def __init__(self, dataset, order):
            self.dataset = dataset
            self._order, self._repeat, self._shuffle, self._epoch_size = order, True, True, 7

    class Pooling(type(F.max_pooling_2d(chaingrad.Variable(X), 2).creator)):
        def __init__(self):
            super().__init__(2)
            self.sy = 'own'

    class Part(SubDataset):
        _size = 3

    iterator = Own([1, 2], [1, 0])
    assert iterator._order == [1, 0] and iterator._repeat and iterator._shuffle and iterator._epoch_size == 7
    assert Pooling().sy == 'own' and Pooling().sx == 2 and Part([1, 2], 0, 1)._size == 3


def test_trainer_and_log(tmp_path):
    class Sums(extensions.LogReport):
        n_made = 0

        def _init_summary(self):
            super()._init_summary()
            self.n_made += 1

    dataset = [(x, x[:1]) for x in X[0, 0]]
    model = L.Classifier(L.Linear(8, 1), F.mean_squared_error)
    model.compute_accuracy = False
    optimizer = chaingrad.optimizers.SGD().setup(model)
    updater = training.StandardUpdater(iterators.SerialIterator(dataset, 3), optimizer)
    trainer = training.Trainer(updater, (2, 'epoch'), out=tmp_path)
    log = Sums()
    trainer.extend(log, name='log')
    assert trainer._extensions['log'].extension is log and trainer._extensions['log'].trigger
    assert log._log_name == 'log'
    log._log_name = 'other'
    trainer.run()
    assert trainer._done and log.n_made == 3 and (tmp_path / 'other').exists()
    trainer._done = False
    trainer.stop_trigger = training.get_trigger((3, 'epoch'))
    trainer.run()
    assert len(log.log) == 3
    assert SubDataset(dataset, 1, 4)._size == 3


def test_update_rule_of_other_arrays():
    model = L.Linear(8, 1)
    chaingrad.optimizers.SGD(lr=1).setup(model)
    model.b.grad = np.ones(1, 'f')
    model.b.update()
    model.b.update_rule.update_core_chainerx(model.b)
    assert model.b.array == -2


def test_function_of_an_adapter():
    class Double(chaingrad.Function):
        def forward(self, inputs):
            return (2 * inputs[0],)

    function = Double()
    y = function(chaingrad.Variable(X))
    assert y.creator_node._function is function
    assert y.creator_node._has_chainerx_array is False and y.creator_node.chainerx_device is None


class Twice(chaingrad.FunctionNode):
    def forward(self, inputs):
        return (2 * inputs[0],)


class Checked(Twice):
    def check_type_forward(self, in_types):
        raise AssertionError('the class checks')


class OldTwice(chaingrad.Function):
    def forward(self, inputs):
        return (2 * inputs[0],)


@pytest.mark.parametrize('cls', [Twice, Checked, OldTwice])
def test_check_type_forward_set_on_an_instance(cls):
    seen = []
    function = cls()
    function.check_type_forward = lambda in_types: seen.append(in_types[0].shape)
    function(X) if cls is OldTwice else function.apply((X,))
    assert seen == [X.shape]
    if cls is not Checked:
        assert cls().check_type_forward(None) is None
    else:
        with pytest.raises(AssertionError, match='the class checks'):
            cls().apply((X,))


OPTIONS = [
    (
        lambda x: F.convolution_2d(x, np.ones((2, 2, 3, 3), 'f'), stride=(1, 2), pad=(3, 4), groups=2, dilate=(1, 2)),
        {'sy': 1, 'sx': 2, 'ph': 3, 'pw': 4, 'dy': 1, 'dx': 2, 'groups': 2, 'cover_all': False},
    ),
    (lambda x: F.convolution_nd(x, np.ones((1, 4, 3, 3), 'f'), pad=1), {'stride': (1, 1), 'pad': (1, 1), 'ndim': 2}),
    (lambda x: F.deconvolution_2d(x, np.ones((4, 1, 3, 3), 'f'), stride=2), {'sy': 2, 'pw': 0, 'outh': 13, 'outw': 17}),
    (
        lambda x: F.max_pooling_2d(x, (2, 3), (1, 2), (1, 0), cover_all=False),
        {'kh': 2, 'kw': 3, 'sy': 1, 'sx': 2, 'ph': 1, 'pw': 0, 'cover_all': False},
    ),
    (lambda x: F.average_pooling_2d(x, 2), {'kh': 2, 'kw': 2, 'sy': 2, 'sx': 2, 'ph': 0, 'pw': 0}),
    (lambda x: F.max_pooling_nd(x, (2, 3)), {'ksize': (2, 3), 'stride': (2, 3), 'pad': (0, 0), 'ndim': 2}),
    (lambda x: F.unpooling_2d(x, 2, cover_all=False), {'kh': 2, 'sx': 2, 'pw': 0, 'outh': 12, 'outw': 16}),
    (lambda x: F.im2col(x, 3, 2, 1, dilate=2), {'kh': 3, 'sx': 2, 'ph': 1, 'dy': 2}),
    (
        lambda x: F.softmax_cross_entropy(x, np.zeros((2, 6, 8), 'i')),
        {'normalize': True, 'ignore_label': -1, 'reduce': 'mean'},
    ),
    (
        lambda x: F.sigmoid_cross_entropy(x, np.zeros(X.shape, 'i'), normalize=False),
        {'normalize': False, 'reduce': 'mean'},
    ),
    (lambda x: F.local_response_normalization(x, n=3), {'n': 3, 'k': 2, 'alpha': 1e-4, 'beta': 0.75}),
    (lambda x: F.batch_normalization(x, np.ones(4, 'f'), np.ones(4, 'f'), eps=1e-3), {'eps': 1e-3, 'axis': (0, 2, 3)}),
    (lambda x: F.dropout(x, 0.25), {'dropout_ratio': 0.25}),
    (lambda x: F.clipped_relu(x, 3.0), {'cap': 3.0}),
    (lambda x: F.leaky_relu(x, 0.3), {'slope': 0.3}),
    (lambda x: F.elu(x, 0.5), {'alpha': 0.5}),
    (lambda x: F.softmax(x, axis=2), {'axis': 2}),
    (lambda x: F.concat([x, x], axis=3), {'axis': 3}),
    (lambda x: F.expand_dims(x, 2), {'axis': 2}),
    (lambda x: F.squeeze(x[:, :1], 1), {'axis': (1,)}),
    (lambda x: F.swapaxes(x, 1, 3), {'axis1': 1, 'axis2': 3}),
    (lambda x: F.flip(x, 2), {'axis': 2}),
    (lambda x: F.transpose(x, (0, 2, 3, 1)), {'axes': (0, 2, 3, 1)}),
    (lambda x: F.sum(x, (1, 2), keepdims=True), {'axis': (1, 2), 'keepdims': True}),
    (lambda x: F.reshape(x, (2, 192)), {'shape': (2, 192)}),
    (lambda x: F.broadcast_to(x, (3, *X.shape)), {'_shape': (3, *X.shape)}),
    (lambda x: x + 2, {'value': 2}),
    (lambda x: F.matmul(x, x, transb=True), {'transa': False, 'transb': True}),
]


@pytest.mark.parametrize(('call', 'options'), OPTIONS)
def test_options_of_nodes(call, options):
    node = call(chaingrad.Variable(X)).creator
    assert {name: getattr(node, name) for name in options} == options


def test_inverse_deviation_of_batch_normalization():
    node = F.batch_normalization(chaingrad.Variable(X), np.ones(4, 'f'), np.ones(4, 'f')).creator
    expected = 1 / np.sqrt(X.var((0, 2, 3)) + node.eps)
    np.testing.assert_allclose(np.ravel(node.inv_std), expected, rtol=1e-5)
