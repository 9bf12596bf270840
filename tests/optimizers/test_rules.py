"""Each rule: three steps against a table worked out by hand, two problems solved, and every kind of array."""

import inspect

import numpy as np
import pytest

from chaingrad import optimizers as O
from chaingrad.autograd.parameter import Parameter
from chaingrad.optimizers import adam, momentum_sgd, sgd, update_rule
from chaingrad.optimizers.update_rule import BLOCK
from tests.optimizers.models import Weights, minimize

GRADIENTS = (2.0, -1.0, 0.5)

# x starts at 1 and gets the gradients above. The values follow from the equations of the papers by hand.
TABLES = {
    'SGD': (O.SGD(0.5), (0, 0.5, 0.25)),
    'MomentumSGD': (O.MomentumSGD(0.25, 0.5), (0.5, 0.5, 0.375)),
    'CorrectedMomentumSGD': (O.CorrectedMomentumSGD(0.25, 0.5), (0.5, 0.5, 0.375)),
    'NesterovAG': (O.NesterovAG(0.25, 0.5), (0.25, 0.5, 0.3125)),
    'AdaGrad': (O.AdaGrad(0.5, 0.25), (0.555555555556, 0.756676363404, 0.658301045453)),
    'AdaDelta': (O.AdaDelta(0.5, 0.25), (0.333333333333, 0.852795814983, 0.520787867945)),
    'RMSprop': (O.RMSprop(0.5, 0.75, 0.25), (0.2, 0.6, 0.382870727045)),
    'RMSprop, eps inside': (O.RMSprop(0.5, 0.75, 0.25, True), (0.105572809, 0.5527864045, 0.310250779464)),
    'RMSpropGraves': (O.RMSpropGraves(0.25, 0.75, 0.5, 0.25), (0.5, 0.475017580185, 0.338431960566)),
    'SMORMS3': (O.SMORMS3(0.25, 0.25), (0.699557790355, 0.716303593126, 0.694089697142)),
    'Adam': (O.Adam(0.25, 0.5, 0.75, 0.125), (0.777777777778, 0.777777777778, 0.724863685525)),
    'AdamW': (O.AdamW(0.25, 0.5, 0.75, 0.125, 0.5, 0.125), (0.826388888889, 0.774739583333, 0.699861313249)),
    'AMSGrad': (O.AMSGrad(0.25, 0.5, 0.75, 0.125), (0.777777777778, 0.777777777778, 0.72950188468)),
    'AdaBound': (O.AdaBound(0.25, 0.5, 0.75, 0.5, 0.5, 0.125), (0.777777777778, 0.777777777778, 0.702777777778)),
    'AdaBound, upper': (O.AdaBound(0.25, 0.5, 0.75, 0.0625, 0.5, 0.125), (0.8125, 0.8125, 0.786458333333)),
    'AMSBound': (O.AMSBound(0.25, 0.5, 0.75, 0.5, 0.5, 0.125), (0.777777777778, 0.777777777778, 0.702777777778)),
    'Adam, all options': (
        O.Adam(0.25, 0.5, 0.75, 0.125, 0.5, 0.125, True, True, 0.5, 0.5),
        (0.826388888889, 0.774739583333, 0.688818359375),
    ),
    'MSVAG': (O.MSVAG(0.25, 0.5, 0.5, 0.125), (0.6875, 0.64453125, 0.6004637517)),
}


@pytest.mark.parametrize('name', TABLES)
def test_table_of_three_steps(name):
    optimizer, table = TABLES[name]
    model = Weights(W=np.full((2, 2), 1.0), b=np.array(1.0), one=np.array([1.0]))
    optimizer.setup(model)
    for g, expected in zip(GRADIENTS, table):
        for param in model.params():
            param.grad = np.full(param.shape, g)
        optimizer.update()
        for param in model.params():
            np.testing.assert_allclose(param.array, np.full(param.shape, expected), rtol=1e-10, atol=1e-15)
            np.testing.assert_array_equal(param.grad, np.full(param.shape, g))


def test_every_optimizer_has_a_table():
    assert {name.partition(',')[0] for name in TABLES} == set(O.__all__)


SOLVERS = [
    O.SGD(0.15),
    O.MomentumSGD(0.05, 0.8),
    O.CorrectedMomentumSGD(0.05, 0.8),
    O.NesterovAG(0.05, 0.8),
    O.AdaGrad(0.5),
    O.AdaDelta(0.9, 1e-6),
    O.RMSprop(0.01),
    O.RMSpropGraves(0.005),
    O.SMORMS3(0.1),
    O.Adam(0.05),
    O.AdamW(0.05),
    O.AMSGrad(0.05),
    O.AdaBound(0.05),
    O.AMSBound(0.05),
    O.MSVAG(0.1),
]


@pytest.mark.parametrize('optimizer', SOLVERS, ids=lambda o: type(o).__name__)
def test_minimizes_a_narrow_bowl(optimizer):
    """(x^2 + 10 y^2) / 2 from (1, 1)."""
    scale = np.array([1.0, 10.0])
    end = minimize(optimizer, [1.0, 1.0], lambda x: scale * x, 600)
    assert 0.5 * (scale * end * end).sum() < 1e-3


@pytest.mark.parametrize('optimizer', SOLVERS, ids=lambda o: type(o).__name__)
def test_solves_a_logistic_regression(optimizer):
    """Cross entropy of 60 points in 3 dimensions whose labels are drawn: at its minimum the gradient vanishes."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    t = rng.random(60) < 1 / (1 + np.exp(-x @ [2.0, -1.0, 0.5]))

    def gradient(w):
        return x.T @ (1 / (1 + np.exp(-x @ w)) - t) / len(x)

    start = np.zeros(3)
    end = minimize(optimizer, start, gradient, 600)
    assert np.abs(gradient(end)).max() < 0.05 * np.abs(gradient(start)).max()


def make(optimizer, arrays, gradients):
    """Return what a parameter of each array is after three steps."""
    model = Weights(**arrays)
    optimizer = type(optimizer)(**values_of(optimizer)).setup(model)
    for _ in range(3):
        for name, g in gradients.items():
            getattr(model, name).grad = g
        optimizer.update()
    return {name: getattr(model, name).array for name in arrays}


def values_of(optimizer):
    names = inspect.signature(type(optimizer).__init__).parameters
    return {name: value for name, value in optimizer.hyperparam.get_dict().items() if name in names}


@pytest.mark.parametrize('name', TABLES)
def test_every_layout_and_size(name):
    """Blocks, views, Fortran order and a gradient in another order: all give what a small contiguous array gives."""
    rng = np.random.default_rng(1)
    shape = (4, BLOCK // 4 + 1)
    x, g = rng.normal(size=shape), rng.normal(size=shape)
    wide = np.zeros((shape[0], 2 * shape[1]))
    view = wide[:, ::2]
    view[...] = x
    arrays = {
        'big': x.copy(),
        'fortran': np.asfortranarray(x),
        'view': view,
        'other': x.copy(),
        'small': x[:, :50].copy(),
    }
    gradients = {'big': g, 'fortran': g, 'view': g, 'other': np.asfortranarray(g), 'small': g[:, :50].copy()}
    results = make(TABLES[name][0], arrays, gradients)
    for result in results.values():
        np.testing.assert_allclose(result[:, :50], results['small'], rtol=1e-13)
        np.testing.assert_allclose(result, results['big'] if result.shape == x.shape else results['small'], rtol=1e-13)
    assert (wide[:, 1::2] == 0).all()
    assert np.shares_memory(results['view'], wide)


@pytest.mark.parametrize('dtype', [np.float16, np.float32])
@pytest.mark.parametrize('name', TABLES)
def test_dtype_stays(name, dtype):
    rng = np.random.default_rng(2)
    x, g = rng.normal(size=(2, 7, 3))
    arrays = {'x': x.astype(dtype), 'zero': np.array(x[0, 0]).astype(dtype)}
    got = make(TABLES[name][0], arrays, {'x': g.astype(dtype), 'zero': np.array(g[0, 0]).astype(dtype)})
    exact = make(TABLES[name][0], {'x': x}, {'x': g})['x']
    assert got['x'].dtype == got['zero'].dtype == dtype
    np.testing.assert_allclose(got['x'], exact, atol=3e-2 if dtype == np.float16 else 1e-5)
    np.testing.assert_allclose(got['zero'], exact[0, 0], atol=3e-2 if dtype == np.float16 else 1e-5)


def test_numpy_learning_rate_keeps_float32():
    model = Weights(W=np.ones(3, dtype=np.float32))
    optimizer = O.Adam().setup(model)
    optimizer.alpha = np.float64(0.1)
    model.W.update_rule.hyperparam.eps = np.array(1e-8)
    model.W.grad = np.ones(3, dtype=np.float32)
    optimizer.update()
    assert type(optimizer.alpha) is float
    assert model.W.update_rule.state['m'].dtype == np.float32


def test_zero_gradients_do_no_harm():
    for optimizer, _ in TABLES.values():
        model = Weights(W=np.ones(3))
        optimizer.setup(model)
        for _ in range(2):
            model.W.grad = np.zeros(3)
            optimizer.update()
        assert np.isfinite(model.W.array).all()


def test_defaults_of_rule_and_optimizer_agree():
    for name in ('SGD', 'MomentumSGD', 'CorrectedMomentumSGD', 'NesterovAG', 'AdaGrad', 'AdaDelta', 'RMSprop',
                 'RMSpropGraves', 'SMORMS3', 'Adam', 'MSVAG'):  # fmt: skip
        optimizer = getattr(O, name)()
        rule = optimizer.create_update_rule()
        assert type(rule).__name__ == name + 'Rule'
        assert rule.hyperparam.get_dict() == optimizer.hyperparam.get_dict() == dict(type(rule).defaults)
        assert type(rule)().hyperparam.get_dict() == dict(type(rule).defaults)
        assert rule.is_elementwise


@pytest.mark.parametrize('name', O.__all__)
def test_every_argument_is_an_attribute(name):
    optimizer = getattr(O, name)()
    for argument, parameter in inspect.signature(getattr(O, name)).parameters.items():
        assert getattr(optimizer, argument) == optimizer.hyperparam.get_dict()[argument] == parameter.default
        setattr(optimizer, argument, 0.5)
        assert getattr(optimizer.hyperparam, argument) == 0.5


def test_rule_with_values_of_its_own():
    model = Weights(W=np.ones(2), b=np.ones(2))
    optimizer = O.SGD(lr=0.5).setup(model)
    model.b.update_rule = sgd.SGDRule(lr=0.25)
    for param in model.params():
        param.grad = np.ones(2)
    optimizer.lr = 1.0
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [0, 0])
    np.testing.assert_array_equal(model.b.array, [0.75, 0.75])
    assert momentum_sgd.MomentumSGDRule(lr=None, momentum=0.5).hyperparam.get_dict() == {'lr': 0.01, 'momentum': 0.5}
    assert momentum_sgd.MomentumSGDRule(optimizer.hyperparam).hyperparam.get_dict() == {'lr': 1.0}
    with pytest.raises(TypeError, match=r'MomentumSGDRule: there is no hyperparameter rate\. The names are: lr, mom'):
        momentum_sgd.MomentumSGDRule(rate=1)


def test_adam_step_size():
    optimizer = O.Adam(0.25, 0.5, 0.75).setup(Weights(W=np.ones(2)))
    with pytest.raises(RuntimeError, match=r'Adam.alpha_t: it depends on the number of updates'):
        _ = optimizer.lr
    optimizer.update()
    assert optimizer.alpha_t == optimizer.lr == 0.25 * 0.25**0.5 / 0.5
    rule = optimizer.target.W.update_rule
    assert rule.alpha_t == rule.lr == optimizer.lr


def test_adabound_scales_its_bounds_with_alpha():
    rule = adam.AdamRule(adabound=True, alpha=0.5, final_lr=0.25, gamma=0.5)
    rule.t = 2
    assert rule.bounds == (0.125, 0.5)
    rule.hyperparam.alpha = 0.25
    assert rule.bounds == (0.0625, 0.25)


@pytest.mark.parametrize('dtype', [np.float16, np.float32])
def test_empty_parameter(dtype):
    for optimizer, _ in TABLES.values():
        model = Weights(W=np.zeros((0, 3), dtype))
        optimizer.setup(model).update()
        assert model.W.shape == (0, 3)


def test_step_must_be_defined():
    rule = update_rule.ElementwiseRule()
    param = Parameter(np.ones(2))
    with pytest.raises(NotImplementedError, match=r'ElementwiseRule must define step'):
        rule.update(param)
