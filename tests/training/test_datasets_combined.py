"""Datasets made from others, and parts of datasets."""

import numpy as np
import pytest

from chaingrad.dataset import DatasetMixin
from chaingrad.datasets import (
    ConcatenatedDataset,
    DictDataset,
    SubDataset,
    TransformDataset,
    TupleDataset,
    get_cross_validation_datasets,
    get_cross_validation_datasets_random,
    split_dataset,
    split_dataset_n,
    split_dataset_n_random,
    split_dataset_random,
)

X, NAMES = np.arange(8.0).reshape(4, 2), ['a', 'b', 'c', 'd']


def plain(value):
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


class Squares(DatasetMixin):
    def __len__(self):
        return 4

    def get_example(self, i):
        if not -4 <= i < 4:
            raise IndexError(i)
        return (i % 4) ** 2


MANY = [
    slice(None), slice(1, 3), slice(None, None, -1), slice(5, 9), [2, 0], [], np.array([3, 3]), np.array([-1], np.int8),
]  # fmt: skip
DATASETS = {
    'mixin': lambda: (Squares(), [0, 1, 4, 9]),
    'tuple': lambda: (TupleDataset(X, NAMES, Squares()), [(X[i].tolist(), NAMES[i], i * i) for i in range(4)]),
    'tuple of one': lambda: (TupleDataset(NAMES), [('a',), ('b',), ('c',), ('d',)]),
    'dict': lambda: (DictDataset(x=X, n=NAMES), [{'x': X[i].tolist(), 'n': NAMES[i]} for i in range(4)]),
    'concatenated': lambda: (ConcatenatedDataset(['a'], [], np.array([5, 6]), range(1)), ['a', 5, 6, 0]),
    'transform': lambda: (TransformDataset(NAMES, str.upper), ['A', 'B', 'C', 'D']),
    'part': lambda: (SubDataset('xabcdx', 1, 5), NAMES),
    'part in order': lambda: (SubDataset(['x', *NAMES, 'x'], 1, 5, [0, 4, 3, 2, 1, 5]), NAMES[::-1]),
    'nested': lambda: (TransformDataset(SubDataset(TupleDataset(X, NAMES), 0, 4), lambda e: e[1]), NAMES),
}


@pytest.mark.parametrize('name', DATASETS)
def test_indexing(name):
    dataset, expected = DATASETS[name]()
    assert len(dataset) == 4
    assert [plain(dataset[i]) for i in range(4)] == expected == [plain(dataset[i - 4]) for i in range(4)]
    assert plain(dataset[np.int32(1)]) == expected[1]
    for index in MANY:
        given = dataset[index]
        wanted = expected[index] if isinstance(index, slice) else [expected[i] for i in index]
        assert type(given) is list and plain(given) == wanted
    assert plain(list(dataset)) == expected
    for i in (4, -5):
        with pytest.raises(IndexError):
            dataset[i]
    assert type(dataset).__name__ in repr(dataset)


@pytest.mark.parametrize(
    ('make', 'words'),
    [
        (lambda: TupleDataset(), 'TupleDataset: at least one'),
        (lambda: TupleDataset(X, NAMES[:3]), 'dataset 0 has 4 examples and dataset 1 has 3'),
        (lambda: DictDataset(), 'DictDataset: at least one'),
        (lambda: DictDataset(a=X, b=[1]), "dataset 'a' has 4 examples and dataset 'b' has 1"),
        (lambda: SubDataset(X, 1, 5), r'<= 4 .* start is 1 and finish 5'),
        (lambda: SubDataset(X, -1, 3), 'start is -1'),
        (lambda: SubDataset(X, 3, 2), 'start is 3'),
        (lambda: SubDataset(X, 0, 2, [0, 1]), 'one index per example of the dataset, 4, but it has 2'),
        (lambda: split_dataset(X, -1), '0 <= split_at <= 4 .* is -1'),
        (lambda: split_dataset(X, 5), 'split_at is 5'),
        (lambda: split_dataset_n(X, 0), '1 <= n <= 4 .* n is 0'),
        (lambda: split_dataset_n(X, 5), 'n is 5'),
        (lambda: get_cross_validation_datasets(X, 1), '2 <= n_folds <= 4 .* n_folds is 1'),
        (lambda: get_cross_validation_datasets(X), 'n_folds is None'),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_types():
    with pytest.raises(TypeError, match=r'split_at must be an integer, but it is 2.0'):
        split_dataset(X, 2.0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'n'"):
        get_cross_validation_datasets(X, 2, n=3)
    with pytest.raises(NotImplementedError, match='must define get_example'):
        type('Mine', (DatasetMixin,), {})()[0]


def test_repr():
    part, _ = split_dataset_random(TupleDataset(X, NAMES), 3)
    assert repr(part) == 'SubDataset(TupleDataset(float64 (4, 2), list of 4), 0, 3, order of 4)'
    assert repr(TransformDataset(part, str.upper)).endswith(', upper)')
    assert repr(ConcatenatedDataset(X, range(3))) == 'ConcatenatedDataset(float64 (4, 2), range of 3)'
    assert repr(type('Mine', (DatasetMixin,), {})()) == 'Mine of unknown length'


def test_splits():
    first, second = split_dataset(NAMES, 1)
    assert (first[:], second[:]) == (['a'], ['b', 'c', 'd'])
    first, second = split_dataset(NAMES, 3, order=[3, 2, 1, 0])
    assert (first[:], second[:]) == (['d', 'c', 'b'], ['a'])
    assert [part[:] for part in split_dataset_n(range(7), 2, order=list(range(7))[::-1])] == [[6, 5, 4], [3, 2, 1]]
    parts = split_dataset_n_random(range(7), 3, seed=1)
    assert [len(part) for part in parts] == [2, 2, 2] and len({i for part in parts for i in part[:]}) == 6


@pytest.mark.behaviour('split-dataset-ends')
def test_a_part_may_be_empty():
    assert [part[:] for part in split_dataset(NAMES, 0)] == [[], NAMES]
    assert [part[:] for part in split_dataset(NAMES, 4)] == [NAMES, []]
    assert [len(part) for part in split_dataset_random(NAMES, 4)] == [4, 0]


def test_random_splits_follow_the_seed():
    def split(**options):
        return [part[:] for part in split_dataset_random(range(20), 12, **options)]

    order = np.random.RandomState(3).permutation(20).tolist()
    assert split(seed=3) == [order[:12], order[12:]] == split(seed=3) != split(seed=4)
    np.random.seed(1)
    first = split()
    np.random.seed(1)
    assert split() == first != split()


def test_cross_validation():
    folds = [(train[:], test[:]) for train, test in get_cross_validation_datasets(range(7), 3)]
    assert folds == [([0, 1, 2, 3], [4, 5, 6]), ([4, 5, 6, 0, 1], [2, 3]), ([2, 3, 4, 5, 6], [0, 1])]
    pairs = get_cross_validation_datasets(NAMES, n_fold=2, order=[3, 1, 2, 0])
    assert [(train[:], test[:]) for train, test in pairs] == [(['d', 'b'], ['c', 'a']), (['c', 'a'], ['d', 'b'])]
    pairs = get_cross_validation_datasets_random(range(10), 4, seed=2)
    assert sorted(i for _, test in pairs for i in test[:]) == list(range(10))
    for train, test in pairs:
        assert sorted(train[:] + test[:]) == list(range(10))
