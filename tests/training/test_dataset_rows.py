"""Rows behaves exactly like the list that it replaces."""

import copy
import json
import pickle
import random

import numpy as np
import pytest

from chaingrad.dataset import concat_examples
from chaingrad.datasets import DictDataset, SubDataset, TransformDataset, TupleDataset
from chaingrad.training.dataset.rows import Rows, rows_of

X, T = np.arange(12.0).reshape(6, 2), np.arange(6)
INDICES = np.array([4, 0, 4])


def rows(keys=None):
    return Rows((T,), INDICES, keys)


USES = {
    'list()': list,
    'tuple()': tuple,
    'star': lambda b: [*b],
    'call': lambda b: (lambda *items: items)(*b),
    'unpacking': lambda b: (lambda i, *j: (i, j))(*b),
    'index': lambda b: (b[0], b[-1]),
    'slice': lambda b: b[::2],
    'len': len,
    'bool': bool,
    'in': lambda b: (4 in b, 5 in b),
    'add': lambda b: b + [1],
    'radd': lambda b: [1] + b,
    'iadd': lambda b: [x for b in [b] for b in [b.__iadd__([7])] for x in b],
    'mul': lambda b: b * 2,
    'rmul': lambda b: 2 * b,
    '==': lambda b: (b == [4, 0, 4], [4, 0, 4] == b, b != [4, 0, 4], b == [4]),
    'order': lambda b: (b < [5], b > [5], b <= [4, 0, 4], b >= [4, 0, 4], [5] > b),
    'extend': lambda b: (lambda c: (c.extend(b), c))([1]),
    'slice assignment': lambda b: (lambda c: (c.__setitem__(slice(0, 1), b), c))([1]),
    'zip': lambda b: list(zip(b, b)),
    'zip star': lambda b: list(zip(*[b])),
    'map': lambda b: list(map(int, b)),
    'sorted': sorted,
    'reversed': lambda b: list(reversed(b)),
    'sum': sum,
    'max': max,
    'set': set,
    'enumerate': lambda b: list(enumerate(b)),
    'repr': repr,
    'str': str,
    'format': lambda b: f'{b}',
    'array': lambda b: np.array(b).tolist(),
    'asarray': lambda b: np.asarray(b).tolist(),
    'stack': lambda b: np.stack(b).tolist(),
    'copy': lambda b: b.copy(),
    'copy.copy': copy.copy,
    'copy.deepcopy': copy.deepcopy,
    'pickle': lambda b: pickle.loads(pickle.dumps(b)),
    'json': lambda b: json.dumps(b, default=int),
    'count': lambda b: b.count(4),
    'list.index': lambda b: b.index(0),
    'append': lambda b: (b.append(9), list(b)),
    'own extend': lambda b: (b.extend([9]), list(b)),
    'insert': lambda b: (b.insert(0, 9), list(b)),
    'pop': lambda b: (b.pop(), list(b)),
    'remove': lambda b: (b.remove(0), list(b)),
    'clear': lambda b: (b.clear(), list(b)),
    'del': lambda b: (b.__delitem__(0), list(b)),
    'set item': lambda b: (b.__setitem__(0, 9), list(b)),
    'reverse': lambda b: (b.reverse(), list(b)),
    'sort': lambda b: (b.sort(), list(b)),
    'shuffle': lambda b: (random.Random(0).shuffle(b), list(b)),
    'join': lambda b: ','.join(map(str, b)),
    'isinstance': lambda b: isinstance(b, list),
    'imul': lambda b: list(b.__imul__(2)),
    'iter twice': lambda b: [list(b), list(b)],
    'any': any,
    'filter': lambda b: list(filter(None, b)),
    'match': lambda b: next(iter(x for [x, *_] in [b])),
}


@pytest.mark.parametrize('name', USES)
def test_like_a_list(name):
    lazy, plain = USES[name](rows()), USES[name]([T[i] for i in INDICES])
    assert lazy == plain and type(lazy) is type(plain)


def test_every_method_of_list_is_covered():
    """A new version of Python may add methods that read the items."""
    harmless = {
        '__class_getitem__', '__delattr__', '__dir__', '__format__', '__getattribute__', '__getstate__', '__hash__',
        '__init__', '__init_subclass__', '__new__', '__reduce__', '__setattr__', '__str__', '__subclasshook__',
        '__class__', '__doc__',
    }  # fmt: skip
    assert {name for name in dir(list) if name not in vars(Rows)} <= harmless


@pytest.mark.parametrize(
    ('dataset', 'expected'),
    [
        (T, [4, 0, 4]),
        (TupleDataset(T), [(4,), (0,), (4,)]),
        (TupleDataset(T, T), [(4, 4), (0, 0), (4, 4)]),
        (DictDataset(a=T), [{'a': 4}, {'a': 0}, {'a': 4}]),
        (SubDataset(T, 1, 6), [5, 1, 5]),
        (SubDataset(TupleDataset(T), 0, 5, [5, 4, 3, 2, 1, 0]), [(1,), (5,), (1,)]),
        (SubDataset(SubDataset(T, 0, 6, T[::-1]), 1, 6), [0, 4, 0]),
    ],
)
def test_rows_of(dataset, expected):
    assert list(rows_of(dataset, INDICES)) == expected == [dataset[i] for i in INDICES]
    arrays, stacked = concat_examples(rows_of(dataset, INDICES)), concat_examples(expected)
    assert repr(arrays) == repr(stacked)


@pytest.mark.parametrize(
    'dataset',
    [
        [1, 2],
        TupleDataset(T, list(T)),
        TupleDataset(np.array([None] * 6)),
        TupleDataset(np.array(list('abcdef'), object)),
        np.asfortranarray(np.ones((6, 2))),
        np.ones((6, 4))[:, ::2],
        np.ma.ones(6),
        np.ones(6, '>f4'),
        TransformDataset(T, int),
        type('Mine', (TupleDataset,), {})(T),
        type('Mine', (np.ndarray,), {})((6,)),
        SubDataset([1, 2, 3, 4, 5, 6], 0, 6),
    ],
)
def test_where_it_does_not_apply(dataset):
    assert rows_of(dataset, np.array([0, 1])) is None


def test_rows_are_views_as_before_and_arrays_are_copies():
    batch = rows_of(TupleDataset(X, T), INDICES)
    x, _ = concat_examples(batch)
    x[:] = 0
    assert X[4, 0] == 8
    assert np.shares_memory(batch[0][0], X)
    assert type(batch[0]) is tuple and isinstance(batch[0][1], np.integer)


def test_changes_are_seen():
    batch = rows_of(TupleDataset(X, T), INDICES)
    batch[0] = (np.array([1.0, 1.0]), 7)
    batch.append((np.array([2.0, 2.0]), 8))
    x, t = concat_examples(batch)
    assert x.tolist() == [[1, 1], [0, 1], [8, 9], [2, 2]] and t.tolist() == [7, 0, 4, 8]


def test_padding_takes_the_examples():
    np.testing.assert_array_equal(concat_examples(rows_of(X, INDICES), padding=0), X[INDICES])
