"""Devices and array modules: NumPy on the CPU, CuPy on a GPU."""

from chaingrad.autograd.backends import cuda
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.backends.cpu import CpuDevice, Device
from chaingrad.autograd.backends.cuda import GpuDevice
from chaingrad.autograd.backends.device import (
    DeviceResident,
    DeviceResidentsVisitor,
    copyto,
    get_array_types,
    get_cpu_array_types,
    get_device,
    get_device_from_array,
    is_arrays_compatible,
    using_device,
)

# fmt: off
__all__ = [
    'CpuDevice', 'Device', 'DeviceResident', 'DeviceResidentsVisitor', 'GpuDevice', 'copyto', 'cuda',
    'get_array_module', 'get_array_types', 'get_cpu_array_types', 'get_device', 'get_device_from_array',
    'is_arrays_compatible', 'using_device',
]
# fmt: on
