"""Expressions of the type check language, and the error of a comparison that does not hold."""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

BinaryFunction: TypeAlias = Callable[[Any, Any], Any]

_ATOM = 8  # the priority of an expression that never needs parentheses


class State(threading.local):
    """The state of the check in this thread: whether it runs on plain values, and for which function."""

    light: bool = False
    function: Any = None


state = State()


class InvalidType(Exception):
    """Raised when an input does not have the type, shape or dtype that a function needs.

    Args:
        expect: the condition that must hold; the whole message if nothing else is given.
        actual: what was given instead.
        msg: the whole message, in place of one made of the two.

    Example:
        >>> from chaingrad.autograd.type_checking.type_check import InvalidType
        >>> raise InvalidType('matmul: a.shape[1] == b.shape[0] must hold.')
        Traceback (most recent call last):
        chaingrad.autograd.type_checking.expressions.InvalidType: matmul: a.shape[1] == b.shape[0] must hold.
        >>> print(InvalidType('a == b', '1 != 2'))
        Expect: a == b
        Actual: 1 != 2
    """

    def __init__(self, expect: Any, actual: Any = None, msg: str | None = None) -> None:
        if msg is None:
            msg = str(expect) if actual is None else f'Expect: {expect}\nActual: {actual}'
            if state.function is not None and actual is not None:
                msg = f'Invalid operation is performed in: {state.function.label} (Forward)\n\n{msg}'
        super().__init__(msg)
        self.expect = expect
        self.actual = actual


def _binary(
    priority: int, x: Any, y: Any, symbol: str, func: BinaryFunction, right_associative: bool = False
) -> tuple[Callable[[], str], Callable[[], Any]]:
    """Return the functions that compute text and value of `x symbol y`."""
    left = priority + 1 if right_associative else priority
    right = priority if right_associative else priority + 1

    def text() -> str:
        return f'{_within(x, left)} {symbol} {_within(y, right)}'

    def compute() -> Any:
        return func(value_of(x), value_of(y))

    return text, compute


def _operators(
    priority: int, symbol: str, func: BinaryFunction, right_associative: bool = False
) -> tuple[Callable[[Any, Any], Expr], Callable[[Any, Any], Expr]]:
    """Return the methods for `x symbol y` and, reflected, for `y symbol x`."""

    def forward(x: Any, y: Any) -> Expr:
        return _Compound(priority, *_binary(priority, x, y, symbol, func, right_associative))

    def reflected(x: Any, y: Any) -> Expr:
        return _Compound(priority, *_binary(priority, y, x, symbol, func, right_associative))

    return forward, reflected


def _comparison(symbol: str, inverse: str, func: BinaryFunction) -> Callable[[Any, Any], Any]:
    """Return the method for a comparison; `inverse` is the symbol of its opposite."""

    def compare(x: Any, y: Any) -> Any:
        return Comparison(x, y, symbol, inverse, func)

    return compare


class Expr:
    """An expression, which computes its value when asked and prints as it was written.

    Attributes, elements, calls, arithmetic and comparisons of expressions are expressions too.

    Args:
        priority: how strongly its outermost operator binds; it gets parentheses inside a stronger one.

    Example:
        >>> from chaingrad.autograd.type_checking import type_check
        >>> n = type_check.Variable(3, 'n')
        >>> print(2 * (n + 1))
        2 * (n + 1)
        >>> (2 * (n + 1)).eval()
        8
    """

    def __init__(self, priority: int) -> None:
        self.priority = priority

    def eval(self) -> Any:
        """Return the value."""
        raise NotImplementedError(f'{type(self).__name__} must define eval().')

    def __getattr__(self, name: str) -> Expr:
        if name.startswith('__'):
            raise AttributeError(name)
        return _Compound(_ATOM, lambda: f'{_within(self, _ATOM)}.{name}', lambda: getattr(self.eval(), name))

    def __getitem__(self, key: Any) -> Expr:
        keys = key if isinstance(key, tuple) else (key,)
        return _Compound(
            _ATOM,
            lambda: f'{_within(self, _ATOM)}[{", ".join(map(_key_text, keys))}]',
            lambda: self.eval()[value_of(key)],
        )

    def __call__(self, *args: Any) -> Expr:
        return _Compound(
            _ATOM,
            lambda: f'{_within(self, _ATOM)}({", ".join(map(_text, args))})',
            lambda: self.eval()(*value_of(args)),
        )

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(f'{self} is an expression and cannot be iterated over. Use type_check.eval({self}).')

    def __bool__(self) -> bool:
        raise RuntimeError(f'{self} is an expression. Give it to type_check.expect, or use type_check.eval({self}).')

    def __hash__(self) -> int:
        return id(self)

    def __neg__(self) -> Expr:
        return _Compound(6, lambda: f'-{_within(self, 6)}', lambda: -self.eval())

    __add__, __radd__ = _operators(4, '+', operator.add)
    __sub__, __rsub__ = _operators(4, '-', operator.sub)
    __mul__, __rmul__ = _operators(5, '*', operator.mul)
    __truediv__, __rtruediv__ = _operators(5, '/', operator.truediv)
    __floordiv__, __rfloordiv__ = _operators(5, '//', operator.floordiv)
    __mod__, __rmod__ = _operators(5, '%', operator.mod)
    __pow__, __rpow__ = _operators(7, '**', operator.pow, right_associative=True)
    __eq__ = _comparison('==', '!=', operator.eq)
    __ne__ = _comparison('!=', '==', operator.ne)
    __lt__ = _comparison('<', '>=', operator.lt)
    __le__ = _comparison('<=', '>', operator.le)
    __gt__ = _comparison('>', '<=', operator.gt)
    __ge__ = _comparison('>=', '<', operator.ge)


class Variable(Expr):
    """A value that prints as its name.

    Args:
        value: the value.
        name: the name.
    """

    def __init__(self, value: Any, name: str) -> None:
        super().__init__(_ATOM)
        self.value = value
        self.name = name

    def __str__(self) -> str:
        return self.name

    def eval(self) -> Any:
        return self.value


class _Compound(Expr):
    """An expression made of others; its text and value are computed when asked for."""

    def __init__(self, priority: int, text: Callable[[], str], compute: Callable[[], Any]) -> None:
        super().__init__(priority)
        self.text = text
        self.compute = compute

    def __str__(self) -> str:
        return self.text()

    def eval(self) -> Any:
        return self.compute()


class Comparison(_Compound):
    """A comparison, for `type_check.expect`; `inverse` is the opposite operator."""

    def __init__(self, x: Any, y: Any, symbol: str, inverse: str, func: BinaryFunction) -> None:
        text, compute = _binary(0, x, y, symbol, func)
        super().__init__(0, text, compute)
        self.terms = x, y
        self.inverse = inverse

    def expect(self) -> None:
        """Raise InvalidType unless the comparison holds."""
        if not self.eval():
            x, y = value_of(self.terms)
            raise InvalidType(str(self), f'{_text(x)} {self.inverse} {_text(y)}')


def value_of(exp: Any) -> Any:
    """Return the value of an expression, or of the expressions in a tuple or slice; a plain value as it is."""
    if isinstance(exp, Expr):
        return exp.eval()
    if isinstance(exp, tuple):
        return tuple(map(value_of, exp))
    if isinstance(exp, slice):
        return slice(value_of(exp.start), value_of(exp.stop), value_of(exp.step))
    return exp


def _text(exp: Any) -> str:
    """Return the text of an expression or value; a NumPy type prints as the name of its dtype."""
    return np.dtype(exp).name if isinstance(exp, type) and issubclass(exp, np.generic) else str(exp)


def _within(exp: Any, priority: int) -> str:
    """Return the text of an operand, in parentheses if the operator around it binds more strongly."""
    return f'({exp})' if isinstance(exp, Expr) and exp.priority < priority else _text(exp)


def _key_text(key: Any) -> str:
    """Return the text of an index or slice."""
    if not isinstance(key, slice):
        return '...' if key is Ellipsis else _text(key)
    start = '' if key.start is None else _text(key.start)
    stop = '' if key.stop is None else _text(key.stop)
    return f'{start}:{stop}' if key.step is None else f'{start}:{stop}:{_text(key.step)}'
