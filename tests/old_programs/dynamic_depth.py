"""Someone who came for define-by-run: depth drawn per batch, links made in a loop, halting decided by the data."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class StochasticDepth(chainer.Chain):
    def __init__(self, n_units, n_blocks):
        super(StochasticDepth, self).__init__()
        self.n_blocks = n_blocks
        for i in range(n_blocks):
            self.add_link('block%d' % i, L.Linear(n_units, n_units))
        self.add_param('halt', (n_units,), initializer=chainer.initializers.One())

    def __call__(self, x, alive):
        h = x
        for i in range(self.n_blocks):
            if alive[i]:
                h = h + F.tanh(self['block%d' % i](h))
        return h

    def ponder(self, x, limit=20):
        """Repeat the first block until the state is long enough; returns it and the number of steps."""
        h, n = x, 0
        while float(F.sum(h * self.halt).data) < 3 and n < limit:
            h = h + F.relu(self.block0(h)) + 0.1
            n += 1
        return h, n


np.random.seed(0)
model = StochasticDepth(4, 5)
assert [link.name for link in model.children()] == ['block%d' % i for i in range(5)]
x = np.random.randn(3, 4).astype('f')
optimizer = chainer.optimizers.SGD(lr=0.1).setup(model)
counts = np.zeros(5, dtype=int)
for _ in range(10):
    alive = np.random.rand(5) < 0.5
    before = [model['block%d' % i].W.data.copy() for i in range(5)]
    model.cleargrads()
    loss = F.sum(model(x, alive) ** 2) / 30
    if alive.any():
        loss.backward()
    for i in range(5):
        assert (model['block%d' % i].W.grad is None) != alive[i]
    assert model.halt.grad is None
    optimizer.update()
    counts += alive
    for i in range(5):
        assert (model['block%d' % i].W.data == before[i]).all() != alive[i]
for i in range(5):
    # every rule counts its steps, whether or not a gradient came: the optimizer makes zeros of the missing ones
    assert model['block%d' % i].W.update_rule.t == 10 and (model['block%d' % i].W.grad is not None)
assert 0 < counts.min() and counts.max() < 10

# The graph is as long as the data wanted, and its gradient is the product of so many Jacobians.
start = chainer.Variable(np.full((1, 4), 0.05, dtype='f'))
model.block0.W.data[...] = np.abs(model.block0.W.data) / 4
y, n = model.ponder(start)
assert 1 < n < 20
depth, node = 0, y
while node.creator is not None:
    depth += 1
    node = node.creator.inputs[0].get_variable()
assert depth == 2 * n, (depth, n)  # two additions a step; the first input of an addition is the state
model.cleargrads()
F.sum(y).backward()
J = np.eye(4)
h = start.data[0].astype('d')
for _ in range(n):
    z = model.block0.W.data.dot(h) + model.block0.b.data
    J = (np.eye(4) + (z > 0)[:, None] * model.block0.W.data).dot(J)
    h = h + np.maximum(z, 0) + 0.1
assert np.allclose(y.data[0], h, rtol=1e-5) and np.allclose(start.grad[0], J.sum(axis=0), rtol=1e-4)
assert model.block1.W.grad is None and model.block0.W.grad is not None
