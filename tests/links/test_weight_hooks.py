"""SpectralNormalization and WeightStandardization."""

import io

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.links.hooks import SpectralNormalization, WeightStandardization
from chaingrad.links.serializers import load_npz, save_npz
from tests.links.states import same, state

rng = np.random.default_rng(0)
LINKS = {
    'Linear': (lambda n: L.Linear(n, 4), (5, 3)),
    'Convolution2D': (lambda n: L.Convolution2D(n, 4, 2), (2, 3, 4, 4)),
    'Convolution1D': (lambda n: L.Convolution1D(n, 4, 2), (2, 3, 5)),
    'Deconvolution2D': (lambda n: L.Deconvolution2D(n, 4, 2), (2, 3, 4, 4)),
}


def floats(*shape):
    return rng.normal(size=shape).astype(np.float32)


def matrix(link):
    W = link.W.array
    return (W.swapaxes(0, 1) if isinstance(link, L.DeconvolutionND) else W).reshape(4, -1)


def standardized(link):
    rows = matrix(link)
    return (rows - rows.mean(1, keepdims=True)) / np.sqrt(rows.var(1, keepdims=True) + 1e-5)


def with_weight(link, rows, x):
    """The output of the link with another weight, given as a matrix."""
    other = link.copy('copy')
    other._local_link_hooks = None
    W = other.W.array
    shape = (W.shape[1], W.shape[0], *W.shape[2:]) if isinstance(link, L.DeconvolutionND) else W.shape
    rows = rows.reshape(shape)
    W[...] = rows.swapaxes(0, 1) if isinstance(link, L.DeconvolutionND) else rows
    return other(x).array


each = pytest.mark.parametrize(('make', 'shape'), LINKS.values(), ids=LINKS.keys())
sizes = pytest.mark.parametrize('n', [3, None], ids=['sized', 'lazy'])


@each
@sizes
def test_spectral_normalization(make, shape, n):
    link, x = make(n).add_hook(SpectralNormalization(n_power_iteration=20)), floats(*shape)
    y = link(x)
    assert isinstance(link.W, Parameter) and link.W_u.shape == (4,)
    sigma = np.linalg.svd(matrix(link))[1][0]
    np.testing.assert_allclose(y.array, with_weight(link, matrix(link) / sigma, x), rtol=1e-3, atol=1e-4)
    link.cleargrads()
    F.sum(y * floats(*y.shape)).backward()
    assert np.abs(link.W.grad).max() > 0


@each
@sizes
def test_weight_standardization(make, shape, n):
    link, x = make(n).add_hook(WeightStandardization()), floats(*shape)
    y = link(x)
    np.testing.assert_allclose(y.array, with_weight(link, standardized(link), x), rtol=1e-3, atol=1e-4)
    link.cleargrads()
    F.sum(y * floats(*y.shape)).backward()
    assert isinstance(link.W, Parameter) and np.abs(link.W.grad).max() > 0


def test_the_gradient_goes_through_sigma():
    """The normalized weight does not change with the length of W, so the gradient is at right angles to W."""
    link = L.Linear(3, 4).add_hook(SpectralNormalization(n_power_iteration=50))
    y = link(floats(5, 3))
    link.cleargrads()
    F.sum(y * floats(5, 4)).backward()
    assert abs((link.W.grad * link.W.array).sum()) < 1e-4 * np.linalg.norm(link.W.grad)


def test_options_of_spectral_normalization():
    x = floats(5, 3)
    link = L.Linear(3, 4).add_hook(SpectralNormalization(50, use_gamma=True, name='mine'))
    assert 'mine' in link.local_link_hooks and {'/gamma', '/W', '/b'} == {k for k, _ in link.namedparams()}
    np.testing.assert_allclose(link(x).array, with_weight(link, matrix(link), x), rtol=1e-3, atol=1e-4)
    y = link(x)
    link.cleargrads()
    F.sum(y).backward()
    assert link.gamma.grad.shape == ()
    link.delete_hook('mine')
    assert {'/W', '/b'} == {k for k, _ in link.namedparams()} and not hasattr(link, 'W_u')
    plain = L.Linear(3, 4).add_hook(SpectralNormalization(50))
    twice = L.Linear(3, 4, initialW=plain.W.array, nobias=True).add_hook(SpectralNormalization(50, factor=2))
    np.testing.assert_allclose(twice(x).array, 2 * plain(x).array, rtol=1e-3, atol=1e-4)
    other = L.Bilinear(3, 2, 4)
    other.add_hook(SpectralNormalization(weight_name='V1'))
    assert other.V1_u.shape == (3,)
    for bad in (0, -1):
        with pytest.raises(ValueError, match='n_power_iteration must be at least 1'):
            SpectralNormalization(bad)


def test_the_vector_moves_in_training_only():
    link, x = L.Linear(3, 4).add_hook(SpectralNormalization()), floats(5, 3)
    before = link.W_u
    with using_config('train', False):
        link(x)
    assert link.W_u is before
    link(x)
    assert np.abs(link.W_u - before).max() > 1e-4


@each
@pytest.mark.behaviour('spectral-normalization-state')
def test_the_vectors_are_those_of_the_reference(make, shape):
    hook = SpectralNormalization(n_power_iteration=50)
    assert hook.axis == 0 and hook.v is None
    link = make(3).add_hook(hook)
    assert link.W_u.shape == (4,)
    link(floats(*shape))
    assert hook.axis == isinstance(link, L.DeconvolutionND)
    W = matrix(link)
    assert hook.v.shape == (W.shape[1],)
    sigma = np.linalg.svd(W)[1][0]
    np.testing.assert_allclose(W @ hook.v, sigma * link.W_u, rtol=1e-3, atol=1e-4)
    u = np.array([0, 1, 0, 0], np.float32)
    load_npz(saved_with(link, W_u=u), link)  # a file of the reference, for an initialized link
    assert (link.W_u == u).all()


def saved_with(link, **others):
    """A file of a link in which some arrays are others."""
    file = io.BytesIO()
    np.savez(file, **{path.lstrip('/'): param.array for path, param in link.namedparams()}, **others)
    file.seek(0)
    return file


@pytest.mark.parametrize('lazy', [False, True])
def test_the_vector_is_saved_and_loaded(lazy):
    def make(n):
        return L.Linear(n, 4).add_hook(SpectralNormalization(use_gamma=True))

    link, x, file = make(3), floats(5, 3), io.BytesIO()
    link(x)
    save_npz(file, link)
    other = make(None if lazy else 3)
    load_npz(file, other)
    assert same(state(link), state(other))
    with using_config('train', False):
        np.testing.assert_array_equal(link(x).array, other(x).array)


@pytest.mark.parametrize('hook', [SpectralNormalization, WeightStandardization])
def test_the_weight_is_back_after_an_error(hook):
    link = L.Linear(3, 4).add_hook(hook())
    W = link.W
    with pytest.raises(InvalidType):
        link(floats(5, 2))
    assert link.W is W
    link(floats(5, 3))
    assert link.W is W


def test_both_hooks_of_one_weight():
    link, x = L.Linear(3, 4), floats(5, 3)
    link.add_hook(WeightStandardization()).add_hook(SpectralNormalization(50))
    W, y = link.W, link(x)
    rows = standardized(link)
    expected = with_weight(link, rows / np.linalg.svd(rows)[1][0], x)
    np.testing.assert_allclose(y.array, expected, rtol=1e-3, atol=1e-4)
    assert link.W is W


def test_what_the_hooks_refuse():
    for hook in (SpectralNormalization(), WeightStandardization()):
        with pytest.raises(ValueError, match="BatchNormalization must have a weight 'W', but it has none"):
            L.BatchNormalization(3).add_hook(hook)
        with pytest.raises(NotImplementedError, match='belongs to one link'), hook:
            pass


def test_one_hook_for_several_links():
    hook, x = SpectralNormalization(50), floats(5, 3)
    links = [L.Linear(3, 4).add_hook(hook), L.Linear(None, 4).add_hook(hook)]
    for link in links * 2:
        y = link(x)
        np.testing.assert_allclose(
            y.array, with_weight(link, matrix(link) / np.linalg.svd(matrix(link))[1][0], x), rtol=1e-3, atol=1e-4
        )
