"""Comparison of a function's gradients with numerical differentiation.

The gradients of all inputs are compared along one random direction, so that a check takes two evaluations of the
function, however large its inputs are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.arithmetic import AddConstant
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
        y: array or Variable, the expected values.
        atol: absolute tolerance.
        rtol: tolerance relative to `y`.
        verbose: whether the message shows the values.

    Raises:
        AssertionError: when an element differs by more.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose
        >>> assert_allclose(np.array([1.0, 2.0]), np.array([1.0, 2.00001]))
    """
    np.testing.assert_allclose(to_numpy(x), to_numpy(y), atol=atol, rtol=rtol, verbose=verbose)


def _as_tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def _draw_direction(arrays: Sequence[Array]) -> list[Array]:
    """Draw a unit vector over all arrays, with no component so small that it could hide an error."""
    sizes = [x.size for x in arrays]
    total = sum(sizes)
    vector = np.random.standard_normal(total)
    if total:
        smallest = 0.1 * np.sqrt(np.mean(vector**2))
        vector = np.where(np.abs(vector) < smallest, np.where(vector < 0, -smallest, smallest), vector)
        vector /= np.linalg.norm(vector)
    parts = np.split(vector, np.cumsum(sizes)[:-1])
    return [get_array_module(x).asarray(part.reshape(x.shape)) for x, part in zip(arrays, parts)]


def _are_constant(xs: Sequence[Array], no_grads: Sequence[bool] | None) -> list[bool]:
    if no_grads is None:
        return [x.dtype.kind != 'f' for x in xs]
    if len(no_grads) != len(xs):
        raise ValueError(f'no_grads must have one entry for each of {len(xs)} inputs, but it has {len(no_grads)}.')
    return list(no_grads)


def _require_none(gradients: Sequence[Any], constant: Sequence[bool]) -> None:
    """Raise RuntimeError when an input has a gradient that no_grads denies."""
    for i, (g, skip) in enumerate(zip(gradients, constant)):
        if skip and g is not None:
            raise RuntimeError(f'gradient check: input {i} got a gradient, but no_grads says that it has none.')


def _shift(x: Array, step: Array) -> Array:
    """Return x + step in the dtype of x."""
    y = x.copy()
    y += step.astype(x.dtype)  # in place: the sum of 0-d arrays would be a scalar
    return y


class _Check:
    """The comparison of one function's gradients, of either order."""

    def __init__(
        self,
        func: Callable[..., Any],
        x_data: Any,
        y_grad: Any,
        params: Any,
        no_grads: Any,
        dtype: Any,
        is_first_order: bool = True,
    ) -> None:
        self.func = func
        self.is_first_order = is_first_order
        self.x_data = [as_array(x) for x in _as_tuple(x_data)]
        self.y_grad: list[Array | None] | None = None
        if y_grad is not None:
            self.y_grad = [None if gy is None else as_array(gy) for gy in _as_tuple(y_grad)]
        self.params = _as_tuple(params)
        self.constant = _are_constant(self.x_data, no_grads)
        self.dtype = None if dtype is None else np.dtype(dtype)
        if self.dtype is not None and self.dtype.kind != 'f':
            raise ValueError(f'gradient check: dtype must be floating, but {self.dtype} was given.')

    def call(self, xs: Sequence[Variable]) -> list[Variable]:
        """Apply the function and return the outputs that have a gradient, which `weights` then holds."""
        ys = [as_variable(y) for y in _as_tuple(self.func(*xs))]
        shapes = [y.shape for y in ys]
        if self.y_grad is None:
            if len(ys) != 1 or ys[0].size != 1:
                raise ValueError(f'y_grad may be None only for one output of one element, but the shapes are {shapes}.')
            self.y_grad = [ys[0].xp.ones_like(ys[0].array)]
        gy_shapes = [None if gy is None else gy.shape for gy in self.y_grad]
        if len(ys) != len(gy_shapes) or any(s is not None and s != y.shape for y, s in zip(ys, gy_shapes)):
            raise ValueError(f'y_grad must have the shapes of the outputs, {shapes}, but they are {gy_shapes}.')
        self.weights = [gy for gy in self.y_grad if gy is not None]
        return [y for y, gy in zip(ys, self.y_grad) if gy is not None]

    def checked_arrays(self) -> list[Array]:
        """Return the arrays whose gradients are checked: inputs that are not constant, then parameters."""
        xs = [x for x, skip in zip(self.x_data, self.constant) if not skip]
        return xs + [p.array for p in self.params]

    def gradients(self) -> list[Array | None]:
        """Return the gradients of the checked arrays by backward()."""
        xs = [Variable(x.copy()) for x in self.x_data]
        previous = [p.grad_var for p in self.params]
        for p in self.params:
            p.cleargrad()
        try:
            ys = []
            gys = []
            for y, gy in zip(self.call(xs), self.weights):
                if y.creator_node is None:  # an input itself, to which no function leads: backward would drop it
                    y = AddConstant(0).apply((y,))[0]
                if y.creator_node is not None:
                    ys.append(y)
                    gys.append(Variable(gy))
            if ys:
                backward(ys, gys)
            if self.is_first_order:
                _require_none([x.grad for x in xs], self.constant)
            return [x.grad for x, skip in zip(xs, self.constant) if not skip] + [p.grad for p in self.params]
        finally:
            for p, g in zip(self.params, previous):
                p.grad_var = g

    def numerical(self, directions: Sequence[Array], eps: float, detect: bool) -> float:
        """Return the derivative along the directions by two evaluations."""
        previous = [p.array for p in self.params]
        arrays = self.checked_arrays()
        delta = np.array(0.0)

        def f() -> tuple[Array, ...]:
            shifted = [_shift(self._cast(x), d * delta.item()) for x, d in zip(arrays, directions)]
            inputs = iter(shifted)
            xs = [Variable(self._cast(x) if skip else next(inputs)) for x, skip in zip(self.x_data, self.constant)]
            for p, array in zip(self.params, inputs):
                p.array = array
            return tuple([y.array for y in self.call(xs)])

        try:
            return float(numerical_grad(f, (delta,), self.weights, eps, detect)[0])
        finally:
            for p, array in zip(self.params, previous):
                p.array = array

    def _cast(self, x: Array) -> Array:
        """Return a floating array in the dtype of the numerical evaluation, any other as it is."""
        return x if self.dtype is None or x.dtype.kind != 'f' else x.astype(self.dtype)

    def run(self, caller: str, eps: float, atol: float, rtol: float, detect: bool) -> None:
        """Raise AssertionError unless backward() and numerical differentiation agree along a random direction."""
        gradients = self.gradients()
        if not gradients:
            return
        directions = _draw_direction(self.checked_arrays())
        found = 0.0
        for d, g in zip(directions, gradients):
            if g is not None:
                found += float(np.vdot(to_numpy(d), to_numpy(g)))
        expected = self.numerical(directions, eps, detect)
        if abs(found - expected) <= atol + rtol * abs(expected):
            return
        checked = ', '.join([f'{x.dtype} {x.shape}' for x in self.checked_arrays()])
        raise AssertionError(
            f'{caller}: along a random direction backward() gives {found:.9g}, numerical differentiation '
            f'{expected:.9g} (atol={atol}, rtol={rtol}, eps={eps}).\n'
            f'differentiated: {checked}\ngradients: {gradients}\ndirections: {directions}\ngy: {self.weights}'
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
            gradients are the same afterwards.
        eps: step of the numerical differentiation.
        atol: absolute tolerance.
        rtol: relative tolerance.
        no_grads: for each input, whether it gets no gradient; None for those that are not floating. An input without
            influence, whose gradient is None, has the gradient zero.
        dtype: dtype of the numerical evaluation; None for that of the data. float64 is the most precise.
        detect_nondifferentiable: whether to look for kinks and jumps.

    Raises:
        AssertionError: when the two differ.
        RuntimeError: when an input has a gradient that no_grads denies.
        NondifferentiableError: when a kink or a jump is found.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.gradient_checking.gradient_check import check_backward
        >>> x, gy = np.array([1.0, 2.0]), np.array([0.5, -1.0])
        >>> check_backward(lambda x: x * x * x, x, gy)
    """
    check = _Check(func, x_data, y_grad, params, no_grads, dtype)
    check.run('check_backward', eps, atol, rtol, detect_nondifferentiable)


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
        x_grad_grad: array or tuple of arrays, one for each input, the weights of its gradient; None skips one.
        params: a Variable or a tuple of them that `func` uses.
        params_grad_grad: array or tuple of arrays, one for each parameter.
        eps: step of the numerical differentiation.
        atol: absolute tolerance.
        rtol: relative tolerance.
        no_grads: for each input, whether it gets no gradient; None for those that are not floating. An input without
            influence, whose gradient is None, has the gradient zero.
        dtype: dtype of the numerical evaluation; None for that of the data.
        detect_nondifferentiable: whether to look for kinks and jumps.

    Raises:
        AssertionError: when the two differ.
        RuntimeError: when an input has a gradient that no_grads denies.
        NondifferentiableError: when a kink or a jump is found.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.gradient_checking.gradient_check import check_double_backward
        >>> x, gy, ggx = np.array([1.0, 2.0]), np.array([0.5, -1.0]), np.array([1.0, 3.0])
        >>> check_double_backward(lambda x: x * x * x, x, gy, ggx)
    """
    xs = _as_tuple(x_data)
    gys = _as_tuple(y_grad)
    params = _as_tuple(params)
    constant = _are_constant(xs, no_grads)
    present_gys = [gy for gy in gys if gy is not None]
    weights = _as_tuple(x_grad_grad)
    if len(weights) == len(xs):
        weights = tuple([ggx for ggx, skip in zip(weights, constant) if not skip])

    def first_order(*variables: Variable) -> tuple[Any, ...]:
        """Return the gradients of the inputs and parameters as a function of inputs and outputs' gradients."""
        inputs = variables[: len(xs)]
        outputs = [y for y, gy in zip(_as_tuple(func(*inputs)), gys) if gy is not None]
        targets = [*inputs, *params]
        gxs = grad(outputs, targets, variables[len(xs) :], enable_double_backprop=True)
        _require_none(gxs, constant)
        for i, g in enumerate(gxs):
            if g is None:
                gxs[i] = Variable(targets[i].xp.zeros_like(targets[i].array))
        return tuple([g for g, skip in zip(gxs, constant) if not skip] + gxs[len(xs) :])

    skips = constant + [False] * len(present_gys)
    weights += _as_tuple(params_grad_grad)
    check = _Check(first_order, (*xs, *present_gys), weights, params, skips, dtype, is_first_order=False)
    check.run('check_double_backward', eps, atol, rtol, detect_nondifferentiable)
