"""Someone with little memory: gradients of small batches add up by hand until the optimizer steps, or per link."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


def make_model():
    np.random.seed(0)
    return chainer.Sequential(L.Linear(4, 6), F.sigmoid, L.Linear(6, 3))


np.random.seed(1)
x = np.random.randn(12, 4).astype('f')
t = np.random.randint(0, 3, 12).astype('i')
accumulated, whole = make_model(), make_model()
optimizers = [chainer.optimizers.Adam(alpha=0.05).setup(model) for model in (accumulated, whole)]

for epoch in range(5):
    # cleargrads once, backward for every part, one step
    accumulated.cleargrads()
    total = 0
    for start, stop in ((0, 5), (5, 6), (6, 12)):
        loss = F.softmax_cross_entropy(accumulated(x[start:stop]), t[start:stop]) * ((stop - start) / 12.0)
        loss.backward()
        total += float(loss.data)
    optimizers[0].update()

    whole.cleargrads()
    loss = F.softmax_cross_entropy(whole(x), t)
    loss.backward()
    assert np.isclose(total, float(loss.data), rtol=1e-5)
    for p, q in zip(accumulated.params(), whole.params()):
        assert np.allclose(p.grad, q.grad, atol=1e-6)
    optimizers[1].update()
for p, q in zip(accumulated.params(), whole.params()):
    assert np.allclose(p.data, q.data, atol=2e-5)
assert optimizers[0].t == optimizers[1].t == 5

# zerograds keeps arrays of zeros, cleargrads drops them; without either, gradients pile up.
accumulated.zerograds()
assert all((param.grad == 0).all() for param in accumulated.params())
F.sum(accumulated(x)).backward()
once = [param.grad.copy() for param in accumulated.params()]
F.sum(accumulated(x)).backward()
assert all(np.allclose(param.grad, 2 * g, rtol=1e-5) for param, g in zip(accumulated.params(), once))
accumulated.cleargrads()
assert all(param.grad is None for param in accumulated.params())

# One parameter alone is cleared; a copy gathers the gradients of workers with addgrads.
F.sum(accumulated(x)).backward()
accumulated[2].b.cleargrad()
F.sum(accumulated(x)).backward()
factors = [1 if param is accumulated[2].b else 2 for param in accumulated.params()]
assert all(np.allclose(param.grad, k * g, rtol=1e-5) for param, k, g in zip(accumulated.params(), factors, once))
master = make_model()
master.copyparams(accumulated)
master.cleargrads()
for part in (x[:7], x[7:]):
    worker = master.copy(mode='copy')
    worker.cleargrads()
    F.sum(worker(part)).backward()
    master.addgrads(worker)
assert all(np.allclose(param.grad, g, atol=1e-4) for param, g in zip(master.params(), once))

# Normed by hand between backward and update.
total = np.sqrt(sum((param.grad**2).sum() for param in master.params()))
for param in master.params():
    param.grad *= 1.0 / total
sgd = chainer.optimizers.SGD(lr=1.0).setup(master)
before = [param.data.copy() for param in master.params()]
sgd.update()
moved = np.sqrt(sum(((param.data - b) ** 2).sum() for param, b in zip(master.params(), before)))
assert np.isclose(moved, 1, rtol=1e-5)
