"""The test cases for functions, links and distributions find what is wrong, and only that."""

from __future__ import annotations

import sys
import types
import unittest

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import distributions, testing

CPU = testing.BackendConfig({})


class Tripled(chaingrad.FunctionNode):
    """y = 3 x, and wrong where it is told to be."""

    def __init__(self, forward=3, first=3, second=1, dtype=None):
        self.factor, self.first, self.second, self.dtype = forward, first, second, dtype

    def forward(self, inputs):
        return ((self.factor * inputs[0]).astype(self.dtype or inputs[0].dtype),)

    def backward(self, indexes, grad_outputs):
        return (Gradient(self.first, self.second).apply(grad_outputs)[0],)


class Gradient(chaingrad.FunctionNode):
    def __init__(self, factor, second):
        self.factor, self.second = factor, second

    def forward(self, inputs):
        return (self.factor * inputs[0],)

    def backward(self, indexes, grad_outputs):
        return (self.factor * self.second * grad_outputs[0],)


class TripledCase(testing.FunctionTestCase):
    __test__ = False
    options = {}
    began = ''

    def before_test(self, test_name):
        self.began = test_name

    def generate_inputs(self):
        return (np.random.uniform(-1, 1, (2, 3)).astype('f'),)

    def forward(self, inputs, device):
        assert device == chaingrad.get_device('@numpy') and self.began
        return Tripled(**self.options).apply(inputs)

    def forward_expected(self, inputs):
        return (inputs[0] * np.float32(3),)


def run(case, test, **members):
    """Return what a test of a case raises, None if it passes."""
    instance = type('Case', (case,), members)(f'test_{test}')
    try:
        getattr(instance, f'test_{test}')(CPU)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize('test', ['forward', 'backward', 'double_backward'])
@pytest.mark.parametrize(
    ('options', 'wrong'),
    [
        ({}, ''),
        ({'forward': 2}, 'forward backward'),
        ({'first': 2}, 'backward'),
        ({'second': 2}, 'double_backward'),
    ],
)
def test_function_test_case_finds_wrong_functions(test, options, wrong):
    error = run(TripledCase, test, options=options)
    assert (error is not None) is (test in wrong.split()), error
    assert error is None or isinstance(error, AssertionError)
    skipped = run(TripledCase, test, options=options, **{f'skip_{test}_test': True})
    assert isinstance(skipped, unittest.SkipTest)


def in_place(self, inputs, device):
    inputs[0].array[...] = 0
    return Tripled().apply(inputs)


@pytest.mark.parametrize(
    ('test', 'members', 'text'),
    [
        ('forward', {'options': {'forward': 2}}, 'output 0 is not what forward_expected returns'),
        (
            'forward',
            {'options': {'dtype': 'd'}},
            r"the outputs must be \[\(dtype\('float32'\), \(2, 3\)\)\], .* they are",
        ),
        ('forward', {'forward': in_place}, 'the function changed its input 0'),
        (
            'forward',
            {'forward': lambda self, inputs, device: 3 * inputs[0]},
            'forward must return a tuple of Variables',
        ),
        (
            'forward',
            {'forward_expected': lambda self, inputs: 1},
            'forward_expected must return a tuple of NumPy arrays',
        ),
        ('forward', {'forward_expected': lambda self, inputs: ()}, '0 outputs were expected, but there are 1'),
        ('forward', {'generate_inputs': lambda self: [1]}, 'generate_inputs must return a tuple of NumPy arrays'),
        ('backward', {'generate_grad_outputs': lambda self, ys: [1]}, 'generate_grad_outputs must return a tuple'),
        (
            'double_backward',
            {'generate_grad_grad_inputs': lambda self, xs: (np.ones(2),)},
            r'generate_grad_grad_inputs must return a tuple of arrays of the shapes \[\(2, 3\)\]',
        ),
    ],
)
def test_function_test_case_says_what_is_wrong(test, members, text):
    error = run(TripledCase, test, **members)
    with pytest.raises(testing.FunctionTestError, match=text):
        raise error


def test_what_must_be_defined_is_named():
    for case in (testing.FunctionTestCase, testing.LinkTestCase, testing.LinkInitializersTestCase):
        for name in ('generate_inputs', 'forward_expected', 'create_link', 'generate_params', 'get_initializers'):
            if hasattr(case, name):
                with pytest.raises(NotImplementedError, match=f'Case must define {name}\\(self'):
                    method = getattr(type('Case', (case,), {})(), name)
                    method(*[()] * (method.__code__.co_argcount - 1))
    with pytest.raises(NotImplementedError, match='must define forward'):
        testing.FunctionTestCase().forward((), None)


def test_kinks_are_dodged_where_asked_for():
    class Kinked(testing.FunctionTestCase):
        __test__ = False
        drawn = 0
        dodge_nondifferentiable = True

        def generate_inputs(self):
            Kinked.drawn += 1
            return (np.array([0.0 if Kinked.drawn < 3 else 0.5]),)

        def forward(self, inputs, device):
            return (F.relu(inputs[0]),)

        def forward_expected(self, inputs):
            return (np.maximum(inputs[0], 0),)

    assert run(Kinked, 'backward') is None and Kinked.drawn == 3
    Kinked.drawn = -1000
    assert isinstance(run(Kinked, 'backward'), chaingrad.gradient_check.NondifferentiableError)


# Links


class LinearCase(testing.LinkTestCase):
    __test__ = False
    param_names = ('W',)

    def generate_params(self):
        return (np.random.rand(2, 3).astype('f'),)

    def create_link(self, initializers):
        return L.Linear(None, 2, initialW=initializers[0])

    def generate_inputs(self):
        return (np.random.rand(4, 3).astype('f'),)

    def forward_expected(self, link, inputs):
        return (inputs[0] @ link.W.array.T,)


@pytest.mark.parametrize('test', ['forward', 'backward'])
def test_link_test_case(test):
    assert run(LinearCase, test) is None
    assert isinstance(run(LinearCase, test, **{f'skip_{test}_test': True}), unittest.SkipTest)


def test_link_test_case_finds_wrong_outputs_and_gradients():
    class Wrong(L.Linear):
        def forward(self, x):
            return super().forward(Tripled(first=2).apply((x,))[0])

    members = {'create_link': lambda self, initializers: Wrong(3, 2, initialW=initializers[0])}
    assert isinstance(run(LinearCase, 'forward', **members), testing.LinkTestError)
    assert isinstance(run(LinearCase, 'backward', **members), AssertionError)
    error = run(LinearCase, 'forward', generate_params=lambda self: ())
    assert isinstance(error, testing.LinkTestError) and 'each of the 1 names in param_names' in str(error)


class InitializersCase(testing.LinkInitializersTestCase):
    __test__ = False
    param_names = ('W', 'b')

    def get_initializers(self):
        weights = [chaingrad.initializers.Constant(2), np.full((2, 3), 4, 'f')]
        return [*weights, 1], [3, testing.InitializerArgument(None, 0)]

    def create_link(self, initializers):
        W, b = initializers
        return L.Linear(None, 2, initialW=W, initial_bias=b)

    def generate_inputs(self):
        return (np.zeros((1, 3), 'f'),)


def test_link_initializers_test_case():
    assert run(InitializersCase, 'initializers') is None
    swapped = {'create_link': lambda self, given: L.Linear(3, 2, initialW=given[0], initial_bias=5)}
    error = run(InitializersCase, 'initializers', **swapped)
    assert isinstance(error, testing.LinkTestError) and str(error).startswith('b does not begin as 3 says')
    with pytest.raises(ValueError, match='expected_initializer must not be None'):
        testing.InitializerArgument(0, None)


# Elementwise functions and distributions


def outcomes(cls):
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(cls)(result)
    return {test._testMethodName for test, _ in (*result.failures, *result.errors)}


@pytest.fixture
def here(monkeypatch):
    module = types.ModuleType('module_of_tests')
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return lambda: type('TestIt', (unittest.TestCase,), {'__module__': module.__name__})


@pytest.mark.parametrize('func', [F.sin, F.sqrt, F.exp, F.tanh])
def test_unary_math_function_unittest(func, here):
    bundle = testing.unary_math_function_unittest(func, label_expected=func.__name__)(here())
    failed = [outcomes(cls) for cls in bundle.classes]
    assert set().union(*failed) <= {'test_label'}


def test_unary_math_function_unittest_finds_what_is_wrong(here):
    decorate = testing.unary_math_function_unittest(
        F.sin, func_expected=lambda x, dtype: np.cos(x), label_expected='sin'
    )
    assert all(outcomes(cls) == {'test_forward_cpu'} for cls in decorate(here()).classes)
    expected = {'func_expected': lambda x, dtype: 3 * x, 'label_expected': 'Tripled'}
    wrong = testing.unary_math_function_unittest(lambda x: Tripled(first=2).apply((x,))[0], **expected)(here())
    assert all(outcomes(cls) == {'test_backward_cpu'} for cls in wrong.classes)
    right = testing.unary_math_function_unittest(Tripled, **expected)(here())
    assert not any(outcomes(cls) for cls in right.classes)
    with pytest.raises(ValueError, match="NumPy has no function 'swish'. Give func_expected"):
        testing.unary_math_function_unittest(F.swish)


class NormalCase(testing.distribution_unittest):
    __test__ = False
    shape, sample_shape, is_variable = (3, 2), (4,), True
    factor = 1.0

    def setUp_configure(self):
        import scipy.stats

        self.dist, self.scipy_dist = distributions.Normal, scipy.stats.norm
        loc, scale = np.random.uniform(-1, 1, (3, 2)), np.random.uniform(1, 2, (3, 2))
        self.params = {'loc': loc, 'scale': scale}
        self.scipy_params = {'loc': loc, 'scale': scale * self.factor}
        self.test_targets = set(
            'batch_shape cdf entropy event_shape icdf log_cdf log_prob log_survival mean prob sample stddev support '
            'survival variance'.split()
        )
        self.options = {'log_cdf': {'rtol': 1e-3}}

    def sample_for_test(self):
        return np.random.standard_normal((4, 3, 2))


def test_distribution_unittest():
    pytest.importorskip('scipy')
    assert outcomes(NormalCase) == set()
    assert outcomes(type('Case', (NormalCase,), {'scipy_onebyone': True})) == set()
    wrong = outcomes(type('Case', (NormalCase,), {'factor': 2.0}))
    assert {'test_cdf_cpu', 'test_stddev_cpu', 'test_icdf_cpu'} <= wrong and 'test_mean_cpu' not in wrong

    class Unknown(NormalCase):
        def setUp_configure(self):
            self.test_targets = {'median'}

    with pytest.raises(ValueError, match=r"test_targets must be of .*, but it has \['median'\]"):
        Unknown('test_mean_cpu').setUp()
