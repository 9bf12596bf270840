"""fft and ifft; a complex array is a pair of real arrays, its real and its imaginary part."""

from __future__ import annotations

from collections.abc import Sequence

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.array.joining import filled
from chaingrad.functions.casting import upcast


class FFT(FunctionNode):
    """y = the Fourier transform of x along the last axis, or its inverse, as real and imaginary parts."""

    def __init__(self, method: str) -> None:
        self.method = method

    def forward(self, inputs: Arrays) -> Arrays:
        real, imag = inputs
        if not len(real.shape) or real.shape != imag.shape or real.dtype != imag.dtype or real.dtype.kind != 'f':
            reject(
                f'{self.method}: the real and the imaginary part must have one floating dtype and one shape of at '
                f'least one axis, but they are {real.dtype} {real.shape} and {imag.dtype} {imag.shape}.'
            )
        self._shape = real.shape
        if not real.size:
            return real.copy(), imag.copy()
        xp = get_array_module(real)
        y = getattr(xp.fft, self.method)(upcast(real) + 1j * upcast(imag))
        return y.real.astype(real.dtype), y.imag.astype(real.dtype)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        gys = filled(grad_outputs, [self._shape] * 2)
        n = self._shape[-1] or 1
        if self.method == 'fft':  # the adjoint is n times the inverse
            gxs = [gx * n for gx in FFT.of(*gys, method='ifft')]
        else:
            gxs = [gx / n for gx in FFT.of(*gys, method='fft')]
        return tuple([gxs[i] for i in indexes])


def fft(x: Sequence[VariableOrArray]) -> tuple[Variable, ...]:
    """Return the discrete Fourier transform along the last axis.

    y_k = sum_j x_j exp(-2 pi i j k / n). Complex numbers are pairs of real arrays.

    Args:
        x: tuple of two Variables or arrays (..., n), the real and the imaginary part, of one floating dtype.

    Returns:
        Tuple of two Variables of the same shape, the real and the imaginary part.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        TypeError: when x is no tuple or list of two.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.fft((np.array([1.0, 2.0]), np.array([0.0, 0.0])))
        (variable([ 3., -1.]), variable([0., 0.]))
    """
    return FFT('fft').apply(_pair('fft', x))


def ifft(x: Sequence[VariableOrArray]) -> tuple[Variable, ...]:
    """Return the inverse of the discrete Fourier transform along the last axis.

    y_j = sum_k x_k exp(2 pi i j k / n) / n. Complex numbers are pairs of real arrays.

    Args:
        x: tuple of two Variables or arrays (..., n), the real and the imaginary part, of one floating dtype.

    Returns:
        Tuple of two Variables of the same shape, the real and the imaginary part.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        TypeError: when x is no tuple or list of two.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.ifft((np.array([3.0, -1.0]), np.array([0.0, 0.0])))
        (variable([1., 2.]), variable([0., 0.]))
    """
    return FFT('ifft').apply(_pair('ifft', x))


def _pair(who: str, x: Sequence[VariableOrArray]) -> tuple[VariableOrArray, ...]:
    """Return x as a tuple; raise unless it is a tuple or list of two."""
    if not isinstance(x, tuple | list) or len(x) != 2:
        raise TypeError(f'{who}: x must be a tuple of the real and the imaginary part, but it is {type(x).__name__}.')
    return tuple(x)
