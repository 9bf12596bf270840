"""What the functions of arrays accept and refuse, row by row as the reference does."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable, utils
from chaingrad.autograd.type_checking.type_check import InvalidType


def ones(*shape, dtype=np.float32):
    return np.ones(shape, dtype)


x = ones(2, 3)
v = Variable(x)


def rows(mark, *triples):
    return [pytest.param(*triple, marks=mark) for triple in triples]


ERRORS = [
    *rows(
        pytest.mark.behaviour('error-types-array'),
        (lambda: F.squeeze(x, 0), ValueError, r'squeeze: .*length 1, but x is float32 \(2, 3\)'),
        (lambda: F.squeeze(x, (0, 0)), ValueError, r'squeeze: .*once.*\(0, 0\)'),
        (lambda: F.squeeze(x, 2), InvalidType, r'squeeze: .*\(2, 3\)'),
        (lambda: F.squeeze(x, 'a'), TypeError, "squeeze: .*'a'"),
        (lambda: F.squeeze(x, [0]), TypeError, r'squeeze: .*\[0\]'),
        (lambda: F.get_item(x, (..., ...)), ValueError, 'get_item: slices must have at most one Ellipsis'),
        (lambda: v[..., 0, ...], ValueError, 'get_item: slices must have at most one Ellipsis'),
        (lambda: F.get_item(x, (0, 0, 0)), IndexError, 'too many indices'),
        (lambda: F.scatter_add(x, (..., ...), x), ValueError, 'scatter_add: slices must have at most one Ellipsis'),
        (lambda: F.scatter_add(x, 0, ones(2)), ValueError, r'scatter_add: .*\(3,\), but b is float32 \(2,\)'),
        (lambda: F.scatter_add(x, 5, ones(3)), IndexError, 'out of bounds'),
        (lambda: F.moveaxis(x, 2, 0), InvalidType, r'moveaxis: .*\(2, 3\)'),
        (lambda: F.moveaxis(x, 0, 'a'), TypeError, "moveaxis: .*'a'"),
        (lambda: F.moveaxis(x, [0], [1]), TypeError, r'moveaxis: .*\[0\]'),
        (lambda: F.moveaxis(x, (0, 1), (0,)), ValueError, r'moveaxis: .*\(0, 1\) and \(0,\)'),
        (lambda: F.moveaxis(x, (0, 0), (0, 1)), ValueError, r'moveaxis: .*\(0, 0\) and \(0, 1\)'),
        (lambda: F.tensordot(x, x, 1), ValueError, r'tensordot: .*\[1\] of a and \[0\] of b.*\(2, 3\)'),
        (lambda: F.tensordot(x, x, 3), ValueError, r'tensordot: .*\(2, 3\)'),
        (lambda: F.tensordot(x, x, ((0, 1), (0,))), ValueError, r'tensordot: .*\[0, 1\] of a and \[0\] of b'),
        (lambda: F.tensordot(x, x, (0, 1, 1)), ValueError, 'tensordot: .*length 3'),
        (lambda: F.tensordot(x, x, 1.5), TypeError, 'tensordot: .*1.5'),
    ),
    *rows(
        pytest.mark.behaviour('where-integer-condition'),
        (lambda: F.where(np.array([0, 1, 1]), x, x), InvalidType, r'where: condition.*int64 \(3,\).*condition != 0'),
        (lambda: F.where(x, x, x), InvalidType, r'where: condition.*float32 \(2, 3\)'),
    ),
    *rows(
        pytest.mark.behaviour('vstack-dstack-odd'),
        (lambda: F.vstack([ones(3), ones(1, 3)]), InvalidType, r'vstack: .*\(3,\), float32 \(1, 3\)'),
        (lambda: F.vstack([ones(), ones(1)]), InvalidType, r'vstack: .*\(\), float32 \(1,\)'),
        (lambda: F.dstack([ones(3), ones(1, 3)]), InvalidType, r'dstack: .*\(3,\), float32 \(1, 3\)'),
        (lambda: F.dstack([ones(1, 3, 1), ones(1, 3)]), InvalidType, r'dstack: .*\(1, 3, 1\), float32 \(1, 3\)'),
        (lambda: F.hstack([ones(), ones(1)]), InvalidType, r'hstack: .*\(\), float32 \(1,\)'),
    ),
    *rows(
        pytest.mark.behaviour('einsum-integers'),
        (lambda: F.einsum('ij,ij->i', x, ones(2, 3, dtype=int)), InvalidType, r'einsum: .*int64 \(2, 3\)'),
        (lambda: F.einsum('ij', ones(2, 3, dtype=int)), InvalidType, r'einsum: .*int64 \(2, 3\)'),
    ),
    *rows(
        pytest.mark.behaviour('clip-none'),
        (lambda: F.clip(x, None, None), ValueError, 'clip: x_min or x_max must be given'),
    ),
    *rows(
        pytest.mark.behaviour('split-axis-unsorted'),
        (lambda: F.split_axis(x, [2, 1], 1), ValueError, r'split_axis: .*sorted, but they are \[2, 1\]'),
        (lambda: F.split_axis(x, np.array([2, 1]), 1), ValueError, r'split_axis: .*sorted, but they are \[2, 1\]'),
    ),
    *rows(
        pytest.mark.behaviour('pad-no-axes'),
        (lambda: F.pad(ones(), 1, 'constant'), TypeError, r'pad: .*at least one axis, but it is float32 \(\)'),
        (lambda: F.pad(ones(), 1, 'edge'), TypeError, 'pad: .*at least one axis'),
    ),
    *rows(
        pytest.mark.behaviour('coo-padding'),
        (lambda: utils.get_order(np.array([0, -1]), np.array([1, 2])), ValueError, r'get_order: .*\(1,\) .* -1 and 2'),
        (
            lambda: utils.CooMatrix(ones(1, 2), np.array([[0, 1]]), np.array([[1, -1]]), (2, 2)),
            ValueError,
            r'CooMatrix: .*\(0, 1\) they are 1 and -1',
        ),
    ),
]


@pytest.mark.parametrize(('call', 'error', 'words'), ERRORS)
def test_types_of_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.behaviour('repeat-true')
@pytest.mark.parametrize(('repeats', 'counts'), [(True, 1), (False, 0), ((True, False, True), (1, 0, 1)), ((True,), 1)])
def test_repeat_counts_true_as_one(repeats, counts):
    y = F.repeat(x, repeats, axis=1)
    np.testing.assert_array_equal(y.array, np.repeat(x, counts, axis=1))
    np.testing.assert_array_equal(F.repeat(ones(3), repeats).array, np.repeat(ones(3), counts))


@pytest.mark.behaviour('gumbel-softmax-no-axes')
@pytest.mark.parametrize('dtype', [np.float16, np.float64])
def test_gumbel_softmax_of_an_array_without_axes_is_one(dtype):
    state = np.random.get_state()[2]
    y = F.gumbel_softmax(np.array(-3, dtype))
    assert y.shape == () and y.dtype == dtype and y.array == 1 and np.random.get_state()[2] == state


@pytest.mark.behaviour('coo-padding')
def test_padding_on_both_sides_is_none_of_the_order():
    row, col = np.array([0, 1, -1]), np.array([1, 0, -1])
    assert utils.get_order(row, col) == 'C' and utils.get_order(col, row) == 'F'
    assert utils.get_order(np.stack([row, row]), np.stack([col, col])) == 'C'
    assert utils.CooMatrix(ones(3), row, col, (2, 2)).to_dense().array.tolist() == [[0, 1], [1, 0]]


a, b, c, w = ones(4, 2, 3), ones(4, 3, 1), ones(3), ones(2, 3)


@pytest.mark.parametrize(
    ('old', 'new', 'words'),
    [
        pytest.param(
            lambda: F.batch_matmul(a, b),
            lambda: F.matmul(a, b),
            'batch_matmul is deprecated. Use matmul',
            marks=pytest.mark.behaviour('deprecation-batch-matmul'),
        ),
        pytest.param(
            lambda: F.fixed_batch_renormalization(w, c, c, c, c),
            lambda: F.fixed_batch_normalization(w, c, c, c, c),
            'fixed_batch_renormalization is deprecated. Use fixed_batch_normalization',
            marks=pytest.mark.behaviour('deprecation-fixed-batch-renormalization'),
        ),
    ],
)
def test_deprecated_functions_warn_and_work(old, new, words):
    with pytest.warns(DeprecationWarning, match=words) as caught:
        y = old()
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(y.array, new().array)


@pytest.mark.behaviour('deconvolution-size-zero')
@pytest.mark.parametrize('n', [1, 2])
@pytest.mark.parametrize('batch', [1, 2, 70])
@pytest.mark.parametrize('options', [{'pad': 1}, {'pad': 1, 'stride': 3}, {'pad': 1, 'outsize': 0}], ids=str)
def test_an_output_without_elements(n, batch, options):
    inputs = [Variable(ones(batch, 1, *[1] * n)), Variable(ones(1, 3, *[2] * n)), Variable(ones(3))]
    outsize = {'outsize': (0,) * n} if 'outsize' in options else {}
    for y, xs in [
        (F.deconvolution_nd(*inputs, **{**options, **outsize}), inputs),
        (F.unpooling_nd(inputs[0], 2, cover_all=False, **{'stride': 2, **options, **outsize}), inputs[:1]),
    ]:
        assert y.shape == (batch, y.shape[1], *(0,) * n)
        for z in xs:
            z.cleargrad()
        y.grad = y.array.copy()
        y.backward(enable_double_backprop=True)
        assert all(z.grad.shape == z.shape and not z.grad.any() for z in xs)
    with pytest.raises(InvalidType, match='-1'):
        F.deconvolution_nd(inputs[0], ones(1, 3, *[1] * n), pad=1)
