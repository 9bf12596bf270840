"""concat_examples, converters and to_device."""

import pickle

import hypothesis
import hypothesis.extra.numpy
import hypothesis.strategies as st
import numpy as np
import pytest

import chaingrad
from chaingrad.dataset import ConcatWithAsyncTransfer, Converter, concat_examples, converter, to_device
from chaingrad.training.dataset.convert import FunctionConverter, call_converter

CPU = chaingrad.get_device('@numpy')


def same(a, b):
    assert a.dtype == b.dtype and a.shape == b.shape
    np.testing.assert_array_equal(a, b)


@hypothesis.given(
    st.data(),
    hypothesis.extra.numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    st.sampled_from('float16 float32 >f8 complex64 int8 bool uint16 datetime64[s] U3 S2 O'.split()),
    st.integers(1, 5),
)
def test_equals_stack(data, shape, dtype, n):
    source = np.random.randint(0, 100, (n, *shape)).astype(dtype)
    plain = [source[i : i + 1].reshape(shape) for i in range(n)]
    layout = data.draw(st.sampled_from(['rows', 'fortran', 'strided', 'broadcast', 'copies']))
    rows = {
        'rows': lambda: plain,
        'fortran': lambda: [np.array(row, order='F') for row in plain],
        'strided': lambda: [np.repeat(row[..., None], 2, -1)[..., 1] for row in plain],
        'broadcast': lambda: [np.broadcast_to(row, shape) for row in plain],
        'copies': lambda: [row.copy() for row in plain],
    }[layout]()
    made = concat_examples(rows)
    same(made, np.stack(rows))
    assert made.flags.writeable and made.flags.aligned
    if made.size and not made.dtype.hasobject:
        made[...] = np.roll(made, 1)
        same(rows[0], plain[0])  # the rows are unchanged


def test_numbers():
    same(concat_examples([1, 2]), np.array([1, 2]))
    same(concat_examples([1.5, 2]), np.array([1.5, 2.0]))
    same(concat_examples([np.float32(1), np.float32(2)]), np.array([1, 2], 'f'))
    same(concat_examples([np.array(1, 'i'), np.array(2, 'i')]), np.array([1, 2], 'i'))
    same(concat_examples([[1, 2], [3, 4]]), np.array([[1, 2], [3, 4]]))
    same(concat_examples([True, False]), np.array([True, False]))


def test_mixed_dtypes_promote():
    same(concat_examples([np.ones(2, 'f'), np.ones(2, 'd')]), np.ones((2, 2)))
    same(concat_examples([np.ones(2, 'i'), np.ones(2, '>i4')]), np.ones((2, 2), 'i'))
    same(concat_examples([np.ones(2), [1, 2]]), np.array([[1, 1], [1.0, 2]]))


def test_structures():
    x, t = np.arange(6.0).reshape(3, 2), [4, 5, 6]
    made = concat_examples(list(zip(x, t)))
    assert type(made) is tuple
    same(made[0], x), same(made[1], np.array(t))
    made = concat_examples([{'x': row, 't': label} for row, label in zip(x, t)])
    assert list(made) == ['x', 't']
    same(made['x'], x), same(made['t'], np.array(t))
    same(concat_examples(x), x)
    assert concat_examples([(1,)])[0].tolist() == [1]


def test_padding():
    a, b = np.ones((2, 3)), np.ones((1, 4))
    same(concat_examples([a, b], padding=-1)[1], np.array([[1, 1, 1, 1.0], [-1, -1, -1, -1]]))
    x, t = concat_examples([(np.array([1]), 3), (np.array([1, 2]), 4)], padding=(7, None))
    assert x.tolist() == [[1, 7], [1, 2]] and t.tolist() == [3, 4]
    x, t = concat_examples([([1], 3), ([1, 2], 4)], padding=0)
    assert x.tolist() == [[1, 0], [1, 2]] and t.tolist() == [3, 4]
    made = concat_examples([{'x': np.zeros(1), 't': 3}, {'x': np.zeros(2), 't': 4}], padding={'x': 9, 't': None})
    assert made['x'].tolist() == [[0, 9], [0, 0]]
    assert concat_examples([np.array(1), np.array(2)], padding=0).tolist() == [1, 2]
    assert concat_examples([np.zeros((0, 2)), np.zeros((1, 2))], padding=5).tolist() == [[[5, 5]], [[0, 0]]]


@pytest.mark.parametrize(
    ('batch', 'padding', 'words'),
    [
        ([], None, ['batch', 'empty']),
        ([np.zeros(4), np.zeros(4), np.zeros(5)], None, ['example 0 is (4,)', 'example 2 is (5,)', 'padding=0']),
        ([(np.zeros(4), 0), (np.zeros((2, 2)), 0)], None, ['element 0', '(4,)', '(2, 2)', 'axes']),
        ([[1, 2], [1]], None, ['(2,)', '(1,)', 'padding']),
        ([{'a': [1, 2]}, {'a': [1]}], None, ["element 'a'", '(2,)', '(1,)']),
        ([np.zeros(2), np.zeros((2, 2))], 0, ['as many axes', '(2,)', '(2, 2)', 'not axes']),
        ([(1, 2), (1, 2), (1,)], None, ['2 elements', 'example 2 has 1 elements']),
        ([(1, 2), 3], None, ['example 1 has type int']),
        ([{'a': 1, 'b': 2}, {'a': 1}], None, ["example 1 lacks 'b'"]),
        ([{'a': 1}, (1,)], None, ["example 1 lacks 'a'"]),
    ],
)
def test_errors(batch, padding, words):
    with pytest.raises(ValueError) as caught:
        concat_examples(batch, padding=padding)
    (message,) = caught.value.args
    assert message.startswith('concat_examples: ') and [word for word in words if word not in message] == []


def test_devices():
    batch = [(np.ones(2), 1), (np.ones(2), 2)]
    for device in (None, -1, '@numpy', CPU):
        x, t = concat_examples(batch, device)
        assert x.shape == (2, 2) and t.tolist() == [1, 2]
        assert concat_examples([{'a': 1}], device=device)['a'].tolist() == [1]
    with pytest.raises(ValueError, match='device_spec'):
        concat_examples(batch, 'nowhere')
    x = np.ones(2)
    assert to_device(None, x) is x and to_device(-1, x) is x
    assert ConcatWithAsyncTransfer()(batch, -1)[1].tolist() == [1, 2]
    assert ConcatWithAsyncTransfer()([np.ones(1), np.ones(2)], None, padding=0).shape == (2, 2)


def test_converter():
    given = []

    @converter()
    def mine(batch, device):
        """Say what came."""
        given.append(device)
        return batch

    assert isinstance(mine, Converter) and isinstance(concat_examples, Converter)
    assert mine.__doc__ == 'Say what came.' and repr(mine) == '<converter mine>'
    for arguments in [(-1,), ('@numpy',), (None,)]:
        assert mine([1], *arguments) == [1]
    for options in [{'device': -1}, {'device': CPU}]:
        assert mine([1], **options) == [1]
    assert given == [CPU, CPU, None, CPU, CPU]
    with pytest.raises(NotImplementedError, match='Mine must define __call__'):
        type('Mine', (Converter,), {})()([], None)


def test_old_style_converters_get_numbers():
    def old(batch, device):
        return device

    assert call_converter(old, [], None) is None
    assert call_converter(old, [], CPU) == -1
    assert call_converter(FunctionConverter(old), [], CPU) is CPU


def test_concat_examples_can_be_sent_to_a_process():
    assert pickle.loads(pickle.dumps(concat_examples)) is concat_examples
