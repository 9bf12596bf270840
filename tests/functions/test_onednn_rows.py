"""Every row of the table of functions, computed by NumPy and by the extra `fast`, and compared in float32.

Tolerances: values 1e-6 of the largest element, gradients 1e-5.
"""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaingrad import Variable, grad, using_config
from chaingrad.functions.kernels import jit, twins
from chaingrad.functions.kernels.onednn import plans, products
from chaingrad.functions.kernels.onednn.shared_object import find_library
from tests import test_functions as table

pytestmark = [
    pytest.mark.skipif(find_library() is None, reason='oneDNN is for x86-64 Linux only'),
    pytest.mark.filterwarnings(table.OLD_NAMES),
]

FAMILIES = ('convolution', 'pooling', 'softmax', '_normalization', 'linear', 'matmul', 'relu', 'sigmoid', 'embed_id')
EXAMPLES, EXAMPLES_OF_OTHERS = 15, 3
OWN = {  # rows that stand for a twin each: it must have computed something
    *('convolution_2d', 'deconvolution_2d', 'max_pooling_2d', 'average_pooling_2d', 'linear', 'softmax', 'log_softmax'),
    *('convolution_1d', 'convolution_3d', 'max_pooling_3d', 'average_pooling_3d', 'matmul', 'layer_normalization'),
    'sigmoid',
    *(('relu', 'batch_normalization', 'embed_id', 'fixed_batch_normalization') if twins.has_numba() else ()),
}
VALUE, GRADIENT = 1e-6, 1e-5


def computed(problem, xs, weights, use_ideep):
    """Return the outputs and the gradients of the inputs, of the second order as well."""
    np.random.seed(0)
    with using_config('use_ideep', use_ideep):
        leaves = [Variable(x) for x in xs]
        ys = table.floating(problem.apply(leaves))
        gys = [np.asarray(w, y.dtype) for w, y in zip(weights, ys)]
        arrays = [y.array for y in ys]
        if not problem.case.order:
            return arrays, []
        gxs = [g.array for g in grad(ys, leaves, gys)]
        if problem.case.order == 1:
            return arrays, gxs
        ys = table.floating(problem.apply(leaves))
        firsts = grad(ys, leaves, [Variable(gy) for gy in gys], enable_double_backprop=True)
        seconds = grad(firsts, leaves, [Variable(np.asarray(np.cos(g.array))) for g in firsts])
    return arrays, [*gxs, *[g.array for g in seconds if g is not None]]


def assert_near(found, expected, tolerance, what):
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype), what
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale, err_msg=what)


@pytest.fixture
def calls(monkeypatch):
    """Return the list of what oneDNN and numba have computed."""
    found = []

    def counted(original):
        def call(*args):
            found.append(original)
            return original(*args)

        return call

    monkeypatch.setattr(
        importlib.import_module('chaingrad.autograd.matmul'), 'LARGE', 0
    )  # leave every product to the kernel
    for module in ('activation.rectifier', 'activation.sigmoid'):
        monkeypatch.setattr(importlib.import_module(f'chaingrad.functions.{module}'), 'LARGE', 0)
    monkeypatch.setattr(jit, '_compiled', counted(jit._compiled))
    monkeypatch.setattr(plans.Plan, '__call__', counted(plans.Plan.__call__))
    monkeypatch.setattr(products, '_matrices', counted(products._matrices))
    return found


@pytest.mark.parametrize('case', table.CASES, ids=str)
def test_both_give_the_same(case, calls):
    has_twin = any(part in case.name for part in FAMILIES)

    @given(data=st.data())
    @settings(max_examples=EXAMPLES if has_twin else EXAMPLES_OF_OTHERS, suppress_health_check=[HealthCheck.too_slow])
    def check(data):
        problem = data.draw(table.problems(case))
        weights = problem.random_like(table.floating(problem.apply(problem.xs)))
        xs = problem.laid_out('float32')
        before = [x.copy() for x in xs]
        ys, gxs = computed(problem, xs, weights, 'always')
        right_ys, right_gxs = computed(problem, xs, weights, 'never')
        assert len(gxs) == len(right_gxs)
        for y, right in zip(ys, right_ys):
            assert_near(y, right, VALUE * case.tolerance, f'value of {problem}')
        for gx, right in zip(gxs, right_gxs):
            assert_near(gx, right, GRADIENT * case.tolerance, f'a gradient of {problem}')
        table.assert_unchanged(xs, before, f'{problem}')

    check()
    assert calls or str(case) not in OWN


def test_rows_for_every_twin():
    assert {str(case) for case in table.CASES} >= OWN
