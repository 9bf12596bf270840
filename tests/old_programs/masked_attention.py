"""A translator's attention by hand: padded sentences, masks with F.where, several heads, against one sentence alone."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L

MIN_VALUE = -np.inf


class MultiHeadAttention(chainer.Chain):
    def __init__(self, n_units, h):
        super(MultiHeadAttention, self).__init__()
        self.h = h
        self.scale = 1.0 / (n_units // h) ** 0.5
        with self.init_scope():
            self.W_Q = L.Linear(n_units, n_units, nobias=True)
            self.W_K = L.Linear(n_units, n_units, nobias=True)
            self.W_V = L.Linear(n_units, n_units, nobias=True)

    def split(self, x, link):
        batch, length, n_units = x.shape
        y = link(F.reshape(x, (-1, n_units)))
        return F.concat(F.split_axis(F.reshape(y, (batch, length, n_units)), self.h, axis=2), axis=0)

    def __call__(self, x, mask):
        Q, K, V = [self.split(x, link) for link in (self.W_Q, self.W_K, self.W_V)]
        batch_A = F.batch_matmul(Q, K, transb=True) * self.scale
        mask = self.xp.concatenate([mask] * self.h, axis=0)
        batch_A = F.where(mask, batch_A, self.xp.full(batch_A.shape, MIN_VALUE, dtype=np.float32))
        with np.errstate(invalid='ignore'):
            batch_A = F.softmax(batch_A, axis=2)
        # rows of the padding are all -inf, and so all NaN
        batch_A = F.where(self.xp.isnan(batch_A.data), self.xp.zeros(batch_A.shape, 'f'), batch_A)
        self.weights = batch_A
        C = F.batch_matmul(batch_A, V)
        return F.concat(F.split_axis(C, self.h, axis=0), axis=2)


np.random.seed(0)
lengths = [4, 2, 3]
sentences = [np.random.randn(n, 6).astype(np.float32) for n in lengths]
model = MultiHeadAttention(6, 2)

padded = F.pad_sequence(sentences, padding=0)
valid = np.arange(max(lengths)) < np.array(lengths)[:, None]
with chainer.using_config('compute_mode', None):
    y = model(padded, valid[:, None, :] * valid[:, :, None])
assert y.shape == (3, 4, 6)
assert (y.data[1, 2:] == 0).all() and (model.weights.data[:, :, 3][[1, 2, 4, 5]] == 0).all()

weights = np.random.randn(*y.shape).astype(np.float32)
model.cleargrads()
F.sum((y * weights)[valid]).backward()
batch_grads = {name: param.grad for name, param in sorted(model.namedparams())}
assert all(np.isfinite(grad).all() for grad in batch_grads.values())

# The same without a mask: one sentence at a time, one head at a time; gradients of all sentences add up.
model.cleargrads()
for i, x in enumerate(sentences):
    q, k, v = [link(x) for link in (model.W_Q, model.W_K, model.W_V)]
    heads = []
    for s in (slice(0, 3), slice(3, 6)):
        heads.append(F.matmul(F.softmax(F.matmul(q[:, s], k[:, s].T) * 3 ** -0.5), v[:, s]))
    alone = F.hstack(heads)
    assert np.allclose(alone.data, y.data[i, : lengths[i]], atol=1e-5)
    F.sum(alone * weights[i, : lengths[i]]).backward()
for name, param in model.namedparams():
    assert np.allclose(param.grad, batch_grads[name], atol=1e-4), name
