"""Programs of version 1, as the books of 2015 to 2017 print them: they run, or one sentence says what to write."""

from __future__ import annotations

import numpy as np
import pytest

X = np.random.RandomState(0).randn(6, 4).astype('f')
T = np.array([0, 1, 2, 0, 1, 2], 'i')


@pytest.fixture
def version1(chainer):
    model = chainer.FunctionSet(l1=chainer.functions.Linear(4, 5), l2=chainer.functions.Linear(5, 3))
    optimizer = chainer.optimizers.SGD(lr=0.1)
    optimizer.setup(model.collect_parameters())
    return chainer, model, optimizer


def test_a_program_of_a_book_learns(version1):
    chainer, model, optimizer = version1
    F = chainer.functions
    losses = []
    for _ in range(30):
        x, t = chainer.Variable(X), chainer.Variable(T)
        optimizer.zero_grads()
        loss = F.softmax_cross_entropy(model.l2(F.relu(model.l1(x))), t)
        loss.backward()
        optimizer.weight_decay(0.0005)
        optimizer.update()
        losses.append(float(loss.data))
    assert losses[-1] < 0.7 * losses[0]


def test_function_set(version1):
    chainer, model, _ = version1
    assert isinstance(model, chainer.Chain) and model['l1'] is model.l1
    model.l3 = chainer.functions.EmbedID(3, 2)
    with model.init_scope():
        model.l4 = chainer.links.Linear(2, 2)
    model.n_layers = 4
    assert [name for name, _ in model.namedlinks(skipself=True)] == ['/l1', '/l2', '/l3', '/l4']
    before = [array.copy() for array in model.parameters]
    model.copy_parameters_from([array + 1 for array in before])
    assert all((new == old + 1).all() for new, old in zip(model.parameters, before, strict=True))
    model.parameters = before
    assert (model.l1.W.array == before[0]).all() and len(model.gradients) == 7


def test_gradients_by_hand(version1):
    _, model, optimizer = version1
    optimizer.zero_grads()
    assert [gradient.shape for gradient in model.gradients] == [array.shape for array in model.parameters]
    assert not any(gradient.any() for gradient in model.gradients)
    ones = [np.ones_like(array) for array in model.parameters]
    optimizer.accumulate_grads(ones)
    optimizer.accumulate_grads(ones)
    n = sum(array.size for array in ones)
    assert optimizer.compute_grads_norm() == pytest.approx(2 * n**0.5)
    optimizer.weight_decay(0.5)
    np.testing.assert_allclose(model.l1.W.grad, 2 + 0.5 * model.l1.W.array, rtol=1e-6)
    optimizer.clip_grads(1.0)
    assert optimizer.compute_grads_norm() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize('name', 'Linear Convolution2D EmbedID BatchNormalization Inception Parameter PReLU'.split())
def test_links_among_the_functions(chainer, name):
    assert getattr(chainer.functions, name) is getattr(chainer.links, name)


def test_what_to_write_instead(chainer):
    with pytest.raises(ValueError, match=r'^Variable: volatile .* Use chaingrad.no_backprop_mode\(\).$'):
        chainer.Variable(X, volatile=True)
    for name in ('ON', 'OFF', 'AUTO', 'Flag'):
        with pytest.raises(AttributeError, match='leave it out, and compute in `with chainer.no_backprop_mode'):
            getattr(chainer, name)
    for module in (chainer.cuda, chainer.backends.cuda):
        with pytest.raises(AttributeError, match=r'has no attribute .zeros.\. Write cuda.cupy.zeros'):
            _ = module.zeros
        with pytest.raises(AttributeError, match='Leave it out'):
            module.init()
