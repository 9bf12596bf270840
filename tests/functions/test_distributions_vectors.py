"""Distributions of vectors and classes, and Independent."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import Variable, kl_divergence
from chaingrad import distributions as D
from chaingrad.gradient_check import check_backward, check_double_backward

stats = pytest.importorskip('scipy.stats')
CHECK = {'eps': 1e-6, 'atol': 1e-5, 'rtol': 1e-3}
LOC = np.array([[0.0, 1.0], [0.5, -1.0], [2.0, 0.0]])
TRIL = np.array([[[1.0, 0.0], [0.5, 2.0]], [[0.7, 0.0], [-1.0, 0.5]], [[1.5, 0.0], [0.0, 1.0]]])
ALPHA = np.array([[0.5, 1.0, 2.0], [3.0, 1.5, 4.0]])
P = np.array([[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]])
N = 20_000


def random(*shape):
    return np.random.uniform(0.5, 1.5, shape) * np.random.choice([-1, 1], shape)


def has_mean(samples, expected):
    """Say whether the mean of samples is within six standard errors of the expected one."""
    error = samples.std(axis=0) / len(samples) ** 0.5
    return (abs(samples.mean(axis=0) - expected) < 6 * error + 1e-9).all()


# MultivariateNormal


def test_multivariate_normal_values():
    d = D.MultivariateNormal(LOC, scale_tril=TRIL)
    assert (d.d, d.batch_shape, d.event_shape) == (2, (3,), (2,))
    x = np.random.randn(4, 3, 2)
    for i in range(3):
        reference = stats.multivariate_normal(LOC[i], TRIL[i] @ TRIL[i].T)
        np.testing.assert_allclose(d.log_prob(x).array[:, i], reference.logpdf(x[:, i]), rtol=1e-10)
        np.testing.assert_allclose(d.entropy.array[i], reference.entropy(), rtol=1e-10)
        np.testing.assert_allclose(d.covariance.array[i], reference.cov_object.covariance, rtol=1e-10)
    np.testing.assert_allclose(d.variance.array, np.diagonal(d.covariance.array, axis1=1, axis2=2))
    assert d.mean.array is LOC


def test_multivariate_normal_samples():
    d = D.MultivariateNormal(LOC, scale_tril=TRIL)
    x = d.sample(N).array
    assert has_mean(x, LOC)
    z = x - LOC
    assert has_mean(z[..., :, None] * z[..., None, :], d.covariance.array)


@pytest.mark.parametrize('shapes', [((3, 2), (3, 2, 2)), ((2,), (3, 2, 2)), ((3, 2), (2, 2))], ids=str)
def test_multivariate_normal_gradients(shapes):
    loc, tril = [x if x.shape == s else x[0] for x, s in zip((LOC, TRIL), shapes)]
    x = np.random.randn(3, 2)

    def log_prob(loc, tril, x):
        return D.MultivariateNormal(loc, scale_tril=tril).log_prob(x)

    check_backward(log_prob, (loc, tril, x), random(3), **CHECK)
    check_double_backward(
        log_prob, (loc, tril, x), random(3), (random(*loc.shape), random(*tril.shape), random(3, 2)), **CHECK
    )

    def sample(loc, tril):
        np.random.seed(1)
        return D.MultivariateNormal(loc, scale_tril=tril).sample_n(4)

    check_backward(sample, (loc, tril), random(4, 3, 2), **CHECK)
    d = D.MultivariateNormal(loc, scale_tril=tril)
    assert [y.shape for y in (d.mean, d.variance, d.covariance, d.entropy)] == [(3, 2), (3, 2), (3, 2, 2), (3,)]


def test_multivariate_normal_divergence():
    d1, d2 = D.MultivariateNormal(LOC, scale_tril=TRIL), D.MultivariateNormal(LOC[::-1] + 0.5, scale_tril=TRIL + 0.3)
    kl = kl_divergence(d1, d2)
    x = d1.sample(N)
    assert has_mean(d1.log_prob(x).array - d2.log_prob(x).array, kl.array)
    np.testing.assert_allclose(kl_divergence(d1, copy.copy(d1)).array, 0, atol=1e-12)

    def divergence(*a):
        return kl_divergence(D.MultivariateNormal(a[0], scale_tril=a[1]), D.MultivariateNormal(a[2], scale_tril=a[3]))

    check_backward(divergence, (LOC, TRIL, LOC[::-1].copy(), TRIL + 0.3), random(3), **CHECK)


def test_multivariate_normal_ignores_what_is_above_the_diagonal():
    tril = Variable(TRIL + np.triu(np.ones((2, 2)), 1))
    d = D.MultivariateNormal(LOC, scale_tril=tril)
    expected = D.MultivariateNormal(LOC, scale_tril=TRIL)
    np.testing.assert_allclose(d.log_prob(np.zeros(2)).array, expected.log_prob(np.zeros(2)).array)
    F.sum(d.log_prob(np.zeros(2)) + d.entropy).backward()
    assert (tril.grad[:, 0, 1] == 0).all()


# Dirichlet


def test_dirichlet_values():
    d = D.Dirichlet(ALPHA)
    assert (d.batch_shape, d.event_shape) == ((2,), (3,))
    np.testing.assert_allclose(d.alpha0.array, ALPHA.sum(1))
    x = np.array([0.2, 0.3, 0.5])
    for i in range(2):
        reference = stats.dirichlet(ALPHA[i])
        np.testing.assert_allclose(d.log_prob(x).array[i], reference.logpdf(x), rtol=1e-10)
        np.testing.assert_allclose(d.entropy.array[i], reference.entropy(), rtol=1e-10)
        np.testing.assert_allclose(d.mean.array[i], reference.mean(), rtol=1e-10)
        np.testing.assert_allclose(d.variance.array[i], reference.var(), rtol=1e-10)
    assert (d.log_prob(np.array([-0.5, 0.5, 1.0])).array == -np.inf).all()


def test_dirichlet_samples_and_divergence():
    d1, d2 = D.Dirichlet(ALPHA), D.Dirichlet(ALPHA[::-1] + 0.5)
    x = d1.sample(N)
    np.testing.assert_allclose(x.array.sum(-1), 1)
    assert has_mean(x.array, d1.mean.array)
    assert has_mean((x.array - d1.mean.array) ** 2, d1.variance.array)
    assert has_mean(d1.log_prob(x).array - d2.log_prob(x).array, kl_divergence(d1, d2).array)


def test_dirichlet_samples_of_small_alpha_are_not_nan():
    x = D.Dirichlet(np.full((2, 3), 1e-3, np.float32)).sample(100).array
    np.testing.assert_allclose(x.sum(-1), 1, rtol=1e-6)
    assert x.dtype == np.float32 and abs(x.mean() - 1 / 3) < 0.2


def test_dirichlet_gradients():
    x = np.array([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
    inputs, weights = (ALPHA, x), (random(2, 3), random(2, 3))
    check_backward(lambda a, x: D.Dirichlet(a).log_prob(x), inputs, random(2), **CHECK)
    check_double_backward(lambda a, x: D.Dirichlet(a).log_prob(x), inputs, random(2), weights, **CHECK)
    for what, shape in (('mean', (2, 3)), ('variance', (2, 3)), ('entropy', (2,))):
        check_backward(lambda a, what=what: getattr(D.Dirichlet(a), what), ALPHA, random(*shape), **CHECK)
    check_backward(
        lambda a, b: kl_divergence(D.Dirichlet(a), D.Dirichlet(b)), (ALPHA, ALPHA[::-1] + 0.5), random(2), **CHECK
    )


# Classes


def test_categorical_values():
    d = D.Categorical(P)
    assert (d.batch_shape, d.event_shape) == ((2,), ())
    x = np.array([[0, 2], [1, 1], [2, 0]])
    with np.errstate(divide='ignore'):
        expected = np.log(P[np.arange(2), x])
    np.testing.assert_allclose(d.log_prob(x).array, expected)
    np.testing.assert_allclose(d.log_prob(Variable(x.astype(np.float32))).array, expected)
    np.testing.assert_allclose(d.prob(x).array, np.exp(expected))
    np.testing.assert_allclose(d.entropy.array, stats.entropy(P, axis=1))
    np.testing.assert_allclose(D.OneHotCategorical(P).entropy.array, stats.entropy(P, axis=1))
    np.testing.assert_allclose(D.OneHotCategorical(P).log_prob(np.eye(3)[x]).array, expected)


@pytest.mark.parametrize('shape', [(), (3,), (2, 1), (5, 1, 1), (4, 2, 3)], ids=str)
def test_categorical_broadcasts(shape):
    p = np.random.dirichlet(np.ones(3), (2, 3))
    x = np.random.randint(0, 3, shape)
    y = D.Categorical(p).log_prob(x)
    all_x = np.broadcast_to(x, y.shape)
    assert y.shape == np.broadcast_shapes(shape, (2, 3))
    assert all(y.array[i] == np.log(p[i[-2:]][all_x[i]]) for i in np.ndindex(y.shape))


def test_categorical_samples():
    d = D.Categorical(P)
    x = d.sample((N,)).array
    assert x.shape == (N, 2) and x.dtype.kind == 'i'
    assert has_mean(np.eye(3)[x], P) and not (x[:, 1] == 2).any()
    one_hot = D.OneHotCategorical(P.astype(np.float32))
    x = one_hot.sample((N,)).array
    assert x.shape == (N, 2, 3) and x.dtype == np.float32 and (x.sum(-1) == 1).all()
    assert has_mean(x, P)
    np.testing.assert_allclose(one_hot.mean.array, P, rtol=1e-6)
    np.testing.assert_allclose(one_hot.variance.array, x.var(axis=0), atol=0.02)


def test_categorical_samples_are_those_of_numpy_choice():
    np.random.seed(2)
    expected = [np.random.choice(3, 5, p=row) for row in P]
    np.random.seed(2)
    np.testing.assert_array_equal(D.Categorical(P).sample_n(5).array.T, expected)
    assert D.Categorical(np.zeros((0, 3))).sample(4).shape == (4, 0)
    assert D.Categorical(P[0]).sample().shape == ()


def test_categorical_gradients():
    logit, x = np.random.randn(2, 3), np.array([0, 1])
    p = np.random.dirichlet(np.ones(3), 2)

    def both(z):
        d = D.Categorical(logit=z)
        return d.log_prob(x) + d.entropy

    check_backward(both, logit, random(2), **CHECK)
    check_double_backward(both, logit, random(2), random(2, 3), **CHECK)
    check_backward(lambda p: D.Categorical(p).log_prob(x) + D.OneHotCategorical(p).entropy, p, random(2), **CHECK)
    check_backward(lambda p, q: kl_divergence(D.Categorical(p), D.Categorical(logit=q)), (p, logit), random(2), **CHECK)
    check_backward(lambda p, x: D.OneHotCategorical(p).log_prob(x), (p, np.random.rand(2, 3)), random(2), **CHECK)


def test_impossible_classes_have_no_entropy_and_no_gradient():
    """Actions that a game forbids have a logit of -inf."""
    logit = Variable(np.array([[0.0, -np.inf, 1.0]]))
    d = D.Categorical(logit=logit)
    kept = D.Categorical(logit=np.array([[0.0, 1.0]]))
    np.testing.assert_allclose(d.entropy.array, kept.entropy.array)
    np.testing.assert_allclose(
        kl_divergence(d, D.Categorical(np.full((1, 3), 1 / 3))).array, np.log(3) - d.entropy.array
    )
    F.sum(d.entropy + d.log_prob(np.array([2]))).backward()
    assert np.isfinite(logit.grad).all() and logit.grad[0, 1] == 0
    p = Variable(P)
    F.sum(D.Categorical(p).entropy).backward()
    assert np.isfinite(p.grad).all()
    assert kl_divergence(D.Categorical(P[0]), D.Categorical(P[1])).array == np.inf


def test_unlikely_classes_do_not_underflow():
    d1, d2 = [D.Categorical(logit=np.array(z, np.float32)) for z in ([0.0, 0.0], [0.0, -500.0])]
    np.testing.assert_allclose(kl_divergence(d1, d2).array, 250 - math.log(2), rtol=1e-6)


@pytest.mark.parametrize('x', [[0, 3], [-1, 0]])
def test_classes_out_of_range_are_named(x):
    with pytest.raises(ValueError, match=r'Categorical.log_prob: x must be in \[0, 3\), but element'):
        D.Categorical(P).log_prob(np.array(x))


# Independent


def test_independent_shapes():
    inner = D.Normal(np.zeros((4, 3, 2)), np.ones((4, 3, 2)))
    for n, batch, event in ((None, (4,), (3, 2)), (0, (4, 3, 2), ()), (1, (4, 3), (2,)), (3, (), (4, 3, 2))):
        d = D.Independent(inner, n)
        assert (d.batch_shape, d.event_shape) == (batch, event)
        assert d.sample((5, 6)).shape == (5, 6, 4, 3, 2)
        assert d.log_prob(d.sample(5)).shape == (5, *batch)
        assert d.entropy.shape == d.perplexity(None).shape == batch
        assert d.mean.shape == d.mode.shape == d.variance.shape == d.stddev.shape == (4, 3, 2)
    assert d.distribution is inner and d.xp is np and d.support == 'real' and set(d.params) == {'loc', 'scale'}
    assert D.Independent(D.Normal(0.0, 1.0)).reinterpreted_batch_ndims == 0


def test_independent_values():
    loc, scale, x = np.random.randn(3, 2), np.random.rand(3, 2) + 0.5, np.random.randn(3, 2)
    inner = D.Normal(loc, scale)
    d = D.Independent(inner)
    same = D.MultivariateNormal(loc, scale_tril=scale[..., None] * np.eye(2))
    for name in ('log_prob', 'prob'):
        np.testing.assert_allclose(getattr(d, name)(x).array, getattr(same, name)(x).array)
    np.testing.assert_allclose(d.entropy.array, same.entropy.array)
    np.testing.assert_allclose(d.covariance.array, same.covariance.array)
    np.testing.assert_allclose(d.cdf(x).array, inner.cdf(x).array.prod(1))
    np.testing.assert_allclose(d.log_cdf(x).array, inner.log_cdf(x).array.sum(1))
    np.testing.assert_allclose(d.survival_function(x).array, inner.survival_function(x).array.prod(1))
    np.testing.assert_allclose(d.log_survival_function(x).array, inner.log_survival_function(x).array.sum(1))
    other = D.Normal(np.zeros((3, 2)), np.ones((3, 2)))
    expected = kl_divergence(inner, other).array.sum(1)
    np.testing.assert_allclose(kl_divergence(d, D.Independent(other)).array, expected)
    check_backward(lambda m, s, x: D.Independent(D.Normal(m, s)).log_prob(x), (loc, scale, x), random(3), **CHECK)


def test_independent_of_vectors():
    inner = D.MultivariateNormal(np.zeros((4, 3, 2)), scale_tril=TRIL)
    d = D.Independent(inner)
    assert (d.batch_shape, d.event_shape) == ((4,), (3, 2))
    expected = np.zeros((6, 6))
    for i, tril in enumerate(TRIL):
        expected[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = tril @ tril.T
    np.testing.assert_allclose(d.covariance.array, np.broadcast_to(expected, (4, 6, 6)))
    np.testing.assert_allclose(d.log_prob(np.ones(2)).array, inner.log_prob(np.ones((4, 3, 2))).array.sum(1))


def test_independent_refuses_arguments_that_do_not_fit():
    inner = D.Normal(np.zeros((4, 3)), np.ones((4, 3)))
    with pytest.raises(ValueError, match=r'reinterpreted_batch_ndims must be in \[0, 2\]'):
        D.Independent(inner, 3)
    with pytest.raises(RuntimeError, match='no inverse'):
        D.Independent(inner).icdf(np.full((4, 3), 0.5))
    with pytest.raises(ValueError, match='one event_shape'):
        kl_divergence(D.Independent(inner, 1), D.Independent(inner, 2))
    with pytest.raises(NotImplementedError, match='Normal and Laplace'):
        laplace = D.Laplace(np.zeros((4, 3)), np.ones((4, 3)))
        chaingrad.kl_divergence(D.Independent(inner), D.Independent(laplace))
