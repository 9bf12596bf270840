"""Comparison of a function's gradients with numerical differentiation.

The gradients of all inputs are compared along one random direction, so that a check costs two evaluations of the
function whatever the size of its inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.gradient_checking.numerical import NondifferentiableError, numerical_grad, to_numpy
from chaingrad.autograd.gradients import backward, grad
from chaingrad.autograd.variable import Variable, as_array, as_variable

__all__ = ['NondifferentiableError', 'assert_allclose', 'check_backward', 'check_double_backward', 'numerical_grad']


def assert_allclose(x: Any, y: Any, atol: float = 1e-5, rtol: float = 1e-4, verbose: bool = True) -> None:
    """Raise AssertionError unless two arrays or Variables agree.

    `|x - y| <= atol + rtol * |y|` must hold for every element.

    Args:
        x: array or Variable.
        y: array or Variable, the desired values.
        atol: absolute tolerance.
        rtol: tolerance relative to `y`.
        verbose: whether the message shows the values.

    Raises:
        AssertionError: an element differs by more.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose
        >>> assert_allclose(np.array([1.0, 2.0]), np.array([1.0, 2.00001]))
    """
    np.testing.assert_allclose(to_numpy(x), to_numpy(y), atol=atol, rtol=rtol, verbose=verbose)


def _as_tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def _direction(arrays: Sequence[Any]) -> list[Any]:
    """Draw a unit vector over all arrays; no component is so small that an error in it could hide."""
    sizes = [x.size for x in arrays]
    total = sum(sizes)
    d = np.random.standard_normal(total)
    least = 0.1 * np.sqrt(np.mean(d**2)) if total else 0.0
    d = np.where(np.abs(d) < least, np.where(d < 0, -least, least), d)
    d /= np.linalg.norm(d) if total else 1
    parts = np.split(d, np.cumsum(sizes)[:-1])
    return [get_array_module(x).asarray(part.reshape(x.shape)) for x, part in zip(arrays, parts)]


def _are_constant(xs: Sequence[Any], no_grads: Sequence[bool] | None) -> list[bool]:
    if no_grads is None:
        return [x.dtype.kind != 'f' for x in xs]
    if len(no_grads) != len(xs):
        raise ValueError(f'no_grads must have one entry for each of {len(xs)} inputs, but it has {len(no_grads)}.')
    return list(no_grads)


def _require_all(gradients: Sequence[Any], constant: Sequence[bool]) -> None:
    """Raise RuntimeError when a gradient of the inputs that are not constant, or of the parameters, is missing."""
    names = [f'input {i}' for i, skip in enumerate(constant) if not skip]
    for i, g in enumerate(gradients):
        if g is None:
            name = names[i] if i < len(names) else f'parameter {i - len(names)}'
            raise RuntimeError(f'gradient check: {name} got no gradient. Set its entry of no_grads if that is right.')


class _Check:
    """The comparison of one function's gradients, whatever their order."""

    def __init__(self, func: Any, x_data: Any, y_grad: Any, params: Any, no_grads: Any, dtype: Any) -> None:
        self.func = func
        self.x_data = [as_array(x) for x in _as_tuple(x_data)]
        self.y_grad = None if y_grad is None else [None if gy is None else as_array(gy) for gy in _as_tuple(y_grad)]
        self.params = _as_tuple(params)
        self.constant = _are_constant(self.x_data, no_grads)
        self.dtype = None if dtype is None else np.dtype(dtype)
        if self.dtype is not None and self.dtype.kind != 'f':
            raise ValueError(f'gradient check: dtype must be floating, but {self.dtype} was given.')

    def call(self, xs: Sequence[Variable]) -> list[Variable]:
        """Apply the function and return the outputs that have a gradient, which is in `weights`."""
        ys = [as_variable(y) for y in _as_tuple(self.func(*xs))]
        shapes = [y.shape for y in ys]
        if self.y_grad is None:
            if len(ys) != 1 or ys[0].size != 1:
                raise ValueError(f'y_grad may be None only for one output of one element, but the shapes are {shapes}.')
            self.y_grad = [ys[0].xp.ones_like(ys[0].array)]
        given = [None if gy is None else gy.shape for gy in self.y_grad]
        if len(ys) != len(given) or any(s is not None and s != y.shape for y, s in zip(ys, given)):
            raise ValueError(f'y_grad must have the shapes of the outputs, {shapes}, but they are {given}.')
        self.weights = [gy for gy in self.y_grad if gy is not None]
        return [y for y, gy in zip(ys, self.y_grad) if gy is not None]

    def moved(self) -> list[Any]:
        """Return the arrays that are to be differentiated by."""
        return [x for x, skip in zip(self.x_data, self.constant) if not skip] + [p.array for p in self.params]

    def gradients(self) -> list[Any]:
        """Return the gradients of these arrays by backward()."""
        xs = [Variable(x.copy()) for x in self.x_data]
        held = [p.grad_var for p in self.params]
        for p in self.params:
            p.cleargrad()
        try:
            pairs = [(y, Variable(gy)) for y, gy in zip(self.call(xs), self.weights) if y.creator_node is not None]
            if pairs:
                backward([y for y, _ in pairs], [gy for _, gy in pairs])
            return [x.grad for x, skip in zip(xs, self.constant) if not skip] + [p.grad for p in self.params]
        finally:
            for p, g in zip(self.params, held):
                p.grad_var = g

    def numeric(self, directions: Sequence[Any], eps: float, detect: bool) -> float:
        """Return the derivative along the directions by two evaluations."""
        held = [p.array for p in self.params]
        moved = self.moved()
        delta = np.array(0.0)

        def cast(x: Any) -> Any:
            return x if self.dtype is None or x.dtype.kind != 'f' else x.astype(self.dtype)

        def shifted(x: Any, step: Any) -> Any:
            y = x.copy()
            y += step.astype(x.dtype)  # in place: the sum of 0-d arrays would be a scalar
            return y

        def f() -> tuple[Any, ...]:
            there = iter([shifted(cast(x), d * delta.item()) for x, d in zip(moved, directions)])
            xs = [Variable(cast(x) if skip else next(there)) for x, skip in zip(self.x_data, self.constant)]
            for p, array in zip(self.params, there):
                p.array = array
            return tuple(y.array for y in self.call(xs))

        try:
            return float(numerical_grad(f, (delta,), self.weights, eps, detect)[0])
        finally:
            for p, array in zip(self.params, held):
                p.array = array

    def run(self, who: str, eps: float, atol: float, rtol: float, detect: bool, needs_all: bool) -> None:
        gradients = self.gradients()
        if needs_all:
            _require_all(gradients, self.constant)
        if not gradients:
            return
        directions = _direction(self.moved())
        terms = [np.vdot(to_numpy(d), to_numpy(g)) for d, g in zip(directions, gradients) if g is not None]
        found, expected = float(sum(terms)), self.numeric(directions, eps, detect)
        if abs(found - expected) <= atol + rtol * abs(expected):
            return
        inputs = ', '.join(f'{x.dtype} {x.shape}' for x in self.moved())
        raise AssertionError(
            f'{who}: along a random direction backward() gives {found:.9g}, numerical differentiation '
            f'{expected:.9g} (atol={atol}, rtol={rtol}, eps={eps}).\n'
            f'differentiated: {inputs}\ngradients: {gradients}\ndirections: {directions}\ngy: {self.weights}'
        )


def check_backward(
    func: Callable[..., Any],
    x_data: Any,
    y_grad: Any,
    params: Any = (),
    eps: float = 1e-3,
    atol: float = 1e-5,
    rtol: float = 1e-4,
    no_grads: Sequence[bool] | None = None,
    dtype: Any = None,
    detect_nondifferentiable: bool = False,
) -> None:
    """Compare the gradients that backward() gives with numerical differentiation.

    Both are projected on one random unit vector `d` over all inputs and parameters, drawn by `numpy.random`:
    `sum(gx * d)` against `sum(gy * (func(x + eps * d) - func(x - eps * d))) / (2 * eps)`.

    Args:
        func: takes a Variable for each array of `x_data` and returns a Variable or a tuple of them.
        x_data: array or tuple of arrays. They are not changed.
        y_grad: the outputs' gradients, an array or a tuple with an array or None for each output; None for one output
            of one element.
        params: a Variable or a tuple of them that `func` uses and whose gradients are checked too. Their arrays and
            gradients are afterwards what they were.
        eps: step of the numerical differentiation.
        atol: absolute tolerance.
        rtol: relative tolerance.
        no_grads: for each input, whether it gets no gradient. None: those that are not floating.
        dtype: the dtype of the numerical evaluation. None: that of the data; float64 is the more precise.
        detect_nondifferentiable: whether to look for kinks and jumps.

    Raises:
        AssertionError: the two differ.
        RuntimeError: an input got no gradient.
        NondifferentiableError: a kink or jump was found.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.gradient_checking.gradient_check import check_backward
        >>> x, gy = np.array([1.0, 2.0]), np.array([0.5, -1.0])
        >>> check_backward(lambda x: x * x * x, x, gy)
    """
    check = _Check(func, x_data, y_grad, params, no_grads, dtype)
    check.run('check_backward', eps, atol, rtol, detect_nondifferentiable, True)


def check_double_backward(
    func: Callable[..., Any],
    x_data: Any,
    y_grad: Any,
    x_grad_grad: Any,
    params: Any = (),
    params_grad_grad: Any = (),
    eps: float = 1e-3,
    atol: float = 1e-4,
    rtol: float = 1e-3,
    no_grads: Sequence[bool] | None = None,
    dtype: Any = None,
    detect_nondifferentiable: bool = False,
) -> None:
    """Compare the second derivatives of a function with numerical differentiation of its first ones.

    The gradients `gx(x, gy)` are treated as a function of the inputs and of the outputs' gradients, and checked as in
    `check_backward`.

    Args:
        func: takes a Variable for each array of `x_data` and returns a Variable or a tuple of them.
        x_data: array or tuple of arrays.
        y_grad: array or tuple of arrays (or None), one for each output.
        x_grad_grad: array or tuple of arrays, one for each input, weights of its gradient; None skips one.
        params: a Variable or a tuple of them that `func` uses.
        params_grad_grad: array or tuple of arrays, one for each parameter.
        eps: step of the numerical differentiation.
        atol: absolute tolerance.
        rtol: relative tolerance.
        no_grads: for each input, whether it gets no gradient. None: those that are not floating.
        dtype: the dtype of the numerical evaluation.
        detect_nondifferentiable: whether to look for kinks and jumps.

    Raises:
        AssertionError: the two differ.
        RuntimeError: an input got no gradient.
        NondifferentiableError: a kink or jump was found.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.gradient_checking.gradient_check import check_double_backward
        >>> x, gy, ggx = np.array([1.0, 2.0]), np.array([0.5, -1.0]), np.array([1.0, 3.0])
        >>> check_double_backward(lambda x: x * x * x, x, gy, ggx)
    """
    xs, gys, params = _as_tuple(x_data), _as_tuple(y_grad), _as_tuple(params)
    constant = _are_constant(xs, no_grads)
    given = [gy for gy in gys if gy is not None]
    weights = _as_tuple(x_grad_grad)
    if len(weights) == len(xs):
        weights = tuple(ggx for ggx, skip in zip(weights, constant) if not skip)

    def first_order(*inputs: Variable) -> tuple[Any, ...]:
        rest = iter(inputs[len(xs) :])
        pairs = [(y, next(rest)) for y, gy in zip(_as_tuple(func(*inputs[: len(xs)])), gys) if gy is not None]
        targets = [x for x, skip in zip(inputs, constant) if not skip] + list(params)
        gxs = grad([y for y, _ in pairs], targets, [gy for _, gy in pairs], enable_double_backprop=True)
        _require_all(gxs, constant)
        return tuple(gxs)

    skips = constant + [False] * len(given)
    check = _Check(first_order, (*xs, *given), weights + _as_tuple(params_grad_grad), params, skips, dtype)
    # A gradient that is constant in an input has no second derivative: None is zero there.
    check.run('check_double_backward', eps, atol, rtol, detect_nondifferentiable, False)
