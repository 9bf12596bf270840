"""TabularDataset, its views, and from_data."""

import numpy as np
import pytest

from chaingrad.dataset import DatasetMixin, TabularDataset, concat_examples, tabular
from chaingrad.dataset.tabular import DelegateDataset, from_data
from chaingrad.iterators import SerialIterator


def table(mode=tuple):
    columns = {'a': np.arange(5), 'b': [10, 11, 12, 13, 14], 'c': np.arange(10.0).reshape(5, 2)}
    made = from_data(columns)
    return made if mode is dict else made.astuple()


def plain(columns):
    if isinstance(columns, dict):
        return {key: plain(value) for key, value in columns.items()}
    return tuple(map(plain, columns)) if isinstance(columns, tuple) else np.asarray(columns).tolist()


def test_examples():
    t, d = table(), table(dict)
    assert (t.keys, t.mode, len(t)) == (('a', 'b', 'c'), tuple, 5)
    assert (d.keys, d.mode) == (('a', 'b', 'c'), dict)
    assert plain(t[1]) == (1, 11, [2, 3]) == plain(t[-4])
    assert plain(d[1]) == {'a': 1, 'b': 11, 'c': [2, 3]}
    assert [plain(e)[1] for e in t] == [10, 11, 12, 13, 14] == [plain(e)[1] for e in t[:]]
    for i in (5, -6):
        with pytest.raises(IndexError, match='out of range for 5 examples'):
            t[i]
    assert isinstance(t, DatasetMixin) and isinstance(t, TabularDataset)
    assert repr(t) == 'AsMode of 5 examples (a, b, c)'


def test_fetch_and_convert():
    fetched = table(dict).fetch()
    assert isinstance(fetched['a'], np.ndarray) and isinstance(fetched['b'], list)
    converted = table(dict).convert(fetched)
    assert all(isinstance(column, np.ndarray) for column in converted.values())
    assert [type(column) for column in table().convert(table().fetch())] == [np.ndarray] * 3
    assert plain(from_data([1, 2]).convert([1, 2])) == [1, 2]
    assert table().convert(([np.ones(2), np.ones(2)],))[0].shape == (2, 2)
    view = table().with_converter(lambda a, b, c: a + b)
    assert view.convert((1, 2, 3)) == 3
    assert table(dict).with_converter(lambda **columns: sorted(columns)).convert({'x': 1}) == ['x']
    assert from_data([1]).with_converter(sum).convert([1, 2]) == 3
    assert view.slice[1:].convert((1, 2, 3)) == 3  # slicing keeps it


ROWS = [
    slice(None), slice(1, 4), slice(None, None, 2), slice(None, None, -1), slice(3, 0, -2), slice(2, 2),
    [1, 3], [4, -5, 4], [], np.array([0, 2]), [True, False, True, False, True], np.array([False] * 5),
]  # fmt: skip


@pytest.mark.parametrize('rows', ROWS, ids=str)
@pytest.mark.parametrize('mode', [tuple, dict])
def test_slices_of_rows(rows, mode):
    view = table(mode).slice[rows]
    index = rows if isinstance(rows, slice) else np.asarray(rows, None if len(rows) else int)
    expected = tuple(np.asarray(column)[index].tolist() for column in table().fetch())
    assert len(view) == len(expected[0])
    fetched = view.fetch()
    assert plain(fetched if mode is tuple else tuple(fetched.values())) == expected
    if len(view):
        assert plain(view.slice[[-1]].fetch()) == plain(view.slice[len(view) - 1 :].fetch())


def test_slices_of_columns():
    t = table()
    assert plain(t.slice[:2, 'b'].fetch()) == [10, 11] and t.slice[:, 'b'].mode is None
    assert plain(t.slice[:2, ('b',)].fetch()) == ([10, 11],)
    assert plain(t.slice[:2, ('b', 'a')].fetch()) == ([10, 11], [0, 1])
    assert plain(t.slice[[0], [2, 0]].fetch()) == ([[0, 1]], [0]) and t.slice[:, [-1]].keys == ('c',)
    assert plain(table(dict).slice[:1, ['b']].fetch()) == {'b': [10]}
    assert plain(t.slice[:, ('c', 'b')].slice[1:3, 1].fetch()) == [11, 12]
    assert plain(t.slice[:2, 'b'][1]) == 11


@pytest.mark.parametrize(
    ('index', 'error', 'words'),
    [
        pytest.param(
            (slice(None), 'd'), IndexError, 'among a, b, c', marks=pytest.mark.behaviour('tabular-bad-column')
        ),
        ((slice(None), 'd'), KeyError, 'among a, b, c'),
        pytest.param((slice(None), 3), IndexError, '3', marks=pytest.mark.behaviour('tabular-bad-column')),
        ([5], IndexError, '-5 .. 4'),
        ([True, False], ValueError, r'\(5,\)'),
    ],
)
def test_bad_slices(index, error, words):
    with pytest.raises(error, match=words):
        table().slice[index]


def test_concat():
    view = table().concat(table().slice[:2], table().slice[[]])
    assert len(view) == 7
    assert plain(view.fetch())[:2] == ([0, 1, 2, 3, 4, 0, 1], [10, 11, 12, 13, 14, 10, 11])
    assert plain(view.slice[[6, 0, 5, 6], ('b', 'a')].fetch()) == ([11, 10, 10, 11], [1, 0, 0, 1])
    assert isinstance(view.fetch()[0], np.ndarray) and isinstance(view.fetch()[1], list)
    assert plain(view[5])[0] == 0 and plain(view.slice[[]].fetch())[0] == []
    with pytest.raises(ValueError, match=r'table 1 has'):
        table().concat(table().slice[:, ('a', 'b')])


def test_join():
    other = from_data((('d', np.arange(5) * 2), ('e', lambda i: -i)))
    view = table().join(other)
    assert view.keys == ('a', 'b', 'c', 'd', 'e') and view.mode is tuple
    assert plain(view.slice[1:3, ('e', 'a', 'd')].fetch()) == ([-1, -2], [1, 2], [2, 4])
    assert plain(view[2]) == (2, 12, [4, 5], 4, -2)
    with pytest.raises(ValueError, match='table 1 has 2'):
        table().join(other.slice[:2])
    with pytest.raises(ValueError, match='different'):
        table().join(table())


@pytest.mark.parametrize('mode', [tuple, dict])
def test_transform(mode):
    t = table(mode)
    view = t.transform(('s', 'p'), lambda a, b, c: (a + b, a * b))
    assert view.mode is tuple and view.keys == ('s', 'p')
    assert plain(view.slice[1:3, ('p', 's')].fetch()) == ([11, 24], [12, 14])
    assert plain(t.transform('s', lambda a, b, c: a + b).fetch()) == [10, 12, 14, 16, 18]
    named = t.transform(('s', 'p'), lambda a, b, c: {'p': a * b, 's': a + b})
    assert named.mode is dict and plain(named[1]) == {'s': 12, 'p': 11}
    with pytest.raises(ValueError, match='must return 2 values, for s, p, but it returned 1'):
        t.transform(('s', 'p'), lambda a, b, c: a).fetch()
    with pytest.raises(ValueError, match='must return 1 values, for s, but it returned a dict with q'):
        t.transform('s', lambda a, b, c: {'q': a}).fetch()
    assert t.slice[[]].transform('s', lambda a, b, c: a).mode is None


@pytest.mark.behaviour('tabular-transform-errors')
def test_transform_errors():
    t = table()
    for other in (lambda a, b, c: {'s': a} if a else (a,), lambda a, b, c: {'s': a} if a else a):
        with pytest.raises(ValueError, match='as for the first, but it returned a dict'):
            t.transform('s', other).fetch()
    with pytest.raises(ValueError, match='as many rows as it was given, 5, but column s has 3'):
        t.transform_batch('s', lambda a, b, c: b[:3]).fetch()


def test_transform_batch():
    calls = []

    def double(a, b, c):
        calls.append(len(a))
        return a * 2, np.asarray(b) * 2

    view = table().transform_batch(('x', 'y'), double)
    assert plain(view.slice[1:].fetch()) == ([2, 4, 6, 8], [22, 24, 26, 28])
    assert 4 in calls
    assert plain(from_data([1, 2]).transform_batch('x', lambda column: [-v for v in column]).fetch()) == [-1, -2]
    assert plain(view.convert(view.fetch())[1]) == [20, 22, 24, 26, 28]


def test_from_data():
    assert plain(from_data([1, 2])[1]) == 2 and from_data([1, 2]).mode is None
    assert plain(from_data(np.arange(3)).fetch()) == [0, 1, 2]
    assert from_data(('a', [1, 2])).keys == ('a',) and from_data(('a', [1, 2])).mode is None
    made = from_data(([1, 2], np.array([3, 4])))
    assert made.mode is tuple and made[0] == (1, 3) and len(set(made.keys)) == 2
    made = from_data((('a', [1, 2]), [3, 4], (('s', 'p'), lambda i: (i + 5, i * 5))))
    assert (made.keys[0], made.keys[2:]) == ('a', ('s', 'p')) and made[1] == (2, 4, 6, 5)
    assert plain(made.slice[:, ('p', 's')].fetch()) == ([0, 5], [5, 6])
    assert from_data({'a': [1, 2], 'b': lambda i: -i})[1] == {'a': 2, 'b': -1}
    assert plain(from_data(('a', lambda i: i), size=2).fetch()) == [0, 1]
    assert from_data(([1, 2],))[0] == (1,)
    assert tabular.from_data is from_data


@pytest.mark.parametrize(
    ('data', 'size'),
    [(([1], [1, 2]), None), (('a', lambda i: i), None), ({'a': [1, 2], 'b': lambda i: i}, 3), ({}, None), ((), None)],
)
def test_from_data_errors(data, size):
    with pytest.raises(ValueError, match='from_data: all columns must have one length'):
        from_data(data, size=size)


@pytest.mark.behaviour('tabular-from-data')
def test_from_data_with_functions():
    powers = (('n', 'square'), lambda i: {'n': i, 'square': i * i})
    made = from_data(powers, size=4)
    assert made.mode is dict and plain(made.slice[[1, 3]].fetch()) == {'n': [1, 3], 'square': [1, 9]}
    assert from_data(([5, 6], powers)).mode is tuple and from_data(([5, 6], powers))[1] == (6, 1, 1)
    with pytest.raises(ValueError, match='must return 2 values, for n, m, but it returned a dict with n, square'):
        from_data((('n', 'm'), powers[1]), size=4).fetch()
    for nameless in (lambda i: i, ([5, 6], lambda i: i)):
        with pytest.raises(ValueError, match='from_data: a column that a function computes must have a name'):
            from_data(nameless, size=2)


class Watched(DelegateDataset):
    """A table that remembers the rows that were last asked for."""

    def get_examples(self, indices, key_indices):
        self.asked = indices
        return self.dataset.get_examples(indices, key_indices)


VIEWS = {
    'astuple': lambda t: t.astuple(),
    'with_converter': lambda t: t.with_converter(sorted),
    'transform': lambda t: t.transform('s', lambda a, b, c: a),
    'transform_batch': lambda t: t.transform_batch('s', lambda a, b, c: a),
    'join': lambda t: t.join(from_data((('d', [0] * 5),))),
    'join second': lambda t: from_data((('d', [0] * 5),)).join(t),
    'concat': lambda t: t.concat(table()),
    'slice of columns': lambda t: t.slice[:, ('a', 'b')],
}


@pytest.mark.behaviour('tabular-indices')
@pytest.mark.parametrize('name', VIEWS)
@pytest.mark.parametrize(
    ('rows', 'expected'),
    [(None, None), (slice(3, 0, -2), slice(3, 0, -2)), (slice(1, None), slice(1, 5, 1)), ([1, 3], [1, 3])],
    ids=str,
)
def test_rows_that_views_ask_for(name, rows, expected):
    watched = Watched(table())
    VIEWS[name](watched).get_examples(rows, None)
    if name == 'slice of columns' and rows is None:
        expected = slice(None)
    if isinstance(expected, slice):
        assert isinstance(watched.asked, slice) and range(5)[watched.asked] == range(5)[expected]
    else:
        assert type(watched.asked) is type(expected) and watched.asked == expected


@pytest.mark.behaviour('tabular-indices')
@pytest.mark.parametrize('rows', ROWS, ids=str)
@pytest.mark.parametrize('inner', [slice(None), slice(None, None, -1), slice(6, 1, -2), [1, 0]], ids=str)
def test_rows_of_a_slice_of_a_concatenation(rows, inner):
    watched, other = Watched(table()), Watched(table().slice[:3])
    view = table().slice[[]].concat(watched, other).slice[inner]
    numbers = [*range(5), *range(3)]
    expected = np.asarray(numbers[inner] if isinstance(inner, slice) else [numbers[i] for i in inner])
    if isinstance(rows, slice):
        assert plain(view.slice[rows].fetch())[0] == expected[rows].tolist()
        kinds = {type(t.asked) for t in (watched, other) if hasattr(t, 'asked')}
        assert kinds <= {slice if isinstance(inner, slice) else list}
    assert plain(view.fetch())[0] == expected.tolist()


@pytest.mark.behaviour('tabular-convert')
@pytest.mark.parametrize('name', [name for name in VIEWS if name not in ('with_converter', 'join second')])
def test_views_convert_as_their_source(name):
    view = VIEWS[name](table().with_converter(lambda *columns: len(columns)))
    assert view.convert((1, 2, 3)) == 3


@pytest.mark.behaviour('tabular-join-mode')
def test_mode_of_a_join():
    single, second = from_data(('d', [0] * 5)), from_data(('e', [0] * 5))
    assert single.join(table(dict)).mode is dict and single.join(table(), second.asdict()).mode is tuple
    assert single.join(second).mode is tuple


def test_delegate():
    class Half(DelegateDataset):
        def __len__(self):
            return len(self.dataset) // 2

    half = Half(table())
    assert (len(half), half.keys, half.mode) == (2, ('a', 'b', 'c'), tuple)
    assert plain(half.slice[[-1]].fetch()) == ([1], [11], [[2, 3]])
    assert half.convert(([1],))[0].tolist() == [1]


def test_base_says_what_is_missing():
    base = TabularDataset()
    for ask in (lambda: base.keys, lambda: base.mode, lambda: len(base), lambda: base.get_examples(None, None)):
        with pytest.raises(NotImplementedError, match='TabularDataset must define'):
            ask()


def test_in_an_iterator():
    a, b, c = concat_examples(SerialIterator(table(), 3, shuffle=False).next())
    assert a.tolist() == [0, 1, 2] and b.tolist() == [10, 11, 12] and c.shape == (3, 2)
