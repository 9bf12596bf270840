"""config.matmul_precision: products and convolutions of float32 arrays whose factors are rounded to bfloat16."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Sequential, Variable, config, global_config, optimizers, using_config
from chaingrad.datasets import get_digits
from chaingrad.functions.kernels import twins
from chaingrad.functions.kernels.onednn import convolution, descriptors, recurrence
from chaingrad.functions.kernels.onednn.shared_object import find_library
from chaingrad.functions.kernels.windows import Geometry

pytestmark = pytest.mark.skipif(find_library() is None, reason='oneDNN is for x86-64 Linux only')
ROUNDED = 2.0**-8  # relative precision of a bfloat16


@pytest.fixture(autouse=True)
def always(monkeypatch):
    monkeypatch.setattr(importlib.import_module('chaingrad.autograd.matmul'), 'LARGE', 0)
    with using_config('use_ideep', 'always'):
        yield


def random(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype('f')


def to_bfloat16(x):
    """Return float32 elements rounded to the nearest bfloat16, of two the even one."""
    bits = x.view(np.uint32).astype(np.uint64)
    bits += 0x7FFF + ((bits >> 16) & 1)
    return (bits & 0xFFFF0000).astype(np.uint32).view(np.float32)


def computed():
    """Return values and gradients of a product, of a stack of them, and of convolutions, with their exact values."""
    calls = {
        'matmul': (F.matmul, (random(9, 20), random(20, 7))),
        'stack': (lambda a, b: F.matmul(a, b, transb=True), (random(3, 9, 20), random(3, 7, 20))),
        'convolution': (lambda x, W: F.convolution_2d(x, W, pad=1), (random(2, 4, 8, 8), random(16, 4, 3, 3))),
        'deconvolution': (lambda x, W: F.deconvolution_2d(x, W, stride=2), (random(2, 16, 5, 5), random(16, 4, 3, 3))),
    }
    found = {}
    for name, (call, arrays) in calls.items():
        xs = [Variable(x) for x in arrays]
        y = call(*xs)
        y.grad = np.random.default_rng(1).standard_normal(y.shape).astype('f')
        y.backward()
        found[name] = [y.array, *[x.grad for x in xs]]
    return found


def has_bfloat16():
    with using_config('matmul_precision', 'bfloat16'):
        return descriptors.factor_type() == descriptors.BFLOAT16


def test_float32_is_the_default():
    assert config.matmul_precision == 'float32'
    assert descriptors.factor_type() == descriptors.FLOAT32


def test_factors_are_rounded_and_sums_are_not():
    expected = computed()
    with using_config('matmul_precision', 'bfloat16'):
        found = computed()
    for name, arrays in expected.items():
        for one, other in zip(found[name], arrays):
            assert one.dtype == np.float32
            error = float(np.abs(one - other).max() / np.abs(other).max())
            assert error < 2 * ROUNDED and (error > 1e-5) is has_bfloat16(), name
    if has_bfloat16():
        a, b = random(9, 20), random(20, 7)
        exact = to_bfloat16(a).astype('d') @ to_bfloat16(b)
        np.testing.assert_allclose(found['matmul'][0], exact, rtol=0, atol=1e-6 * np.abs(exact).max())


@pytest.mark.parametrize('c, o', [(1, 6), (3, 64), (8, 8)])
def test_gradients_of_weights_for_few_channels_are_exact(c, o):
    x, W, gy = random(2, c, 8, 8), random(o, c, 3, 3), random(2, o, 6, 6)
    g = Geometry((3, 3), (1, 1), (0, 0), (1, 1), 1)
    expected = convolution.convolve_gradients(x, W, gy, g, True, True)
    with using_config('matmul_precision', 'bfloat16'):
        found = convolution.convolve_gradients(x, W, gy, g, True, True)
    np.testing.assert_array_equal(found[1], expected[1])
    assert np.array_equal(found[0], expected[0]) is not has_bfloat16()


@pytest.mark.parametrize('link, states', [(L.NStepLSTM, 2), (L.NStepGRU, 1)])
def test_large_layers_of_cells_are_rounded(link, states, monkeypatch):
    layer, xs = link(1, 6, 8, 0), [random(5, 6), random(5, 6)]

    def outputs():
        return np.concatenate([y.array for y in layer(*[None] * states, xs)[-1]])

    exact = outputs()
    with using_config('matmul_precision', 'bfloat16'):
        np.testing.assert_array_equal(outputs(), exact)  # oneDNN's cells do not round
        monkeypatch.setattr(recurrence, 'LEAST_ROUNDED', 0)
        rounded = outputs()
    assert np.array_equal(rounded, exact) is not has_bfloat16()
    np.testing.assert_allclose(rounded, exact, atol=4 * ROUNDED)


def test_a_processor_without_it_computes_as_before(monkeypatch):
    expected = computed()
    monkeypatch.setattr(descriptors, '_BFLOAT16_INSTRUCTIONS', 0)
    with using_config('matmul_precision', 'bfloat16'):
        found = computed()
    for name, arrays in expected.items():
        for one, other in zip(found[name], arrays):
            np.testing.assert_array_equal(one, other)


def test_float64_and_numpy_are_exact():
    x = random(9, 20)
    with using_config('matmul_precision', 'bfloat16'):
        wide = x.astype('d')
        np.testing.assert_array_equal(F.matmul(wide, wide, transb=True).array, wide @ wide.T)
        with using_config('use_ideep', 'never'):
            np.testing.assert_array_equal(F.matmul(x, x, transb=True).array, x @ x.T)


def test_nan_and_infinities_stay():
    x = random(9, 20)
    x[0, 0], x[1, 1] = np.nan, np.inf
    with using_config('matmul_precision', 'bfloat16'), np.errstate(invalid='ignore'):
        y = F.matmul(x, random(20, 7)).array
    assert np.isnan(y[0]).all() and np.isinf(y[1]).all() and np.isfinite(y[2:]).all()


def test_another_name_is_refused():
    for configuration in (config, global_config):
        with pytest.raises(ValueError) as caught:
            configuration.matmul_precision = 'bf16'
        assert str(caught.value) == "config.matmul_precision must be 'float32' or 'bfloat16', but 'bf16' was given."
    assert config.matmul_precision == 'float32'


def test_a_snapshot_names_it():
    assert 'bfloat16' not in twins.computed_by()
    with using_config('matmul_precision', 'bfloat16'):
        assert twins.computed_by().endswith(', bfloat16 products')
        with using_config('use_ideep', 'never'):
            assert twins.computed_by() == 'NumPy'


def test_digits_are_learned_as_well():
    """A convolutional network reaches the same accuracy."""
    train, test = get_digits(ndim=3)
    x, t = (np.stack(column) for column in zip(*train))
    x_test, t_test = (np.stack(column) for column in zip(*test))
    accuracies = []
    for precision in ('float32', 'bfloat16'):
        np.random.seed(0)
        layers = L.Convolution2D(1, 16, 3, pad=1), F.relu, L.Linear(16 * 64, 64), F.relu, L.Linear(64, 10)
        model = L.Classifier(Sequential(*layers))
        optimizer = optimizers.Adam().setup(model)
        with using_config('matmul_precision', precision):
            for _ in range(6):
                order = np.random.permutation(len(x))
                for start in range(0, len(x), 100):
                    rows = order[start : start + 100]
                    optimizer.update(model, x[rows], t[rows])
            with using_config('train', False):
                accuracies.append(float(F.accuracy(model.predictor(x_test), t_test).array))
    assert min(accuracies) > 0.95 and abs(accuracies[0] - accuracies[1]) < 0.02
