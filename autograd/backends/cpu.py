"""The base class of devices, and the CPU with its NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array

SCALARS = (np.number, np.bool_, bool, int, float, complex)


def convert_arrays(arrays: Any, convert: Callable[[Any], Any]) -> Any:
    """Apply `convert` to an array or to each array of a list or tuple; None stays None."""
    if arrays is None:
        return None
    if isinstance(arrays, (list, tuple)):
        return type(arrays)(convert_arrays(a, convert) for a in arrays)
    return convert(arrays)


class Device:
    """A device that holds arrays, with the array module that computes on it.

    Subclasses are `CpuDevice` and `GpuDevice`; users get one from `get_device`.

    Example:
        >>> from chaingrad.autograd.backends import get_device
        >>> device = get_device('@numpy')
        >>> device.xp.ones(2)
        array([1., 1.])
    """

    # The array module: numpy or cupy.
    xp: Any = None
    # The specification that `get_device` takes, such as '@numpy' or '@cupy:0'.
    name: str = ''
    # The types of the arrays on this device.
    supported_array_types: tuple[type, ...] = ()

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        module, *number = self.name.lstrip('@').split(':')
        return f'<{type(self).__name__} ({module}){":".join(["", *number])}>'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    @contextmanager
    def create_context(self) -> Iterator[Device]:
        """Make this the current device in a `with` block."""
        yield self

    def use(self) -> None:
        """Make this the current device of the thread."""

    def is_array_supported(self, array: Any) -> bool:
        """Say whether `array` is on this device."""
        return isinstance(array, self.supported_array_types)

    def send_array(self, array: Any) -> Array:
        """Return `array` on this device: the same object if it is there already."""
        raise NotImplementedError(f'{type(self).__name__} must define send_array(array).')

    def send(self, arrays: Any) -> Any:
        """Return an array, or a list or tuple of arrays, on this device.

        Args:
            arrays: array, None, or a list or tuple of them.

        Returns:
            The same structure. Arrays that are on this device already are not copied.
        """
        return convert_arrays(arrays, self.send_array)


class CpuDevice(Device):
    """The CPU, computing with NumPy arrays.

    Example:
        >>> from chaingrad.autograd.backends import CpuDevice
        >>> CpuDevice()
        <CpuDevice (numpy)>
    """

    xp = np
    name = '@numpy'
    supported_array_types = (np.ndarray,)

    @staticmethod
    def from_array(array: Any) -> CpuDevice | None:
        """Return the device of a NumPy array, None for any other object."""
        return CPU if isinstance(array, np.ndarray) else None

    def send_array(self, array: Any) -> Array:
        if isinstance(array, np.ndarray):
            return array
        if isinstance(array, SCALARS):
            return np.asarray(array)
        if hasattr(array, '__cuda_array_interface__') and hasattr(array, 'get'):
            copied: Array = array.get()
            return copied
        raise TypeError(f'to_cpu: an array was expected, but {type(array).__name__} was given.')


CPU = CpuDevice()
