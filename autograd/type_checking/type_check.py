"""A small language for conditions on the inputs of a function.

A user's `check_type_forward(self, in_types)` states conditions as expressions of the inputs' shapes and dtypes. When
one does not hold, the error prints the expression as it was written and the values that it had::

    x_type, w_type = in_types
    type_check.expect(x_type.dtype.kind == 'f', x_type.shape[1] == w_type.shape[1])

The check runs on plain values first, which is as fast as plain comparisons. Only when one fails, it runs again on
expressions of the inputs, which know their text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.configuration import config
from chaingrad.autograd.type_checking.expressions import Comparison, Expr, InvalidType, Variable, state, value_of

# fmt: off
__all__ = [
    'Expr', 'InvalidType', 'TypeInfo', 'TypeInfoTuple', 'Variable', '_argname', 'argname', 'check_forward', 'eval',
    'expect', 'expect_broadcast_shapes', 'get_function_check_context', 'get_types', 'make_variable', 'prod',
    'same_types',
]
# fmt: on


class TypeInfo:
    """The shape and dtype of one input.

    Args:
        shape: tuple of ints.
        dtype: dtype, or a name of one.
    """

    def __init__(self, shape: Shape, dtype: Any) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self.ndim = len(shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    def __repr__(self) -> str:
        return f'{self.dtype} {self.shape}'


class TypeInfoTuple(tuple[Any, ...]):
    """The types of all inputs; each element is an expression for a `TypeInfo`.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.type_checking import type_check
        >>> in_types = type_check.get_types((np.ones((2, 3)),), 'in_types', False)
        >>> type_check.expect(in_types.size() == 1, in_types[0].shape[1] == 4)
        Traceback (most recent call last):
        chaingrad.autograd.type_checking.expressions.InvalidType: Expect: in_types[0].shape[1] == 4
        Actual: 3 != 4
    """

    name = 'in_types'

    def size(self) -> Expr:
        """Return an expression for the number of inputs."""
        return Variable(len(self), f'{self.name}.size')


class LightTypeInfoTuple(tuple[Any, ...]):
    """The inputs themselves, whose shape, dtype, ndim and size are plain values."""

    def size(self) -> int:
        """Return the number of inputs."""
        return len(self)


def get_types(data: Iterable[Any], name: str, accept_none: bool) -> TypeInfoTuple:
    """Return the types of arrays as expressions that print `name[0]`, `name[1]`, ...

    Args:
        data: arrays.
        name: the name of the tuple in messages.
        accept_none: whether None is allowed among the arrays.

    Raises:
        TypeError: when an entry is not an array.
    """
    infos = []
    for i, x in enumerate(data):
        if not (x is None and accept_none) and not (hasattr(x, 'shape') and hasattr(x, 'dtype')):
            raise TypeError(f'type_check: {name}[{i}] must be an array, but it is {type(x).__name__}.')
        infos.append(Variable(None if x is None else TypeInfo(tuple(x.shape), x.dtype), f'{name}[{i}]'))
    info_tuple = TypeInfoTuple(infos)
    info_tuple.name = name
    return info_tuple


def eval(exp: Any) -> Any:
    """Return the value of an expression; a plain value as it is."""
    return value_of(exp)


def reject(error: str | InvalidType) -> None:
    """Raise InvalidType, unless `config.type_check` is off: then the caller goes on, with what NumPy makes of it.

    Args:
        error: the exception or its message.
    """
    if config.type_check:
        raise error if isinstance(error, InvalidType) else InvalidType(error)


def expect(*bool_exprs: Any) -> None:
    """Raise InvalidType unless all comparisons hold.

    Args:
        bool_exprs: comparisons of expressions such as `in_types[0].ndim == 2`, or plain bools.

    Raises:
        InvalidType: with the first comparison that fails, and its values.

    Example:
        >>> from chaingrad.autograd.type_checking import type_check
        >>> x = type_check.Variable(type_check.TypeInfo((2, 3), 'int64'), 'x')
        >>> type_check.expect(x.ndim == 2, x.dtype.kind == 'f')
        Traceback (most recent call last):
        chaingrad.autograd.type_checking.expressions.InvalidType: Expect: x.dtype.kind == f
        Actual: i != f
    """
    for exp in bool_exprs:
        if isinstance(exp, Comparison):
            exp.expect()
        elif not exp:
            raise InvalidType('type_check.expect: a condition does not hold.')


def expect_broadcast_shapes(*shape_types: Any) -> None:
    """Raise InvalidType unless the shapes broadcast together.

    Args:
        shape_types: shapes, or expressions for them.

    Example:
        >>> from chaingrad.autograd.type_checking import type_check
        >>> type_check.expect_broadcast_shapes((2, 1), (3,))
        >>> type_check.expect_broadcast_shapes((2, 1), (3, 3))
        Traceback (most recent call last):
        chaingrad.autograd.type_checking.expressions.InvalidType: Expect: (2, 1) and (3, 3) broadcast together
        Actual: (2, 1) and (3, 3) do not
    """
    shapes = [value_of(shape) for shape in shape_types]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        names = ' and '.join(map(str, shape_types))
        values = ' and '.join(map(str, shapes))
        raise InvalidType(f'{names} broadcast together', f'{values} do not') from None


def _argname(in_types: Any, names: Sequence[str]) -> None:
    """Name the inputs of a function in its messages; there must be one for each name."""
    if len(in_types) != len(names):
        raise InvalidType(f'{len(names)} argument(s): {", ".join(names)}', f'{len(in_types)} argument(s)')
    for in_type, name in zip(in_types, names):
        if isinstance(in_type, Variable):
            in_type.name = name


argname = _argname


def prod(xs: Any) -> Any:
    """Return the product of the elements, or an expression for it."""
    return Variable(math.prod, 'prod')(xs) if isinstance(xs, Expr) else math.prod(xs)


def make_variable(value: Any, name: str) -> Any:
    """Return a named expression for a value, or the value itself while a check runs on plain values."""
    return value if state.light else Variable(value, name)


def same_types(*arrays: Any) -> bool:
    """Say whether all arrays are NumPy's, or all are of one other type."""
    return all(isinstance(x, np.ndarray) for x in arrays) or len({type(x) for x in arrays}) <= 1


@contextmanager
def get_function_check_context(f: Any) -> Iterator[None]:
    """Name the function `f` in every InvalidType that is raised in the `with` block."""
    previous = state.function
    state.function = f
    try:
        yield
    finally:
        state.function = previous


def check_forward(function: Any, arrays: Sequence[Array]) -> None:
    """Run `function.check_type_forward` on the types of its input arrays.

    It runs on plain values first. Only when that fails, it runs again on expressions, which know their text.

    Args:
        function: object with `check_type_forward(in_types)` and `label`.
        arrays: the inputs.

    Raises:
        InvalidType: when a condition does not hold.
    """
    state.light = True
    try:
        function.check_type_forward(LightTypeInfoTuple(arrays))
        return
    except Exception:  # any error on plain values is raised again below, with its text
        pass
    finally:
        state.light = False
    with get_function_check_context(function):
        function.check_type_forward(get_types(arrays, 'in_types', True))
