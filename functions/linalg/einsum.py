"""einsum, tensordot and batch_matmul; matmul is in autograd/matmul.py."""

from __future__ import annotations

import string
import warnings
from collections.abc import Iterable, Sequence
from types import EllipsisType
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands
from chaingrad.autograd.array_ops import reshape, sum_to_shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.casting import promoted
from chaingrad.functions.checks import require_arrays

_LARGE = 4096  # total number of elements from which searching for the best order of products pays


class EinSum(FunctionNode):
    """y = the sum of products that subscripts describe: one letter per axis, no ellipsis."""

    _advice = 'Axes of one letter must have one length.'

    def __init__(self, in_subs: list[str], out_sub: str) -> None:
        self.in_subs = in_subs
        self.out_sub = out_sub

    @np.errstate(invalid='ignore')  # as in autograd.matmul.matmul_array
    def forward(self, inputs: Arrays) -> Arrays:
        self.retain_inputs(tuple(range(len(inputs))))
        dtype = inputs[0].dtype
        if any(x.dtype != dtype for x in inputs):
            reject(f'{self.label.lower()}: all operands must have one dtype, but they are {_types(inputs)}.')
        xs: Sequence[Array] = inputs
        if dtype == np.float16:
            xs = [x.astype(np.float32) for x in inputs]
        subscripts = f'{",".join(self.in_subs)}->{self.out_sub}'
        is_large = len(xs) > 1 and sum(x.size for x in xs) > _LARGE
        y = get_array_module(*xs).einsum(subscripts, *xs, optimize=is_large)
        if isinstance(y, np.generic):
            y = np.asarray(y)
        if y.dtype != dtype or y.base is not None:  # an einsum that only moves axes returns a view of its operand
            y = y.astype(dtype)
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        xs = self.get_retained_inputs()
        return tuple([self._gradient(i, xs, gy) for i in indexes])

    def _gradient(self, i: int, xs: Operands, gy: Operand) -> Operand:
        """Return the gradient of operand i: it is an einsum too, of gy and the other operands."""
        x = xs[i]
        xp = get_array_module(x)
        operands = [gy, *xs[:i], *xs[i + 1 :]]
        in_subs = [self.out_sub, *self.in_subs[:i], *self.in_subs[i + 1 :]]
        used = ''.join(self.in_subs)
        unused = iter([letter for letter in string.ascii_letters if letter not in used])
        out_sub = ''
        for letter, n in zip(self.in_subs[i], x.shape):
            if letter in out_sub:  # a diagonal: the gradient is 0 elsewhere
                new_letter = next(unused)
                operands.append(xp.eye(n, dtype=x.dtype))
                in_subs.append(letter + new_letter)
                out_sub += new_letter
                continue
            if not any(letter in sub for sub in in_subs):  # summed over in this operand alone: the same for all
                operands.append(xp.ones(n, dtype=x.dtype))
                in_subs.append(letter)
            out_sub += letter
        return sum_to_shape(EinSum.of(*operands, in_subs=in_subs, out_sub=out_sub), x.shape)


class TensorDot(EinSum):
    """y = the sum of products over pairs of axes."""


def _types(xs: Iterable[VariableOrArray]) -> str:
    """Return dtypes and shapes as messages show them."""
    return ', '.join([f'{x.dtype} {x.shape}' for x in xs])


def _parse(subscripts: str, xs: Sequence[VariableOrArray]) -> tuple[list[str], str]:
    """Return the subscripts of each operand and of the output, with letters in place of an ellipsis."""
    text = subscripts.replace(' ', '')
    inputs, arrow, out_sub = text.partition('->')
    in_subs = inputs.split(',')
    n_hidden = _count_hidden_axes(subscripts, in_subs, out_sub, xs)
    unused = [letter for letter in string.ascii_letters if letter not in inputs]
    hidden = ''.join(unused[: max(n_hidden, default=0)])  # an ellipsis of n axes stands for the last n of these letters
    in_subs = [sub.replace('...', hidden[len(hidden) - n :]) for sub, n in zip(in_subs, n_hidden)]
    if arrow:
        out_sub = out_sub.replace('...', hidden)
    else:  # as in NumPy: the axes of the ellipsis, then the letters that appear once
        out_sub = hidden + ''.join([c for c in sorted(string.ascii_letters) if inputs.count(c) == 1])
    if len(set(out_sub)) < len(out_sub) or set(out_sub) - set(''.join(in_subs)):
        raise ValueError(f'einsum: the output must name axes of the operands, each once, but it is {subscripts!r}.')
    return in_subs, out_sub


def _count_hidden_axes(subscripts: str, in_subs: list[str], out_sub: str, xs: Sequence[VariableOrArray]) -> list[int]:
    """Return for each operand how many axes the ellipsis stands for; raise unless the subscripts fit the operands."""
    allowed = set(string.ascii_letters)
    is_readable = all(set(sub.replace('...', '', 1)) <= allowed for sub in [*in_subs, out_sub])
    if len(in_subs) != len(xs) or not is_readable:
        raise ValueError(
            f'einsum: subscripts must be letters and "...", one group for each of {len(xs)} operands, but they are '
            f'{subscripts!r}.'
        )
    require_arrays('einsum', **{f'operand {i}': x for i, x in enumerate(xs)})
    counts = [len(x.shape) - len(sub.replace('...', '')) for sub, x in zip(in_subs, xs)]
    for n, sub in zip(counts, in_subs):
        if n < 0 or n > 0 and '...' not in sub:
            raise InvalidType(
                f'einsum: subscripts must have one letter for each axis, but they are {subscripts!r} and the operands '
                f'are {_types(xs)}.'
            )
    return counts


def _from_axis_lists(operands: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the subscripts and the operands of `x, [0, 1], y, [1, 2], [0, 2]`: operands, each with its axes."""
    n = len(operands) // 2
    xs = tuple(operands[0 : 2 * n : 2])
    subscripts = ','.join([_letters(axes) for axes in operands[1 : 2 * n : 2]])
    if len(operands) % 2:
        subscripts += '->' + _letters(operands[-1])
    return subscripts, xs


def _letters(axes: Iterable[int | EllipsisType]) -> str:
    """Return the subscripts for numbers of axes."""
    return ''.join(['...' if axis is Ellipsis else string.ascii_letters[axis] for axis in axes])


def einsum(*operands: Any) -> Variable:
    """Return a sum of products that subscripts describe (Einstein's convention).

    Each letter names an axis; axes that the output does not name are summed over. A letter that appears twice in an
    operand takes the diagonal; `...` stands for all axes that have no letter.

    Args:
        operands: the subscripts, such as `'ij,jk->ik'`, then Variables or arrays of one dtype. Or each Variable or
            array followed by the list of the numbers of its axes, and at the end the list of the output's.

    Returns:
        Variable with the axes that the output names.

    Raises:
        ValueError: when the subscripts cannot be read.
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> F.einsum('ij,jk->ik', x, x)
        variable([[ 7., 10.],
                  [15., 22.]])
        >>> F.einsum('ii', x)
        variable(5.)
    """
    if not operands:
        raise ValueError("einsum: no operands. Write einsum('ij,jk->ik', x, y).")
    if isinstance(operands[0], str):
        subscripts, xs = operands[0], operands[1:]
    else:
        subscripts, xs = _from_axis_lists(operands)
    in_subs, out_sub = _parse(subscripts, xs)
    if any(x.dtype.kind != 'f' for x in xs):
        raise InvalidType(f'einsum: the operands must have a floating dtype, but they are {_types(xs)}. Use F.cast.')
    return EinSum(in_subs, out_sub).apply(xs)[0]


def tensordot(a: VariableOrArray, b: VariableOrArray, axes: int | Sequence[int | Sequence[int]] = 2) -> Variable:
    """Return the sum of products of two arrays over pairs of axes.

    Args:
        a: Variable or array.
        b: Variable or array; of two floating dtypes the result has the wider.
        axes: number of the last axes of a and the first of b that are summed over, in order; or two sequences, of
            axes of a and of b.

    Returns:
        Variable: the other axes of a, then those of b.

    Raises:
        ValueError: when the axes do not fit each other, or a and b.
        TypeError: when axes is neither an int nor a sequence.
        InvalidType: when dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.tensordot(np.ones((2, 3, 4)), np.ones((3, 4, 5))).shape
        (2, 5)
        >>> F.tensordot(np.ones((2, 3)), np.ones((4, 2)), axes=((0,), (1,))).shape
        (3, 4)
    """
    require_arrays('tensordot', a=a, b=b)
    na = len(a.shape)
    nb = len(b.shape)
    if isinstance(axes, int | np.integer):
        a_axes = list(range(na - axes, na))
        b_axes = list(range(axes))
    else:
        _check_pair(axes)
        a_axes, b_axes = [[s] if isinstance(s, int | np.integer) else list(s) for s in axes]
    fits = len(a_axes) == len(b_axes) and all(-na <= i < na and -nb <= j < nb for i, j in zip(a_axes, b_axes))
    if not fits or any(a.shape[i] != b.shape[j] for i, j in zip(a_axes, b_axes)):
        raise ValueError(
            f'tensordot: the lengths of the axes {a_axes} of a and {b_axes} of b must be equal, but a is {a.dtype} '
            f'{a.shape} and b is {b.dtype} {b.shape}.'
        )
    a, b = promoted(a, b)
    a_sub = list(string.ascii_letters[:na])
    b_sub = list(string.ascii_letters[na : na + nb])
    for i, j in zip(a_axes, b_axes):
        b_sub[j] = a_sub[i]
    summed = {a_sub[i] for i in a_axes}
    out_sub = ''.join([letter for letter in a_sub + b_sub if letter not in summed])
    return TensorDot([''.join(a_sub), ''.join(b_sub)], out_sub).apply((a, b))[0]


def _check_pair(axes: Any) -> None:
    """Raise unless the axes of tensordot are a sequence of two."""
    if not isinstance(axes, Sequence | np.ndarray):
        raise TypeError(f'tensordot: axes must be an int or two sequences of ints, but it is {axes!r}.')
    if len(axes) != 2:
        raise ValueError(f'tensordot: axes must be an int or two sequences of ints, but it has length {len(axes)}.')


def batch_matmul(a: VariableOrArray, b: VariableOrArray, transa: bool = False, transb: bool = False) -> Variable:
    """Return the matrix products of two batches.

    Deprecated: `matmul` does the same.

    Args:
        a: Variable or array, (n, m, k), or (n, k, m) with transa; (n, m) counts as (n, m, 1).
        b: Variable or array, (n, k, l), or (n, l, k) with transb; (n, k) counts as (n, k, 1).
        transa (bool): whether to transpose the matrices of a.
        transb (bool): whether to transpose the matrices of b.

    Returns:
        Variable, (n, m, l).

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import warnings, numpy as np, chaingrad.functions as F
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter('ignore', DeprecationWarning)
        ...     F.batch_matmul(np.ones((5, 2, 3)), np.ones((5, 3))).shape
        (5, 2, 1)
    """
    warnings.warn('batch_matmul is deprecated. Use matmul instead.', DeprecationWarning, stacklevel=2)
    require_arrays('batch_matmul', a=a, b=b)
    for name, x in {'a': a, 'b': b}.items():
        if len(x.shape) not in (2, 3) or x.shape[0] != a.shape[0]:
            raise InvalidType(
                f'batch_matmul: a and b must be (n, rows, columns) or (n, rows), with one n, but {name} is {x.dtype} '
                f'{x.shape} and the batch of a is {a.shape[:1]}.'
            )
    if len(a.shape) == 2:
        a = reshape(a, (*a.shape, 1))
    if len(b.shape) == 2:
        b = reshape(b, (*b.shape, 1))
    return matmul(a, b, transa, transb)
