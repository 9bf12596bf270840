"""FunctionNode, Function, Chain and Extension written as a user would write them, in the user's own module.

The classes here do what programs and textbooks do with the reference: they call public functions in `backward`, change
arrays in place, and have `chainer`-style signatures. They follow the documentation, not the engine.
"""

import gc
import tracemalloc

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Chain, Function, FunctionNode, Parameter, Variable, grad, training
from chaingrad.functions.activation.rectifier import ReLU
from chaingrad.utils import type_check


def variable(*shape, dtype=np.float64):
    return Variable(np.random.default_rng(29).uniform(0.5, 1.5, shape).astype(dtype))


# FunctionNode


class ExpMul(FunctionNode):
    """y = exp(a) b, with type checks, public functions, operators and comparisons of arrays."""

    def check_type_forward(self, in_types):
        a_type, b_type = in_types
        type_check.expect(a_type.dtype.kind == 'f', a_type.dtype == b_type.dtype, a_type.shape == b_type.shape)

    def forward(self, inputs):
        a, b = inputs
        self.retain_inputs((0, 1))
        self.retain_outputs((0,))
        return (np.exp(a) * b,)

    def backward(self, target_input_indexes, grad_outputs):
        a, b = self.get_retained_inputs()
        (y,) = self.get_retained_outputs()
        (gy,) = grad_outputs
        assert all(isinstance(v, Variable) for v in (a, b, y, gy))
        result = []
        for i in target_input_indexes:
            if i == 0:
                result.append(gy * y)
            if i == 1:
                result.append(F.exp(a) * gy)
        return tuple(result)


def exp_mul(a, b):
    (y,) = ExpMul().apply((a, b))
    return y


def test_a_function_node_computes():
    a, b = variable(3), variable(3)
    y = exp_mul(a, b)
    np.testing.assert_allclose(y.array, np.exp(a.array) * b.array)
    F.sum(y).backward()
    np.testing.assert_allclose(a.grad, np.exp(a.array) * b.array)
    np.testing.assert_allclose(b.grad, np.exp(a.array))


@pytest.mark.parametrize('order', [1, 2, 3])
def test_a_function_node_is_differentiable_to_any_order(order):
    a, b = variable(3), variable(3)
    y = exp_mul(a, b)
    for _ in range(order):
        (y,) = grad([y], [a], enable_double_backprop=True)
    np.testing.assert_allclose(y.array, np.exp(a.array) * b.array)


def test_a_function_node_passes_the_gradient_check():
    rng = np.random.default_rng(0)
    xs = [rng.standard_normal((2, 3)) for _ in range(2)]
    gy, *ggs = (rng.standard_normal((2, 3)) for _ in range(3))
    chaingrad.gradient_check.check_backward(exp_mul, xs, gy, eps=1e-6, rtol=1e-3)
    chaingrad.gradient_check.check_double_backward(exp_mul, xs, gy, ggs, eps=1e-6, rtol=1e-3)


@pytest.mark.parametrize(
    ('a', 'b', 'message'),
    [
        (np.ones(2), np.ones(3), r'shape'),
        (np.ones(2), np.ones(2, np.float32), 'dtype'),
        (np.ones(2, int), np.ones(2, int), 'kind'),
    ],
)
def test_a_function_node_checks_types(a, b, message):
    with pytest.raises(type_check.InvalidType, match=message):
        exp_mul(Variable(a), Variable(b))


def test_a_function_node_in_the_middle_of_a_net():
    x, W = variable(4, 3), Parameter(np.random.default_rng(0).standard_normal((5, 3)))
    W.cleargrad()
    h = F.linear(x, W)
    loss = F.mean_squared_error(exp_mul(F.tanh(h), h), Variable(np.zeros((4, 5))))
    loss.backward()
    assert np.abs(W.grad).max() > 0 and np.isfinite(W.grad).all()


class ClippedReLU(ReLU):
    """A function of the package with another rule, which gets Variables although the original rule gets arrays."""

    def backward(self, indexes, grad_outputs):
        (gy,) = grad_outputs
        assert isinstance(gy, Variable)
        (y,) = self.get_retained_outputs()
        assert isinstance(y, Variable)
        return (gy * F.cast(F.where(y.array > 0, y, y * 0), 'float64'),)


@pytest.mark.parametrize('double', [False, True])
def test_a_subclass_of_one_of_ours_gets_variables(double):
    x = Variable(np.array([-1.0, 2.0]))
    (y,) = ClippedReLU().apply((x,))
    F.sum(y).backward(enable_double_backprop=double)
    np.testing.assert_array_equal(x.grad, [0, 2])


class Leaky(ReLU):
    """A function of the package with another forward and the original rule."""

    def forward(self, inputs):
        return tuple(y * 10 for y in super().forward(inputs))


def test_a_subclass_of_one_of_ours_with_another_forward():
    x = Variable(np.array([-1.0, 2.0]))
    (y,) = Leaky().apply((x,))
    F.sum(y).backward()
    np.testing.assert_array_equal(y.array, [0, 20])
    np.testing.assert_array_equal(x.grad, [0, 1])


class Accumulating(FunctionNode):
    """Overrides backward_accumulate, as the reference allows."""

    def forward(self, inputs):
        return (inputs[0] * 2,)

    def backward_accumulate(self, target_input_indexes, grad_outputs, grad_inputs):
        (gy,) = grad_outputs
        assert isinstance(gy, Variable)
        assert grad_inputs == (None,)
        return (gy * 2,)


@pytest.mark.parametrize('double', [False, True])
def test_backward_accumulate(double):
    x = variable(2)
    (y,) = Accumulating().apply((x,))
    F.sum(y).backward(enable_double_backprop=double)
    np.testing.assert_array_equal(x.grad, [2, 2])


def test_backward_accumulate_of_the_base_adds():
    x = variable(2)
    y = exp_mul(x, x)
    gy = Variable(np.ones(2))
    first, second = y.creator.backward_accumulate((0, 1), (gy,), (Variable(np.full(2, 100.0)), None))
    np.testing.assert_allclose(first.array, 100 + y.array)
    np.testing.assert_allclose(second.array, np.exp(x.array))


class InPlace(FunctionNode):
    """Writes into the gradient that it returns, which must change no other gradient."""

    def forward(self, inputs):
        return (inputs[0] + inputs[1],)

    def backward(self, indexes, grad_outputs):
        g = Variable(grad_outputs[0].array.copy())
        g.array[...] *= 3
        return g, g


def test_one_gradient_returned_for_two_inputs():
    x, y = variable(2), variable(2)
    (z,) = InPlace().apply((x, y))
    F.sum(z).backward()
    x.grad += 100
    np.testing.assert_array_equal(y.grad, [3, 3])


class WithState(FunctionNode):
    """Stores arrays as attributes, as many user functions do."""

    def __init__(self, scale):
        self.scale = scale

    def forward(self, inputs):
        (x,) = inputs
        self.mask = (x > 1) * self.scale
        return (x * self.mask,)

    def backward(self, indexes, grad_outputs):
        return (grad_outputs[0] * self.mask,)


def test_a_function_node_with_state():
    x = Variable(np.array([0.5, 1.5]))
    (y,) = WithState(4.0).apply((x,))
    F.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [0, 4])


# Function


class MulOld(Function):
    """y = a b, in the style of Chainer 1."""

    def check_type_forward(self, in_types):
        type_check.expect(in_types.size() == 2)

    def forward_cpu(self, x):
        return (x[0] * x[1],)

    def backward_cpu(self, x, gy):
        assert all(type(a) is np.ndarray for a in (*x, *gy))
        return gy[0] * x[1], gy[0] * x[0]


def test_an_old_function_in_a_net():
    x, W = variable(2, 3), Parameter(np.ones((2, 3)))
    W.cleargrad()
    y = F.sum(F.tanh(MulOld()(x, W)) ** 2)
    y.backward()
    t = np.tanh(x.array)
    np.testing.assert_allclose(W.grad, 2 * t * (1 - t**2) * x.array)


def test_an_old_function_passes_the_gradient_check():
    rng = np.random.default_rng(0)
    xs, gy = (rng.standard_normal((2, 3)), rng.standard_normal((2, 3))), rng.standard_normal((2, 3))
    chaingrad.gradient_check.check_backward(lambda a, b: MulOld()(a, b), xs, gy, eps=1e-6)


# Chain


class MLP(Chain):
    """The multilayer perceptron of every tutorial."""

    def __init__(self, n_units, n_out):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(None, n_units)
            self.l2 = L.Linear(n_units, n_out)
            self.scale = Parameter(1.0, (n_out,))

    def forward(self, x):
        return self.l2(F.relu(self.l1(x))) * self.scale


class OldStyle(Chain):
    """Links by keyword and `__call__`, as in Chainer 1."""

    def __init__(self):
        super().__init__(l1=L.Linear(3, 4), l2=L.Linear(4, 2))

    def __call__(self, x):
        return self.l2(F.tanh(self.l1(x)))


def trained(model, steps=60):
    """Train by hand and return the losses."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((16, 3)).astype('f')
    t = (x[:, :1] - 2 * x[:, 1:2] + np.zeros((1, 2))).astype('f')
    optimizer = chaingrad.optimizers.SGD(0.1).setup(model)
    losses = []
    for _ in range(steps):
        loss = F.mean_squared_error(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        losses.append(float(loss))
    return losses


@pytest.mark.parametrize('make', [lambda: MLP(8, 2), OldStyle], ids=['init_scope', 'keywords'])
def test_a_chain_learns(make):
    losses = trained(make())
    assert losses[-1] < 0.2 * losses[0]


def test_a_chain_knows_its_parameters():
    model = MLP(8, 2)
    model(np.zeros((1, 3), 'f'))
    assert sorted(name for name, _ in model.namedparams()) == ['/l1/W', '/l1/b', '/l2/W', '/l2/b', '/scale']
    assert model.l1.W.shape == (8, 3)


def test_a_chain_by_lossfun():
    model = L.Classifier(MLP(8, 3))
    x = np.random.default_rng(0).standard_normal((5, 3)).astype('f')
    t = np.array([0, 1, 2, 0, 1], np.int32)
    optimizer = chaingrad.optimizers.Adam().setup(model)
    before = float(model(x, t))
    for _ in range(20):
        optimizer.update(model, x, t)
    assert float(model(x, t)) < before


def test_a_thousand_steps_leave_nothing_behind():
    """With the garbage collector off there are no cycles, and memory does not grow."""
    model = L.Classifier(MLP(8, 3))
    optimizer = chaingrad.optimizers.Adam().setup(model)
    x = np.random.default_rng(0).standard_normal((5, 3)).astype('f')
    t = np.array([0, 1, 2, 0, 1], np.int32)
    for _ in range(20):
        optimizer.update(model, x, t)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(1000):
            optimizer.update(model, x, t)
        after, _ = tracemalloc.get_traced_memory()
        assert after - before < 100_000
        assert gc.collect() == 0
    finally:
        tracemalloc.stop()
        gc.enable()


# Extension


class Note(training.Extension):
    """Records when it is called."""

    trigger = (1, 'epoch')
    priority = training.PRIORITY_READER

    def __init__(self):
        self.events = []

    def initialize(self, trainer):
        self.events.append('initialize')

    def __call__(self, trainer):
        self.events.append((trainer.updater.epoch, float(trainer.observation['main/loss'])))

    def finalize(self):
        self.events.append('finalize')


def test_an_extension_is_called(tmp_path):
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((12, 3)).astype('f'), rng.integers(0, 3, 12).astype(np.int32)
    iterator = chaingrad.iterators.SerialIterator(chaingrad.datasets.TupleDataset(x, t), 4)
    optimizer = chaingrad.optimizers.SGD(0.1).setup(L.Classifier(MLP(8, 3)))
    updater = training.updaters.StandardUpdater(iterator, optimizer)
    trainer = training.Trainer(updater, (3, 'epoch'), out=tmp_path)
    note, plain = Note(), []

    @training.make_extension(trigger=(2, 'iteration'))
    def every_other(trainer):
        plain.append(trainer.updater.iteration)

    trainer.extend(note)
    trainer.extend(every_other)
    trainer.run()
    assert note.events[0] == 'initialize' and note.events[-1] == 'finalize'
    assert [epoch for epoch, _ in note.events[1:-1]] == [1, 2, 3]
    assert all(np.isfinite(loss) for _, loss in note.events[1:-1])
    assert plain == [2, 4, 6, 8]


def test_attributes_of_a_function_never_meet_those_of_the_engine():
    names = (
        'shape dtype name variable edges outputs_ targets creator is_leaf is_output node retained index view'.split()
    )

    class Double(FunctionNode):
        def forward(self, inputs):
            for name in names:
                setattr(self, name, object())
                setattr(self, f'_{name}', object())
            return (2 * inputs[0],)

        def backward(self, indexes, grad_outputs):
            return (2 * grad_outputs[0],)

    x = Variable(np.array([1.0, 2.0]))
    (y,) = Double().apply((x,))
    (F.sum(y * 3)).backward()
    np.testing.assert_array_equal(x.grad, [6, 6])
    assert y.creator.inputs[0] is x.node and y.node.shape == (2,)
