"""Distributions in common: shapes, dtypes, errors, the registry of divergences, subclasses of users."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import Distribution, Variable, kl_divergence, register_kl
from chaingrad import distributions as D
from chaingrad.gradient_check import check_backward
from chaingrad.utils.type_check import InvalidType
from tests.functions.distribution_table import ROWS

CHECK = {'eps': 1e-6, 'atol': 1e-5, 'rtol': 1e-3}
every_row = pytest.mark.parametrize('row', ROWS, ids=str)


@pytest.fixture
def scipy():
    pytest.importorskip('scipy')


@every_row
def test_parameters_broadcast(row, scipy):
    shapes = [(3, 1), (2,)][: len(row.params)]
    low = dict(zip(row.params, [np.full(s, value[1]) for s, value in zip(shapes, row.params.values())]))
    d = row.cls(**low)
    batch = np.broadcast_shapes(*shapes)
    assert (d.batch_shape, d.event_shape) == (batch, ())
    x = d.sample((4,))
    assert x.shape == (4, *batch)
    assert d.log_prob(x).shape == d.prob(x).shape == (4, *batch)
    for name in {'mean', 'variance', 'stddev', 'entropy'} - set(row.undefined):
        assert getattr(d, name).shape == batch, name
    assert kl_divergence(d, d).shape == batch


@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64'])
@every_row
def test_dtypes(row, dtype, scipy):
    d = row.cls(**{name: value.astype(dtype) for name, value in row.params.items()})
    wide = row.cls(**row.params)
    tolerance = {'float16': 2e-2, 'float32': 1e-5, 'float64': 1e-12}[dtype]
    y = d.log_prob(row.points.astype(dtype) if not row.is_discrete else row.points)
    assert y.dtype == dtype
    np.testing.assert_allclose(y.array, wide.log_prob(row.points).array, rtol=tolerance, atol=tolerance)
    if not row.is_discrete:
        assert d.sample(2).dtype == dtype
    for name in {'mean', 'variance', 'stddev', 'entropy'} - set(row.undefined):
        assert getattr(d, name).dtype == dtype, name
    assert kl_divergence(d, d).dtype == dtype


@every_row
def test_sample_shapes(row):
    d = row.cls(**row.params)
    assert d.sample().shape == (3,)
    assert d.sample(2).shape == d.sample((2,)).shape == d.sample_n(2).shape == (2, 3)
    assert d.sample((2, 0, 4)).shape == (2, 0, 4, 3)
    assert d.sample(np.int64(2)).shape == (2, 3)
    with pytest.raises(ValueError, match='no negative length'):
        d.sample((2, -1))


@every_row
def test_parameters_are_kept(row):
    given = {name: Variable(value) for name, value in row.params.items()}
    d = row.cls(**given)
    assert all(getattr(d, name) is v for name, v in given.items())
    assert d.xp is np and isinstance(d.support, str)
    assert all(isinstance(v, Variable) for v in d.params.values()) and d.params


def test_parameters_may_be_numbers_lists_and_integers():
    assert D.Normal(0, 1).log_prob(0).dtype == np.float32
    assert D.Normal(Variable(np.zeros(2)), 1).log_prob([0, 1]).dtype == np.float64
    assert D.Normal([0.0, 1.0], np.float32(2)).batch_shape == (2,)
    assert D.Exponential(np.array([1, 2])).mean.dtype == np.float32
    with chaingrad.using_config('dtype', np.float64):
        assert D.Normal(0, 1).sample(3).dtype == np.float64


def test_parameters_that_do_not_fit():
    with pytest.raises(InvalidType, match=r'Normal: the parameters must broadcast .* \(3,\) .* \(2,\)'):
        D.Normal(np.zeros(3), np.ones(2))
    with pytest.raises(InvalidType, match='Gamma: the parameters must have one dtype'):
        D.Gamma(Variable(np.ones(3)), Variable(np.ones(3, np.float32)))
    with pytest.raises(InvalidType, match=r'scale_tril \(..., d, d\), but they are \(3,\) and \(2, 2\)'):
        D.MultivariateNormal(np.zeros(3), scale_tril=np.eye(2))
    with pytest.raises(ValueError, match='scale_tril must be given'):
        D.MultivariateNormal(np.zeros(3))


@pytest.mark.parametrize(
    ('cls', 'names'),
    [
        (D.Bernoulli, ('p', 'logit')),
        (D.Categorical, ('p', 'logit')),
        (D.Normal, ('scale', 'log_scale')),
        (D.Uniform, ('low', 'loc')),
    ],
)
def test_parameters_must_be_given_in_exactly_one_way(cls, names):
    fixed = {'loc': np.ones(2)} if cls is D.Normal else {}
    x = np.full(2, 0.5)
    for given in ({}, dict.fromkeys(names, x), {names[0]: x, 'high': x, names[1]: x} if cls is D.Uniform else {}):
        with pytest.raises(ValueError, match=f'{cls.__name__}: give exactly one of these: '):
            cls(**fixed, **given)


def test_uniform_requires_pairs():
    for given in ({'low': 0.0}, {'loc': 0.0}, {'low': 0.0, 'scale': 1.0}):
        with pytest.raises(ValueError, match='low and high, or loc and scale'):
            D.Uniform(**given)
    d = D.Uniform(loc=1.0, scale=2.0)
    assert (float(d.low.array), float(d.high.array)) == (1.0, 3.0)
    assert float(D.Uniform(low=1.0, high=3.0).scale.array) == 2.0


# Extreme parameters and outcomes


def test_cauchy_has_no_moments():
    d = D.Cauchy(np.zeros(2), np.ones(2))
    for name in ('mean', 'variance'):
        with pytest.warns(RuntimeWarning, match=f'the {name} of this distribution is undefined'):
            assert np.isnan(getattr(d, name).array).all()


def test_pareto_moments_may_be_infinite(scipy):
    d = D.Pareto(np.ones(4), np.array([0.5, 1.0, 2.0, 3.0]))
    np.testing.assert_allclose(d.mean.array, [np.inf, np.inf, 2.0, 1.5])
    np.testing.assert_allclose(d.variance.array, [np.inf, np.inf, np.inf, 0.75])


def test_bernoulli_between_0_and_1():
    """Outcomes between 0 and 1, such as grey pixels, have a log_prob unless binary_check is on."""
    logit, x = np.random.randn(4), np.array([0.0, 0.3, 0.8, 1.0])
    expected = x * logit - np.log1p(np.exp(logit))
    for d in (D.Bernoulli(logit=logit), D.Bernoulli(1 / (1 + np.exp(-logit)))):
        np.testing.assert_allclose(d.log_prob(x).array, expected)
    strict = D.Bernoulli(logit=logit, binary_check=True)
    np.testing.assert_allclose(strict.log_prob(x).array[[0, 3]], expected[[0, 3]])
    assert (strict.prob(x).array[[1, 2]] == 0).all()
    check_backward(lambda z: D.Bernoulli(logit=z).log_prob(x), logit, np.random.randn(4), **CHECK)


def test_bernoulli_of_probability_0_and_1():
    p = Variable(np.array([0.0, 1.0, 0.0, 1.0]))
    d = D.Bernoulli(p)
    y = d.log_prob(np.array([0, 1, 1, 0]))
    assert y.array.tolist() == [0.0, 0.0, -np.inf, -np.inf]
    assert d.logit.array.tolist() == [-np.inf, np.inf, -np.inf, np.inf]
    F.sum(d.log_prob(np.array([0, 1, 0, 1])) + d.entropy).backward()
    assert np.isfinite(p.grad).all() and d.entropy.array.tolist() == [0.0] * 4
    extreme = D.Bernoulli(logit=np.array([1e4, -1e4], np.float32))
    np.testing.assert_allclose(extreme.log_prob(np.array([0, 0])).array, [-1e4, 0.0])
    np.testing.assert_allclose(kl_divergence(extreme, D.Bernoulli(logit=-extreme.logit)).array, 1e4)


def test_gamma_family_at_zero(scipy):
    zero = np.zeros(3)
    y = D.Gamma(np.array([0.5, 1.0, 2.0]), np.ones(3)).log_prob(zero)
    assert y.array.tolist() == [np.inf, 0.0, -np.inf]
    y = D.Beta(np.array([1.0, 2.0, 1.0]), np.array([1.0, 1.0, 3.0])).prob(np.array([0.0, 1.0, 0.0]))
    np.testing.assert_allclose(y.array, [1.0, 2.0, 3.0])
    a = np.array([1.0])
    check_backward(lambda a: D.Beta(a, np.ones(1)).log_prob(np.array([0.3])), a, np.ones(1), **CHECK)


def test_rare_and_certain_events(scipy):
    assert D.Geometric(np.array([1.0])).log_prob(np.array([1])).array.tolist() == [0.0]
    assert D.Geometric(np.array([1.0])).entropy.array.tolist() == [0.0]
    assert D.Poisson(np.array([0.0])).prob(np.array([[0], [1]])).array.tolist() == [[1.0], [0.0]]


def test_tails_of_normal(scipy):
    d = D.Normal(np.zeros(1, np.float32), np.ones(1, np.float32))
    np.testing.assert_allclose(d.log_cdf(np.array([-30.0])).array, [-454.32124], rtol=1e-5)
    np.testing.assert_allclose(d.log_survival_function(np.array([30.0])).array, [-454.32124], rtol=1e-5)


# The base class and the registry


class Triangular(Distribution):
    """The distribution on [0, width] with density 2 x / width ** 2, written as a user would write it."""

    def __init__(self, width):
        self.width = width

    @property
    def params(self):
        return {'width': self.width}

    @property
    def batch_shape(self):
        return self.width.shape

    event_shape = ()

    def sample_n(self, n):
        return self.width * np.random.random_sample((n, *self.batch_shape)) ** 0.5

    def log_prob(self, x):
        return F.log(2 * x / self.width**2)

    def cdf(self, x):
        return (x / self.width) ** 2


def test_a_distribution_of_a_user():
    d = Triangular(Variable(np.array([1.0, 2.0])))
    assert d.sample((3, 4)).shape == (3, 4, 2) and d.xp is np
    x = np.array([0.5, 0.5])
    np.testing.assert_allclose(d.prob(x).array, [1.0, 0.25])
    np.testing.assert_allclose(d.survival_function(x).array, [0.75, 0.9375])
    np.testing.assert_allclose(d.log_survival_function(x).array, np.log([0.75, 0.9375]))
    np.testing.assert_allclose(D.Independent(d, 1).log_prob(x).array, np.log(0.25))
    with pytest.raises(NotImplementedError, match='Triangular: mean is not implemented'):
        d.mean  # noqa: B018


@pytest.mark.parametrize(
    'name', 'params batch_shape event_shape support mean mode covariance entropy stddev xp'.split()
)
def test_the_base_class_names_the_missing_property(name):
    with pytest.raises(NotImplementedError, match='Distribution: '):
        getattr(Distribution(), name)


@pytest.mark.parametrize('name', 'log_prob prob cdf icdf log_cdf survival_function sample_n perplexity'.split())
def test_the_base_class_names_the_missing_method(name):
    with pytest.raises(NotImplementedError, match='Distribution: '):
        getattr(Distribution(), name)(3)


def test_register_kl():
    class Narrow(D.Normal):
        pass

    d1, d2 = Narrow(0.0, 1.0), D.Normal(0.0, 1.0)
    assert kl_divergence(d1, d2).array == 0  # the formula of its base class
    with pytest.raises(NotImplementedError, match='no formula is registered for Narrow and Laplace'):
        kl_divergence(d1, D.Laplace(0.0, 1.0))

    @register_kl(Narrow, D.Normal)
    def divergence(dist1, dist2):
        return Variable(np.array(7.0))

    assert kl_divergence(d1, d2).array == divergence(d1, d2).array == 7
    assert kl_divergence(d2, d1).array == 0
    assert chaingrad.cross_entropy(d2, d2).array == d2.entropy.array


def test_most_work_without_scipy():
    code = """
        import sys
        sys.modules['scipy'] = None
        import numpy as np, chaingrad.distributions as D
        d = D.Normal(np.zeros(2), np.ones(2))
        assert d.log_prob(d.sample(3)).shape == (3, 2) and d.cdf(np.zeros(2)).array.tolist() == [0.5, 0.5]
        d = D.Gamma(np.ones(2), np.ones(2))
        try:
            d.log_prob(d.sample())
        except ImportError as error:
            assert 'chaingrad[special]' in str(error)
        else:
            raise AssertionError
    """
    lines = '\n'.join(line[8:] for line in code.splitlines())
    environment = {**os.environ, 'PYTHONPATH': str(pathlib.Path(__file__).resolve().parents[2])}
    done = subprocess.run([sys.executable, '-c', lines], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
