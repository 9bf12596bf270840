"""A meta-learner: the gradient through a step of gradient descent, with fast weights handed to functions."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class Model(chainer.Chain):
    def __init__(self):
        super(Model, self).__init__()
        with self.init_scope():
            self.l1 = L.Linear(1, 16)
            self.l2 = L.Linear(16, 1)

    def forward(self, x, weights=None):
        w = weights or dict(self.namedparams())
        return F.linear(F.tanh(F.linear(x, w['/l1/W'], w['/l1/b'])), w['/l2/W'], w['/l2/b'])

    def adapted(self, x, t, lr, first_order=False):
        weights = dict(self.namedparams())
        names = sorted(weights)
        loss = F.mean_squared_error(self(x), t)
        grads = chainer.grad([loss], [weights[name] for name in names], enable_double_backprop=not first_order)
        return {name: weights[name] - lr * g for name, g in zip(names, grads)}


# A line y = w x in one weight: the loss after a step of size a is (w (1 - 2 a m) + 2 a m c - c)^2 m, m the mean of x^2.
np.random.seed(0)
x = np.random.randn(9, 1)
c, lr, m = 3.0, 0.1, (x**2).mean()
w = chainer.Parameter(np.array([[0.5]]))
w.cleargrad()
(g,) = chainer.grad([F.mean_squared_error(F.linear(x, w), c * x)], [w], enable_double_backprop=True)
fast = w - lr * g
after = F.mean_squared_error(F.linear(x, fast), c * x)
after.backward()
shrink = 1 - 2 * lr * m
assert np.isclose(after.data, m * (shrink * (0.5 - c)) ** 2)
assert np.isclose(w.grad[0, 0], 2 * m * (0.5 - c) * shrink**2)  # the first-order gradient lacks one factor shrink
w.cleargrad()
(g,) = chainer.grad([F.mean_squared_error(F.linear(x, w), c * x)], [w])
F.mean_squared_error(F.linear(x, w - lr * g), c * x).backward()
assert np.isclose(w.grad[0, 0], 2 * m * (0.5 - c) * shrink)


def task():
    slope, shift = np.random.uniform(-2, 2, 2)

    def draw(n):
        x = np.random.uniform(-1, 1, (n, 1)).astype('f')
        return x, (slope * x + shift).astype('f')

    return draw


def loss_after(model, draws, lr=0.1):
    losses = []
    for draw in draws:
        weights = model.adapted(*draw(10), lr=lr)
        x, t = draw(10)
        losses.append(F.mean_squared_error(model(x, weights), t))
    return sum(losses) / len(losses)


model = Model()
optimizer = chainer.optimizers.Adam(alpha=0.01).setup(model)
tests = [task() for _ in range(30)]
before = float(loss_after(model, tests).data)
for _ in range(120):
    loss = loss_after(model, [task() for _ in range(4)])
    model.cleargrads()
    loss.backward()
    optimizer.update()
held = [param.data.copy() for param in model.params()]
after = float(loss_after(model, tests).data)
assert after < 0.5 * before, (before, after)
assert all((param.data == array).all() for param, array in zip(model.params(), held))  # adapting changes no parameter
