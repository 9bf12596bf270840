"""Devices and array modules, with which a program runs on NumPy and CuPy arrays alike."""

from chaingrad.autograd.backends import (
    CpuDevice,
    Device,
    GpuDevice,
    copyto,
    get_array_module,
    get_device,
    get_device_from_array,
    using_device,
)
from chaingrad.autograd.backends.stand_ins import ChainerxDevice, Intel64Device

__all__ = [
    'ChainerxDevice',
    'CpuDevice',
    'Device',
    'GpuDevice',
    'Intel64Device',
    'copyto',
    'get_array_module',
    'get_device',
    'get_device_from_array',
    'using_device',
]
