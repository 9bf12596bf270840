"""The problems with every gradient written by hand, so without the cost of a graph."""

import numpy as np

from benchmarks import problems


def _linear():
    x, t, [(W, b)] = problems.linear()

    def step():
        y = x.dot(W.T) + b
        difference = y - t
        loss = np.vdot(difference, difference) / difference.size
        gy = difference * (2 / difference.size)
        W[...] -= problems.LINEAR_LR * gy.T.dot(x)
        b[...] -= problems.LINEAR_LR * gy.sum(0)
        return loss

    return step


def _two_layers(data, lr, activation, derivative, loss_and_gradient):
    x, t, [(W1, b1), (W2, b2)] = data

    def step():
        h = activation(x.dot(W1.T) + b1)
        loss, gy = loss_and_gradient(h.dot(W2.T) + b2, t)
        gh = gy.dot(W2) * derivative(h)
        W2[...] -= lr * gy.T.dot(h)
        b2[...] -= lr * gy.sum(0)
        W1[...] -= lr * gh.T.dot(x)
        b1[...] -= lr * gh.sum(0)
        return loss

    return step


def _squared_error(y, t):
    difference = y - t
    return np.vdot(difference, difference) / y.size, difference * (2 / y.size)


def _cross_entropy(y, t):
    rows = np.arange(len(t))
    y = y - y.max(1, keepdims=True)
    e = np.exp(y)
    p = e / e.sum(1, keepdims=True)
    loss = -np.log(p[rows, t]).mean()
    p[rows, t] -= 1
    return loss, p / len(t)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _sin_chain(n):
    data = problems.chain()

    def step():
        y, inputs = data, []
        for _ in range(n):
            inputs.append(y)
            y = np.sin(y)
        g = data
        for y in reversed(inputs):
            g = np.cos(y) * g
        return g.sum()

    return step


def _mul_chain(n):
    data, c = problems.chain(), problems.CHAIN_FACTOR

    def step():
        y = data
        for _ in range(n):
            y = y * c
        g = data
        for _ in range(n):
            g = g * c
        return g.sum()

    return step


BUILD = {
    'linear': _linear,
    'spiral': lambda: _two_layers(
        problems.spiral(), problems.SPIRAL_LR, _sigmoid, lambda h: h * (1 - h), _cross_entropy
    ),
    'regression': lambda: _two_layers(
        problems.regression(), problems.REGRESSION_LR, lambda x: np.maximum(x, 0), lambda h: h > 0, _squared_error
    ),
    'sin_2000': lambda: _sin_chain(2000),
    'sin_20000': lambda: _sin_chain(20000),
    'mul_2000': lambda: _mul_chain(2000),
    'mul_20000': lambda: _mul_chain(20000),
}
