"""Losses of covariances: cross_covariance and decov."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import downcast
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.casting import upcast_inputs
from chaingrad.functions.checks import fail, require_arrays
from chaingrad.functions.loss.base import check_reduce

_REDUCTIONS = ('half_squared_sum', 'no')


def _covariance(who: str, **arrays: Any) -> Variable:
    """Return the covariance matrix of the columns of two arrays, or of one."""
    require_arrays(who, **arrays)
    lengths = {x.shape[0] if len(x.shape) == 2 else 0 for x in arrays.values()}
    if len(lengths) > 1 or 0 in lengths:
        fail(who, f'{" and ".join(arrays)} of the shape (n, ...) with two axes and n > 0', **arrays)
    n = lengths.pop()
    centred = [x - _sum(x, axis=0, keepdims=True) / n for x in upcast_inputs(who, **arrays)]
    return matmul(centred[0], centred[-1], transa=True) / n


def _half_squared_sum(c: Variable, reduce: str, dtype: np.dtype[Any]) -> Variable:
    """Return half of the sum of the squared elements, or with 'no' the elements, in a dtype."""
    loss = c if reduce == 'no' else _sum(c * c) / 2
    return downcast(loss, dtype)


def cross_covariance(y: VariableOrArray, z: VariableOrArray, reduce: str = 'half_squared_sum') -> Variable:
    """Return the penalty on the covariance of two groups of variables.

    C = (y - mean(y))^T (z - mean(z)) / n; loss = sum(C ** 2) / 2.

    Args:
        y: Variable or array, (n, k), floating dtype.
        z: Variable or array, (n, l), of the same dtype.
        reduce (str): 'half_squared_sum', or 'no' for the matrix C.

    Returns:
        Variable of no axes, or (k, l) with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.cross_covariance(np.array([[0.0], [2.0]]), np.array([[0.0], [4.0]]))
        variable(2.)

    Source:
        B. Cheung et al., Discovering Hidden Factors of Variation in Deep Networks, ICLR 2015 workshop.
    """
    check_reduce('cross_covariance', reduce, _REDUCTIONS)
    c = _covariance('cross_covariance', y=y, z=z)
    return _half_squared_sum(c, reduce, y.dtype)


def decov(h: VariableOrArray, reduce: str = 'half_squared_sum') -> Variable:
    """Return the penalty on the covariance of different hidden units.

    C = (h - mean(h))^T (h - mean(h)) / n, with zeros on the diagonal; loss = sum(C ** 2) / 2.

    Args:
        h: Variable or array, (n, k), floating dtype.
        reduce (str): 'half_squared_sum', or 'no' for the matrix C.

    Returns:
        Variable of no axes, or (k, k) with reduce='no'.

    Raises:
        InvalidType: when h does not have two axes and at least one row.
        ValueError: when reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.decov(np.array([[0.0, 0.0], [2.0, 4.0]]))
        variable(4.)

    Source:
        M. Cogswell et al., Reducing Overfitting in Deep Networks by Decorrelating Representations, ICLR 2016, eq. 2.
    """
    check_reduce('decov', reduce, _REDUCTIONS)
    c = _covariance('decov', h=h)
    off_diagonal = 1 - c.xp.eye(c.shape[0], dtype=c.dtype)
    return _half_squared_sum(c * off_diagonal, reduce, h.dtype)
