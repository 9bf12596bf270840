"""The choice of a device, and the base class of everything that can be moved between devices."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, TypeAlias, TypeVar

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends.array_module import get_array_module, is_array, is_gpu_array
from chaingrad.autograd.backends.cpu import CPU, CpuDevice, Device
from chaingrad.autograd.backends.cuda import GpuDevice, current_gpu, to_cpu
from chaingrad.autograd.backends.cuda import get_device_from_array as get_gpu_from_array
from chaingrad.autograd.backends.stand_ins import DummyDeviceType
from chaingrad.autograd.tracebacks import short_traceback

# fmt: off
__all__ = [
    'CPU', 'CpuDevice', 'Device', 'DeviceResident', 'DeviceResidentsVisitor', 'GpuDevice', 'copyto',
    'get_array_types', 'get_cpu_array_types', 'get_device', 'get_device_from_array', 'is_array',
    'is_arrays_compatible', 'using_device',
]
# fmt: on

DeviceSpec: TypeAlias = Device | DummyDeviceType | str | int | ModuleType | tuple[ModuleType | str, int]
"""A specification of a device, as `get_device` takes it; or a `cuda.Device`, which type checkers do not know."""

Resident = TypeVar('Resident', bound='DeviceResident')


def get_device(device_spec: DeviceSpec) -> Device:
    """Return the device that a specification names.

    Args:
        device_spec: a `Device`; `'@numpy'`, `'@cupy'` or `'@cupy:1'`; a GPU's number, also as text,
            where a negative one is the CPU; the module numpy or cupy, alone or as `(cupy, 1)`; a `cuda.Device`.

    Returns:
        `CpuDevice` or `GpuDevice`.

    Raises:
        ValueError: when the specification is not known.
        RuntimeError: when it names a GPU, and CuPy is absent or finds none.

    Example:
        >>> from chaingrad.autograd.backends import get_device
        >>> get_device('@numpy')
        <CpuDevice (numpy)>
        >>> get_device(-1)
        <CpuDevice (numpy)>
    """
    if isinstance(device_spec, Device):
        return device_spec
    if isinstance(device_spec, (ModuleType, tuple)):
        device = _device_of_module(device_spec)
    elif hasattr(device_spec, 'id') and hasattr(device_spec, 'use'):  # a cuda.Device, or the dummy of the CPU
        device = CPU if device_spec.id < 0 else GpuDevice(device_spec)
    else:
        with short_traceback():
            device = _device_with_number(device_spec)
    if device is not None:
        return device
    raise ValueError(
        f"get_device: device_spec must be '@numpy', '@cupy:N', a GPU number (negative for the CPU), numpy, cupy, "
        f'(cupy, N) or a Device, but {device_spec!r} was given.'
    )


def _device_with_number(spec: Any) -> Device | None:
    """Return the device that a number or a text with one names; None for any other object."""
    if isinstance(spec, str):
        match = re.fullmatch(r'@cupy(?::(\d+))?|(-?\d+)', spec)
        if match is not None:
            spec = int(match[1] or match[2] or 0)
        elif spec == '@numpy':
            spec = -1
    if isinstance(spec, (int, np.integer)) and not isinstance(spec, bool):
        return CPU if spec < 0 else GpuDevice.from_device_id(int(spec))
    return None


def _device_of_module(spec: Any) -> Device | None:
    """Return the device of an array module or of a pair (module, number); None for any other."""
    module, number = spec if isinstance(spec, tuple) and len(spec) == 2 else (spec, 0)
    if module is np:
        return CPU
    if getattr(module, '__name__', module) in ('cupy', '@cupy'):
        return GpuDevice.from_device_id(int(number))
    return None


def get_device_from_array(*arrays: Any) -> Device:
    """Return the device of the first GPU array or GPU Variable, the CPU if there is none.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.backends import get_device_from_array
        >>> get_device_from_array(np.ones(3))
        <CpuDevice (numpy)>
    """
    gpu = get_gpu_from_array(*arrays)
    return CPU if gpu.id < 0 else GpuDevice(gpu)


def using_device(device_spec: DeviceSpec) -> AbstractContextManager[Device]:
    """Make a device the current one in a `with` block.

    Args:
        device_spec: a specification that `get_device` takes.

    Returns:
        A context manager whose value is the device.

    Example:
        >>> from chaingrad.autograd.backends import using_device
        >>> with using_device('@numpy') as device:
        ...     print(device)
        @numpy
    """
    return get_device(device_spec).create_context()


def copyto(dst: Array, src: Array) -> None:
    """Copy the values of `src` into `dst`, between devices where needed.

    Args:
        dst: array, filled in place.
        src: array of a shape that broadcasts to `dst`'s.

    Raises:
        TypeError: when `dst` is not an array.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.backends import copyto
        >>> a = np.zeros(2)
        >>> copyto(a, np.array([1., 2.]))
        >>> a
        array([1., 2.])
    """
    if isinstance(dst, np.ndarray):
        np.copyto(dst, to_cpu(src))
    elif is_gpu_array(dst):
        with dst.device:
            get_array_module(dst).copyto(dst, GpuDevice(dst.device).send(src))
    else:
        raise TypeError(f'copyto: dst must be an array, but it is {type(dst).__name__}.')


def get_cpu_array_types() -> tuple[type, ...]:
    """Return the types of arrays on the CPU: `(numpy.ndarray,)`."""
    return CpuDevice.supported_array_types


def get_array_types() -> tuple[type, ...]:
    """Return the types of arrays that Variables can hold: NumPy's, and CuPy's once CuPy is imported."""
    cupy: Any = sys.modules.get('cupy')
    return get_cpu_array_types() if cupy is None else (*get_cpu_array_types(), cupy.ndarray)


def is_arrays_compatible(arrays: Iterable[Array | None]) -> bool:
    """Say whether all arrays are on the same kind of device; entries that are None do not count."""
    present = [array for array in arrays if array is not None]
    return all(is_gpu_array(a) for a in present) or all(isinstance(a, np.ndarray) for a in present)


class DeviceResidentsVisitor:
    """The base of visitors, which `DeviceResident.device_resident_accept` shows every resident and its arrays."""

    def visit_device_resident(self, device_resident: DeviceResident) -> None:
        """Visit an object that holds arrays."""

    def visit_array(self, arr: Array) -> Array:
        """Visit an array and return the array that replaces it."""
        return arr

    def visit_variable(self, param: Any) -> None:
        """Visit a Parameter, which is changed in place."""


class _Move(DeviceResidentsVisitor):
    """Moves the arrays that it visits to a device; `method` and `args` are the public call that started the move."""

    def __init__(self, start: DeviceResident, device: Device, method: str, args: tuple[Any, ...] = ()) -> None:
        self.start = start
        self.device = device
        self.method = method
        self.args = args

    def visit_device_resident(self, device_resident: DeviceResident) -> None:
        device_resident._device = self.device
        # A user's class may override to_gpu() to move arrays of its own, so it is called for children too.
        overridden = getattr(type(device_resident), self.method) is not getattr(DeviceResident, self.method)
        if overridden and device_resident is not self.start:
            getattr(device_resident, self.method)(*self.args)

    def visit_array(self, arr: Array) -> Array:
        if self._stays(arr):
            return arr
        moved: Array = self.device.send(arr)
        return moved

    def visit_variable(self, param: Any) -> None:
        if not self._stays(param.array):
            param.to_device(self.device)

    def _stays(self, array: Array | None) -> bool:
        """Say whether an array is left where it is: to_gpu leaves arrays on any GPU, to_device moves all."""
        return self.method == 'to_gpu' and is_gpu_array(array)


class DeviceResident:
    """Base of objects that have arrays on a device, such as links.

    A subclass with arrays of its own extends `device_resident_accept` and shows them to the visitor.

    Example:
        >>> from chaingrad.autograd.backends import DeviceResident
        >>> DeviceResident().to_device('@numpy').device
        <CpuDevice (numpy)>
    """

    _device: Device = CPU

    def __init__(self) -> None:
        pass

    @property
    def device(self) -> Device:
        """The device that holds the arrays."""
        return self._device

    @property
    def xp(self) -> Any:
        """The array module of the device: numpy or cupy."""
        return self._device.xp

    def device_resident_accept(self, visitor: DeviceResidentsVisitor) -> None:
        """Show this object, and in subclasses its arrays and children, to a visitor."""
        visitor.visit_device_resident(self)

    def to_cpu(self: Resident) -> Resident:
        """Move all arrays to the CPU and return the object itself; deprecated, use `to_device`."""
        warnings.warn("to_cpu is deprecated. Use to_device('@numpy') instead.", DeprecationWarning, stacklevel=2)
        self.device_resident_accept(_Move(self, CPU, 'to_cpu'))
        return self

    def to_gpu(self: Resident, device: Any = None) -> Resident:
        """Move all arrays that are on the CPU to a GPU and return the object itself; deprecated, use `to_device`.

        Args:
            device: GPU number or `cuda.Device`; None is the current GPU.

        Raises:
            RuntimeError: when CuPy is absent or finds no GPU.
        """
        warnings.warn("to_gpu is deprecated. Use to_device('@cupy:0') instead.", DeprecationWarning, stacklevel=2)
        self.device_resident_accept(_Move(self, GpuDevice(current_gpu(device)), 'to_gpu', (device,)))
        return self

    def to_device(self: Resident, device: DeviceSpec) -> Resident:
        """Move all arrays to a device and return the object itself.

        Args:
            device: a specification that `get_device` takes.
        """
        device = get_device(device)
        self.device_resident_accept(_Move(self, device, 'to_device', (device,)))
        return self
