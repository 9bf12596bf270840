"""Functions that fill up: pad, pad_sequence and transpose_sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import get_item, reshape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.array.joining import filled
from chaingrad.functions.checks import require_arrays

_COPYING = ('edge', 'reflect', 'symmetric', 'wrap')


class Pad(FunctionNode):
    """y = x within constants."""

    def __init__(self, pad_width: Any, constant_values: Any) -> None:
        self.pad_width = pad_width
        self.constant_values = constant_values

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        xp = get_array_module(x)
        widths = np.broadcast_to(self.pad_width, (x.ndim, 2)).tolist()
        self._inner = tuple(slice(before, before + n) for (before, _), n in zip(widths, x.shape))
        return (xp.pad(x, widths, 'constant', constant_values=self.constant_values),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (grad_outputs[0][self._inner],)


class PadSequence(FunctionNode):
    """y_i = x_i, filled up with a constant to one length."""

    def __init__(self, length: int, padding: Any) -> None:
        self.length = length
        self.padding = padding

    def forward(self, inputs: Any) -> Any:
        x = inputs[0]
        self._lengths = [len(x) for x in inputs]
        y = get_array_module(x).full((len(inputs), self.length, *x.shape[1:]), self.padding, x.dtype)
        for i, x in enumerate(inputs):
            y[i, : len(x)] = x
        return (y,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return tuple([grad_outputs[0][i, : self._lengths[i]] for i in indexes])


class TransposeSequence(FunctionNode):
    """y_t = the elements t of all x that are so long, the longest first; its own adjoint."""

    def forward(self, inputs: Any) -> Any:
        lengths = np.array([len(x) for x in inputs])
        self._counts = np.count_nonzero(lengths > np.arange(lengths[0])[:, None], axis=1).tolist()
        table = get_array_module(*inputs).empty((lengths[0], len(inputs), *inputs[0].shape[1:]), inputs[0].dtype)
        for i, x in enumerate(inputs):
            table[: len(x), i] = x
        return tuple([table[t, :n] for t, n in enumerate(self._counts)])

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        shape = next(gy.shape[1:] for gy in grad_outputs if gy is not None)
        gys = filled(grad_outputs, [(n, *shape) for n in self._counts])
        gxs = TransposeSequence.of(*gys)
        gxs = gxs if isinstance(gxs, tuple) else (gxs,)
        return tuple([gxs[i] if i < len(gxs) else gys[0][:0] for i in indexes])


def _check_sequences(who: str, xs: Any) -> None:
    if not isinstance(xs, Sequence):
        raise TypeError(f'{who}: xs must be a tuple or list of Variables or arrays, but it is {type(xs).__name__}.')
    require_arrays(who, **{f'xs[{i}]': x for i, x in enumerate(xs)})
    if any(len(x.shape) < 1 or x.shape[1:] != xs[0].shape[1:] or x.dtype != xs[0].dtype for x in xs):
        given = ', '.join(f'{x.dtype} {x.shape}' for x in xs)
        raise InvalidType(f'{who}: xs must have one dtype and one shape but for their lengths, but they are {given}.')


def pad(x: Any, pad_width: Any, mode: str, **keywords: Any) -> Variable:
    """Fill up an array at its borders.

    Args:
        x: Variable or array.
        pad_width: how many elements to add: a number, (before, after) for all axes, or one such pair per axis.
        mode (str): `'constant'`, or how to copy elements of x: `'edge'`, `'reflect'`, `'symmetric'`, `'wrap'`.
        keywords: for `'constant'`: `constant_values`, a number, (before, after), or one such pair per axis; 0 by
            default.

    Returns:
        Variable.

    Raises:
        ValueError: when the mode is unknown or pad_width does not fit.
        TypeError: when there is another keyword.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.pad(np.array([1.0, 2.0]), (1, 2), 'constant', constant_values=9)
        variable([9., 1., 2., 9., 9.])
        >>> F.pad(np.array([1.0, 2.0, 3.0]), 2, 'reflect')
        variable([3., 2., 1., 2., 3., 2., 1.])
    """
    if mode not in ('constant', *_COPYING):
        raise ValueError(f"pad: mode must be 'constant' or one of {_COPYING}, but it is {mode!r}.")
    if set(keywords) - ({'constant_values'} if mode == 'constant' else set()):
        raise TypeError(
            f'pad: unexpected keyword {sorted(keywords)[0]!r}. Mode {mode!r} takes '
            f'{"constant_values only" if mode == "constant" else "none"}.'
        )
    require_arrays('pad', x=x)
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in 'iu' or (widths < 0).any() or widths.shape not in ((), (1,), (2,), (len(x.shape), 2)):
        raise ValueError(
            f'pad: pad_width must be a number, a pair, or one pair for each of {len(x.shape)} axes, not negative, but '
            f'it is {pad_width}.'
        )
    if mode == 'constant':
        return Pad(widths, keywords.get('constant_values', 0)).apply((x,))[0]
    xp = get_array_module(as_array(x))
    places = xp.pad(xp.arange(x.size).reshape(x.shape), np.broadcast_to(widths, (len(x.shape), 2)).tolist(), mode)
    return get_item(reshape(x, (x.size,)), places)


def pad_sequence(xs: Sequence[Any], length: int | None = None, padding: Any = 0) -> Variable:
    """Stack sequences of different lengths, filled up to one length.

    Args:
        xs: tuple or list of Variables or arrays (n_i, ...) of one dtype.
        length (int): length to fill up to; that of the longest when None.
        padding: number to fill up with.

    Returns:
        Variable, (len(xs), length, ...).

    Raises:
        InvalidType: when shapes or dtypes do not fit, or a sequence is longer than length.

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


def transpose_sequence(xs: Sequence[Any]) -> tuple[Variable, ...]:
    """Turn sequences into time steps, or time steps into sequences.

    y_t = the elements t of all sequences that are so long. Sequences sorted by length, longest first, come back when
    it is applied twice.

    Args:
        xs: tuple or list of Variables or arrays (n_i, ...) of one dtype, the longest first.

    Returns:
        Tuple of Variables.

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


provide(np.pad, lambda x, pad_width, mode='constant', **keywords: pad(x, pad_width, mode, **keywords))
