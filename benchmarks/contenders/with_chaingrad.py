"""The problems as a user of chaingrad writes them."""

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from benchmarks import problems
from chaingrad import optimizers


def _net(layers, activation):
    links = []
    for i, (W, b) in enumerate(layers):
        links.append(L.Linear(W.shape[1], W.shape[0], initialW=W, initial_bias=b))
        if i < len(layers) - 1:
            links.append(activation)
    return chaingrad.Sequential(*links)


def _training(data, activation, loss_function, lr):
    x, t, layers = data
    model = _net(layers, activation)
    optimizer = optimizers.SGD(lr).setup(model)

    def step():
        loss = loss_function(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        return loss.array

    return step


def _linear():
    x, t, [(W, b)] = problems.linear()
    layer = L.Linear(1, 1, initialW=W, initial_bias=b)
    optimizer = optimizers.SGD(problems.LINEAR_LR).setup(layer)

    def step():
        loss = F.mean_squared_error(layer(x), t)
        layer.cleargrads()
        loss.backward()
        optimizer.update()
        return loss.array

    return step


def _chain(operation, n):
    data = problems.chain()

    def step():
        x = chaingrad.Variable(data)
        y = x
        for _ in range(n):
            y = operation(y)
        y.grad = data
        y.backward()
        return x.grad.sum()

    return step


def _mul(y):
    return y * problems.CHAIN_FACTOR


BUILD = {
    'linear': _linear,
    'spiral': lambda: _training(problems.spiral(), F.sigmoid, F.softmax_cross_entropy, problems.SPIRAL_LR),
    'regression': lambda: _training(problems.regression(), F.relu, F.mean_squared_error, problems.REGRESSION_LR),
    'sin_2000': lambda: _chain(F.sin, 2000),
    'sin_20000': lambda: _chain(F.sin, 20000),
    'mul_2000': lambda: _chain(_mul, 2000),
    'mul_20000': lambda: _chain(_mul, 20000),
}
