"""Checks of arguments that many functions share.

A message says who refuses, what must hold, what was given, and what to do.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.advice import habits
from chaingrad.autograd.annotations import Array, Axis, Shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.configuration import config
from chaingrad.autograd.reduction import check_axis
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import VariableOrArray

# The advice of `refuse` for keywords of old programs.
DETERMINISTIC = (
    "deterministic argument is not supported anymore. Use using_config('cudnn_deterministic', value) context "
    'where value is either `True` or `False`.'
)
TRAIN = "train argument is not supported anymore. Use using_config('train', value) context."
USE_CUDNN = (
    'The argument "use_cudnn" is not supported anymore. Use using_config(\'use_cudnn\', value) context where value '
    'can be `always`, `never`, or `auto`.'
)


def fail(who: str, condition: str, advice: str = '', **arrays: VariableOrArray | None) -> None:
    """Raise InvalidType, unless `config.type_check` is off: then the caller goes on.

    Args:
        who: name of the function.
        condition: what must hold.
        advice: what to do; a sentence.
        arrays: what was given, by name; None is passed over.
    """
    given = [f'{name} is {x.dtype} {x.shape}' for name, x in arrays.items() if x is not None]
    listed = given[0] if len(given) == 1 else ', '.join(given[:-1]) + ' and ' + given[-1]
    message = f'{who}: {condition} must hold, but {listed}.'
    if config.type_check:
        raise InvalidType(f'{message} {advice}' if advice else message)


def require_arrays(who: str, **given: Any) -> None:
    """Raise TypeError for what is no array, such as a list of numbers, before its shape is asked for."""
    for name, x in given.items():
        if not hasattr(x, 'dtype'):
            raise TypeError(
                f'{who}: {name} must be a Variable or an array, but it is a {type(x).__name__}. '
                f'Convert it with np.asarray({name}, dtype=np.float32).'
            )


def require_sequence(who: str, xs: Any) -> None:
    """Raise TypeError unless xs is a tuple or list of Variables or arrays."""
    if not isinstance(xs, Sequence):
        raise TypeError(f'{who}: xs must be a tuple or list of Variables or arrays, but it is a {type(xs).__name__}.')
    require_arrays(who, **{f'xs[{i}]': x for i, x in enumerate(xs)})


def describe(arrays: Sequence[VariableOrArray]) -> str:
    """Return dtypes and shapes for a message."""
    return ', '.join([f'{x.dtype} {x.shape}' for x in arrays])


def require_floating(who: str, **arrays: Any) -> None:
    """Raise InvalidType for arrays that are not floating; None is passed over."""
    arrays = {name: x for name, x in arrays.items() if x is not None}
    require_arrays(who, **arrays)
    if {x.dtype.kind for x in arrays.values()} != {'f'}:
        condition = ' and '.join(f"{name}.dtype.kind == 'f'" for name in arrays)
        fail(who, condition, "Convert with F.cast(x, 'float32').", **arrays)


def require_floats(who: str, **arrays: Any) -> None:
    """Raise InvalidType for arrays that are not floating or differ in dtype; None is passed over."""
    require_floating(who, **arrays)
    arrays = {name: x for name, x in arrays.items() if x is not None}
    if len({x.dtype for x in arrays.values()}) > 1:
        condition = ' == '.join(f'{name}.dtype' for name in arrays)
        fail(who, condition, f'Convert one with F.cast({next(iter(arrays))}, ...).', **arrays)


def require_weighted(who: str, x: Any, W: Any, b: Any = None, **others: Any) -> None:
    """Raise InvalidType unless x and W are floating, of any two dtypes, and b and others have the dtype of x."""
    require_floating(who, x=x, W=W, b=b, **others)
    require_floats(who, x=x, b=b, **others)


# Axes


def check_axes(who: str, x: VariableOrArray, axis: Axis, new_axes: int = 0) -> Axis:
    """Return the `axis` argument of a function of x as None, an int or a tuple of ints, or raise.

    Args:
        who: name of the function.
        x: the array that the axes belong to.
        axis: what the user gave.
        new_axes: how many axes the array in question has besides those of x.
    """
    require_arrays(who, x=x)
    try:
        return check_axis(who, axis, len(x.shape) + new_axes)
    except InvalidType as error:
        raise InvalidType(f'{error} Given: {x.dtype} {x.shape}.') from None


def axis_of(who: str, x: VariableOrArray, axis: int, new_axes: int = 0) -> int:
    """Return one axis of x (see `check_axes`), counted from the front, or raise."""
    require_arrays(who, x=x)
    ndim = len(x.shape) + new_axes
    if type(axis) is int and -ndim <= axis < ndim:  # nothing is wrong: no other check is needed
        return axis % ndim
    if not isinstance(axis, int | np.integer):
        raise TypeError(f'{who}: axis must be an int, but it is {axis!r}.')
    check_axes(who, x, axis, new_axes)
    return int(axis) % ndim


def check_one_axis(who: str, x: VariableOrArray, axis: int | None) -> None:
    """Raise unless axis is None, which stands for all elements in a row, or one axis of x."""
    if axis is not None and not isinstance(axis, int | np.integer):
        raise TypeError(f'{who}: axis must be None or an int, but it is {axis!r}.')
    check_axes(who, x, axis)


def spatial_axes(who: str, x: VariableOrArray, expected: int | None = None) -> int:
    """Return the number of axes after batch and channels; ValueError when another number is expected."""
    require_arrays(who, x=x)
    n = len(x.shape) - 2
    if expected is not None and n != expected:
        axes = 'axis' if expected == 1 else 'axes'
        raise ValueError(
            f'{who}: x must have {expected} spatial {axes} after batch and channels, but x is {x.dtype} {x.shape}. '
            'Use the function whose name fits, or the one that ends in _nd.'
        )
    return n


# Other arguments


def check_ids(name: str, ids: Array, n: int, ignore_label: int | None) -> bool:
    """Raise ValueError unless all elements are in [0, n) or equal ignore_label; name the first that is not.

    Args:
        name: of function and argument, such as `'embed_id: x'`.
        ids: array of integers, any shape.
        n: number of rows or classes.
        ignore_label: a number that is allowed too, or None.

    Returns:
        Whether all elements are in [0, n).
    """
    if not ids.size or 0 <= int(ids.min()) and int(ids.max()) < n:
        return True
    wrong = (ids < 0) | (ids >= n)
    if ignore_label is not None:
        wrong &= ids != ignore_label
    if wrong.any():
        first = tuple([int(i) for i in get_array_module(ids).argwhere(wrong)[0]])
        allowed = f'[0, {n})' if ignore_label is None else f'[0, {n}) or the ignored {ignore_label}'
        raise ValueError(f'{name} must be in {allowed}, but element {first} is {int(ids[first])}.')
    return False


def refuse(who: str, keywords: dict[str, Any], **advice: str) -> None:
    """Raise for keywords that a function or class does not take.

    Args:
        who: its name.
        keywords: what is left of the user's keywords.
        advice: for keywords of old programs the text of the ValueError; any other raises TypeError.
    """
    for name in keywords:
        if name in advice:
            raise ValueError(f'{who}: {advice[name]}')
        raise TypeError(habits().of_keyword(who, name, _arguments_of(who)))


def _arguments_of(who: str) -> tuple[str, ...]:
    """Return the names that the function or class takes which is being called; none when it is not on the stack."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_name == who or type(frame.f_locals.get('self')).__name__ == who:
            names: tuple[str, ...] = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            return tuple([name for name in names if name != 'self'])
        frame = frame.f_back
    return ()


def require_outputs(who: str, size: Shape, k: Shape, p: Shape, d: Shape, out: Shape) -> None:
    """Raise InvalidType when a kernel is larger than the padded input, naming both sizes."""
    if all(n > 0 for n in out):
        return
    extent = tuple([(n - 1) * dilation + 1 for n, dilation in zip(k, d)])
    padded = tuple([n + 2 * pad for n, pad in zip(size, p)])
    raise InvalidType(
        f'{who}: the kernel must not be larger than the padded input, but the kernel reaches over {extent} '
        f'(ksize {tuple(k)}, dilate {tuple(d)}) and the padded input is {padded} (input {tuple(size)}, pad {tuple(p)}).'
        ' Use a smaller kernel or more padding.'
    )
