"""`DatasetMixin`, the base class of datasets, and short descriptions of datasets for messages."""

from __future__ import annotations

from typing import Any

import numpy as np

LISTS = (list, np.ndarray)


def describe(dataset: Any) -> str:
    """Return a description: dtype and shape of an array, type and length of a list, a function's name, or repr."""
    if isinstance(dataset, (np.ndarray, np.generic)):
        return f'{dataset.dtype} {dataset.shape}'
    if isinstance(dataset, (list, tuple, range, str)):
        return f'{type(dataset).__name__} of {len(dataset)}'
    if callable(dataset) and hasattr(dataset, '__name__'):
        return str(dataset.__name__)
    return repr(dataset)


class DatasetMixin:
    """Base of datasets: a subclass defines `__len__` and `get_example(i)`.

    `dataset[index]` is one example for an integer, and a list of examples for a slice, a list or a 1-D array of
    integers.

    Random augmentation belongs in `get_example`. Draw it from `chaingrad.dataset.rng()`; then every iterator, with any
    number of workers, gives the same batches.

    Example:
        >>> from chaingrad.dataset import DatasetMixin
        >>> class Squares(DatasetMixin):
        ...     def __len__(self):
        ...         return 10
        ...     def get_example(self, i):
        ...         if not 0 <= i < 10:
        ...             raise IndexError(i)
        ...         return i * i
        >>> squares = Squares()
        >>> squares[3], squares[2:5], squares[[7, 0]]
        (9, [4, 9, 16], [49, 0])
        >>> squares
        Squares of 10 examples
    """

    def __getitem__(self, index: Any) -> Any:
        """Return one example, or a list of examples for a slice, a list or an array of indices."""
        if isinstance(index, slice):
            return [self.get_example(i) for i in range(*index.indices(len(self)))]
        if isinstance(index, LISTS):
            return [self.get_example(i) for i in index]
        return self.get_example(index)

    def __len__(self) -> int:
        """Return the number of examples."""
        raise NotImplementedError(f'{type(self).__name__} must define __len__(self), the number of its examples.')

    def get_example(self, i: int) -> Any:
        """Return the example with index `i`; raise IndexError when there is none."""
        raise NotImplementedError(f'{type(self).__name__} must define get_example(self, i), which returns one example.')

    def __repr__(self) -> str:
        try:
            return f'{type(self).__name__} of {len(self)} examples'
        except Exception:  # not initialized yet, or without __len__: a repr must not fail
            return f'{type(self).__name__} of unknown length'
