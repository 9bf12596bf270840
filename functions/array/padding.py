"""pad, and the functions of sequences of different lengths: pad_sequence and transpose_sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operands
from chaingrad.autograd.array_ops import get_item, reshape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.array.joining import filled
from chaingrad.functions.checks import describe, refuse, require_arrays, require_sequence

_COPYING = ('edge', 'reflect', 'symmetric', 'wrap')


class Pad(FunctionNode):
    """y = x surrounded by constants."""

    def __init__(self, pad_width: Array, constant_values: Any) -> None:
        self.pad_width = pad_width
        self.constant_values = constant_values

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        xp = get_array_module(x)
        widths = np.broadcast_to(self.pad_width, (x.ndim, 2)).tolist()
        self._inner = tuple(slice(before, before + n) for (before, _), n in zip(widths, x.shape))
        return (xp.pad(x, widths, 'constant', constant_values=self.constant_values),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (grad_outputs[0][self._inner],)


class PadSequence(FunctionNode):
    """y_i = x_i, extended to one length with a constant."""

    def __init__(self, length: int, padding: float) -> None:
        self.length = length
        self.padding = padding

    def forward(self, inputs: Arrays) -> Arrays:
        first = inputs[0]
        self._lengths = [len(x) for x in inputs]
        y = get_array_module(first).full((len(inputs), self.length, *first.shape[1:]), self.padding, first.dtype)
        for i, x in enumerate(inputs):
            y[i, : len(x)] = x
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return tuple([grad_outputs[0][i, : self._lengths[i]] for i in indexes])


class TransposeSequence(FunctionNode):
    """y_t = element t of every x that is longer than t; the longest comes first. It is its own adjoint."""

    def forward(self, inputs: Arrays) -> Arrays:
        first = inputs[0]
        lengths = np.array([len(x) for x in inputs])
        self._counts = np.count_nonzero(lengths > np.arange(lengths[0])[:, None], axis=1).tolist()
        table = get_array_module(*inputs).empty((lengths[0], len(inputs), *first.shape[1:]), first.dtype)
        for i, x in enumerate(inputs):
            table[: len(x), i] = x
        return tuple([table[t, :n] for t, n in enumerate(self._counts)])

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        shape = next(gy.shape[1:] for gy in grad_outputs if gy is not None)
        gys = filled(grad_outputs, [(n, *shape) for n in self._counts])
        gxs = TransposeSequence.of(*gys)
        if not isinstance(gxs, tuple):
            gxs = (gxs,)
        empty = gys[0][:0]  # the gradient of a sequence of length 0
        return tuple([gxs[i] if i < len(gxs) else empty for i in indexes])


def _check_sequences(who: str, xs: Sequence[VariableOrArray]) -> None:
    require_sequence(who, xs)
    if any(len(x.shape) < 1 or x.shape[1:] != xs[0].shape[1:] or x.dtype != xs[0].dtype for x in xs):
        reject(f'{who}: xs must have one dtype, and one shape except for the first axis, but they are {describe(xs)}.')


def pad(x: VariableOrArray, pad_width: Any, mode: str, **keywords: Any) -> Variable:
    """Add elements at the borders of an array.

    Args:
        x: Variable or array of any shape.
        pad_width: how many elements to add: a number, (before, after) for all axes, or one such pair per axis.
        mode (str): `'constant'`, or how to copy elements of x: `'edge'`, `'reflect'`, `'symmetric'`, `'wrap'`.
        keywords: for `'constant'`: `constant_values`, a number, (before, after), or one such pair per axis; 0 by
            default.

    Returns:
        Variable, longer by (before + after) along every axis.

    Raises:
        ValueError: when the mode is unknown or pad_width does not fit.
        TypeError: when there is another keyword, or x has no axes.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.pad(np.array([1.0, 2.0]), (1, 2), 'constant', constant_values=9)
        variable([9., 1., 2., 9., 9.])
        >>> F.pad(np.array([1.0, 2.0, 3.0]), 2, 'reflect')
        variable([3., 2., 1., 2., 3., 2., 1.])
    """
    if mode not in ('constant', *_COPYING):
        raise ValueError(f"pad: mode must be 'constant' or one of {_COPYING}, but it is {mode!r}.")
    constant_values = keywords.pop('constant_values', 0) if mode == 'constant' else None
    refuse('pad', keywords)
    require_arrays('pad', x=x)
    ndim = len(x.shape)
    if not ndim:
        raise TypeError(f'pad: x must have at least one axis, but it is {x.dtype} (). Use x.reshape(1).')
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in 'iu' or (widths < 0).any() or widths.shape not in ((), (1,), (2,), (ndim, 2)):
        raise ValueError(
            f'pad: pad_width must be a number, a pair, or one pair for each of {ndim} axes, not negative, but it is '
            f'{pad_width}.'
        )
    if mode == 'constant':
        return Pad(widths, constant_values).apply((x,))[0]
    xp = get_array_module(as_array(x))
    indices = xp.arange(x.size).reshape(x.shape)
    padded: Array = xp.pad(indices, np.broadcast_to(widths, (ndim, 2)).tolist(), mode)
    return get_item(reshape(x, (x.size,)), padded)


def pad_sequence(xs: Sequence[VariableOrArray], length: int | None = None, padding: float = 0) -> Variable:
    """Stack sequences of different lengths, extended to one length.

    Args:
        xs: tuple or list of Variables or arrays, (n_i, ...), of one dtype.
        length (int): length of all sequences in the output; that of the longest when None.
        padding (float): value of the added elements.

    Returns:
        Variable, (len(xs), length, ...).

    Raises:
        InvalidType: when shapes or dtypes do not fit, or a sequence is longer than length.
        ValueError: when there is no sequence.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.pad_sequence([np.array([1.0, 2.0]), np.array([3.0])], padding=-1)
        variable([[ 1.,  2.],
                  [ 3., -1.]])
    """
    _check_sequences('pad_sequence', xs)
    if not xs:
        raise ValueError('pad_sequence: xs must have at least one sequence.')
    longest = max(x.shape[0] for x in xs)
    if length is not None and length < longest:
        raise InvalidType(f'pad_sequence: length must be at least that of the longest, {longest}, but it is {length}.')
    return PadSequence(longest if length is None else length, padding).apply(tuple(xs))[0]


def transpose_sequence(xs: Sequence[VariableOrArray]) -> tuple[Variable, ...]:
    """Turn sequences into time steps, or time steps into sequences.

    y_t = element t of every sequence that is longer than t. Applied twice it gives the sequences back.

    Args:
        xs: tuple or list of Variables or arrays, (n_i, ...), of one dtype, the longest first.

    Returns:
        Tuple of Variables, one for each time step.

    Raises:
        InvalidType: when shapes or dtypes do not fit, or a longer sequence follows a shorter one.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.transpose_sequence([np.array([1.0, 2.0]), np.array([3.0])])
        (variable([1., 3.]), variable([2.]))
    """
    _check_sequences('transpose_sequence', xs)
    lengths = [x.shape[0] for x in xs]
    if sorted(lengths, reverse=True) != lengths:
        raise InvalidType(f'transpose_sequence: the longest must come first, but the lengths of xs are {lengths}.')
    return TransposeSequence().apply(tuple(xs)) if any(lengths) else ()


def _numpy_pad(x: VariableOrArray, pad_width: Any, mode: str = 'constant', **keywords: Any) -> Variable:
    """Pad with NumPy's default mode."""
    return pad(x, pad_width, mode, **keywords)


provide(np.pad, _numpy_pad)
