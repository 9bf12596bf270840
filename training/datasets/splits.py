"""Parts of a dataset: a range, splits into two or n parts, folds for cross-validation.

Without a seed the random functions draw from NumPy's global random state, so `numpy.random.seed` determines the split.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.training.dataset.mixin import DatasetMixin, describe
from chaingrad.training.dataset.rows import Rows, fetches_rows, rows_of


class SubDataset(DatasetMixin):
    """The examples of a dataset from `start` up to, but not including, `finish`.

    Args:
        dataset: array, list or dataset.
        start: first index.
        finish: index after the last one.
        order: sequence of as many indices as the dataset has examples; `start` and `finish` are then positions in it.

    Raises:
        ValueError: when the range does not lie in the dataset, or `order` has another length.

    Example:
        >>> from chaingrad.datasets import SubDataset
        >>> part = SubDataset([10, 11, 12, 13, 14], 1, 4)
        >>> part[:], part[-1]
        ([11, 12, 13], 13)
        >>> part
        SubDataset(list of 5, 1, 4)
    """

    def __init__(self, dataset: Any, start: int, finish: int, order: Sequence[int] | Array | None = None) -> None:
        if start < 0 or finish > len(dataset) or start > finish:
            raise ValueError(
                f'SubDataset: 0 <= start <= finish <= {len(dataset)} (the length of the dataset) must hold, but start '
                f'is {start} and finish {finish}.'
            )
        if order is not None and len(order) != len(dataset):
            raise ValueError(
                f'SubDataset: order must have one index per example of the dataset, {len(dataset)}, but it has '
                f'{len(order)}.'
            )
        self._dataset = dataset
        self._start = start
        self._finish = finish
        self._order = order

    def __len__(self) -> int:
        """Return the number of examples."""
        return self._finish - self._start

    def get_example(self, i: int) -> Any:
        """Return example `i` of the part."""
        size = self._finish - self._start
        if not -size <= i < size:
            raise IndexError(f'SubDataset: index {i} is out of range for {size} examples.')
        index = self._start + i if i >= 0 else self._finish + i
        return self._dataset[index if self._order is None else int(self._order[index])]

    def __repr__(self) -> str:
        order = '' if self._order is None else f', order of {len(self._order)}'
        return f'SubDataset({describe(self._dataset)}, {self._start}, {self._finish}{order})'


@fetches_rows(SubDataset)
def _part_rows(dataset: SubDataset, indices: Array) -> Rows | None:
    indices = indices + dataset._start
    if dataset._order is not None:
        if not isinstance(dataset._order, np.ndarray):
            dataset._order = np.asarray(dataset._order)
        indices = dataset._order[indices]
    return rows_of(dataset._dataset, indices)


def split_dataset(
    dataset: Any, split_at: int, order: Sequence[int] | Array | None = None
) -> tuple[SubDataset, SubDataset]:
    """Split a dataset into two parts.

    Args:
        dataset: array, list or dataset.
        split_at: number of examples of the first part, from 0 to the length of the dataset.
        order: sequence of indices; the examples are taken in this order.

    Returns:
        The two parts.

    Raises:
        TypeError: when `split_at` is not an integer.
        ValueError: when it is out of range.

    Example:
        >>> from chaingrad.datasets import split_dataset
        >>> first, second = split_dataset([0, 1, 2, 3, 4], 3)
        >>> first[:], second[:]
        ([0, 1, 2], [3, 4])
    """
    n = len(dataset)
    if not isinstance(split_at, (int, np.integer)) or isinstance(split_at, bool):
        raise TypeError(f'split_dataset: split_at must be an integer, but it is {split_at!r}.')
    if not 0 <= split_at <= n:
        raise ValueError(
            f'split_dataset: 0 <= split_at <= {n} (the length of the dataset) must hold, but split_at is {split_at}.'
        )
    return SubDataset(dataset, 0, int(split_at), order), SubDataset(dataset, int(split_at), n, order)


def split_dataset_random(dataset: Any, first_size: int, seed: int | None = None) -> tuple[SubDataset, SubDataset]:
    """Split a dataset at random into two parts.

    Args:
        dataset: array, list or dataset.
        first_size: number of examples of the first part.
        seed: number that determines the split; None draws from NumPy's global random state.

    Returns:
        The two parts.

    Example:
        >>> from chaingrad.datasets import split_dataset_random
        >>> train, valid = split_dataset_random(range(10), 8, seed=0)
        >>> len(train), sorted(train[:] + valid[:]) == list(range(10))
        (8, True)
    """
    return split_dataset(dataset, first_size, _permutation(len(dataset), seed))


def split_dataset_n(dataset: Any, n: int, order: Sequence[int] | Array | None = None) -> list[SubDataset]:
    """Split a dataset into n parts of equal size; the remaining examples at the end belong to none.

    Args:
        dataset: array, list or dataset.
        n: number of parts.
        order: sequence of indices; the examples are taken in this order.

    Returns:
        List of the parts.

    Raises:
        ValueError: when n is not between 1 and the number of examples.

    Example:
        >>> from chaingrad.datasets import split_dataset_n
        >>> [part[:] for part in split_dataset_n([0, 1, 2, 3, 4, 5, 6], 3)]
        [[0, 1], [2, 3], [4, 5]]
    """
    _check_parts('split_dataset_n', 'n', n, len(dataset), 1)
    size = len(dataset) // n
    return [SubDataset(dataset, size * i, size * (i + 1), order) for i in range(n)]


def split_dataset_n_random(dataset: Any, n: int, seed: int | None = None) -> list[SubDataset]:
    """Split a dataset at random into n parts of equal size; the remaining examples belong to none.

    Args:
        dataset: array, list or dataset.
        n: number of parts.
        seed: number that determines the split; None draws from NumPy's global random state.

    Returns:
        List of the parts.

    Example:
        >>> from chaingrad.datasets import split_dataset_n_random
        >>> [len(part) for part in split_dataset_n_random(range(10), 3, seed=0)]
        [3, 3, 3]
    """
    return split_dataset_n(dataset, n, _permutation(len(dataset), seed))


def get_cross_validation_datasets(
    dataset: Any,
    n_folds: int | None = None,
    order: Sequence[int] | Array | None = None,
    **kwargs: Any,
) -> list[tuple[SubDataset, SubDataset]]:
    """Make pairs of training and test sets for cross-validation: every example is in one test set.

    Args:
        dataset: array, list or dataset.
        n_folds: number of pairs, at least 2; the sizes of the test sets differ by at most one.
        order: sequence of indices; the folds are taken in this order.
        kwargs: `n_fold`, the old name of `n_folds`.

    Returns:
        List of pairs (training set, test set).

    Raises:
        ValueError: when the number of folds is not between 2 and the number of examples.

    Example:
        >>> from chaingrad.datasets import get_cross_validation_datasets
        >>> for train, test in get_cross_validation_datasets([0, 1, 2, 3, 4], n_folds=2):
        ...     print(train[:], test[:])
        [0, 1] [2, 3, 4]
        [2, 3, 4] [0, 1]
    """
    n = len(dataset)
    folds = kwargs.pop('n_fold', n_folds)
    if kwargs:
        raise TypeError(f'get_cross_validation_datasets: unexpected keyword argument {next(iter(kwargs))!r}.')
    _check_parts('get_cross_validation_datasets', 'n_folds', folds, n, 2)
    indices = np.arange(n) if order is None else np.asarray(order)
    pairs = []
    for i in reversed(range(folds)):  # the last fold is the first test set
        start = n * i // folds
        end = n * (i + 1) // folds
        # The examples after the test set come first, so that the test set comes last.
        pairs.append(split_dataset(dataset, n - (end - start), np.roll(indices, n - end)))
    return pairs


def get_cross_validation_datasets_random(
    dataset: Any, n_folds: int, seed: int | None = None, **kwargs: Any
) -> list[tuple[SubDataset, SubDataset]]:
    """Make pairs of training and test sets for cross-validation, with the examples in random order.

    Args:
        dataset: array, list or dataset.
        n_folds: number of pairs.
        seed: number that determines the folds; None draws from NumPy's global random state.

    Returns:
        List of pairs (training set, test set).

    Example:
        >>> from chaingrad.datasets import get_cross_validation_datasets_random
        >>> pairs = get_cross_validation_datasets_random(range(9), n_folds=3, seed=0)
        >>> sorted(i for _, test in pairs for i in test[:]) == list(range(9))
        True
    """
    order = _permutation(len(dataset), seed)
    return get_cross_validation_datasets(dataset, n_folds, order, **kwargs)


def _permutation(n: int, seed: int | None) -> Array:
    if seed is None:
        return np.random.permutation(n)
    return np.random.RandomState(seed).permutation(n)


def _check_parts(who: str, name: str, value: Any, n: int, least: int) -> None:
    if not isinstance(value, (int, np.integer)) or not least <= value <= n:
        raise ValueError(
            f'{who}: {least} <= {name} <= {n} (the length of the dataset) must hold, but {name} is {value!r}.'
        )
