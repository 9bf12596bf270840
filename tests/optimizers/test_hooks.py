"""Hooks: their formulas, when and with what they are called, and what add_hook refuses."""

import numpy as np
import pytest

from chaingrad import optimizer, optimizer_hooks
from chaingrad import optimizers as O
from chaingrad.optimizers import hooks
from tests.optimizers.models import Weights, weights


def apply(hook, x, g, dtype=np.float64):
    """Return the gradient after one hook."""
    model = weights(x, dtype)
    optimizer = O.SGD().setup(model)
    model.W.grad = np.array(g, dtype)
    held = model.W.grad
    optimizer.call_hook(hook)
    assert model.W.grad is held and held.dtype == dtype
    np.testing.assert_array_equal(model.W.array, np.array(x, dtype))
    return held


@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
def test_formulas(dtype):
    x, g = [3.0, -4.0], [1.0, 2.0]
    close = {'rtol': 1e-3 if dtype == np.float16 else 1e-6}
    np.testing.assert_allclose(apply(hooks.WeightDecay(0.5), x, g, dtype), [2.5, 0.0], **close)
    np.testing.assert_allclose(apply(hooks.Lasso(0.5), x, g, dtype), [1.5, 1.5], **close)
    np.testing.assert_allclose(apply(hooks.GradientHardClipping(-1, 1.5), x, [-3.0, 2.0], dtype), [-1, 1.5], **close)
    np.testing.assert_allclose(apply(hooks.GradientClipping(1.0), x, [3.0, -4.0], dtype), [0.6, -0.8], **close)
    np.testing.assert_allclose(apply(hooks.GradientClipping(6.0), x, [3.0, -4.0], dtype), [3.0, -4.0], **close)


@pytest.mark.behaviour('gradient-lars-rate')
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ('threshold', 'x', 'rate'),
    [
        (0.01, [3.0, -4.0], 5 / (2 + 0.2 * 5)),  # |x| = 5, |g| = 2
        (4.9, [3.0, -4.0], 5 / (2 + 0.2 * 5)),
        (5.0, [3.0, -4.0], 1.0),
        (0.01, [0.0, 0.0], 1.0),
    ],
)
def test_lars_scales_by_the_ratio_of_the_norms_above_the_threshold(dtype, threshold, x, rate):
    found = apply(hooks.GradientLARS(threshold, 0.2), x, [0.0, 2.0], dtype)
    expected = rate * (np.array([0.0, 2.0]) + 0.2 * np.array(x))
    np.testing.assert_allclose(found, expected, rtol=1e-3 if dtype == np.float16 else 1e-6)


def test_clipping_takes_all_parameters_together():
    model = Weights(a=np.zeros(1), b=np.zeros((1, 1)))
    optimizer = O.SGD().setup(model)
    model.a.grad, model.b.grad = np.array([3.0]), np.array([[4.0]])
    optimizer.call_hook(hooks.GradientClipping(2.5))
    assert model.a.grad == 1.5 and model.b.grad == 2.0


def test_clipping_of_huge_and_tiny_float32_gradients():
    np.testing.assert_allclose(
        apply(hooks.GradientClipping(1.0), [0, 0], [3e20, 4e20], np.float32), [0.6, 0.8], rtol=1e-6
    )
    np.testing.assert_array_equal(apply(hooks.GradientClipping(0.0), [0, 0], [0, 0], np.float32), [0, 0])
    np.testing.assert_allclose(
        apply(hooks.GradientClipping(1.0), [0, 0], [300, 400], np.float16), [0.6, 0.8], rtol=1e-3
    )


def test_gradient_noise():
    np.random.seed(0)
    noise = apply(hooks.GradientNoise(0.25), np.zeros(20_000), np.zeros(20_000), np.float32)
    assert abs(noise.std() - 0.5) < 0.01 and abs(noise.mean()) < 0.02
    seen = []

    def ones(xp, shape, dtype, hook, rule):
        seen.append((xp, shape, dtype, hook.eta, rule.t))
        return xp.ones(shape, dtype)

    np.testing.assert_array_equal(apply(hooks.GradientNoise(0.5, noise_func=ones), [0, 0], [1, 2]), [2, 3])
    assert seen == [(np, (2,), np.float64, 0.5, 0)]


def test_noise_fades():
    model = weights(np.zeros(20_000))
    optimizer = O.SGD().setup(model)
    model.W.update_rule.t = 99
    model.W.grad = np.zeros(20_000, np.float32)
    optimizer.call_hook(hooks.GradientNoise(1.0))
    assert abs(model.W.grad.std() - 100 ** (-0.55 / 2)) < 0.01


def test_repr_says_how_it_was_made():
    assert repr(hooks.WeightDecay(0.5)) == 'WeightDecay(rate=0.5)'
    assert repr(hooks.GradientNoise(1)) == 'GradientNoise(eta=1, noise_func=exponential_decay_noise)'
    assert repr(hooks.GradientHardClipping(-1, 1)) == 'GradientHardClipping(lower_bound=-1, upper_bound=1)'


def test_order_timing_and_arguments():
    model = weights()
    optimizer = O.SGD().setup(model)
    calls = []

    def before(opt):
        calls.append(('before', opt.t, opt.target.W.array[0]))

    def after(opt):
        calls.append(('after', opt.t, opt.target.W.array[0]))

    class Each:
        name = 'Each'
        timing = 'post'
        call_for_each_param = True

        def __call__(self, rule, param):
            calls.append((rule is param.update_rule, param.name))

    optimizer.add_hook(after, timing='post')
    optimizer.add_hook(Each())
    optimizer.add_hook(before)
    model.W.update_rule.add_hook(lambda rule, param: calls.append('rule before'), name='a')
    model.W.update_rule.add_hook(lambda rule, param: calls.append('rule after'), name='b', timing='post')
    optimizer.lr = 1
    model.W.grad = np.array([0.5, 0], np.float32)
    optimizer.update()
    assert calls == [('before', 0, 1.0), 'rule before', 'rule after', ('after', 1, 0.5), (True, 'W')]
    optimizer.remove_hook('Each')
    optimizer.remove_hook('before')
    optimizer.remove_hook('after')
    model.W.update_rule.remove_hook('a')
    calls.clear()
    optimizer.update()
    assert calls == ['rule after']


def test_hooks_before_setup_stay():
    optimizer = O.SGD(lr=1)
    optimizer.add_hook(hooks.WeightDecay(0.5))
    model = weights()
    optimizer.setup(model).update()
    np.testing.assert_array_equal(model.W.array, [0.5, -1.0])


def test_hook_may_remove_itself():
    optimizer = O.SGD().setup(weights())
    optimizer.add_hook(lambda opt: opt.remove_hook('once'), name='once')
    optimizer.update()
    optimizer.update()


def test_hook_that_clears_a_gradient_leaves_zeros():
    model = weights()
    optimizer = O.SGD(lr=1).setup(model)
    optimizer.add_hook(lambda opt: opt.target.cleargrads(), name='clear')
    model.W.grad = np.ones(2, np.float32)
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [1, -2])
    np.testing.assert_array_equal(model.W.grad, [0, 0])


def nameless():
    class Nameless:
        def __call__(self, opt):
            pass

    return Nameless()


@pytest.mark.parametrize(
    ('arguments', 'error', 'text'),
    [
        (('x',), TypeError, 'SGD.add_hook: hook must be callable, but it is a str'),
        ((print, 'p', 'never'), ValueError, "timing must be 'pre', 'post' or 'auto', but it is 'never'"),
        ((nameless(),), ValueError, r'Nameless has no name. Give one: add_hook\(hook, name=...\)'),
        ((print, 'WeightDecay', 'post'), KeyError, 'a hook named WeightDecay is there already'),
    ],
)
def test_add_hook_refuses(arguments, error, text):
    optimizer = O.SGD().setup(weights())
    optimizer.add_hook(hooks.WeightDecay(0.1))
    with pytest.raises(error, match=text) as caught:
        optimizer.add_hook(*arguments)
    assert len(caught.value.args) == 1
    with pytest.raises(KeyError, match=r'no hook named Lasso\. The hooks are: WeightDecay'):
        optimizer.remove_hook('Lasso')


@pytest.mark.behaviour('call-for-each-param-without-rule')
def test_hooks_of_each_parameter_see_those_without_a_rule():
    model = weights([1.0, 2.0])
    sgd = O.SGD(lr=1).setup(model)
    model.add_param('late', (2,), np.float64)
    model.late.array[...] = 3
    model.late.grad = np.ones(2)
    seen = []

    def hook(rule, param):
        seen.append((rule, param))

    hook.call_for_each_param = True
    sgd.add_hook(hook)
    for ours in (hooks.WeightDecay(0.5), hooks.GradientNoise(1e-6)):
        sgd.add_hook(ours)
    sgd.update()
    assert {id(param): rule for rule, param in seen} == {id(model.late): None, id(model.W): model.W.update_rule}
    np.testing.assert_allclose(model.late.grad, [2.5, 2.5], atol=0.1)
    np.testing.assert_array_equal(model.late.array, [3, 3])


@pytest.mark.behaviour('deprecation-optimizer-hooks')
@pytest.mark.parametrize(
    ('name', 'arguments'),
    [
        ('GradientClipping', {'threshold': 1.0}),
        ('GradientHardClipping', {'lower_bound': -1.0, 'upper_bound': 1.0}),
        ('GradientLARS', {}),
        ('GradientNoise', {'eta': 0.1}),
        ('Lasso', {'rate': 0.1}),
        ('WeightDecay', {'rate': 0.1}),
    ],
)
def test_hooks_under_their_old_names_warn_and_work(name, arguments):
    with pytest.warns(
        DeprecationWarning, match=f'optimizer.{name} is deprecated. Use optimizer_hooks.{name}'
    ) as caught:
        old = getattr(optimizer, name)(*arguments.values())
    new = getattr(optimizer_hooks, name)(**arguments)
    assert caught[0].filename == __file__ and isinstance(old, type(new))
    assert repr(old) == repr(new) and old.name == name and vars(old) == vars(new)
