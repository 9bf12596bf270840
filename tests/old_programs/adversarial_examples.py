"""Someone who fools classifiers: gradients of the input, steps by their signs, a fixed model, robust training."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


def fgsm(model, x, t, eps):
    x = chainer.Variable(x)
    loss = F.softmax_cross_entropy(model(x), t)
    model.cleargrads()
    x.cleargrad()
    loss.backward()
    return (x.data + eps * np.sign(x.grad)).astype(x.dtype), x.grad


def projected(model, x, t, eps, n_iter):
    found = x.copy()
    for _ in range(n_iter):
        step, _ = fgsm(model, found, t, eps / 3)
        found = np.clip(step, x - eps, x + eps)
    return found


np.random.seed(0)
x = np.random.randn(60, 5).astype('f')
t = (x[:, 0] + x[:, 1] > 0).astype('i')

# A linear model of two classes: the loss can rise by eps |w|_1 of the difference of the logits, and no further.
linear = L.Linear(5, 2)
W = linear.W.data
fooled, grad = fgsm(linear, x, t, 0.1)
z = x.dot(W.T)
p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
assert np.allclose(grad, (p - np.eye(2)[t]).dot(W) / 60, atol=1e-7)
margin = lambda inputs: (linear(inputs).data * np.where(np.eye(2)[t], 1, -1)).sum(axis=1)
assert np.allclose(margin(x) - margin(fooled), 0.1 * abs(W[0] - W[1]).sum(), atol=1e-5)
assert np.allclose(projected(linear, x, t, 0.1, 4), fooled, atol=1e-6)


def train(adversarial):
    np.random.seed(1)
    model = chainer.Sequential(L.Linear(5, 16), F.relu, L.Linear(16, 2))
    optimizer = chainer.optimizers.Adam(alpha=0.02).setup(model)
    for _ in range(100):
        inputs = fgsm(model, x, t, 0.3)[0] if adversarial else x
        model.cleargrads()
        F.softmax_cross_entropy(model(inputs), t).backward()
        optimizer.update()
    return model


plain, robust = train(False), train(True)


def accuracy(model, inputs):
    return float(F.accuracy(model(inputs), t).data)


weights = [param.data.copy() for param in plain.params()]
attacked = projected(plain, x, t, 0.3, 5)
assert abs(attacked - x).max() <= 0.3 + 1e-6
assert all((param.data == array).all() for param, array in zip(plain.params(), weights))
assert accuracy(plain, x) > 0.97 and accuracy(plain, attacked) < accuracy(plain, x) - 0.1
assert accuracy(robust, projected(robust, x, t, 0.3, 5)) > accuracy(plain, attacked) + 0.02

# An input without requires_grad stays without gradient; the parameters get theirs.
fixed = chainer.Variable(x, requires_grad=False)
plain.cleargrads()
F.sum(plain(fixed)).backward()
assert fixed.grad is None and all(param.grad is not None for param in plain.params())

# The gradient of one logit alone, by chainer.grad, leaves the parameters' gradients as they are.
plain.cleargrads()
free = chainer.Variable(x)
(g,) = chainer.grad([F.sum(plain(free)[:, 0])], [free])
hidden = x.dot(plain[0].W.data.T) + plain[0].b.data
assert np.allclose(g.data, (plain[2].W.data[0] * (hidden > 0)).dot(plain[0].W.data), atol=1e-5)
assert all(param.grad is None for param in plain.params())
