"""What oneDNN's C API is called with: its constants, memory descriptors, and objects that are freed when unused."""

from __future__ import annotations

import ctypes
import functools
import math
from collections.abc import Callable, Sequence
from ctypes import byref, c_float, c_int, c_int64, c_size_t, c_uint, c_void_p
from typing import Any

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.configuration import config
from chaingrad.functions.kernels.onednn.shared_object import Library, find_library

BFLOAT16, FLOAT32, UINT8 = 2, 3, 6
FORWARD, BACKWARD = 64, 128  # kinds of propagation; forward for training
DIRECT = 1  # the algorithm of a convolution
MAXIMUM, AVERAGE = 511, 767  # algorithms of a pooling; the average counts the padding
SOFTMAX, LOG_SOFTMAX = 196608, 196609
LOGISTIC = 41  # the algorithm of an elementwise function: sigmoid
SCALE_AND_SHIFT = 2 | 4  # flags of a normalization

# Arguments of a primitive; the gradient of argument i is argument i + 128.
X, Y, W, B, MEAN, VARIANCE, SCALE, SHIFT, WORKSPACE, SCRATCHPAD = 1, 17, 33, 41, 49, 50, 51, 52, 64, 80
GX, GY, GW, GB, GSCALE, GSHIFT = X + 128, Y + 128, W + 128, B + 128, 255, 256

_BFLOAT16_INSTRUCTIONS = 0x80  # a bit of the instruction sets of a processor
_ANY = 1  # the memory order that the primitive likes best
_QUERY_BY_ARGUMENT = 255
_QUERY_IMPLEMENTATION = 8
_USER_SCRATCHPAD = 1
MOST_AXES = 12

_POINTER = c_void_p
_ARGUMENTS: dict[str, list[Any]] = {
    'dnnl_stream_create': [_POINTER, _POINTER, c_uint],
    'dnnl_memory_create': [_POINTER] * 4,
    'dnnl_memory_set_data_handle': [_POINTER] * 2,
    'dnnl_memory_desc_create_with_strides': [_POINTER, c_int, _POINTER, c_int, _POINTER],
    'dnnl_memory_desc_create_with_tag': [_POINTER, c_int, _POINTER, c_int, c_int],
    'dnnl_memory_desc_get_size': [_POINTER],
    'dnnl_memory_desc_equal': [_POINTER] * 2,
    'dnnl_primitive_attr_create': [_POINTER],
    'dnnl_primitive_attr_set_scratchpad_mode': [_POINTER, c_int],
    'dnnl_primitive_desc_query': [_POINTER, c_int, c_int, _POINTER],
    'dnnl_primitive_desc_query_md': [_POINTER, c_int, c_int],
    'dnnl_reorder_primitive_desc_create': [_POINTER] * 6,
    'dnnl_primitive_create': [_POINTER] * 2,
    'dnnl_primitive_execute': [_POINTER, _POINTER, c_int, _POINTER],
    'dnnl_sgemm': [ctypes.c_char] * 2
    + [c_int64] * 3
    + [c_float, _POINTER, c_int64, _POINTER, c_int64, c_float, _POINTER, c_int64],
}
_DESTROYED = ('memory', 'memory_desc', 'primitive', 'primitive_desc', 'primitive_attr', 'stream')


class Unsupported(Exception):
    """oneDNN does not have what was asked for: the NumPy kernel computes it."""


class ExecutionArgument(ctypes.Structure):
    """An argument's number and its memory."""

    _fields_ = [('number', c_int), ('memory', _POINTER)]


@functools.cache
def api() -> Library:
    """Return the library with its functions declared; there must be one."""
    found = find_library()
    if found is None:
        raise Unsupported('no oneDNN was found')
    for calls in (found.calls, found.quick):
        for name, types in _ARGUMENTS.items():
            getattr(calls, name).argtypes = types
        for kind in _DESTROYED:
            getattr(calls, f'dnnl_{kind}_destroy').argtypes = [_POINTER]
        calls.dnnl_memory_desc_get_size.restype = c_size_t
        calls.dnnl_primitive_desc_query_md.restype = _POINTER
    return found


class Owned:
    """An object of the library, destroyed when nothing refers to it. `value` is its address."""

    __slots__ = ('_as_parameter_', '_destroy', 'value')

    def __init__(self, kind: str, create: Callable[..., int], *arguments: Any) -> None:
        self._destroy: Any = None
        pointer = c_void_p()
        status = create(byref(pointer), *arguments)
        if status:
            raise Unsupported(f'{kind}: oneDNN returned {status}')
        self.value = pointer.value
        self._as_parameter_ = pointer  # what ctypes passes for this object
        self._destroy = getattr(api().quick, f'dnnl_{kind}_destroy')

    def __del__(self) -> None:
        if self._destroy is not None:
            self._destroy(self.value)


def integers(values: Sequence[int]) -> Any:
    """Return values as the library takes dimensions, strides and paddings."""
    return (c_int64 * MOST_AXES)(*values)


def contiguous_strides(shape: Sequence[int]) -> Shape:
    """Return the strides, in elements, of a C-contiguous array."""
    return tuple([math.prod(shape[i + 1 :]) for i in range(len(shape))])


def described(shape: Shape, strides: Shape | None = None, dtype: int = FLOAT32) -> Owned:
    """Return the description of an array with strides in elements; C-contiguous by default."""
    strides = contiguous_strides(shape) if strides is None else strides
    create = api().calls.dnnl_memory_desc_create_with_strides
    return Owned('memory_desc', create, len(shape), integers(shape), dtype, integers(strides))


def any_order(shape: Shape, dtype: int = FLOAT32) -> Owned:
    """Return the description of an array in whatever order the primitive likes best."""
    create = api().calls.dnnl_memory_desc_create_with_tag
    return Owned('memory_desc', create, len(shape), integers(shape), dtype, _ANY)


def factor_type() -> int:
    """Return what the factors of products are rounded to, as `config.matmul_precision` and the processor have it."""
    if config.matmul_precision == 'float32':
        return FLOAT32
    return BFLOAT16 if api().calls.dnnl_get_effective_cpu_isa() & _BFLOAT16_INSTRUCTIONS else FLOAT32


def primitive_description(name: str, *arguments: Any, allows_reference: bool = False) -> Owned:
    """Return what a primitive of this name would do, its scratch memory given by the caller.

    allows_reference: whether one called 'reference' is good enough; for recurrence it is made of fast products.
    """
    lib = api()
    attributes = Owned('primitive_attr', lib.calls.dnnl_primitive_attr_create)
    lib.calls.dnnl_primitive_attr_set_scratchpad_mode(attributes, _USER_SCRATCHPAD)
    create = getattr(lib.calls, f'dnnl_{name}_primitive_desc_create')
    made = Owned('primitive_desc', create, lib.engine, *arguments, attributes)
    implementation = ctypes.c_char_p()
    lib.calls.dnnl_primitive_desc_query(made, _QUERY_IMPLEMENTATION, 0, byref(implementation))
    if not allows_reference and (implementation.value or b'').startswith(b'ref'):
        raise Unsupported(f'{name}: only loops that are slower than NumPy')
    return made


def argument_description(primitive: Owned, argument: int) -> int:
    """Return how a primitive wants an argument to lie in memory; the description belongs to `primitive`."""
    return api().calls.dnnl_primitive_desc_query_md(primitive, _QUERY_BY_ARGUMENT, argument)


def size_of(description: Any) -> int:
    """Return the number of bytes of a described array."""
    return api().calls.dnnl_memory_desc_get_size(description)


def same_description(a: Any, b: Any) -> bool:
    """Return whether two descriptions describe the same order in memory."""
    return bool(api().calls.dnnl_memory_desc_equal(a, b))
