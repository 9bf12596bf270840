"""DictionarySerializer: the state of an object as a flat dict of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.links.serializer import Serializer


class DictionarySerializer(Serializer):
    """Save an object into a dict from path to NumPy array; `NpzDeserializer(target)` loads it back.

    Arrays on the CPU are not copied: the dict holds those of the object itself, and changes as they do. Arrays of a GPU
    are copied to the CPU.

    Args:
        target (dict): filled in place; a new one when None. It is the attribute `target`.
        path (str): put before every key.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> from chaingrad.links.serializers import DictionarySerializer
        >>> serializer = DictionarySerializer()
        >>> serializer.save(chaingrad.Chain(l1=L.Linear(3, 2)))
        >>> {key: array.shape for key, array in serializer.target.items()}
        {'l1/W': (2, 3), 'l1/b': (2,)}
    """

    def __init__(self, target: dict[str, Any] | None = None, path: str = '') -> None:
        self.target = {} if target is None else target
        self.path = path

    def __getitem__(self, key: str) -> DictionarySerializer:
        return DictionarySerializer(self.target, f'{self.path}{key.strip("/")}/')

    def __call__(self, key: str, value: Any) -> Any:
        self.target[self.path + key.lstrip('/')] = to_array(value)
        return value


def to_array(value: Any) -> Array:
    """Return a value as a NumPy array; one on a GPU is copied."""
    is_on_gpu = hasattr(value, 'get') and hasattr(value, 'dtype')
    return value.get() if is_on_gpu else np.asarray(value)


def is_none(array: Array) -> bool:
    """Return True for `numpy.asarray(None)`, which stands for None."""
    return array.dtype == object and array.shape == () and array.item() is None
