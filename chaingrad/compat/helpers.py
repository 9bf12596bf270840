"""Private helpers of the reference's functions and links that programs import: each calls what chaingrad has.

`alias_names.py` says under which paths they are found. Those of datasets and training are in `training_helpers.py`.
Nothing in chaingrad calls them.
"""

from __future__ import annotations

import importlib.util
import io
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import chaingrad.functions as F
from chaingrad._runtime_info import print_runtime_info
from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import SumTo
from chaingrad.autograd.backends import cuda, get_device_from_array
from chaingrad.autograd.backends.array_module import get_array_module, is_array
from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.type_checking.expressions import Expr, value_of
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.kernels.softmax import log_softmax as log_softmax_array
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.model.vision.pictures import ten_crops
from chaingrad.optimizers.hooks import squared_norm

# What the reference found out when it was imported: whether an optional package is there.
_has_pillow = importlib.util.find_spec('PIL') is not None
_has_h5py = importlib.util.find_spec('h5py') is not None


def is_graphviz_available() -> bool:
    """Say whether Graphviz' program `dot` is on the path."""
    return shutil.which('dot') is not None


def get_runtime_info() -> str:
    """Return what `print_runtime_info` prints."""
    text = io.StringIO()
    print_runtime_info(text)
    return text.getvalue().rstrip('\n')


# Arrays


def _get_initializer(initializer: Any = None, scale: float = 1.0) -> Any:
    """Return what fills an array: LeCunNormal for None; `scale` is version 1's."""
    return get_initializer(initializer, LeCunNormal(scale))


def _log_softmax(x: Array, axis: int | bool = 1) -> Array:
    """Return the log softmax of an array; version 1 passed `use_cudnn` in place of the axis."""
    return log_softmax_array(x, 1 if isinstance(axis, bool) else axis)


def _flip(array: Array, axis: int) -> Array:
    return get_array_module(array).flip(array, axis)  # type: ignore[no-any-return]


def _stride_array(array: Array, shape: Sequence[int], strides: Sequence[int], storage_offset: int) -> Array:
    """Return the array that `F.as_strided` makes (a copy; the reference's is a view)."""
    return F.as_strided(array, shape, strides, storage_offset).array


def _backward_one(*args: Any) -> Any:
    """Sum a gradient, the last argument, to the shape of an input: `(x, g)`, or `([xp], shape, dtype, g)`."""
    shape, dtype = (args[0].shape, args[0].dtype) if len(args) == 2 else args[-3:-1]
    g = args[-1]
    return np.zeros(shape, dtype) if g is None else SumTo.of(g, shape=tuple(shape))


def _sum_sqnorm(arrays: Sequence[Array]) -> float:
    return sum(squared_norm(x) for x in arrays)


def as_mat(x: Array) -> Array:
    """Return an array as a matrix with one row per example."""
    return x if x.ndim == 2 else x.reshape(len(x), -1)


def as_vec(x: Array) -> Array:
    """Return an array as a vector."""
    return x.ravel()


def oversample(images: Sequence[Array], crop_dims: Sequence[int]) -> Array:
    """Return ten crops (corners, middle, and their mirror images) of each image (height, width, channels)."""
    height, width = map(int, crop_dims)
    channels_first = np.asarray(images, np.float32).transpose(0, 3, 1, 2)
    if height != width:
        raise ValueError(f'oversample: crop_dims must be two equal lengths, but they are {height} and {width}.')
    return np.ascontiguousarray(ten_crops(channels_first, height).transpose(0, 2, 3, 1))


def _get_device(x: Any) -> Any:
    """Return the device of an array or number."""
    return get_device_from_array(x)


def _check_grad_type(func: Any, x: Any, *rest: Any) -> None:
    """Raise unless a gradient, the last argument, is an array of the dtype and shape of x."""
    gx = as_array(rest[-1])
    if gx is None or x.dtype is None or x.shape is None:
        return
    who = f'{getattr(func, "label", func)}: the gradient of {x.dtype} {x.shape}'
    if not is_array(gx):
        raise TypeError(f'{who} must be an array, but it is {type(gx).__name__}.')
    if gx.dtype != x.dtype:
        raise TypeError(f'{who} must have its dtype, but it is {gx.dtype}.')
    if gx.shape != x.shape:
        raise ValueError(f'{who} must have its shape, but it is {gx.shape}.')


# Recurrent layers


def _extract_gates(x: Any) -> list[Any]:
    """Return the gates a, i, f, o, which lie unit by unit in x (n, 4 units, ...)."""
    gates = x.reshape((x.shape[0], x.shape[1] // 4, 4, *x.shape[2:]))
    return [gates[:, :, i] for i in range(4)]


def _lstm(x: Any, h: Any, c: Any, w: Sequence[Any], b: Sequence[Any]) -> tuple[Variable, Variable]:
    """Make a step of long short-term memory with the eight weights of `F.n_step_lstm`, and return h and c."""
    i, f, a, o = [F.linear(x, w[k], b[k]) + F.linear(h, w[k + 4], b[k + 4]) for k in range(4)]
    c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(a)
    return F.sigmoid(o) * F.tanh(c), c


def argsort_list_descent(lst: Sequence[Any]) -> Array:
    """Return the order that puts the longest sequence first."""
    return np.argsort([-len(x) for x in lst], kind='stable').astype(np.int32)


def permutate_list(lst: Sequence[Any], indices: Sequence[int], inv: bool) -> list[Any]:
    """Return `[lst[i] for i in indices]`, or with `inv` the list that this would make `lst` of."""
    if not inv:
        return [lst[i] for i in indices]
    permuted = list(lst)
    for i, x in zip(indices, lst):
        permuted[i] = x
    return permuted


def _max_pooling_2d(x: Any) -> Variable:
    return F.max_pooling_2d(x, ksize=2)


# Expressions of type checks


class Constant(Expr):
    """A value in an expression of `type_check`."""

    def __init__(self, value: Any) -> None:
        super().__init__(10)
        self.value = value

    def __str__(self) -> str:
        return str(self.value)

    def eval(self) -> Any:
        """Return the value."""
        return self.value


class UnaryOperator(Expr):
    """An expression of `type_check` made of one other."""

    def __init__(self, priority: int, term: Any, exp: str, func: Callable[[Any], Any]) -> None:
        super().__init__(priority)
        self.term = term
        self.exp = exp
        self.func = func

    def __str__(self) -> str:
        return f'{self.exp}{self.term}'

    def eval(self) -> Any:
        """Return the value."""
        return self.func(value_of(self.term))


class BinaryOperator(Expr):
    """An expression of `type_check` made of two others."""

    def __init__(self, priority: int, lhs: Any, rhs: Any, exp: str, func: Callable[[Any, Any], Any]) -> None:
        super().__init__(priority)
        self.lhs = lhs
        self.rhs = rhs
        self.exp = exp
        self.func = func

    def __str__(self) -> str:
        return f'{self.lhs} {self.exp} {self.rhs}'

    def eval(self) -> Any:
        """Return the value."""
        return self.func(value_of(self.lhs), value_of(self.rhs))


# Others


def _dummy_callable(x: Any) -> None:
    """Stand for a test that needs a GPU."""
    cuda.check_cuda_available()
