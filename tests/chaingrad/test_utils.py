"""Helpers of users' own functions: windows, sizes, sums, temporary folders."""

import os
import warnings

import numpy as np
import pytest

import chaingrad
from chaingrad import utils
from chaingrad.utils import conv, conv_nd

X = np.arange(2 * 3 * 6 * 7, dtype='f').reshape(2, 3, 6, 7)


def windows(x, k, s, p, d, out, value=0):
    """Return the windows of x, one element after the other."""
    padded = np.pad(x, ((0, 0), (0, 0), (p[0], 9), (p[1], 9)), constant_values=value)
    y = np.empty((*x.shape[:2], *k, *out), x.dtype)
    for i, j, a, b in np.ndindex(*k, *out):
        y[:, :, i, j, a, b] = padded[:, :, a * s[0] + i * d[0], b * s[1] + j * d[1]]
    return y


@pytest.mark.parametrize('cover_all', [False, True])
def test_im2col(cover_all):
    out = [conv.get_conv_outsize(n, k, s, 1, cover_all, d) for n, k, s, d in ((6, 3, 2, 1), (7, 2, 3, 2))]
    expected = windows(X, (3, 2), (2, 3), (1, 1), (1, 2), out)
    for function in (conv.im2col, conv.im2col_gpu):
        assert np.array_equal(function(X, 3, 2, 2, 3, 1, 1, cover_all, 1, 2), expected)
    assert np.array_equal(conv_nd.im2col_nd_cpu(X, (3, 2), (2, 3), (1, 1), 0, cover_all, (1, 2)), expected)
    expected = windows(X, (3, 2), (2, 3), (1, 1), (1, 2), out, value=-5)
    assert np.array_equal(conv.im2col_cpu(X, 3, 2, 2, 3, 1, 1, -5, cover_all, 1, 2), expected)


def test_im2col_of_a_given_size():
    assert conv.im2col_cpu(X, 3, 3, 1, 1, 0, 0, out_h=2, out_w=3).shape == (2, 3, 3, 3, 2, 3)


def test_col2im_is_the_adjoint():
    col = conv.im2col(X, 3, 2, 2, 3, 1, 1, dy=1, dx=2)
    weights = np.random.standard_normal(col.shape)
    for back in (
        conv.col2im(weights, 2, 3, 1, 1, 6, 7, 1, 2),
        conv.col2im_cpu(weights, 2, 3, 1, 1, 6, 7, 1, 2),
        conv_nd.col2im_nd_cpu(weights, (2, 3), (1, 1), (6, 7), (1, 2)),
    ):
        assert np.vdot(back, X) == pytest.approx(np.vdot(weights, col))


def test_a_window_must_fit():
    with pytest.raises(ValueError, match=r'^im2col: the window \(9, 9\) must fit .* \(2, 3, 6, 7\)'):
        conv.im2col(X, 9, 9, 1, 1, 0, 0)
    with pytest.raises(ValueError, match=r'^im2col_nd_cpu: the window \(9, 9\) must fit .* \(2, 3, 6, 7\)'):
        conv_nd.im2col_nd_cpu(X, (9, 9), (1, 1), (0, 0))


def test_as_tuple():
    assert conv_nd.as_tuple(2, 3) == (2, 2, 2) and conv_nd.as_tuple([1, 2], 2) == (1, 2)
    with pytest.raises(ValueError, match='must be an int or 2 ints'):
        conv_nd.as_tuple((1, 2, 3), 2)


def test_sum_to():
    x = np.arange(24.0).reshape(2, 3, 4)
    assert np.array_equal(utils.sum_to(x, (3, 1)), x.sum((0, 2))[:, None])
    assert np.array_equal(utils.sum_to(x, ()), x.sum())
    assert np.array_equal(utils.sum_to(x, x.shape), x)
    for shape in ((2, 4), (1, 1, 1, 1)):
        with pytest.raises(ValueError, match=r'^sum_to: shape must be broadcastable .* \(2, 3, 4\)'):
            utils.sum_to(x, shape)


def test_force_type():
    assert utils.force_type(np.float16, 1.5).dtype == np.float16
    x = np.ones(2, 'f')
    assert utils.force_type(np.float32, x) is x and utils.force_type(np.float64, x).dtype == np.float64


def test_get_order():
    row, col = np.array([[0, 0, 1]]), np.array([[0, 2, 1]])
    assert utils.get_order(row, col) == 'C' and utils.get_order(col, row) == 'F'
    assert utils.get_order(np.array([1, 0]), np.array([0, 1])) == 'F'
    assert utils.get_order(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 0])) == 'other'


def test_tempdir_goes_away():
    with utils.tempdir(prefix='of-a-test') as folder:
        open(os.path.join(folder, 'file'), 'w').close()
    assert not os.path.exists(folder) and 'of-a-test' in folder


def test_nondeterministic_warns_when_asked():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        utils.nondeterministic('f')
    with (
        chaingrad.using_config('warn_nondeterministic', True),
        pytest.warns(UserWarning, match='^f is not deterministic'),
    ):
        utils.nondeterministic('f')


def test_walker_alias_has_the_members_of_the_reference():
    draw = utils.WalkerAlias([0.0, 1.0, 3.0])
    assert not draw.use_gpu
    assert set(draw.sample_xp(np, 50)) | set(draw.sample_gpu((5, 10)).ravel()) == {1, 2}
