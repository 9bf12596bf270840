"""Piecewise linear activation functions: clipped_relu, relu6, hard_sigmoid, prelu, rrelu, crelu and maxout."""

from __future__ import annotations

from typing import Any, Literal, overload

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands
from chaingrad.autograd.array_ops import reshape, sum_to_shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.configuration import config
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.activation.rectifier import relu
from chaingrad.functions.array.joining import concat
from chaingrad.functions.checks import TRAIN, axis_of, refuse, require_floats
from chaingrad.functions.elementwise.comparison import Where
from chaingrad.functions.kernels.clipping import at_least, at_most
from chaingrad.functions.reduction import max


class ClippedReLU(Elementwise):
    """y = min(max(x, 0), z)."""

    def __init__(self, z: float) -> None:
        self.cap = float(z)

    def compute(self, x: Array) -> Array:
        return x.clip(0, self.cap)

    def derivative_from_output(self, y: Operand) -> Operand:
        y = as_array(y)
        return (y > 0) & (y < self.cap)


class HardSigmoid(Elementwise):
    """y = 0.2 x + 0.5, at least 0 and at most 1."""

    def compute(self, x: Array) -> Array:
        return (0.2 * x + 0.5).clip(0, 1)

    def derivative_from_output(self, y: Operand) -> Operand:
        y = as_array(y)
        return ((y > 0) & (y < 1)) * y.dtype.type(0.2)


class RReLU(Elementwise):
    """y = x where x >= 0, else r x, where r is random in [lower, upper)."""

    def __init__(self, lower: float, upper: float, r: Array | None = None) -> None:
        self.lower = lower
        self.upper = upper
        self.r = r

    def compute(self, x: Array) -> Array:
        if not config.train:
            self.r = np.full_like(x, (self.lower + self.upper) / 2)
        elif self.r is None:
            self.r = get_array_module(x).random.uniform(self.lower, self.upper, x.shape).astype(x.dtype, copy=False)
        self._slopes = self.r.astype(x.dtype, copy=False)
        return at_least(x, 0) + at_most(x, 0) * self._slopes

    def derivative(self, x: Operand) -> Operand:
        negative = (as_array(x) < 0).astype(x.dtype)
        return (1 - negative) + negative * self._slopes


class PReLUFunction(FunctionNode):
    """y = x where x >= 0, else W x."""

    _retained_inputs = (0, 1)

    def forward(self, inputs: Arrays) -> Arrays:
        x, W = inputs
        if x.dtype.kind != 'f' or W.dtype != x.dtype or x.ndim <= W.ndim or x.shape[1 : W.ndim + 1] != W.shape:
            reject(
                f'prelu: x and W must have one floating dtype and W.shape == x.shape[1:W.ndim + 1] must hold, but x is '
                f'{x.dtype} {x.shape} and W is {W.dtype} {W.shape}.'
            )
        self._negative = (x < 0).astype(x.dtype)
        self._W_shape = W.shape + (1,) * (x.ndim - W.ndim - 1)  # broadcasts to the shape of a sample
        return (at_least(x, 0) + at_most(x, 0) * W.reshape(self._W_shape),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        x, W = self.get_retained_inputs()
        negative = self._negative
        gradients = {}
        if 0 in indexes:
            gradients[0] = gy * ((1 - negative) + negative * W.reshape(self._W_shape))
        if 1 in indexes:
            zero = get_array_module(negative).zeros((), x.dtype)
            below = Where.of(x, zero, condition=negative == 1)  # x * 0 would be NaN where x is infinite
            gradients[1] = sum_to_shape(gy * below, (1, *self._W_shape)).reshape(W.shape)
        return tuple([gradients[i] for i in indexes])


def clipped_relu(x: VariableOrArray, z: float = 20.0) -> Variable:
    """Return the rectified linear unit with an upper bound.

    y = min(max(x, 0), z).

    Args:
        x: Variable or array of any shape, floating dtype.
        z (float): upper bound.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.clipped_relu(np.array([-1.0, 2.0, 30.0]))
        variable([ 0.,  2., 20.])
    """
    return ClippedReLU(z).apply_to(x)


def relu6(x: VariableOrArray) -> Variable:
    """Return the rectified linear unit with the upper bound 6.

    y = min(max(x, 0), 6).

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.relu6(np.array([-1.0, 2.0, 30.0]))
        variable([0., 2., 6.])

    Source:
        A. Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010.
    """
    return clipped_relu(x, 6.0)


def hard_sigmoid(x: VariableOrArray) -> Variable:
    """Return a piecewise linear sigmoid.

    y = 0.2 x + 0.5, at least 0 and at most 1.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape, in [0, 1].

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.hard_sigmoid(np.array([-3.0, 0.0, 1.0]))
        variable([0. , 0.5, 0.7])
    """
    return HardSigmoid().apply_to(x)


def prelu(x: VariableOrArray, W: VariableOrArray) -> Variable:
    """Return the rectified linear unit whose slope on negative elements is learned.

    y = x where x >= 0, else W x.

    Args:
        x: Variable or array, (n, ...), floating dtype.
        W: Variable or array of shape `x.shape[1:W.ndim + 1]`: one slope for all elements where it has no axes, one per
            channel where it is (c,).

    Returns:
        Variable of the shape of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.prelu(np.array([[-1.0, -2.0, 3.0]]), np.array([0.1, 0.5, 0.5]))
        variable([[-0.1, -1. ,  3. ]])

    Source:
        K. He, X. Zhang, S. Ren, J. Sun, Delving Deep into Rectifiers, ICCV 2015, equation 1.
    """
    return PReLUFunction().apply((x, W))[0]


@overload
def rrelu(
    x: VariableOrArray,
    l: float = ...,
    u: float = ...,
    *,
    r: Array | None = None,
    return_r: Literal[False] = False,
    **kwargs: Any,
) -> Variable: ...
@overload
def rrelu(
    x: VariableOrArray,
    l: float = ...,
    u: float = ...,
    *,
    r: Array | None = None,
    return_r: Literal[True],
    **kwargs: Any,
) -> tuple[Variable, Array | None]: ...
def rrelu(
    x: VariableOrArray,
    l: float = 1.0 / 8,
    u: float = 1.0 / 3,
    *,
    r: Array | None = None,
    return_r: bool = False,
    **kwargs: Any,
) -> Variable | tuple[Variable, Array | None]:
    """Return the rectified linear unit whose slope on negative elements is random.

    y = x where x >= 0, else r x; r is uniform in [l, u) while training and (l + u) / 2 where `config.train` is False.

    Args:
        x: Variable or array of any shape, floating dtype.
        l (float): lower bound of the slopes, in [0, 1).
        u (float): upper bound of the slopes, in [0, 1), larger than l.
        r: array of the shape of x to use instead of random slopes.
        return_r (bool): whether to return the slopes too.

    Returns:
        Variable of the same shape; with return_r a tuple of it and the slopes.

    Raises:
        InvalidType: when the dtype is not floating.
        ValueError: when the bounds or the shape of r do not fit, or `train=` of old programs is given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.rrelu(np.array([-1.0, 2.0]), r=np.array([0.25, 0.25]))
        variable([-0.25,  2.  ])

    Source:
        B. Xu, N. Wang, T. Chen, M. Li, Empirical Evaluation of Rectified Activations in Convolutional Network, 2015.
    """
    refuse('rrelu', kwargs, train=TRAIN)
    if not 0 <= l < u < 1:
        raise ValueError(f'rrelu: 0 <= l < u < 1 must hold, but l is {l} and u is {u}.')
    if r is not None and r.shape != x.shape:
        raise ValueError(f'rrelu: r must have the shape of x, {x.shape}, but it is {r.shape}.')
    function = RReLU(l, u, r)
    (y,) = function.apply((x,))
    return (y, function.r) if return_r else y


def crelu(x: VariableOrArray, axis: int = 1) -> Variable:
    """Return the rectified linear units of an array and of its negative, joined.

    y = concat((max(x, 0), max(-x, 0)), axis).

    Args:
        x: Variable or array of any shape, floating dtype.
        axis (int): axis to join along.

    Returns:
        Variable, twice as long along the axis.

    Raises:
        InvalidType: when the dtype is not floating or the axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.crelu(np.array([[-1.0, 2.0]]))
        variable([[0., 2., 1., 0.]])

    Source:
        W. Shang, K. Sohn, D. Almeida, H. Lee, Understanding and Improving Convolutional Neural Networks via
        Concatenated Rectified Linear Units, ICML 2016.
    """
    require_floats('crelu', x=x)
    return concat((relu(x), relu(-x)), axis)


def maxout(x: VariableOrArray, pool_size: int, axis: int = 1) -> Variable:
    """Return the largest of every `pool_size` neighbours along an axis.

    Args:
        x: Variable or array of any shape, floating dtype.
        pool_size (int): number of elements that one element of the output is chosen from.
        axis (int): axis to pool along, whose length is a multiple of pool_size.

    Returns:
        Variable, of length `x.shape[axis] // pool_size` along the axis.

    Raises:
        ValueError: when pool_size is not positive.
        InvalidType: when the axis is out of range, its length is no multiple of pool_size or the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.maxout(np.array([[1.0, 5.0, 4.0, 2.0]]), 2)
        variable([[5., 4.]])

    Source:
        I. J. Goodfellow et al., Maxout Networks, ICML 2013.
    """
    if pool_size <= 0:
        raise ValueError(f'maxout: pool_size must be positive, but it is {pool_size}.')
    axis = axis_of('maxout', x, axis)
    if x.dtype.kind != 'f' or x.shape[axis] % pool_size:
        raise InvalidType(
            f'maxout: x must have a floating dtype and x.shape[axis] must be a multiple of pool_size, but x is '
            f'{x.dtype} {x.shape}, axis is {axis} and pool_size is {pool_size}.'
        )
    pools = reshape(x, (*x.shape[:axis], x.shape[axis] // pool_size, pool_size, *x.shape[axis + 1 :]))
    return max(pools, axis + 1)
