"""Requirements on every differentiable function, tested for each row of `tests/cases/`.

Values are compared with the row's formula in NumPy, gradients with numerical differentiation along one random direction
per order in float64, and a pass on arrays with a pass on Variables. Rows with several outputs run with each one alone.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import types
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chaingrad
import chaingrad.functions as F
import tests.cases
from chaingrad import Variable, as_variable, grad, using_config
from chaingrad.autograd.variable_node import VariableNode
from tests.strategies import distinct_values, layouts, seeds, values, with_layout


def rows(table: str) -> list[Any]:
    names = sorted(module.name for module in pkgutil.iter_modules(tests.cases.__path__))
    return [case for name in names for case in getattr(importlib.import_module(f'tests.cases.{name}'), table, ())]


CASES = rows('CASES')
OPERATORS = rows('OPERATORS')
OLD_NAMES = 'ignore:(batch_matmul|fixed_batch_renormalization) is deprecated:DeprecationWarning'
pytestmark = pytest.mark.filterwarnings(OLD_NAMES)
EPS, ATOL, RTOL = 1e-6, 1e-5, 1e-3
VALUE_TOLERANCE = {'float16': 5e-3, 'float32': 1e-5, 'float64': 1e-10}
GRADIENT_TOLERANCE = {'float16': 3e-2, 'float32': 1e-4}


def for_rows(condition: Any, share: float) -> Any:
    """Run a test for the rows that meet a condition, with a share of the profile's number of examples."""
    chosen = [case for case in CASES + OPERATORS if condition(case)]
    profile = settings.default
    bounded = settings(
        max_examples=max(1, round(share * profile.max_examples)),
        suppress_health_check=[HealthCheck.too_slow],  # on a busy machine
    )
    return lambda test: pytest.mark.parametrize('case', chosen, ids=str)(given(data=st.data())(bounded(test)))


class Problem:
    """A row with inputs and options drawn for it."""

    def __init__(self, case: Any, xs: Any, options: Any, layouts: Any, rng: np.random.Generator) -> None:
        self.case = case
        self.xs = xs
        self.options = options
        self.layouts = layouts
        self.rng = rng

    def __repr__(self) -> str:
        """Return shapes, layouts and options without the elements of the arrays."""
        shapes = ', '.join(f'{x.shape} {layout}' for x, layout in zip(self.xs, self.layouts))
        return f'{self.case}: inputs {shapes}; options {self.options}'

    def apply(self, xs: Any) -> tuple[Any, ...]:
        """Call the function; return its outputs as a tuple."""
        if self.case.name not in F.__all__:  # an operator of Variable
            xs = [as_variable(x) for x in xs]
        with configured(self.case):
            return as_tuple(self.case.call(*xs, **self.options))

    def laid_out(self, dtype: str = 'float64') -> list[Any]:
        """Return copies of the inputs with the memory layouts that were drawn."""
        return [with_layout(x.astype(dtype), layout) for x, layout in zip(self.xs, self.layouts)]

    def random_like(self, arrays: Any) -> list[Any]:
        """Return arrays of random sign and absolute values from 0.5 to 1.5: a small element would hide errors."""
        shapes = [a.shape for a in arrays]
        return [np.asarray(self.rng.uniform(0.5, 1.5, s) * self.rng.choice([-1.0, 1.0], s)) for s in shapes]


@st.composite
def problems(draw: Any, case: Any) -> Problem:
    shapes = tuple(tuple(int(n) for n in shape) for shape in draw(case.all_shapes))
    options = case.options(shapes) if callable(case.options) else case.options
    options = {key: draw(v) if isinstance(v, st.SearchStrategy) else v for key, v in options.items()}
    rng = np.random.default_rng(draw(seeds))
    if case.distinct:
        xs = distinct_values(rng, shapes, case.low, case.high)
    else:
        lows, highs = ([b] * len(shapes) if np.isscalar(b) else b for b in (case.low, case.high))
        xs = [values(rng, shape, low, high, case.kinks) for shape, low, high in zip(shapes, lows, highs)]
    assert len(xs) == case.arity, f'{case}: shapes drew {len(xs)} inputs, but arity is {case.arity}'
    return Problem(case, xs, options, [draw(layouts) for _ in xs], rng)


@contextlib.contextmanager
def configured(case: Any) -> Any:
    with contextlib.ExitStack() as stack:
        for key, value in case.config.items():
            stack.enter_context(using_config(key, value))
        yield


@contextlib.contextmanager
def no_new_variables() -> Any:
    """Fail if a Variable or a node is made: a first-order pass of our functions works on arrays."""

    def refuse(self: Any, *args: Any, **kwargs: Any) -> None:
        raise AssertionError(f'a first-order pass made a {type(self).__name__}: a rule left the arrays')

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Variable, '__init__', refuse)
        patch.setattr(VariableNode, '__init__', refuse)
        yield


def as_tuple(ys: Any) -> tuple[Any, ...]:
    return tuple(ys) if isinstance(ys, tuple | list) else (ys,)


def floating(ys: Any) -> list[Any]:
    return [y for y in ys if y.dtype.kind == 'f']


def inner(gs: Any, ds: Any) -> float:
    return float(sum(np.vdot(d, g) for g, d in zip(gs, ds) if g is not None))


def assert_close(found: Any, expected: Any, rtol: float, what: str) -> None:
    """Compare arrays; the tolerance is relative to the largest element, or to 1."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, f'{what}: shape {found.shape}, expected {expected.shape}'
    finite = expected[np.isfinite(expected)]
    scale = max(1.0, float(np.abs(finite).max())) if finite.size else 1.0
    np.testing.assert_allclose(found.astype('float64'), expected.astype('float64'), rtol, rtol * scale, err_msg=what)


def assert_unchanged(xs: Any, before: Any, what: str) -> None:
    for i, (x, old) in enumerate(zip(xs, before)):
        assert x.dtype == old.dtype and np.array_equal(x, old, equal_nan=True), f'{what} changed input {i}'


def gradients_on_arrays(problem: Any, ys: Any, gys: Any, leaves: Any) -> list[Any]:
    """Return the gradients of a first-order pass, after checking the pass and the arrays."""
    for y, gy in zip(ys, gys):
        y.grad = gy.copy()
    with no_new_variables():
        for y in ys:
            if y.creator is not None:  # a function that has nothing to do returns its input
                y.backward()
    gs = [x.grad for x in leaves]
    made = [y for y in ys if not any(y is x for x in leaves)]
    taken = [x.array for x in leaves] + [y.array for y in made] + [y.grad for y in made]
    for i, (x, g) in enumerate(zip(leaves, gs)):
        assert g is not None, f'{problem}: input {i} got no gradient'
        assert type(g) is np.ndarray, f'{problem}: the gradient of input {i} is a {type(g).__name__}'
        assert (g.dtype, g.shape) == (x.dtype, x.shape), f'{problem}: the gradient of input {i} is {g.dtype} {g.shape}'
        assert g.flags.writeable, f'{problem}: the gradient of input {i} is read-only'
        others = taken + gs[:i]
        assert not any(np.may_share_memory(g, a) for a in others), f'{problem}: the gradient of input {i} is aliased'
    return gs


def numerical(f: Any, xs: Any, ds: Any) -> float:
    """Differentiate f, which returns a number, along the direction ds."""
    high, low = (f([np.asarray(x + sign * EPS * d) for x, d in zip(xs, ds)]) for sign in (1, -1))
    return (high - low) / (2 * EPS)


def check_derivative(found: float, expected: float, what: str) -> None:
    error = abs(found - expected)
    assert error <= ATOL + RTOL * abs(expected), f'{what}: {found:.9g}, numerically {expected:.9g}'


# The tests


@for_rows(lambda case: True, share=5 / 3)
def test_value(case, data):
    """The value is that of the formula, the dtype is that of the inputs, and the inputs are not changed."""
    problem = data.draw(problems(case))
    for dtype in ('float64', *case.dtypes):
        xs = problem.laid_out(dtype)
        before = [x.copy() for x in xs]
        with configured(case):
            expected = as_tuple(case.expected(*[x.astype('float64') for x in xs], **problem.options))
        for given_as in ('arrays', 'Variables'):
            ys = problem.apply(xs if given_as == 'arrays' else [Variable(x) for x in xs])
            what = f'{problem} as {given_as} of {dtype}'
            assert len(ys) == len(expected), f'{what}: {len(ys)} outputs, expected {len(expected)}'
            for y, right in zip(ys, expected):
                assert isinstance(y, Variable), f'{what}: returned {type(y).__name__}'
                assert type(y.array) is np.ndarray, f'{what}: holds {type(y.array).__name__}'
                wanted = np.asarray(right).dtype if case.dtype == 'expected' or y.dtype.kind != 'f' else dtype
                assert y.dtype == wanted, f'{what}: dtype {y.dtype}, expected {wanted}'
                assert_close(y.array, right, VALUE_TOLERANCE[dtype] * case.tolerance, f'value of {what}')
        assert_unchanged(xs, before, what)


@for_rows(lambda case: case.order, share=5 / 3)
def test_gradient(case, data):
    """Both orders agree with numerical differentiation, both passes agree, and the inputs are not changed."""
    problem = data.draw(problems(case))
    outputs = floating(problem.apply(problem.xs))
    gys = problem.random_like(outputs)
    check_orders(problem, range(len(outputs)), gys)
    if len(outputs) > 1:
        for i in range(len(outputs)):
            check_orders(problem, [i], [gys[i]])


def check_orders(problem: Any, used: Any, gys: Any) -> None:
    """Check the gradients of some of the outputs; the others are deleted before the pass."""

    def outputs(xs: Any) -> list[Any]:
        ys = floating(problem.apply(xs))
        return [ys[i] for i in used]

    what = f'{problem}; from outputs {list(used)}'
    xs = problem.laid_out()
    before = [x.copy() for x in xs]
    leaves = [Variable(x) for x in xs]
    gxs = gradients_on_arrays(problem, outputs(leaves), gys, leaves)
    ds = problem.random_like(xs)
    expected = numerical(lambda moved: inner([y.array for y in outputs(moved)], gys), problem.xs, ds)
    check_derivative(inner(gxs, ds), expected, f'{what}: first order')
    assert_unchanged(xs, before, f'{what}: backward')

    leaves, gy_vars = [Variable(x) for x in xs], [Variable(gy) for gy in gys]
    gx_vars = grad(outputs(leaves), leaves, gy_vars, enable_double_backprop=True)
    for i, (gx, gx_var) in enumerate(zip(gxs, gx_vars)):
        assert gx_var is not None, f'{what}: input {i} got no gradient in the pass on Variables'
        assert_close(gx_var.array, gx, 1e-12, f'{what}: pass on Variables against pass on arrays, input {i}')
    if problem.case.order > 1:
        check_second_order(problem, outputs, leaves, gy_vars, gx_vars, what)
    assert_unchanged(xs, before, f'{what}: the second backward')


def check_second_order(problem: Any, outputs: Any, leaves: Any, gy_vars: Any, gx_vars: Any, what: str) -> None:
    """Differentiate the gradients with respect to inputs and gy, along a random direction in both."""
    points = [v.array for v in (*leaves, *gy_vars)]
    weights, ds = problem.random_like(gx_vars), problem.random_like(points)

    def weighted(moved: Any) -> float:
        variables = [Variable(a) for a in moved]
        moved_xs, moved_gys = variables[: len(leaves)], variables[len(leaves) :]
        gs = grad(outputs(moved_xs), moved_xs, moved_gys)
        return inner([g.array for g in gs], weights)

    found = grad(gx_vars, [*leaves, *gy_vars], [Variable(w) for w in weights])
    arrays = [None if g is None else g.array for g in found]
    check_derivative(inner(arrays, ds), numerical(weighted, points, ds), f'{what}: second order')


@for_rows(lambda case: case.order and case.arity > 1, share=0.4)
def test_each_input_alone(case, data):
    """The gradient of an input is the same when the others are arrays: rules obey the indexes."""
    problem = data.draw(problems(case))
    xs = problem.laid_out()
    leaves = [Variable(x) for x in xs]
    ys = floating(problem.apply(leaves))
    gys = problem.random_like(ys)
    together = grad(ys, leaves, gys)
    for i in range(len(xs)):
        for double in (False, True):
            x = Variable(xs[i])
            ys = floating(problem.apply([x if j == i else other for j, other in enumerate(xs)]))
            (alone,) = grad(ys, [x], gys, enable_double_backprop=double)
            assert alone is not None, f'{problem}: input {i} got no gradient when the others are arrays'
            assert_close(alone.array, together[i].array, 1e-12, f'{problem}: gradient of input {i} alone')


@for_rows(lambda case: case.order and case.dtypes, share=0.2)
def test_gradient_of_lower_precision(case, data):
    """In float16 and float32, gradients have the dtype of the inputs and nearly the values of float64."""
    problem = data.draw(problems(case))
    gys = problem.random_like(floating(problem.apply(problem.xs)))
    for dtype in case.dtypes:
        gxs = {}
        for name in (dtype, 'float64'):
            leaves = [Variable(x.astype(dtype).astype(name)) for x in problem.xs]
            ys = floating(problem.apply(leaves))
            weights = [np.asarray(gy).astype(dtype).astype(y.dtype) for y, gy in zip(ys, gys)]
            gxs[name] = grad(ys, leaves, weights)
        for i, (low, high) in enumerate(zip(gxs[dtype], gxs['float64'])):
            what = f'{problem}: gradient of input {i} in {dtype}'
            assert low.dtype == dtype, f'{what}: dtype {low.dtype}'
            assert_close(low.array, high.array, GRADIENT_TOLERANCE[dtype] * case.tolerance, what)


# The table itself


def test_rows_have_different_names():
    names = [str(case) for case in CASES]
    assert not {name for name in names if names.count(name) > 1}


def test_every_function_has_a_row():
    public = {name for name in F.__all__ if isinstance(getattr(F, name), types.FunctionType)}
    missing = public - {case.name for case in CASES}
    assert not missing, f'functions without a row in tests/cases/: {sorted(missing)}'


def test_every_row_is_of_a_public_function():
    assert not [str(case) for case in CASES if case.name not in F.__all__]


def test_functions_is_the_room_of_the_package():
    assert chaingrad.functions is F
