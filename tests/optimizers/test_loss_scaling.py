"""Loss scaling, constant and dynamic, and the float32 twins of float16 parameters."""

import numpy as np
import pytest

from chaingrad import optimizers as O
from chaingrad.optimizers import hooks
from tests.optimizers.models import weights


class Loss:
    """Stands for a loss: its gradient is `derivative` times the scale, in the parameter's dtype."""

    def __init__(self, param, derivative):
        self.param, self.derivative = param, derivative

    def backward(self, loss_scale=None):
        with np.errstate(over='ignore'):
            self.param.grad = (np.full(self.param.shape, self.derivative) * (loss_scale or 1)).astype(self.param.dtype)
        self.param._loss_scale = loss_scale


def test_constant_scale_is_divided_out_before_hooks():
    model = weights([1.0, -2.0])
    optimizer = O.SGD(lr=0.5).setup(model)
    optimizer.set_loss_scale(8)
    seen = []
    optimizer.add_hook(lambda opt: seen.append(model.W.grad.copy()), name='look')
    optimizer.add_hook(hooks.WeightDecay(0.5))
    optimizer.update(Loss, model.W, 1.0)
    np.testing.assert_array_equal(seen[0], [1, 1])
    np.testing.assert_array_equal(model.W.array, [0.25, -2.0])
    assert model.W._loss_scale is None


def test_scale_given_to_backward_alone():
    model = weights([1.0, -2.0])
    optimizer = O.SGD(lr=0.5).setup(model)
    Loss(model.W, 1.0).backward(loss_scale=4)
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [0.5, -2.5])
    np.testing.assert_array_equal(model.W.grad, [1, 1])
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [0, -3])


@pytest.mark.parametrize('decay', [False, True])
def test_dynamic_scale(decay):
    model = weights([1.0, -2.0], np.float16)
    optimizer = O.SGD(lr=0.0).setup(model)
    if decay:
        optimizer.add_hook(hooks.WeightDecay(0))
    optimizer.loss_scaling(interval=2)
    scales = []
    for _ in range(3):
        optimizer.update(Loss, model.W, 8192.0)
        scales.append(optimizer._loss_scale)
    assert scales == [2, 4, 8]
    optimizer.lr = 1.0
    with pytest.warns(RuntimeWarning, match=r'SGD.update: the gradient of /W overflows at loss scale 8, so this'):
        optimizer.update(Loss, model.W, 8192.0)
    assert optimizer._loss_scale == 4 and optimizer.t == 4
    assert model.W._loss_scale is None
    np.testing.assert_array_equal(model.W.array, [1, -2])
    optimizer.update(Loss, model.W, 1.0)
    assert optimizer._loss_scale == 4 * 2**0.5
    np.testing.assert_array_equal(model.W.array, [0, -3])


def test_dynamic_scale_has_bounds():
    optimizer = O.SGD().setup(weights())
    optimizer.loss_scaling()
    optimizer._loss_scale = 60000.0
    optimizer.update_loss_scale()
    assert optimizer._loss_scale == 65504
    optimizer._grads_overflow = True
    optimizer._loss_scale = 1.5
    optimizer.update_loss_scale()
    assert optimizer._loss_scale == 1


def test_refuses_what_is_not_positive():
    optimizer = O.Adam()
    with pytest.raises(ValueError, match='Adam.loss_scaling: interval must be at least 1, but it is 0'):
        optimizer.loss_scaling(interval=0)
    with pytest.raises(ValueError, match='Adam.loss_scaling: scale must be positive, but it is -1'):
        optimizer.set_loss_scale(-1)
    assert optimizer._loss_scale is None


def test_float32_twin_keeps_small_steps():
    plain, careful = weights([1.0, 1.0], np.float16), weights([1.0, 1.0], np.float16)
    optimizers = O.SGD(lr=1e-4).setup(plain), O.SGD(lr=1e-4).setup(careful)
    optimizers[1].use_fp32_update()
    held = careful.W.array
    for _ in range(100):
        for optimizer in optimizers:
            optimizer.target.W.grad = np.ones(2, np.float16)
            optimizer.update()
    np.testing.assert_array_equal(plain.W.array, [1, 1])
    np.testing.assert_allclose(careful.W.array, [0.99, 0.99], rtol=1e-3)
    assert careful.W.array is held and held.dtype == np.float16


def test_float32_twin_divides_by_the_scale_in_float32():
    model = weights([0.0, 0.0], np.float16)
    optimizer = O.SGD(lr=1024.0)
    optimizer.use_fp32_update()
    optimizer.setup(model).set_loss_scale(1024)
    optimizer.update(Loss, model.W, 3e-8)  # float16 cannot hold it
    np.testing.assert_allclose(model.W.array, np.full(2, -3e-8 * 1024), rtol=1e-2)
    assert model.W._loss_scale is None


def test_float32_twin_follows_a_loaded_parameter():
    model = weights([1.0, 1.0], np.float16)
    optimizer = O.MomentumSGD(lr=0.5, momentum=0).setup(model)
    optimizer.use_fp32_update()
    model.W.grad = np.ones(2, np.float16)
    optimizer.update()
    model.W.array[...] = 8
    optimizer.update()
    np.testing.assert_array_equal(model.W.array, [7.5, 7.5])
    optimizer.use_fp32_update(False)
    assert model.W.update_rule._fp32_param is None


def test_float32_parameters_need_no_twin():
    model = weights([1.0, 1.0])
    optimizer = O.SGD().setup(model)
    optimizer.use_fp32_update()
    optimizer.update()
    assert model.W.update_rule._fp32_param is None
