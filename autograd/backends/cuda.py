"""GPU arrays by CuPy, under the names of `chaingrad.backends.cuda`.

CuPy is optional and slow to import, so it is imported when something here first needs it. `available`, `cupy`,
`ndarray`, `Device`, `Event` and `Stream` are looked up then; without CuPy `available` is False and the others are the
stand-ins of `stand_ins.py`. There is no cuDNN path: functions compute with plain array operations on either device.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import stand_ins
from chaingrad.autograd.backends.array_module import get_array_module, is_gpu_array
from chaingrad.autograd.backends.cpu import CPU, SCALARS, convert_arrays
from chaingrad.autograd.backends.cpu import Device as BaseDevice
from chaingrad.autograd.backends.stand_ins import DummyDevice, DummyDeviceType, missing_cupy
from chaingrad.autograd.configuration import config

# fmt: off
__all__ = [
    'DummyDevice', 'DummyDeviceType', 'GpuDevice', 'check_cuda_available', 'clear_memo', 'config', 'copy',
    'cudnn_enabled', 'elementwise', 'fuse', 'get_array_module', 'get_device', 'get_device_from_array',
    'get_device_from_id', 'get_max_workspace_size', 'memoize', 'raw', 'reduce', 'set_max_workspace_size',
    'should_use_cudnn', 'should_use_cudnn_tensor_core', 'to_cpu', 'to_gpu',
]
# fmt: on

# Names that `__getattr__` looks up in CuPy.
_FROM_CUPY = ('available', 'cupy', 'ndarray', 'Device', 'Event', 'Stream')
cudnn_enabled = False
"""There is no cuDNN path."""

_max_workspace_size = 8 * 1024 * 1024


@functools.cache
def _find_cupy() -> tuple[Any, bool]:
    """Return CuPy, None if it is not installed, and whether it finds a GPU."""
    try:
        cupy = importlib.import_module('cupy')
    except ImportError:
        return None, False
    try:
        return cupy, cupy.cuda.runtime.getDeviceCount() > 0
    except Exception:  # an error class of the driver: a broken or absent driver means no GPU
        return cupy, False


def _require_cupy(caller: str) -> Any:
    """Return CuPy, or raise an error that names the caller."""
    cupy, has_gpu = _find_cupy()
    if not has_gpu:
        raise missing_cupy(caller, found=cupy is not None)
    return cupy


def __getattr__(name: str) -> Any:
    if name not in _FROM_CUPY:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    cupy, has_gpu = _find_cupy()
    if name == 'available':
        return has_gpu
    if name == 'cupy':
        return cupy if has_gpu else stand_ins.MissingCupy()
    if not has_gpu:
        return getattr(stand_ins, name)
    if name == 'ndarray':
        return cupy.ndarray
    return getattr(cupy.cuda, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_FROM_CUPY})


def check_cuda_available() -> None:
    """Raise RuntimeError, which names what is missing, unless a GPU can be used."""
    _require_cupy('check_cuda_available')


class GpuDevice(BaseDevice):
    """One CUDA GPU, computing with CuPy arrays.

    Args:
        device: a `cuda.Device`.

    Raises:
        RuntimeError: when CuPy is absent or finds no GPU.
    """

    def __init__(self, device: Any) -> None:
        cupy = _require_cupy('GpuDevice')
        if not isinstance(device, cupy.cuda.Device):
            raise TypeError(
                f'GpuDevice: device must be a cuda.Device, but {device!r} was given. '
                'Use GpuDevice.from_device_id(id) or get_device(...).'
            )
        self.device = device
        self.xp = cupy
        self.name = f'@cupy:{device.id}'
        self.supported_array_types = (cupy.ndarray,)

    @staticmethod
    def from_device_id(device_id: int) -> GpuDevice:
        """Return the GPU with this number, from 0."""
        if device_id is None or device_id < 0:
            raise ValueError(f'GpuDevice.from_device_id: device_id must be 0 or more, but {device_id} was given.')
        return GpuDevice(_require_cupy('GpuDevice.from_device_id').cuda.Device(int(device_id)))

    @staticmethod
    def from_array(array: Any) -> GpuDevice | None:
        """Return the device of a CuPy array, None for any other object."""
        return GpuDevice(array.device) if is_gpu_array(array) else None

    @contextmanager
    def create_context(self) -> Iterator[BaseDevice]:
        # A new cupy Device, because one object cannot be entered twice at a time.
        with self.xp.cuda.Device(self.device.id):
            yield self

    def use(self) -> None:
        self.device.use()

    def is_array_supported(self, array: Any) -> bool:
        return super().is_array_supported(array) and array.device == self.device

    def send_array(self, array: Any) -> Any:
        return _array_to_gpu(self.xp, array, self.device, None)


def get_device_from_id(device_id: int | None) -> Any:
    """Return the `cuda.Device` with this number, or a dummy that `with` accepts for None or a negative number.

    Example:
        >>> from chaingrad.autograd.backends import cuda
        >>> cuda.get_device_from_id(-1)
        <DummyDevice>
    """
    if device_id is None or device_id < 0:
        return DummyDevice
    return _require_cupy('cuda.get_device_from_id').cuda.Device(int(device_id))


def get_device_from_array(*arrays: Any) -> Any:
    """Return the `cuda.Device` of the first GPU array or GPU Variable; a dummy if there is none."""
    for array in arrays:
        array = getattr(array, 'array', array)
        if is_gpu_array(array):
            return array.device
    return DummyDevice


def get_device(*args: Any) -> Any:
    """Return the `cuda.Device` of the first argument that names one: a number, a device or an array."""
    cupy = sys.modules.get('cupy')
    for arg in args:
        if isinstance(arg, (int, np.integer)) and not isinstance(arg, bool):
            return get_device_from_id(int(arg))
        if cupy is not None and isinstance(arg, cupy.cuda.Device):
            return arg
        if get_device_from_array(arg) is not DummyDevice:
            return get_device_from_array(arg)
    return DummyDevice


def to_cpu(array: Any, stream: Any = None) -> Any:
    """Copy GPU arrays to NumPy arrays.

    Args:
        array: array, scalar, None, or a list or tuple of them.
        stream: the CUDA stream of the copy; None waits until the copy is done.

    Returns:
        The same structure with NumPy arrays. A NumPy array is returned as it is, a scalar as a 0-d array.

    Raises:
        TypeError: when `array` is anything else.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.backends import cuda
        >>> cuda.to_cpu([np.ones(2), None])
        [array([1., 1.]), None]
    """

    def convert(a: Any) -> Array:
        if is_gpu_array(a):
            with a.device:
                copied: Array = a.get(stream)
                return copied
        return CPU.send_array(a)

    return convert_arrays(array, convert)


def _array_to_gpu(cupy: Any, array: Any, device: Any, stream: Any) -> Any:
    with device:
        if isinstance(array, cupy.ndarray):
            return array if array.device == device else array.copy()
        if not isinstance(array, (np.ndarray, *SCALARS)):
            raise TypeError(f'to_gpu: an array was expected, but {type(array).__name__} was given.')
        array = np.asarray(array)
        if stream is None or array.nbytes == 0:
            return cupy.asarray(array)
        result = cupy.empty(array.shape, array.dtype)
        result.set(np.ascontiguousarray(array), stream)
        return result


def current_gpu(device: Any = None) -> Any:
    """Return the `cuda.Device` that a number, a `cuda.Device` or a GpuDevice names; None is the current one."""
    cupy = _require_cupy('to_gpu')
    if isinstance(device, GpuDevice):
        return device.device
    if device is None or isinstance(device, (int, np.integer)):
        return cupy.cuda.Device(device)
    return device


def to_gpu(array: Any, device: Any = None, stream: Any = None) -> Any:
    """Copy arrays to a GPU.

    Args:
        array: array, scalar, None, or a list or tuple of them.
        device: GPU number, `cuda.Device` or `GpuDevice`; None is the current GPU.
        stream: the CUDA stream of the copy.

    Returns:
        The same structure with CuPy arrays. An array that is on that GPU already is returned as it is.

    Raises:
        RuntimeError: when CuPy is absent or finds no GPU.
        TypeError: when `array` is anything else.
    """
    cupy = _require_cupy('to_gpu')
    gpu = current_gpu(device)

    def convert(a: Any) -> Any:
        return _array_to_gpu(cupy, a, gpu, stream)

    return convert_arrays(array, convert)


def copy(array: Any, out: Any = None, out_device: Any = None, stream: Any = None) -> Any:
    """Copy a GPU array to the current GPU, into `out`, or to `out_device`.

    Args:
        array: CuPy array.
        out: CuPy array of the same shape, filled if given.
        out_device: GPU number or `cuda.Device`; not together with `out`.
        stream: the CUDA stream of the copy.

    Returns:
        The copy, or `out`.
    """
    cupy = _require_cupy('cuda.copy')
    if out is not None and out_device is not None:
        raise TypeError('cuda.copy: out and out_device were both given. Give one of them.')
    if out is None:
        device = cupy.cuda.Device() if out_device is None else get_device(out_device)
        with device:
            out = cupy.empty_like(array)
    with array.device, stream or cupy.cuda.Stream.null:
        cupy.copyto(out, array)
    return out


def memoize(for_each_device: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that caches the results of a function that compiles kernels.

    The cache is CuPy's. There is one for each GPU if `for_each_device` is True; `clear_memo` empties all.
    """

    def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
        cached: list[Callable[..., Any]] = []

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if not cached:
                cached.append(_require_cupy(function.__name__).memoize(for_each_device)(function))
            return cached[0](*args, **kwargs)

        return wrapper

    return decorator


def clear_memo() -> None:
    """Empty the caches of all memoized functions."""
    cupy = sys.modules.get('cupy')
    if cupy is not None:
        cupy.clear_memo()


@memoize(for_each_device=True)
def elementwise(in_params: str, out_params: str, operation: str, name: str, **kwargs: Any) -> Any:
    """Return CuPy's ElementwiseKernel with this code, compiled once per GPU."""
    return _require_cupy('cuda.elementwise').ElementwiseKernel(in_params, out_params, operation, name, **kwargs)


@memoize(for_each_device=True)
def reduce(
    in_params: str,
    out_params: str,
    map_expr: str,
    reduce_expr: str,
    post_map_expr: str,
    identity: Any,
    name: str,
    **kwargs: Any,
) -> Any:
    """Return CuPy's ReductionKernel with this code, compiled once per GPU."""
    kernel = _require_cupy('cuda.reduce').ReductionKernel
    return kernel(in_params, out_params, map_expr, reduce_expr, post_map_expr, identity, name, **kwargs)


@memoize(for_each_device=True)
def raw(code: str, name: str, *args: Any, **kwargs: Any) -> Any:
    """Return CuPy's RawKernel with this code, compiled once per GPU."""
    return _require_cupy('cuda.raw').RawKernel(code, name, *args, **kwargs)


def get_max_workspace_size() -> int:
    """Return how many bytes of workspace a GPU function may use."""
    return _max_workspace_size


def set_max_workspace_size(size: int) -> None:
    """Set how many bytes of workspace a GPU function may use."""
    global _max_workspace_size
    _max_workspace_size = size


def should_use_cudnn(level: str, lowest_version: int = 0) -> bool:
    """Return False: there is no cuDNN path.

    Args:
        level: '==always' or '>=auto'.
        lowest_version: least version of cuDNN.

    Example:
        >>> from chaingrad.backends import cuda
        >>> cuda.should_use_cudnn('>=auto')
        False
    """
    return False


def should_use_cudnn_tensor_core(dtype: Any) -> bool:
    """Return False: there is no cuDNN path.

    Args:
        dtype: dtype of the arrays.

    Example:
        >>> from chaingrad.backends import cuda
        >>> cuda.should_use_cudnn_tensor_core('float16')
        False
    """
    return False


def fuse(*args: Any, **kwargs: Any) -> Any:
    """Decorate a function that CuPy shall fuse into one kernel; without a GPU return it as it is.

    Args:
        args: the function, where the decorator has no arguments of its own.
        kwargs: arguments of `cupy.fuse`.

    Example:
        >>> import numpy as np
        >>> from chaingrad.backends import cuda
        >>> @cuda.fuse()
        ... def twice(x):
        ...     return 2 * x
        >>> twice(np.ones(2))
        array([2., 2.])
    """
    cupy, has_gpu = _find_cupy()
    if has_gpu:
        return cupy.fuse(*args, **kwargs)
    return args[0] if args and callable(args[0]) else lambda function: function
