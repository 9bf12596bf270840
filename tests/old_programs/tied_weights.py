"""A language modeller who ties weights: one matrix for input and output words, an autoencoder with W and its T."""

import os
import tempfile

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class TiedLM(chainer.Chain):
    def __init__(self, n_vocab, n_units):
        super(TiedLM, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units, initialW=chainer.initializers.Normal(0.3))
            self.rnn = L.StatefulGRU(n_units, n_units)
            self.bias = chainer.Parameter(0, (n_vocab,))

    def __call__(self, x):
        return F.linear(self.rnn(self.embed(x)), self.embed.W, self.bias)


class UntiedLM(chainer.Chain):
    def __init__(self, tied):
        super(UntiedLM, self).__init__()
        with self.init_scope():
            self.embed = tied.embed.copy(mode='copy')
            self.rnn = tied.rnn.copy(mode='copy')
            self.out = L.Linear(tied.embed.W.shape[1], tied.embed.W.shape[0], initialW=tied.embed.W.data.copy())

    def __call__(self, x):
        return self.out(self.rnn(self.embed(x)))


def loss_of(model, text):
    model.rnn.reset_state()
    return sum(F.softmax_cross_entropy(model(x), t) for x, t in zip(text[:-1], text[1:]))


np.random.seed(0)
text = np.random.randint(0, 6, (8, 3)).astype('i')
tied = TiedLM(6, 5)
untied = UntiedLM(tied)
for model in (tied, untied):
    model.cleargrads()
    loss = loss_of(model, text)
    loss.backward()
assert np.allclose(tied.embed.W.grad, untied.embed.W.grad + untied.out.W.grad, atol=1e-5)
assert np.allclose(tied.bias.grad, untied.out.b.grad, atol=1e-5)
assert tied.count_params() == untied.count_params() - 6 * 5

# The tie survives files and copies, because there is one parameter only.
path = os.path.join(tempfile.mkdtemp(), 'tied.npz')
chainer.serializers.save_npz(path, tied)
other = TiedLM(6, 5)
chainer.serializers.load_npz(path, other)
assert (loss_of(other, text).data == loss_of(tied, text).data).all()
optimizer = chainer.optimizers.Adam(alpha=0.02).setup(other)
first = float(loss_of(other, text).data)
for _ in range(80):
    optimizer.update(loss_of, other, text)
assert float(loss_of(other, text).data) < 0.2 * first


class Autoencoder(chainer.Chain):
    def __init__(self):
        super(Autoencoder, self).__init__()
        with self.init_scope():
            self.encode = L.Linear(6, 2, nobias=True)

    def __call__(self, x):
        return F.linear(self.encode(x), self.encode.W.T)


# A tied linear autoencoder finds the plane of the principal components; the rest of the variance remains.
x = (np.random.randn(200, 2).dot(np.random.randn(2, 6)) + 0.1 * np.random.randn(200, 6)).astype('f')
model = Autoencoder()
optimizer = chainer.optimizers.Adam(alpha=0.02).setup(model)
for _ in range(300):
    optimizer.update(lambda: F.mean_squared_error(model(x), x))
s = np.linalg.svd(x, compute_uv=False)
best = (s[2:] ** 2).sum() / x.size
assert np.isclose(F.mean_squared_error(model(x), x).data, best, rtol=0.02)
W = model.encode.W.data
assert np.allclose(W.dot(W.T), np.eye(2), atol=0.02)

# Gradient by formula: W meets the loss twice.
model.cleargrads()
F.sum(model(x) ** 2).backward()
y = x.dot(W.T).dot(W)
assert np.allclose(model.encode.W.grad, 2 * (W.dot(y.T).dot(x) + W.dot(x.T).dot(y)), rtol=1e-3, atol=1e-2)
