"""einsum, tensordot and batch_matmul (matmul is in the ground floor)."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import reshape, sum_to_shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable
from chaingrad.functions.checks import require_arrays

_BIG = 4096  # elements from which looking for the best order of products pays


class EinSum(FunctionNode):
    """y = the sum of products that subscripts describe: one letter per axis, no ellipsis."""

    def __init__(self, in_subs: list[str], out_sub: str) -> None:
        self.in_subs = in_subs
        self.out_sub = out_sub

    @np.errstate(invalid='ignore')  # as in autograd.matmul.matmul_array
    def forward(self, inputs: Any) -> Any:
        self.retain_inputs(tuple(range(len(inputs))))
        dtype = inputs[0].dtype
        if any(x.dtype != dtype for x in inputs):
            raise InvalidType(f'{self.label.lower()}: all operands must have one dtype, but they are {_given(inputs)}.')
        if dtype == np.float16:
            inputs = [x.astype(np.float32) for x in inputs]
        formula = f'{",".join(self.in_subs)}->{self.out_sub}'
        big = len(inputs) > 1 and sum(x.size for x in inputs) > _BIG
        y = get_array_module(*inputs).einsum(formula, *inputs, optimize=big)
        y = np.asarray(y) if isinstance(y, np.generic) else y
        return (y.astype(dtype) if y.dtype != dtype or y.base is not None else y,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        xs = self.get_retained_inputs()
        return tuple([self._gradient(i, xs, grad_outputs[0]) for i in indexes])

    def _gradient(self, i: int, xs: Any, gy: Any) -> Any:
        """Return the gradient of operand i: it is an einsum too, of gy and the other operands."""
        operands = [gy, *xs[:i], *xs[i + 1 :]]
        subs = [self.out_sub, *self.in_subs[:i], *self.in_subs[i + 1 :]]
        letters = iter(sorted(set(string.ascii_letters) - set(''.join(self.in_subs))))
        xp = get_array_module(xs[i]) if not isinstance(xs[i], Variable) else xs[i].xp
        target = ''
        for letter, n in zip(self.in_subs[i], xs[i].shape):
            place = letter
            if letter in target:  # a diagonal: the gradient is 0 elsewhere
                place = next(letters)
                operands.append(xp.eye(n, dtype=xs[i].dtype))
                subs.append(letter + place)
            elif not any(letter in sub for sub in subs):  # summed over in this operand alone: the same for all
                operands.append(xp.ones(n, dtype=xs[i].dtype))
                subs.append(letter)
            target += place
        return sum_to_shape(EinSum.of(*operands, in_subs=subs, out_sub=target), xs[i].shape)


class TensorDot(EinSum):
    """y = the sum of products over pairs of axes."""


def _given(xs: Any) -> str:
    return ', '.join(f'{x.dtype} {x.shape}' for x in xs)


def _parsed(subscripts: str, xs: Any) -> tuple[list[str], str]:
    """Return the subscripts of operands and output, the axes under an ellipsis named by letters of their own."""
    inputs, arrow, out = subscripts.replace(' ', '').partition('->')
    ins = inputs.split(',')
    letters = sorted(set(inputs) & set(string.ascii_letters))
    allowed = set(string.ascii_letters)
    if len(ins) != len(xs) or any(set(s.replace('...', '', 1)) - allowed for s in [*ins, out]):
        raise ValueError(
            f'einsum: subscripts must be letters and "...", one group for each of {len(xs)} operands, but they are '
            f'{subscripts!r}.'
        )
    require_arrays('einsum', **{f'operand {i}': x for i, x in enumerate(xs)})
    hidden = [len(x.shape) - len(s.replace('...', '')) for s, x in zip(ins, xs)]
    if any(n < 0 or n and '...' not in s for n, s in zip(hidden, ins)):
        raise InvalidType(
            f'einsum: subscripts must have one letter for each axis, but they are {subscripts!r} and the operands are '
            f'{_given(xs)}.'
        )
    free = [c for c in string.ascii_letters if c not in letters]
    names = ''.join(free[: max(hidden, default=0)])
    ins = [s.replace('...', names[len(names) - n :]) for s, n in zip(ins, hidden)]
    if not arrow:
        out = names + ''.join(c for c in letters if inputs.count(c) == 1)
    else:
        out = out.replace('...', names)
    if len(set(out)) < len(out) or set(out) - set(''.join(ins)):
        raise ValueError(f'einsum: the output must name axes of the operands, each once, but it is {subscripts!r}.')
    return ins, out


def _interleaved(operands: Any) -> tuple[str, Any]:
    """Turn operands with lists of axes, `x, [0, 1], y, [1, 2], [0, 2]`, into subscripts and operands."""
    *pairs, out = operands if len(operands) % 2 else (*operands, None)

    def letters(axes: Any) -> str:
        return ''.join('...' if a is Ellipsis else string.ascii_letters[a] for a in axes)

    text = ','.join(letters(axes) for axes in pairs[1::2])
    return text if out is None else f'{text}->{letters(out)}', tuple(pairs[::2])


def einsum(*operands: Any) -> Variable:
    """Return a sum of products that subscripts describe (Einstein's convention).

    Each letter names an axis; axes that the output does not name are summed over. A letter twice in an operand takes
    the diagonal, `...` stands for all axes that have no letter.

    Args:
        operands: the subscripts, such as `'ij,jk->ik'`, then the Variables or arrays of one dtype. Or arrays and lists
            of the numbers of their axes by turns, and the list of the output's.

    Returns:
        Variable.

    Raises:
        ValueError: when the subscripts make no sense.
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
    subscripts, xs = (operands[0], operands[1:]) if isinstance(operands[0], str) else _interleaved(operands)
    return EinSum(*_parsed(subscripts, xs)).apply(xs)[0]


def tensordot(a: Any, b: Any, axes: Any = 2) -> Variable:
    """Return the sum of products of two arrays over pairs of axes.

    Args:
        a: Variable or array.
        b: Variable or array of the same dtype.
        axes: how many of the last axes of a and the first of b are summed over, in order; or two sequences, of axes
            of a and of b.

    Returns:
        Variable: the other axes of a, then those of b.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.tensordot(np.ones((2, 3, 4)), np.ones((3, 4, 5))).shape
        (2, 5)
        >>> F.tensordot(np.ones((2, 3)), np.ones((4, 2)), axes=((0,), (1,))).shape
        (3, 4)
    """
    require_arrays('tensordot', a=a, b=b)
    na, nb = len(a.shape), len(b.shape)
    if isinstance(axes, int | np.integer):
        of_a, of_b = list(range(na - axes, na)), list(range(axes))
    else:
        of_a, of_b = ([s] if isinstance(s, int | np.integer) else list(s) for s in axes)
    fits = len(of_a) == len(of_b) and all(-na <= i < na and -nb <= j < nb for i, j in zip(of_a, of_b))
    if not fits or any(a.shape[i] != b.shape[j] for i, j in zip(of_a, of_b)):
        raise InvalidType(
            f'tensordot: the lengths of the axes {of_a} of a and {of_b} of b must be equal, but a is {a.dtype} '
            f'{a.shape} and b is {b.dtype} {b.shape}.'
        )
    letters = string.ascii_letters
    sub_a, sub_b = list(letters[:na]), list(letters[na : na + nb])
    for i, j in zip(of_a, of_b):
        sub_b[j] = sub_a[i]
    summed = {sub_a[i] for i in of_a}
    out = ''.join(c for c in sub_a + sub_b if c not in summed)
    return TensorDot([''.join(sub_a), ''.join(sub_b)], out).apply((a, b))[0]


def batch_matmul(a: Any, b: Any, transa: bool = False, transb: bool = False) -> Variable:
    """Return the matrix products of two batches. Of use to old programs; `matmul` does the same.

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
        >>> import numpy as np, chaingrad.functions as F
        >>> F.batch_matmul(np.ones((5, 2, 3)), np.ones((5, 3))).shape
        (5, 2, 1)
    """
    require_arrays('batch_matmul', a=a, b=b)
    for name, x in (('a', a), ('b', b)):
        if len(x.shape) not in (2, 3) or x.shape[0] != a.shape[0]:
            raise InvalidType(
                f'batch_matmul: a and b must be (n, rows, columns) or (n, rows), with one n, but {name} is {x.dtype} '
                f'{x.shape} and the batch of a is {a.shape[:1]}.'
            )
    a, b = (reshape(x, (*x.shape, 1)) if len(x.shape) == 2 else x for x in (a, b))
    return matmul(a, b, transa, transb)
