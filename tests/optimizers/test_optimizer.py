"""Optimizer and GradientMethod: setup, update, epochs, files, and what bad input gets."""

import os
import pathlib

import numpy as np
import pytest

from chaingrad import optimizers as O
from chaingrad.autograd.parameter import Parameter
from chaingrad.links.chain import Chain
from chaingrad.links.link import Link
from chaingrad.links.serializers.dictionary import DictionarySerializer
from chaingrad.links.serializers.npz import NpzDeserializer, load_npz, save_npz
from chaingrad.optimizers.optimizer import GradientMethod, Optimizer
from tests.optimizers.models import Weights, weights
from tests.optimizers.test_update_rule import Counting

DATA = pathlib.Path(
    os.environ.get('CHAINGRAD_TEST_DATA') or pathlib.Path(__file__).resolve().parents[2].parent / 'shared' / 'data'
)


def step(optimizer, g=1.0):
    for param in optimizer.target.params():
        if param.array is not None:
            param.grad = np.full(param.shape, g, param.dtype)
    optimizer.update()


# setup


def test_setup_gives_every_parameter_a_rule_and_starts_from_zero():
    model = Chain(a=weights(), b=Weights(W=np.ones(2), b=np.ones(2)))
    optimizer = O.SGD()
    assert optimizer.setup(model) is optimizer and optimizer.target is model
    rules = [param.update_rule for param in model.params()]
    assert len({id(rule) for rule in rules}) == 3
    step(optimizer)
    optimizer.new_epoch()
    assert (optimizer.t, optimizer.epoch) == (1, 1)
    optimizer.setup(model)
    assert (optimizer.t, optimizer.epoch) == (0, 0)
    assert model.a.W.update_rule is not rules[0]


def test_setup_refuses_what_is_no_link():
    with pytest.raises(TypeError, match='Adam.setup: link must be a Link, such as a Chain, but it is a list') as caught:
        O.Adam().setup([weights()])
    assert len(caught.value.args) == 1


def test_target_without_parameters_warns_and_names_what_was_forgotten():
    class Model(Chain):
        def __init__(self):
            super().__init__()
            self.layers = [weights(), weights()]

    with pytest.warns(UserWarning) as caught:
        O.SGD().setup(Model())
    text = str(caught[-1].message)
    assert 'SGD.setup: the target Model has no parameters, so update() will change nothing.' in text
    assert 'layers[0] (Weights), layers[1] (Weights)' in text and 'init_scope' in text and 'ChainList' in text
    with pytest.warns(UserWarning, match='no parameters') as caught:
        O.SGD().setup(Link())
    assert 'registered' not in str(caught[-1].message)
    assert caught[-1].filename == __file__


def test_update_without_target():
    for optimizer in (O.Adam(), O.SGD()):
        name = type(optimizer).__name__
        with pytest.raises(RuntimeError) as caught:
            optimizer.update()
        assert caught.value.args == (f'{name}.update: no target. Call optimizer.setup(model) before update().',)
        with pytest.raises(RuntimeError, match=f'{name}.serialize: no target'):
            save_npz(os.devnull, optimizer)


def test_abstract_methods():
    with pytest.raises(NotImplementedError, match='Optimizer must define update'):
        Optimizer().setup(weights()).update()
    with pytest.raises(NotImplementedError, match='GradientMethod must define create_update_rule'):
        GradientMethod().setup(weights())


# update


class Quadratic:
    """A loss with a backward method of its own, and what happened to it."""

    def __init__(self, model, log):
        self.model, self.log = model, log

    def backward(self, loss_scale=None):
        self.log.append((loss_scale, self.model.W.grad))
        self.model.W.grad = self.model.W.array.copy()


@pytest.mark.parametrize('cleargrads', [True, False])
def test_update_with_a_function(cleargrads):
    model = weights([1.0, -2.0])
    optimizer = O.SGD(lr=0.5).setup(model)
    optimizer.use_cleargrads(cleargrads)
    model.W.grad = np.full(2, np.nan, np.float32)
    log = []

    def lossfun(a, b=None):
        log.append((a, b))
        return Quadratic(model, log)

    optimizer.update(lossfun, 1, b=2)
    assert log[0] == (1, 2) and log[1][0] is None
    if cleargrads:
        assert log[1][1] is None
    else:
        np.testing.assert_array_equal(log[1][1], [0, 0])
    np.testing.assert_array_equal(model.W.array, [0.5, -1])
    assert optimizer.t == 1 and model.W.update_rule.t == 1


def test_update_refuses():
    model = weights()
    optimizer = O.SGD().setup(model)
    with pytest.raises(
        TypeError, match=r'SGD.update: lossfun must be callable, but it is a Parameter.*loss.backward\(\)'
    ):
        optimizer.update(model.W)
    with pytest.raises(TypeError, match='SGD.update: lossfun must return the loss as a Variable, but it is a float'):
        optimizer.update(lambda: 1.5)
    assert optimizer.t == 0


@pytest.mark.filterwarnings('ignore:.*none of the 1 parameters')
def test_parameter_without_gradient_is_updated_with_zeros():
    model = weights()
    optimizer = O.MomentumSGD(lr=1, momentum=0.5).setup(model)
    step(optimizer)
    model.cleargrads()
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [-0.5, -3.5])
    np.testing.assert_array_equal(model.W.grad, [0, 0])


@pytest.mark.filterwarnings('ignore:.*none of the 1 parameters')
def test_reallocation_can_be_switched_off():
    class Sparse(O.MomentumSGD):
        def reallocate_cleared_grads(self):
            pass

    model = weights()
    optimizer = Sparse(lr=1, momentum=0.5).setup(model)
    for hook in (None, lambda opt: None):
        if hook:
            optimizer.add_hook(hook, name='nothing')
        before = model.W.array.copy()
        model.cleargrads()
        optimizer.update()
        np.testing.assert_array_equal(model.W.array, before)
        assert model.W.grad is None and model.W.update_rule.t == 0


@pytest.mark.parametrize('hook', [False, True])
def test_lazy_parameter_waits(hook):
    model = Weights(W=np.ones(2, np.float32))
    with model.init_scope():
        model.lazy = Parameter(1.0)
    optimizer = O.Adam().setup(model)
    if hook:
        optimizer.add_hook(lambda rule, param: param.array.shape, name='shape')
        optimizer._pre_update_hooks['shape'].call_for_each_param = True
    step(optimizer)
    assert model.lazy.update_rule.state is None and model.lazy.update_rule.t == 0
    model.lazy.initialize((3,))
    step(optimizer)
    assert model.lazy.update_rule.state['m'].shape == (3,) and model.lazy.update_rule.t == 1


def test_hyperparameters_of_optimizer_and_rule():
    model = Weights(W=np.zeros(1), b=np.zeros(1))
    optimizer = O.SGD(lr=1).setup(model)
    model.b.update_rule.hyperparam.lr = 0.25
    optimizer.lr = 0.5
    step(optimizer)
    assert model.W.array == -0.5 and model.b.array == -0.25


def test_parameter_added_later_has_no_rule_and_is_left_alone():
    model = weights()
    optimizer = O.SGD(lr=1).setup(model)
    with model.init_scope():
        model.late = Parameter(np.ones(1, np.float32))
    optimizer.add_hook(O.hooks.WeightDecay(0.5))
    step(optimizer)
    assert model.late.array == 1


def test_unsafe_update_changes_nothing():
    class Careful(O.SGD):
        def is_safe_to_update(self):
            return False

    model = weights()
    optimizer = Careful(lr=1).setup(model)
    step(optimizer)
    optimizer.add_hook(O.hooks.WeightDecay(0.5))
    step(optimizer)
    np.testing.assert_array_equal(model.W.array, [1, -2])
    assert optimizer.t == 2


def test_epochs():
    optimizer = O.SGD().setup(weights())
    optimizer.new_epoch()
    optimizer.use_auto_new_epoch = True
    optimizer.new_epoch(auto=True)
    with pytest.warns(UserWarning, match='SGD.new_epoch: the updater counts the epochs already'):
        optimizer.new_epoch()
    assert optimizer.epoch == 2


@pytest.mark.parametrize('name', O.__all__)
def test_repr_makes_the_same_optimizer(name):
    optimizer = getattr(O, name)()
    optimizer.hyperparam.eta = 0.5 if hasattr(optimizer, 'eta') else None
    text = repr(optimizer)
    assert text.startswith(f'{name}(') and repr(getattr(O, name)(**arguments(text))) == text


def arguments(text):
    pairs = (pair.split('=') for pair in text[text.index('(') + 1 : -1].split(', '))
    return {name: {'True': True, 'False': False}.get(value, None) if value in ('True', 'False') else number(value)
            for name, value in pairs}  # fmt: skip


def number(text):
    return int(text) if text.isdigit() else float(text)


# Files


@pytest.mark.parametrize('name', O.__all__)
def test_resumed_run_equals_unbroken_one(name, tmp_path):
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(6, 4)).astype(np.float32)

    def make():
        model = Chain(a=weights([1, 2, 3, 4]))
        return getattr(O, name)().setup(model)

    def run(optimizer, gs):
        for g in gs:
            optimizer.target.a.W.grad = g.copy()
            optimizer.update()

    unbroken = make()
    run(unbroken, gradients)
    first, second = make(), make()
    run(first, gradients[:3])
    first.new_epoch()
    save_npz(tmp_path / 'model', first.target)
    save_npz(tmp_path / 'optimizer', first)
    load_npz(tmp_path / 'model', second.target)
    load_npz(tmp_path / 'optimizer', second)
    assert (second.t, second.epoch, second.target.a.W.update_rule.t) == (3, 1, 3)
    run(second, gradients[3:])
    np.testing.assert_array_equal(second.target.a.W.array, unbroken.target.a.W.array)


KEYS = {
    'SGD': [],
    'MomentumSGD': ['v'],
    'CorrectedMomentumSGD': ['v'],
    'NesterovAG': ['v'],
    'AdaGrad': ['h'],
    'AdaDelta': ['msg', 'msdx'],
    'RMSprop': ['ms'],
    'RMSpropGraves': ['n', 'g', 'delta'],
    'SMORMS3': ['mem', 'g', 'g2'],
    'Adam': ['m', 'v'],
    'AdamW': ['m', 'v'],
    'AdaBound': ['m', 'v'],
    'AMSGrad': ['m', 'v', 'vhat'],
    'AMSBound': ['m', 'v', 'vhat'],
    'MSVAG': ['m', 'v'],
}


@pytest.mark.parametrize('name', O.__all__)
def test_keys_in_a_file(name):
    optimizer = getattr(O, name)().setup(Chain(a=weights()))
    saved = DictionarySerializer()
    saved.save(optimizer)
    assert list(saved.target) == ['t', 'epoch', 'a/W/t']
    step(optimizer)
    saved = DictionarySerializer()
    saved.save(optimizer)
    assert list(saved.target) == ['t', 'epoch', 'a/W/t', *(f'a/W/{key}' for key in KEYS[name])]


def test_loading_a_file_from_before_the_first_update():
    fresh, used = O.Adam().setup(weights()), O.Adam().setup(weights())
    step(used)
    saved = DictionarySerializer()
    saved.save(fresh)
    NpzDeserializer(saved.target).load(used)
    assert used.t == used.target.W.update_rule.t == 0 and used.target.W.update_rule.state is None


def test_missing_state_is_an_error_and_nothing_is_loaded():
    optimizer, other = O.Adam().setup(Chain(a=weights())), O.Adam().setup(Chain(a=weights()))
    step(optimizer)
    saved = DictionarySerializer()
    saved.save(optimizer)
    del saved.target['a/W/v'], saved.target['epoch']
    with pytest.raises(KeyError) as caught:
        NpzDeserializer(saved.target).load(other)
    assert 'epoch' in str(caught.value) and 'a/W/v' in str(caught.value)
    assert other.t == 0 and other.target.a.W.update_rule.t == 0 and other.target.a.W.update_rule.state is None
    NpzDeserializer(saved.target, strict=False).load(other)
    assert other.t == 1 and other.target.a.W.update_rule.state is None
    step(other)
    other.target.a.disable_update()
    NpzDeserializer({**saved.target, 'epoch': np.array(3)}).load(other)
    assert other.epoch == 3


def test_state_of_another_model_is_refused():
    optimizer, other = O.Adam().setup(weights([1, 2, 3])), O.Adam().setup(weights([1, 2]))
    step(optimizer)
    saved = DictionarySerializer()
    saved.save(optimizer)
    with pytest.raises(ValueError, match=r'state m must have the shape of parameter W, \(2,\), but it is \(3,\)'):
        NpzDeserializer(saved.target).load(other)
    assert other.t == 0 and other.target.W.update_rule.state is None


def test_state_of_a_users_rule_and_number():
    optimizer, other = Counting().setup(weights()), Counting().setup(weights())
    step(optimizer)
    saved = DictionarySerializer()
    saved.save(optimizer)
    NpzDeserializer(saved.target).load(other)
    assert other.target.W.update_rule.state['power'] == 0.5
    assert type(other.target.W.update_rule.state['power']) is float


def test_twin_and_dynamic_loss_scale_are_saved():
    def make():
        optimizer = O.SGD(lr=1e-4).setup(weights([1, 1], np.float16))
        optimizer.use_fp32_update()
        optimizer.loss_scaling()
        return optimizer

    optimizer, other, old = make(), make(), make()
    step(optimizer)
    saved = DictionarySerializer()
    saved.save(optimizer)
    assert set(saved.target) == {
        't', 'epoch', 'W/t', 'W/chaingrad/fp32', 'chaingrad/loss_scale', 'chaingrad/grads_overflowed_once'
    }  # fmt: skip
    NpzDeserializer(saved.target).load(other)
    assert other._loss_scale == optimizer._loss_scale == 2 and other._grads_overflowed_once is False
    np.testing.assert_array_equal(other.target.W.update_rule._fp32_param.array, np.full(2, 1 - 1e-4, np.float32))
    NpzDeserializer({key: saved.target[key] for key in ('t', 'epoch', 'W/t')}).load(old)
    assert old.t == 1 and old._loss_scale == 1 and old.target.W.update_rule._fp32_param is None


def test_a_file_of_the_reference():
    path = DATA / 'reference_snapshots' / 'trainer_epoch_4.npz'
    if not path.exists():
        pytest.skip('the reference data is not here')

    def linear(n_out, n_in):
        return Weights(W=np.zeros((n_out, n_in), np.float32), b=np.zeros(n_out, np.float32))

    prefix = 'updater/optimizer:main/'
    optimizer = O.Adam().setup(Chain(predictor=Chain(l1=linear(8, 4), l2=linear(3, 8))))
    load_npz(path, optimizer, path=prefix)
    rule = optimizer.target.predictor.l2.b.update_rule
    assert (optimizer.t, optimizer.epoch, rule.t) == (24, 4, 24)
    saved = DictionarySerializer()
    saved.save(optimizer)
    with np.load(path, allow_pickle=False) as file:
        stored = {key[len(prefix) :]: file[key] for key in file.files if key.startswith(prefix)}
    assert list(saved.target) == list(stored)
    for key, array in stored.items():
        np.testing.assert_array_equal(saved.target[key], array)
        assert saved.target[key].dtype == array.dtype


def test_state_has_the_dtype_of_its_parameter():
    model = weights(dtype=np.float64)
    step(O.Adam().setup(model))
    assert model.W.update_rule.state['m'].dtype == np.float64
