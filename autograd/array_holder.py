"""The array that a Variable holds: its shape, dtype and device, and what a person at a prompt sees of it."""

from __future__ import annotations

import warnings
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from chaingrad.autograd.annotations import Array, Axis, Shape
from chaingrad.autograd.backends import device as devices
from chaingrad.autograd.backends.array_module import get_array_module, is_array
from chaingrad.autograd.node import Leaf, Node

_Self = TypeVar('_Self', bound='ArrayHolder')


def _refused(what: str, instead: str) -> Any:
    """Make a method that says what to write instead."""

    def method(self: Any, *others: Any) -> Any:
        raise TypeError(f'Variable: {what} is not defined. Write {instead}.')

    return method


class ArrayHolder:
    """The part of Variable that speaks of its array."""

    _array: Any
    _node: Node | None
    _requires_grad: bool
    name: Any
    grad: Any

    _set_grad: Any
    _check_grad: Any
    _accumulate_grad: Any

    if TYPE_CHECKING:  # given by functions/methods.py; tests/functions/test_methods.py compares names and arguments

        def argmax(self: _Self, axis: int | None = None) -> _Self: ...
        def argmin(self: _Self, axis: int | None = None) -> _Self: ...
        def astype(self: _Self, dtype: Any) -> _Self: ...
        def clip(self: _Self, min: float | None = None, max: float | None = None) -> _Self: ...
        def cumprod(self: _Self, axis: int | None = None) -> _Self: ...
        def cumsum(self: _Self, axis: int | None = None) -> _Self: ...
        def diagonal(self: _Self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> _Self: ...
        def dot(self: _Self, b: Any) -> _Self: ...
        def flatten(self: _Self) -> _Self: ...
        def max(self: _Self, axis: Axis = None, keepdims: bool = False) -> _Self: ...
        def min(self: _Self, axis: Axis = None, keepdims: bool = False) -> _Self: ...
        def prod(self: _Self, axis: Axis = None, keepdims: bool = False) -> _Self: ...
        def ravel(self: _Self) -> _Self: ...
        def repeat(self: _Self, repeats: Any, axis: int | None = None) -> _Self: ...
        def squeeze(self: _Self, axis: Axis = None) -> _Self: ...
        def swapaxes(self: _Self, axis1: int, axis2: int) -> _Self: ...

    def _set_array(self, array: Any) -> None:
        if array is not None and not is_array(array):
            raise TypeError(not_an_array(array))
        self._array = array
        if isinstance(self._node, Leaf):
            self._node.describe(array, self._requires_grad)

    array: Array = property(attrgetter('_array'), _set_array, doc='The array.')  # type: ignore[assignment]
    data = array

    raw_array = property(attrgetter('_array'), doc="The array; the reference's other name for it.")

    @property
    def shape(self) -> Shape:
        """Lengths of the axes."""
        return self._array.shape  # type: ignore[no-any-return]

    ndim = property(attrgetter('_array.ndim'), doc='Number of axes.')
    size = property(attrgetter('_array.size'), doc='Number of elements.')
    dtype = property(attrgetter('_array.dtype'), doc='Type of the elements.')

    def item(self) -> Any:
        """Return the only element as a Python number.

        Raises:
            ValueError: when there is not exactly one element.
        """
        if self._array.size != 1:
            raise ValueError(f'item: the Variable must have one element, but its shape is {self.shape}.')
        return self._array.item()

    @property
    def xp(self) -> Any:
        """The array module: numpy, or cupy for an array on a GPU."""
        return get_array_module(self._array)

    @property
    def device(self) -> Any:
        """The device that holds the array."""
        return devices.get_device_from_array(self._array)

    def to_cpu(self) -> None:
        """Move the array and the gradient to NumPy."""
        self.to_device('@numpy')

    def to_gpu(self, device: Any = None) -> None:
        """Move the array and the gradient to a GPU.

        Args:
            device (int): number of the GPU; the current one when None.
        """
        self.to_device(('@cupy', 0 if device is None else int(device)))

    def to_device(self, device: Any) -> None:
        """Move the array and the gradient to a device, such as `'@numpy'` or `'@cupy:0'`."""
        device = devices.get_device(device)
        if self._array is not None:
            self.array = device.send(self._array)
        if self.grad is not None:
            self._set_grad(device.send(self.grad))

    def copydata(self, var: Any) -> None:
        """Copy the array of another Variable into this one.

        Args:
            var: a Variable of the same shape, or one without array: a parameter gets its array first, any other
                Variable changes nothing here.
        """
        if var._array is None:
            if self._array is None or not hasattr(var, 'initialize'):
                return
            var.initialize(self.shape)
        if self._array is None:
            self._initialize_like(var._array)
        if self._array.shape != var._array.shape:
            raise ValueError(f'copydata: shapes must be equal, but they are {self.shape} and {var.shape}.')
        devices.copyto(self._array, var._array)

    def addgrad(self, var: Any) -> None:
        """Add the gradient of another Variable to that of this one.

        Args:
            var: a Variable of the same shape, which a parameter without array gets.
        """
        if var.grad is None:
            return
        if self._array is None and hasattr(self, 'initialize'):
            self.initialize(var.grad.shape)
        g = self.device.send(var.grad)
        self._check_grad(g)
        self._accumulate_grad(g.copy())

    def _initialize_like(self, array: Any) -> None:
        self.array = self.device.send(array).copy()

    def _ones(self) -> Array:
        """Return an array of ones like this one, which must have one element; warn that it has axes."""
        array = self._array
        if not array.ndim:
            return np.ones_like(array)
        if array.size != 1:
            raise RuntimeError(
                f'backward: only a Variable of one element can start without a gradient, but this one is '
                f'{self.dtype} {self.shape}. Set its grad first (an array of ones for the gradient of the sum).'
            )
        warnings.warn(
            f'backward: to start from a Variable of shape {self.shape} without a gradient is deprecated, as its length '
            'may be one by accident. Start from one without axes (F.squeeze or F.sum makes it), or set its grad.',
            DeprecationWarning,
            stacklevel=6,
        )
        return np.ones_like(array)

    # At a prompt

    def __repr__(self) -> str:
        """As the reference: `variable W([[1., 2.]])`."""
        array = self._array
        if array is not None and not array.size and array.shape != (0,):
            return f'{self._title()}([], shape={array.shape})'
        return self._text(', ')

    def __str__(self) -> str:
        """As `repr`, with the array as `print` shows it."""
        return self._text(' ')

    def _text(self, separator: str) -> str:
        opening = f'{self._title()}('
        text = 'None'
        if self._array is not None:
            text = np.array2string(_cpu(self._array), separator=separator, prefix=opening)
        return f'{opening}{text})'

    def _title(self) -> str:
        return f'variable {self.name}' if self.name else 'variable'

    def summary(self) -> str:
        """Return a line that tells what it is: shape, dtype, name."""
        return f'<{self._title()} at 0x{id(self):x}>'

    def debug_print(self) -> str:
        """Return lines that tell shape, dtype, device and the statistics of array and gradient."""
        lines = [self.summary(), f'- device: {self.device}']
        for key, array in (('array', self._array), ('grad', self.grad)):
            lines.append(f'- {key}: None' if array is None else f'- {key}: {array.dtype} {array.shape}')
            if array is not None and array.size and array.dtype.kind in 'fiub':
                lines.append(f'  mean {float(array.mean()):.6g}, std {float(array.std()):.6g}')
        return '\n'.join(lines)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Give NumPy the array, so that plots and `np.asarray(v)` work."""
        return np.array(_cpu(self._array), dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(self._one('float'))

    def __int__(self) -> int:
        return int(self._one('int'))

    def __format__(self, spec: str) -> str:
        return format(self._one(f'the format {spec!r}'), spec) if spec else str(self)

    def _one(self, what: str) -> Any:
        if self._array is None or self._array.size != 1:
            shape = None if self._array is None else self._array.shape
            raise TypeError(f'{what}: the Variable must have one element, but its shape is {shape}.')
        return self._array.item()

    __bool__ = _refused('the truth value', '`v.array.any()`, or `v is not None`')
    __hash__ = _refused('hash', '`id(v)` as the key, or the path in `model.namedparams()`')
    __eq__ = _refused('==', '`v.array == w.array`, or `v is w`')
    __ne__ = _refused('!=', '`v.array != w.array`, or `v is not w`')
    __lt__ = _refused('<', '`v.array < w.array`')
    __le__ = _refused('<=', '`v.array <= w.array`')
    __gt__ = _refused('>', '`v.array > w.array`')
    __ge__ = _refused('>=', '`v.array >= w.array`')


def _cpu(array: Any) -> Any:
    """An array of a GPU as a NumPy array."""
    return array.get() if hasattr(array, 'get') else array


def not_an_array(data: Any) -> str:
    """Return the message for data that a Variable cannot hold, with what to write instead."""
    kind = type(data).__name__
    advice = 'Write Variable(np.array(..., dtype=np.float32)).'
    if isinstance(data, ArrayHolder):
        advice = 'Write as_variable(x) to pass a Variable through.'
    elif isinstance(data, np.generic | int | float):
        advice = f'Write Variable(np.array({data!s}, dtype=np.float32)).'
    elif isinstance(data, list | tuple) and len(repr(data)) < 60:
        advice = f'Write Variable(np.array({data!r}, dtype=np.float32)).'
    return f'Variable: data must be an array, but it is a {kind}. {advice}'
