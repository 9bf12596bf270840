"""The numbers that control an update rule, such as a learning rate, and how a rule inherits them from its optimizer.

A `Hyperparameter` holds its own values and copies of those that it inherits. A change is written into all children at
once, not looked up in the parent when a value is read: an update reads values at every step, and a lookup by
`__getattr__` costs half a microsecond.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


class Hyperparameter:
    """Hold the values that control an update rule, as attributes.

    A value that was not set here is the parent's, also when the parent's changes later. `del` removes a value that was
    set here, so that the parent's counts again.

    NumPy scalars and arrays with no axes are kept as Python numbers: a `np.float64` learning rate would make
    NumPy compute float32 updates in float64.

    Args:
        parent (Hyperparameter): values to inherit; None for none.

    Example:
        >>> from chaingrad.optimizers.hyperparameter import Hyperparameter
        >>> parent = Hyperparameter()
        >>> parent.lr = 0.1
        >>> child = Hyperparameter(parent)
        >>> child.momentum = 0.9
        >>> parent.lr = 0.2
        >>> child
        Hyperparameter(lr=0.2, momentum=0.9)
    """

    __slots__ = ('_parent', '_own', '_children', '__dict__', '__weakref__')

    _parent: Hyperparameter | None
    _own: set[str]
    """Names of the values that were set here. The values are in `__dict__`, inherited ones too."""
    _children: weakref.WeakSet[Hyperparameter]

    def __init__(self, parent: Hyperparameter | None = None) -> None:
        self._start(parent, {})

    def _start(self, parent: Hyperparameter | None, own: Mapping[str, Any]) -> None:
        self._parent = parent
        self._own = set(own)
        self._children = weakref.WeakSet()
        self.__dict__.update(own)
        if parent is not None:
            parent._children.add(self)
            self._inherit()

    def _own_values(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name in self._own}

    def _inherit(self) -> None:
        """Copy the parent's values again, and let the children do the same."""
        own = self._own_values()
        self.__dict__.clear()
        if self._parent is not None:
            self.__dict__.update(self._parent.__dict__)
        self.__dict__.update(own)
        for child in self._children:
            child._inherit()

    def _write(self, name: str, value: Any) -> None:
        """Write a value here and in all children that do not have their own."""
        self.__dict__[name] = value
        for child in self._children:
            if name not in child._own:
                child._write(name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(Hyperparameter, name):
            object.__setattr__(self, name, value)
            return
        if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
            value = value.item()
        self._own.add(name)
        self._write(name, value)

    def __delattr__(self, name: str) -> None:
        if name not in self._own:
            raise AttributeError(f'Hyperparameter: {name} was not set here. It has {self.get_dict()}.')
        self._own.discard(name)
        self._inherit()

    def __getattr__(self, name: str) -> Any:
        names = ', '.join(self.__dict__) or 'none'
        raise AttributeError(f'Hyperparameter: there is no value {name}. The names are: {names}.')

    @property
    def parent(self) -> Hyperparameter | None:
        """The hyperparameters that these inherit from, or None."""
        return self._parent

    def get_dict(self) -> dict[str, Any]:
        """Return all values by name, inherited ones included, as a new dict."""
        return dict(self.__dict__)

    def __getstate__(self) -> tuple[Hyperparameter | None, dict[str, Any]]:
        return self._parent, self._own_values()

    def __setstate__(self, state: tuple[Hyperparameter | None, dict[str, Any]]) -> None:
        parent, own = state
        self._start(parent, own)

    def __repr__(self) -> str:
        values = [f'{name}={value!r}' for name, value in sorted(self.__dict__.items())]
        return f'Hyperparameter({", ".join(values)})'


class HyperparameterProxy:
    """Make a hyperparameter of an optimizer readable and writable as an attribute of the optimizer.

    It is a descriptor: `lr = HyperparameterProxy('lr')` in the class makes `optimizer.lr` the same as
    `optimizer.hyperparam.lr`.

    Args:
        attr_name (str): name of the hyperparameter.

    Example:
        >>> from chaingrad import optimizers
        >>> optimizer = optimizers.SGD(lr=0.1)
        >>> optimizer.lr = 0.05
        >>> optimizer.hyperparam.lr
        0.05
    """

    def __init__(self, attr_name: str) -> None:
        self._attr_name = attr_name
        self.__doc__ = f'Shorthand for `hyperparam.{attr_name}`.'

    def __get__(self, obj: Any, type: type | None = None) -> Any:
        return self if obj is None else getattr(obj.hyperparam, self._attr_name)

    def __set__(self, obj: Any, value: Any) -> None:
        if isinstance(value, str | Iterator):
            advice = (
                'The model goes to optimizer.setup(model).' if isinstance(value, Iterator) else 'Write float(value).'
            )
            given = f'{value!r} ({type(value).__name__})'
            raise TypeError(f'{type(obj).__name__}: {self._attr_name} must be a number, but it is {given}. {advice}')
        setattr(obj.hyperparam, self._attr_name, value)
