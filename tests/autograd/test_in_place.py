"""A retained array that was changed in place before backward: what is noticed and what is legal."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable, optimizers


def make(n=2):
    layer = L.Linear(3, n, initialW=np.arange(3.0 * n, dtype='f').reshape(n, 3))
    return layer, optimizers.SGD(lr=0.5).setup(layer)


X = np.array([[1, 2, 3], [4, 5, 6]], dtype='f')


@pytest.mark.parametrize('n_updates', [1, 2, 3, 4])
def test_update_between_forward_and_backward_warns(n_updates):
    layer, optimizer = make()
    x = Variable(X)
    loss = F.sum(layer(x))
    for _ in range(n_updates):
        optimizer.update(lambda: F.sum(F.square(layer(X))))
    layer.cleargrads()
    with pytest.warns(RuntimeWarning) as caught:
        loss.backward()
    text = str(caught[0].message)
    assert 'parameter W (2, 3), input 1 of LinearFunction, was updated in place' in text
    assert 'Compute the loss again' in text
    assert caught[0].filename == __file__
    assert np.array_equal(x.grad[0], layer.W.array.sum(0))  # legal: it goes on, with the present values
    assert np.array_equal(layer.W.grad[0], X.sum(0))


def test_warning_comes_once_per_line():
    layer, optimizer = make()
    found = []
    for _ in range(3):
        loss = F.sum(layer(Variable(X)))
        optimizer.update(lambda: F.sum(layer(X)))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            loss.backward()
        found.append(len(caught))
    assert found == [1, 0, 0]


@pytest.mark.parametrize('keeps_loss', [False, True])
def test_ordinary_training_is_silent(keeps_loss):
    layer, optimizer = make()
    losses = []
    for _ in range(5):
        loss = F.sum(F.square(layer(Variable(X))))
        layer.cleargrads()
        loss.backward()
        optimizer.update()
        losses.append(loss if keeps_loss else None)


def test_second_backward_after_the_update_warns():
    layer, optimizer = make()
    loss = F.sum(layer(Variable(X)))
    layer.cleargrads()
    loss.backward()
    optimizer.update()
    with pytest.warns(RuntimeWarning, match='updated in place'):
        loss.backward()


def test_input_that_is_not_retained_is_harmless():
    link = chaingrad.Link()
    with link.init_scope():
        link.b = chaingrad.Parameter(np.ones(3, 'f'))
    optimizer = optimizers.SGD(lr=1).setup(link)
    loss = F.sum(link.b + Variable(X[0]))
    optimizer.update(lambda: F.sum(link.b))
    link.cleargrads()
    loss.backward()
    assert np.array_equal(link.b.grad, np.ones(3))


def test_another_array_is_harmless():
    x = Variable(np.array([1.0, 2.0, 3.0]))
    y = F.sum(x * x)
    x.array = np.full(3, 100.0)
    with chaingrad.using_config('debug', True):
        y.backward()
    assert np.array_equal(x.grad, [2, 4, 6])


def test_rule_that_gives_another_array_is_harmless():
    class Replacing(chaingrad.UpdateRule):
        def update_core(self, param):
            param.array = param.array - param.grad

    layer, _ = make()
    layer.W.update_rule = Replacing()
    x = Variable(X)
    before = layer.W.array
    loss = F.sum(layer(x))
    layer.W.grad = np.ones_like(before)
    layer.W.update()
    layer.cleargrads()
    loss.backward()
    assert np.array_equal(x.grad[0], before.sum(0))


def test_grad_finds_the_parameter_of_a_graph_made_before_an_update():
    layer, optimizer = make()
    loss = F.sum(layer(Variable(X)))
    loss += F.sum(layer.b * layer.b)
    optimizer.update(lambda: F.sum(layer(X)))
    loss += F.sum(layer.W)
    with pytest.warns(RuntimeWarning, match=r'parameter . .*updated in place'):
        gW, gb = chaingrad.grad([loss], [layer.W, layer.b])
    assert np.array_equal(gW.array, np.tile(X.sum(0), (2, 1)) + 1)
    assert gb is not None


def test_grad_of_the_data_alone_notices_it():
    layer, optimizer = make()
    x = Variable(X)
    loss = F.sum(layer(x))
    optimizer.update(lambda: F.sum(layer(X)))
    with pytest.warns(RuntimeWarning, match='parameter W'):
        chaingrad.grad([loss], [x])


def test_continuing_a_graph_after_the_update_warns():
    layer, optimizer = make(3)
    h = layer(Variable(X))
    for _ in range(2):
        loss = F.sum(F.square(h))
        layer.cleargrads()
        if layer.W.update_rule.t == 0:
            loss.backward()
            optimizer.update()
            h = layer(h)  # without unchain_backward()
        else:
            with pytest.warns(RuntimeWarning, match=r'parameter W \(3, 3\), input 1 of LinearFunction, was updated'):
                loss.backward()


def test_function_of_one_retained_parameter():
    link = chaingrad.Link()
    with link.init_scope():
        link.a = chaingrad.Parameter(np.ones(3, 'f'))
    optimizer = optimizers.SGD(lr=1).setup(link)
    loss = F.sum(F.sin(link.a))
    optimizer.update(lambda: F.sum(link.a))
    with pytest.warns(RuntimeWarning, match=r'parameter a \(3,\), input 0 of sin'):
        loss.backward()


def test_an_update_in_another_model_is_harmless():
    (layer, _), (other, optimizer) = make(), make()
    loss = F.sum(layer(Variable(X)))
    optimizer.update(lambda: F.sum(other(X)))
    layer.cleargrads()
    loss.backward()


@pytest.mark.parametrize('double', [False, True])
def test_update_is_an_error_in_debug_mode(double):
    layer, optimizer = make()
    with chaingrad.using_config('debug', True):
        loss = F.sum(F.square(layer(X)))
        optimizer.update(lambda: F.sum(layer(X)))
        with pytest.raises(RuntimeError, match=r'input 1 \(parameter W\) was updated by its optimizer'):
            loss.backward(enable_double_backprop=double)


def test_backward_steps_notice_it():
    layer, optimizer = make()
    loss = F.sum(layer(Variable(X)))
    optimizer.update(lambda: F.sum(layer(X)))
    with pytest.warns(RuntimeWarning, match='parameter W'):
        list(loss.backward_steps())
