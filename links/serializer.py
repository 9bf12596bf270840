"""The interface between objects that can be saved and the files that hold them.

An object has one method `serialize(serializer)`, which both saves and loads: it hands every value to
`serializer(key, value)` and keeps the value that comes back; children are passed `serializer[name]`.
"""

from __future__ import annotations

from typing import Any


class AbstractSerializer:
    """Base of `Serializer` and `Deserializer`: the argument of an object's `serialize` method.

    Example:
        >>> from chaingrad.links.serializers import AbstractSerializer
        >>> class Counter:
        ...     count = 0
        ...     def serialize(self, serializer: AbstractSerializer):
        ...         self.count = serializer('count', self.count)
    """

    def __getitem__(self, key: str) -> AbstractSerializer:
        """Return the serializer of a child, whose keys begin with `key` and a slash."""
        raise NotImplementedError(f'{type(self).__name__} must define __getitem__(key), the serializer of a child.')

    def __call__(self, key: str, value: Any) -> Any:
        """Save `value`, or load the value that replaces it.

        Args:
            key (str): name of the value within the object.
            value: array, number, text or None. When loading, an array is filled in place, anything else only gives the
                type, and None takes whatever the file holds.

        Returns:
            The value that the object is to keep.
        """
        raise NotImplementedError(f'{type(self).__name__} must define __call__(key, value).')


class Serializer(AbstractSerializer):
    """Base of serializers that save. Subclasses define `__getitem__` and `__call__`.

    Example:
        >>> from chaingrad.links.serializers import Serializer
        >>> class Names(Serializer):
        ...     def __init__(self, names, path=''):
        ...         self.names, self.path = names, path
        ...     def __getitem__(self, key):
        ...         return Names(self.names, f'{self.path}{key}/')
        ...     def __call__(self, key, value):
        ...         self.names.append(self.path + key)
        ...         return value
        >>> import chaingrad, chaingrad.links as L
        >>> names = []
        >>> Names(names).save(chaingrad.Chain(l1=L.Linear(3, 2)))
        >>> names
        ['l1/W', 'l1/b']
    """

    def save(self, obj: Any) -> None:
        """Save an object.

        Args:
            obj: anything with a method `serialize(serializer)`, or a dict of such objects, arrays and numbers by name.
        """
        if not isinstance(obj, dict) or hasattr(obj, 'serialize'):
            obj.serialize(self)
            return
        for name, value in obj.items():
            if hasattr(value, 'serialize') or isinstance(value, dict):
                child: Any = self[name]
                child.save(value)
            else:
                self(name, value)


class Deserializer(AbstractSerializer):
    """Base of serializers that load. Subclasses define `__getitem__` and `__call__`."""

    def load(self, obj: Any) -> None:
        """Load an object's state into it.

        Args:
            obj: anything with a method `serialize(serializer)`.
        """
        obj.serialize(self)
