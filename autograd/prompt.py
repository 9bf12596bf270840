"""What a person at a prompt sees of a Variable: its text, its conversion to numbers, and what it refuses."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np


class Prompt:
    """The part of Variable that turns it into text or numbers."""

    _array: Any
    _name: str | None

    def __repr__(self) -> str:
        """As the reference: `variable W([[1., 2.]])`."""
        name = f' {self._name}' if self._name else ''
        if self._array is None:
            return f'variable{name}(None)'
        opening = f'variable{name}('
        text = np.array2string(_cpu(self._array), separator=', ', prefix=opening)
        return f'{opening}{text})'

    def __str__(self) -> str:
        """As `repr`, with the array as `print` shows it."""
        name = f' {self._name}' if self._name else ''
        return f'variable{name}({self._array})'

    def summary(self) -> str:
        """Return a line that tells what it is: shape, dtype, name."""
        name = f' {self._name}' if self._name else ''
        return f'<variable{name} at 0x{id(self):x}>'

    def debug_print(self) -> str:
        """Return lines that tell shape, dtype, device and the statistics of array and gradient."""
        lines = [self.summary(), f'- device: {self.device}']  # type: ignore[attr-defined]
        for key, array in (('array', self._array), ('grad', self.grad)):  # type: ignore[attr-defined]
            if array is None:
                lines.append(f'- {key}: None')
                continue
            lines.append(f'- {key}: {type(array).__name__} {array.dtype} {array.shape}')
            if array.size and array.dtype.kind in 'fiub':
                lines.append(f'  mean {float(array.mean()):.6g}, std {float(array.std()):.6g}')
        return '\n'.join(lines)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Give NumPy the array, so that plots and `np.asarray(v)` work."""
        return np.array(_cpu(self._array), dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(self._one('float'))

    def __int__(self) -> int:
        return int(self._one('int'))

    def __complex__(self) -> complex:
        return complex(self._one('complex'))

    def __format__(self, spec: str) -> str:
        return format(self._one(f'the format {spec!r}'), spec) if spec else str(self)

    def _one(self, what: str) -> Any:
        if self._array is None or self._array.size != 1:
            shape = None if self._array is None else self._array.shape
            raise TypeError(f'{what}: the Variable must have one element, but its shape is {shape}.')
        return self._array.item()

    def _refuse(self, what: str, instead: str) -> NoReturn:
        raise TypeError(f'Variable: {what} is not defined. Write {instead}.')

    def __bool__(self) -> bool:
        self._refuse('the truth value', '`v.array.any()`, or `v is not None`')

    def __hash__(self) -> int:
        self._refuse('hash', "`id(v)` as the key, or the parameter's path in `model.namedparams()`")

    def __eq__(self, other: object) -> bool:
        self._refuse('==', '`v.array == w.array`, or `v is w`')

    def __ne__(self, other: object) -> bool:
        self._refuse('!=', '`v.array != w.array`, or `v is not w`')

    def __lt__(self, other: object) -> bool:
        self._refuse('<', '`v.array < w.array`')

    def __le__(self, other: object) -> bool:
        self._refuse('<=', '`v.array <= w.array`')

    def __gt__(self, other: object) -> bool:
        self._refuse('>', '`v.array > w.array`')

    def __ge__(self, other: object) -> bool:
        self._refuse('>=', '`v.array >= w.array`')


def _cpu(array: Any) -> Any:
    """An array of a GPU as a NumPy array."""
    return array.get() if hasattr(array, 'get') else array


def not_an_array(data: Any) -> str:
    """Return the message for data that a Variable cannot hold, with what to write instead."""
    kind = type(data).__name__
    advice = 'Write Variable(np.array(..., dtype=np.float32)).'
    if isinstance(data, Prompt):
        advice = 'Write as_variable(x) to pass a Variable through.'
    elif isinstance(data, np.generic | int | float):
        advice = f'Write Variable(np.array({data!s}, dtype=np.float32)).'
    elif isinstance(data, list | tuple) and len(repr(data)) < 60:
        advice = f'Write Variable(np.array({data!r}, dtype=np.float32)).'
    return f'Variable: data must be an array, but it is a {kind}. {advice}'
