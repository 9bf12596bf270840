"""Distributions of numbers, against scipy.stats and by gradient checks; `distribution_table.py` has the rows."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
from chaingrad import Variable
from chaingrad import distributions as D
from chaingrad.gradient_check import check_backward, check_double_backward
from tests.functions.distribution_table import ROWS

stats = pytest.importorskip('scipy.stats')
CHECK = {'eps': 1e-6, 'atol': 1e-5, 'rtol': 1e-3}
every_row = pytest.mark.parametrize('row', ROWS, ids=str)
MOMENTS = ('mean', 'variance', 'stddev', 'entropy')
N = 20_000


def make(row, params=None):
    return row.cls(**(row.params if params is None else params))


def random(*shape):
    return np.random.uniform(0.5, 1.5, shape) * np.random.choice([-1, 1], shape)


def connected(y, inputs):
    """Add 0 times the inputs to y, so that inputs on which y does not depend get the gradient 0 and not None."""
    return y + 0.0 * sum(inputs)


# Values


@every_row
def test_log_prob_and_prob(row):
    d, reference = make(row), row.scipy(stats, **row.params)
    expected = reference.logpmf(row.points) if row.is_discrete else reference.logpdf(row.points)
    np.testing.assert_allclose(d.log_prob(row.points).array, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(d.prob(Variable(row.points)).array, np.exp(expected), rtol=1e-10)


@every_row
def test_moments(row):
    d, reference = make(row), row.scipy(stats, **row.params)
    expected = dict(zip(MOMENTS, (reference.mean(), reference.var(), reference.std(), reference.entropy())))
    for name in set(MOMENTS) - set(row.undefined):
        np.testing.assert_allclose(getattr(d, name).array, expected[name], rtol=1e-8, err_msg=name)
    if 'entropy' not in row.undefined:
        np.testing.assert_allclose(d.perplexity(row.points).array, np.exp(reference.entropy()), rtol=1e-8)


@every_row
def test_cumulative(row):
    d, reference, x = make(row), row.scipy(stats, **row.params), row.points
    if 'cdf' in row.undefined:
        with pytest.raises(NotImplementedError, match=f'{row.cls.__name__}: cdf is not implemented'):
            d.survival_function(x)
        return
    x = np.stack([x, reference.ppf(0.9), *[np.full(3, v) for v in row.impossible]])
    np.testing.assert_allclose(d.cdf(x).array, reference.cdf(x), rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(d.survival_function(x).array, reference.sf(x), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(d.log_cdf(x).array, reference.logcdf(x), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(d.log_survival_function(x).array, reference.logsf(x), rtol=1e-9, atol=1e-15)
    q = np.array([[0.01], [0.3], [0.5], [0.99]])
    np.testing.assert_allclose(d.icdf(q).array, reference.ppf(q), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize('row', [row for row in ROWS if row.impossible], ids=str)
def test_impossible_outcomes(row):
    """They have probability 0, and no NaN reaches the parameters."""
    x = np.stack([row.points, *[np.full(3, v) for v in row.impossible]])
    d = make(row, {name: Variable(value) for name, value in row.params.items()})
    y = d.log_prob(x)
    assert np.isfinite(y.array[0]).all() and (y.array[1:] == -np.inf).all()
    assert (d.prob(x).array[1:] == 0).all()
    chaingrad.functions.sum(y).backward()
    alone = make(row, {name: Variable(value) for name, value in row.params.items()})
    chaingrad.functions.sum(alone.log_prob(row.points)).backward()
    for name in row.params:
        if alone._params[name].grad is not None:
            np.testing.assert_allclose(d._params[name].grad, alone._params[name].grad)


@every_row
def test_nan_stays_nan(row):
    assert np.isnan(make(row).log_prob(np.full(3, np.nan)).array).all()


# Gradients


@every_row
def test_gradients_of_log_prob(row):
    names, x = list(row.params), row.points
    inputs = tuple(row.params.values()) if row.is_discrete else (*row.params.values(), x)

    def log_prob(*arrays):
        d = row.cls(**dict(zip(names, arrays)))
        return connected(d.log_prob(x if row.is_discrete else arrays[-1]), arrays)

    check_backward(log_prob, inputs, random(3), **CHECK)
    weights = tuple(random(3) for _ in inputs)
    if row.cls is not D.Uniform or 'high' in names:  # linear or constant in loc and x: the second derivative is zero
        check_double_backward(log_prob, inputs, random(3), weights, **CHECK)


@every_row
def test_gradients_of_moments_and_entropy(row):
    names = list(row.params)
    for moment in {'mean', 'variance', 'entropy'} - set(row.undefined):

        def function(*arrays, moment=moment):
            return connected(getattr(row.cls(**dict(zip(names, arrays))), moment), arrays)

        check_backward(function, tuple(row.params.values()), random(3), **CHECK)


# Samples


@every_row
def test_samples_have_the_moments(row):
    """The generator is seeded, and the bound of six standard errors is generous."""
    x = make(row).sample(N).array
    assert x.shape == (N, 3) and (x.dtype == np.int64 if row.is_discrete else x.dtype == np.float64)
    reference = row.scipy(stats, **row.params)
    if row.cls is D.Cauchy:
        np.testing.assert_allclose(np.median(x, axis=0), row.params['loc'], atol=0.15)
        return
    error = reference.std() / N**0.5
    assert (abs(x.mean(axis=0) - reference.mean()) < 6 * error).all()
    squares = (x - reference.mean()) ** 2
    assert (abs(squares.mean(axis=0) - reference.var()) < 8 * squares.std(axis=0) / N**0.5 + 1e-9).all()


@every_row
def test_samples_follow_the_distribution(row):
    """The distance between the empirical and the true distribution is small (Kolmogorov-Smirnov test)."""
    x = make(row).sample(2000).array
    for i in range(3):
        points, counts = np.unique(x[:, i], return_counts=True)
        reference = row.scipy(stats, **{name: value[i] for name, value in row.params.items()})
        assert abs(counts.cumsum() / 2000 - reference.cdf(points)).max() < 2.5 / 2000**0.5


@every_row
def test_gradients_of_samples(row):
    names = list(row.reparametrized)

    def sample(*arrays):
        np.random.seed(3)
        return row.cls(**{**row.params, **dict(zip(names, arrays))}).sample_n(4)

    if not names:
        assert not make(row, {name: Variable(value) for name, value in row.params.items()}).sample_n(4).requires_grad
        return
    check_backward(sample, tuple(row.params[name] for name in names), random(4, 3), **CHECK)


def test_samples_come_from_the_global_generator():
    np.random.seed(5)
    x = D.Normal(np.zeros(2), np.ones(2)).sample((3,)).array
    np.random.seed(5)
    np.testing.assert_array_equal(x, np.random.standard_normal((3, 2)))


# Divergences


@every_row
def test_kl_divergence(row):
    """It is the mean of log p1 - log p2 over the quantiles of p1, or over counts."""
    d1, d2 = make(row), make(row, row.others)
    reference = row.scipy(stats, **row.params)
    if row.is_discrete:
        first = 1 if row.cls is D.Geometric else 0
        last = 1 if row.cls is D.Bernoulli else 150
        x = np.arange(first, last + 1)[:, None]
        weights = reference.pmf(x)
    else:
        x = reference.ppf((np.arange(N) + 0.5)[:, None] / N)
        weights = np.full((N, 1), 1 / N)
    expected = (weights * (d1.log_prob(x).array - d2.log_prob(x).array)).sum(axis=0)
    np.testing.assert_allclose(chaingrad.kl_divergence(d1, d2).array, expected, atol=2e-3, rtol=2e-3)
    np.testing.assert_allclose(chaingrad.kl_divergence(d1, make(row)).array, 0, atol=1e-12)
    if 'entropy' not in row.undefined:
        expected = d1.entropy.array + chaingrad.kl_divergence(d1, d2).array
        np.testing.assert_allclose(chaingrad.cross_entropy(d1, d2).array, expected)


@every_row
def test_gradients_of_kl_divergence(row):
    names = list(row.params)

    def divergence(*arrays):
        d1 = row.cls(**dict(zip(names, arrays)))
        return connected(chaingrad.kl_divergence(d1, row.cls(**dict(zip(names, arrays[len(names) :])))), arrays)

    inputs = (*row.params.values(), *row.others.values())
    if row.cls is D.Uniform:
        inputs = tuple(x + 0.01 * i for i, x in enumerate(inputs))  # away from the point where it becomes infinite
        inputs = (*inputs[:2], inputs[0] - 0.5, inputs[1] + (1.5 if 'high' in names else 3.0))
    check_backward(divergence, inputs, random(3), **CHECK)


def test_divergence_is_infinite_where_the_support_is_not_within_the_other():
    wide = D.Uniform(low=np.zeros(1), high=np.array([2.0]))
    narrow = D.Uniform(low=np.zeros(1), high=np.array([1.0]))
    assert chaingrad.kl_divergence(wide, narrow).array == np.inf
    assert chaingrad.kl_divergence(narrow, wide).array == pytest.approx(np.log(2))
    low = D.Pareto(np.array([1.0]), np.array([2.0]))
    high = D.Pareto(np.array([2.0]), np.array([2.0]))
    assert chaingrad.kl_divergence(low, high).array == np.inf
    coin = D.Bernoulli(np.array([0.5]))
    assert chaingrad.kl_divergence(coin, D.Bernoulli(np.array([1.0]))).array == np.inf
    assert chaingrad.kl_divergence(D.Bernoulli(np.array([1.0])), coin).array == pytest.approx(np.log(2))


@pytest.mark.behaviour('bernoulli-edges')
@pytest.mark.parametrize('name', ['p', 'logit'])
def test_bernoulli_at_the_edges(name):
    assert D.Bernoulli.support == '{0, 1}'
    edges = {'p': [0.0, 1.0, 0.5], 'logit': [-np.inf, np.inf, 0.0]}[name]
    coin = D.Bernoulli(**{name: Variable(np.array(edges, np.float32))})
    x = Variable(np.array([0.5, 0.25, 0.25], np.float32))
    y = coin.log_prob(x)
    np.testing.assert_allclose(y.array, np.log([0.5, 0.25, 0.5]), rtol=1e-6)
    y.grad = np.ones(3, np.float32)
    y.backward()
    np.testing.assert_allclose(x.grad, np.zeros(3), atol=1e-6)
    whole = coin.log_prob(np.array([[0], [1]])).array
    np.testing.assert_allclose(whole, [[0, -np.inf, np.log(0.5)], [-np.inf, 0, np.log(0.5)]], rtol=1e-6)
    strict = D.Bernoulli(**{name: np.array(edges)}, binary_check=True)
    assert (strict.log_prob(np.array(0.5)).array == -np.inf).all()
    certain = D.Bernoulli(np.array([1.0]))
    np.testing.assert_array_equal(certain.log_prob(np.array([-1.0, 2.0])).array, [-np.inf, np.inf])
