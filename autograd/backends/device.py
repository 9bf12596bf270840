"""The choice of device and array module, and the base of everything that can be moved between devices."""

from __future__ import annotations

import re
import sys
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from chaingrad.autograd.backends.array_module import get_array_module, is_array, is_gpu_array
from chaingrad.autograd.backends.cpu import CPU, CpuDevice, Device
from chaingrad.autograd.backends.cuda import GpuDevice, current_gpu, to_cpu
from chaingrad.autograd.backends.cuda import get_device_from_array as _gpu_of

# fmt: off
__all__ = [
    'CPU', 'CpuDevice', 'Device', 'DeviceResident', 'DeviceResidentsVisitor', 'GpuDevice', 'copyto',
    'get_array_types', 'get_cpu_array_types', 'get_device', 'get_device_from_array', 'is_array',
    'is_arrays_compatible', 'using_device',
]
# fmt: on

Resident = TypeVar('Resident', bound='DeviceResident')


def get_device(device_spec: Any) -> Device:
    """Return the device that a specification names.

    Args:
        device_spec: a `Device`; `'@numpy'`, `'@cupy'` or `'@cupy:1'`; a GPU's number, also as text,
            where a negative one is the CPU; the module numpy or cupy, alone or as `(cupy, 1)`; a `cuda.Device`.

    Returns:
        `CpuDevice` or `GpuDevice`.

    Raises:
        ValueError: the specification is not known.
        RuntimeError: it names a GPU, and CuPy is absent or finds none.

    Example:
        >>> from chaingrad.autograd.backends import get_device
        >>> get_device('@numpy')
        <CpuDevice @numpy>
        >>> get_device(-1)
        <CpuDevice @numpy>
    """
    spec = device_spec
    if isinstance(spec, Device):
        return spec
    if isinstance(spec, str) and (named := re.fullmatch(r'@numpy|@cupy(?::(\d+))?|(-?\d+)', spec)):
        spec = -1 if spec == '@numpy' else int(named[1] or named[2] or 0)
    if isinstance(spec, (int, np.integer)) and not isinstance(spec, bool):
        return CPU if spec < 0 else GpuDevice.from_device_id(int(spec))
    if isinstance(spec, (ModuleType, tuple)):
        module, number = spec if isinstance(spec, tuple) and len(spec) == 2 else (spec, 0)
        if module is np:
            return CPU
        if getattr(module, '__name__', module) in ('cupy', '@cupy'):
            return GpuDevice.from_device_id(int(number))
    elif hasattr(spec, 'id') and hasattr(spec, 'use'):  # cuda.Device, or the dummy that stands for the CPU
        return CPU if spec.id < 0 else GpuDevice(spec)
    raise ValueError(
        f"get_device: device_spec must be '@numpy', '@cupy:N', a GPU number (negative for the CPU), numpy, cupy, "
        f'(cupy, N) or a Device, but {device_spec!r} was given.'
    )


def get_device_from_array(*arrays: Any) -> Device:
    """Return the device of the first GPU array or GPU Variable, the CPU if there is none.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.backends import get_device_from_array
        >>> get_device_from_array(np.ones(3))
        <CpuDevice @numpy>
    """
    device = _gpu_of(*arrays)
    return CPU if device.id < 0 else GpuDevice(device)


def using_device(device_spec: Any) -> AbstractContextManager[Device]:
    """Make a device the current one inside a `with` block.

    Args:
        device_spec: what `get_device` reads.

    Returns:
        A context manager that gives the device.

    Example:
        >>> from chaingrad.autograd.backends import using_device
        >>> with using_device('@numpy') as device:
        ...     print(device)
        @numpy
    """
    return get_device(device_spec).create_context()


def copyto(dst: Any, src: Any) -> None:
    """Copy the values of `src` into `dst`, between devices where needed.

    Args:
        dst: array, filled in place.
        src: array of a shape that broadcasts to `dst`'s.

    Raises:
        TypeError: `dst` is no array.

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
    """Return the types of arrays that Variables can hold: NumPy's, and CuPy's where CuPy is in use."""
    cupy: Any = sys.modules.get('cupy')
    return get_cpu_array_types() if cupy is None else (*get_cpu_array_types(), cupy.ndarray)


def is_arrays_compatible(arrays: Any) -> bool:
    """Say whether the arrays live on the same kind of device; None entries do not count."""
    given = [array for array in arrays if array is not None]
    return all(is_gpu_array(a) for a in given) or all(isinstance(a, np.ndarray) for a in given)


class DeviceResidentsVisitor:
    """What `DeviceResident.device_resident_accept` is called with: it sees each resident and its arrays."""

    def visit_device_resident(self, device_resident: DeviceResident) -> None:
        """See an object that holds arrays."""

    def visit_array(self, arr: Any) -> Any:
        """See an array and return what replaces it."""
        return arr

    def visit_variable(self, param: Any) -> None:
        """See a Parameter, which is changed in place."""


class _Move(DeviceResidentsVisitor):
    """Move what it visits to a device; `method` and `args` are the public call that began the move."""

    def __init__(self, start: DeviceResident, device: Device, method: str, args: tuple[Any, ...] = ()) -> None:
        self.start, self.device, self.method, self.args = start, device, method, args

    def visit_device_resident(self, device_resident: DeviceResident) -> None:
        device_resident._device = self.device
        # A user's class may override to_gpu() to move arrays of its own: it is called for children too.
        overridden = getattr(type(device_resident), self.method) is not getattr(DeviceResident, self.method)
        if overridden and device_resident is not self.start:
            getattr(device_resident, self.method)(*self.args)

    def visit_array(self, arr: Any) -> Any:
        # to_gpu leaves alone what is on another GPU already; to_device moves everything.
        return arr if self.method == 'to_gpu' and is_gpu_array(arr) else self.device.send(arr)

    def visit_variable(self, param: Any) -> None:
        if self.method != 'to_gpu' or not is_gpu_array(param.array):
            param.to_device(self.device)


class DeviceResident:
    """Base of objects whose arrays live on a device, such as links.

    A subclass with arrays of its own extends `device_resident_accept` and shows them to the visitor.

    Example:
        >>> from chaingrad.autograd.backends import DeviceResident
        >>> DeviceResident().to_cpu().device
        <CpuDevice @numpy>
    """

    _device: Device = CPU

    def __init__(self) -> None:
        pass

    @property
    def device(self) -> Device:
        """The device where the arrays live."""
        return self._device

    @property
    def xp(self) -> Any:
        """The array module of the device: numpy or cupy."""
        return self._device.xp

    def device_resident_accept(self, visitor: DeviceResidentsVisitor) -> None:
        """Show this object, and in subclasses its arrays and children, to a visitor."""
        visitor.visit_device_resident(self)

    def to_cpu(self: Resident) -> Resident:
        """Move all arrays to the CPU and return the object itself."""
        self.device_resident_accept(_Move(self, CPU, 'to_cpu'))
        return self

    def to_gpu(self: Resident, device: Any = None) -> Resident:
        """Move all arrays that are on the CPU to a GPU and return the object itself.

        Args:
            device: GPU number or `cuda.Device`; None is the current GPU.

        Raises:
            RuntimeError: CuPy is absent or finds no GPU.
        """
        self.device_resident_accept(_Move(self, GpuDevice(current_gpu(device)), 'to_gpu', (device,)))
        return self

    def to_device(self: Resident, device: Any) -> Resident:
        """Move all arrays to a device and return the object itself.

        Args:
            device: what `get_device` reads.
        """
        device = get_device(device)
        self.device_resident_accept(_Move(self, device, 'to_device', (device,)))
        return self
