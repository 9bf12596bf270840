"""Numerical differentiation, element by element."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.backends.cuda import to_cpu
from chaingrad.autograd.variable import as_array

_POINTS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
# The projection of the values at the five points that leaves what no quadratic function of the position explains.
_RESIDUAL = np.eye(5) - np.vander(_POINTS, 3) @ np.linalg.pinv(np.vander(_POINTS, 3))


class NondifferentiableError(Exception):
    """The function has a kink or a jump at the point where its gradient was asked for."""


def numerical_grad(
    f: Callable[[], Sequence[Any]],
    inputs: Sequence[Array],
    grad_outputs: Sequence[Any],
    eps: float = 1e-3,
    detect_nondifferentiable: bool = False,
    diff_atol: float = 0,
    diff_rtol: float = 1e-2,
    center_outputs: Sequence[Any] | None = None,
) -> Arrays:
    """Differentiate a function numerically, one element of its inputs at a time.

    `gx[i] = sum(gy * (f(x + eps * e_i) - f(x - eps * e_i))) / (2 * eps)`

    Args:
        f: takes no arguments and returns a tuple of arrays computed from `inputs`, which are changed in place.
        inputs: floating arrays.
        grad_outputs: an array, a number or None for each output of `f`; a number stands for an array of it.
        eps: half the distance of the two points.
        detect_nondifferentiable: whether to look for kinks and jumps, which takes three more evaluations per element.
        diff_atol: how far the outputs may be from a quadratic function around the point, absolute.
        diff_rtol: the same, relative to the range of the values there.
        center_outputs: the outputs at the point itself, if they are known.

    Returns:
        One array for each input, of its shape and dtype.

    Raises:
        TypeError: when an input is not floating.
        NondifferentiableError: when a kink or a jump is found.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.gradient_checking.gradient_check import numerical_grad
        >>> x = np.array([1.0, 3.0])
        >>> gx, = numerical_grad(lambda: (x ** 2,), (x,), (np.array([1.0, 10.0]),))
        >>> gx.round(6)
        array([ 2., 60.])
    """
    for i, x in enumerate(inputs):
        if x.dtype.kind != 'f':
            raise TypeError(f'numerical_grad: inputs must be floating, but input {i} is {x.dtype} {x.shape}.')

    def outputs_at(x: Array, index: tuple[int, ...], shift: float) -> list[Array | None]:
        center = x[index].copy()
        x[index] = center + shift
        try:
            ys = f() if shift or center_outputs is None else center_outputs
            return [None if gy is None else to_numpy(y) for y, gy in zip(ys, weights, strict=True)]
        finally:
            x[index] = center

    def derivative(x: Array, index: tuple[int, ...]) -> float:
        positions = _POINTS if detect_nondifferentiable else (-1.0, 1.0)
        values = [outputs_at(x, index, eps * position) for position in positions]
        if detect_nondifferentiable:
            _require_smooth(values, diff_atol, diff_rtol)
        total = 0.0
        for w, y0, y1 in zip(weights, values[0], values[-1]):
            if w is not None and y0 is not None and y1 is not None:
                difference = y1.astype(np.float64) - y0
                total += float(np.vdot(w, difference) if w.ndim else w * difference.sum())
        return total / (2 * eps)

    weights = [None if gy is None else to_numpy(gy).astype(np.float64) for gy in grad_outputs]
    gradients = []
    for x in inputs:
        gx = get_array_module(x).zeros_like(x)
        for index in np.ndindex(x.shape):
            gx[index] = derivative(x, index)
        gradients.append(gx)
    return tuple(gradients)


def to_numpy(array: Any) -> Array:
    """Return a NumPy copy of an array or Variable: a copy, because a function may return its input itself."""
    return np.array(to_cpu(as_array(array)))


def _require_smooth(points: Sequence[Sequence[Any]], atol: float, rtol: float) -> None:
    """Raise NondifferentiableError unless the outputs at the five points are close to a quadratic function."""
    for i, outputs in enumerate(zip(*points)):
        if outputs[0] is None:
            continue
        values = np.stack([y.ravel().astype(np.float64) for y in outputs])
        finite = np.isfinite(values).all(axis=0)
        if not (finite | (np.isnan(values) == np.isnan(values[0])).all(axis=0)).all():
            raise NondifferentiableError(f'output {i} is not finite at some of the points around the input.')
        values = values[:, finite]
        noise = 8 * np.finfo(outputs[0].dtype).eps * np.abs(values).max(axis=0)
        limit = np.maximum(atol + rtol * np.ptp(values, axis=0), noise)
        excess = np.abs(_RESIDUAL @ values).max(axis=0) - limit
        if (excess > 0).any():
            worst = values[:, excess.argmax()]
            raise NondifferentiableError(
                f'output {i} has a kink or a jump: around the input it takes the values {worst.tolist()}. '
                'Check the gradient at another point, or with a smaller eps.'
            )
