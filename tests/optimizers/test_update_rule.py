"""UpdateRule as users subclass it, and its state."""

import copy
import sys

import numpy as np
import pytest

from chaingrad import optimizers as O
from chaingrad.autograd.parameter import Parameter
from chaingrad.optimizers.optimizer import GradientMethod
from chaingrad.optimizers.update_rule import UpdateRule
from tests.optimizers.models import Weights, weights


class CountingRule(UpdateRule):
    """A rule as a user writes it, with an array and a number as state."""

    def init_state(self, param):
        self.state['total'] = param.xp.zeros_like(param.array)
        self.state['power'] = 1.0

    def update_core_cpu(self, param):
        self.state['total'] += param.grad
        self.state['power'] *= self.hyperparam.decay
        param.array[...] -= self.state['power'] * self.state['total']


class Counting(GradientMethod):
    def __init__(self, decay=0.5):
        super().__init__()
        self.hyperparam.decay = decay

    def create_update_rule(self):
        return CountingRule(self.hyperparam)


def test_users_rule():
    model = weights([1.0, 1.0])
    optimizer = Counting().setup(model)
    assert model.W.update_rule.state is None
    model.W.grad = np.array([1, 2], np.float32)
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [0.5, 0])
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [0, -1])
    rule = model.W.update_rule
    assert rule.t == 2 and rule.state['power'] == 0.25 and not rule.is_elementwise
    assert repr(rule) == 'CountingRule(t=2, decay=0.5)'
    assert repr(optimizer) == 'Counting(decay=0.5)'


def test_subclass_of_a_rule_of_ours():
    class Half(O.sgd.SGDRule):
        def update_core_cpu(self, param):
            super().update_core_cpu(param)
            param.array[...] /= 2

    model = weights([4.0, 4.0])
    optimizer = O.SGD(lr=1).setup(model)
    model.W.update_rule = Half(optimizer.hyperparam)
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [2, 2])


@pytest.mark.parametrize('method', ['update_core_cpu', 'update_core_gpu'])
def test_core_must_be_defined(method):
    with pytest.raises(NotImplementedError, match=rf'UpdateRule must define update_core\(param\) or {method}\(param\)'):
        getattr(UpdateRule(), method)(Parameter(np.ones(1)))


def test_left_alone():
    model = weights()
    rule = O.Adam().setup(model).target.W.update_rule
    rule.enabled = False
    model.W.update()
    rule.enabled = True
    model.W.cleargrad()
    model.W.update()
    rule.update(Parameter(0))
    assert rule.t == 0 and rule.state is None
    Parameter(np.ones(2)).update()


def test_disabled_link_is_not_updated():
    model = weights()
    optimizer = O.SGD(lr=1).setup(model)
    model.disable_update()
    model.W.grad = np.ones(2, np.float32)
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [1, -2])
    assert optimizer.t == 1
    model.enable_update()
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [0, -3])


def test_state_of_another_shape_is_named():
    model = weights()
    optimizer = O.Adam().setup(model)
    optimizer.update()
    rule = model.W.update_rule
    rule.state['m'] = np.zeros(3, np.float32)
    rule._prepared_for = None
    with pytest.raises(
        ValueError, match=r'AdamRule: state m must have the shape of parameter W, \(2,\), but it is \(3,\)'
    ):
        optimizer.update()


def test_update_makes_few_python_calls():
    """Small models spend their time in calls: a step of SGD makes 5, and 4 for each parameter."""
    model = Weights(W=np.ones((1, 2)), b=np.ones(1))
    optimizer = O.SGD().setup(model)
    optimizer.update()
    calls = []

    def count(frame, event, arg):
        if event == 'call':
            calls.append(frame.f_code.co_filename)

    sys.setprofile(count)
    try:
        optimizer.update()
    finally:
        sys.setprofile(None)
    assert len(calls) <= 13 and len(set(calls)) <= 4


def test_copies_have_states_of_their_own():
    model = Weights(W=np.ones(2))
    optimizer = O.MomentumSGD().setup(model)
    model.W.grad = np.ones(2)
    optimizer.update()
    twin = copy.deepcopy(model.W.update_rule)
    optimizer.update()
    np.testing.assert_allclose(twin.state['v'], [-0.01, -0.01])
    assert twin.t == 1 and model.W.update_rule.t == 2
    assert twin.hyperparam.lr == 0.01


@pytest.mark.behaviour('update-core-uninitialized')
@pytest.mark.parametrize('hooked', [False, True])
def test_update_core_is_called_for_uninitialized_parameters(hooked):
    seen = []

    class Rule(UpdateRule):
        def update_core_cpu(self, param):
            seen.append((param.array, param.grad, self.state))

    param = Parameter(0)
    param.update_rule = Rule()
    if hooked:
        param.update_rule.add_hook(lambda rule, p: seen.append('pre'), name='pre')
        param.update_rule.add_hook(lambda rule, p: seen.append('post'), name='post', timing='post')
    param.update()
    nothing = (None, None, None)
    assert seen == (['pre', nothing, 'post'] if hooked else [nothing])
    assert param.update_rule.t == 0  # the first update that changes the parameter is number 1
    param.update_rule.enabled = False
    param.update()
    assert seen.count(nothing) == 1


@pytest.mark.behaviour('update-core-uninitialized')
@pytest.mark.parametrize('name', ['SGD', 'Adam', 'MomentumSGD', 'RMSprop', 'AdaDelta', 'CorrectedMomentumSGD'])
def test_our_rules_do_nothing_to_uninitialized_parameters(name):
    rule_class = type(getattr(O, name)().create_update_rule())

    class Watched(rule_class):
        calls = 0

        def update_core(self, param):
            Watched.calls += 1
            super().update_core(param)

    param = Parameter(0)
    param.update_rule = Watched()
    param.update()
    assert Watched.calls == 1 and not param.is_initialized and param.update_rule.state is None
    assert param.update_rule.t == 0
