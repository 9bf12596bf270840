"""A link with arrays and numbers that are no parameters but belong to the model: moving statistics, kept and copied."""

import os
import tempfile

import numpy as np

import chainer
import chainer.links as L
from chainer import serializers


class Whitening(chainer.Link):
    def __init__(self, size, decay=0.9):
        super(Whitening, self).__init__()
        self.decay = decay
        self.add_persistent('mean', np.zeros(size, dtype=np.float32))
        self.var = np.ones(size, dtype=np.float32)
        self.register_persistent('var')
        with self.init_scope():
            self.n_seen = 0
            self.scale = chainer.Parameter(np.ones(size, dtype=np.float32))
        self.register_persistent('n_seen')

    def __call__(self, x):
        if chainer.config.train:
            self.mean *= self.decay
            self.mean += (1 - self.decay) * x.mean(axis=0)
            self.var *= self.decay
            self.var += (1 - self.decay) * x.var(axis=0)
            self.n_seen += len(x)
        return (x - self.mean) / np.sqrt(self.var) * self.scale


class Model(chainer.Chain):
    def __init__(self):
        super(Model, self).__init__()
        with self.init_scope():
            self.white = Whitening(3)
            self.l1 = L.Linear(3, 2)

    def __call__(self, x):
        return self.l1(self.white(x))


np.random.seed(0)
model = Model()
mean, var = np.zeros(3), np.ones(3)
for _ in range(5):
    x = np.random.normal([1, 2, 3], [1, 2, 3], (20, 3)).astype('f')
    model(x)
    mean, var = 0.9 * mean + 0.1 * x.mean(axis=0), 0.9 * var + 0.1 * x.var(axis=0)
assert np.allclose(model.white.mean, mean, rtol=1e-5) and np.allclose(model.white.var, var, rtol=1e-5)
with chainer.using_config('train', False):
    y = model(x).data
assert model.white.n_seen == 100
assert [name for name, _ in sorted(model.namedparams())] == ['/l1/W', '/l1/b', '/white/scale']

path = os.path.join(tempfile.mkdtemp(), 'model.npz')
serializers.save_npz(path, model)
with np.load(path) as f:
    assert sorted(f.files) == ['l1/W', 'l1/b', 'white/mean', 'white/n_seen', 'white/scale', 'white/var']
    assert f['white/n_seen'] == 100
other = Model()
held = other.white.mean
serializers.load_npz(path, other)
assert other.white.n_seen == 100 and other.white.mean is held and (held == model.white.mean).all()
with chainer.using_config('train', False):
    assert (other(x).data == y).all()

# A copy has statistics of its own; copyparams takes them with the parameters, persistent values too.
copied = model.copy(mode='copy')
copied(x)
assert copied.white.n_seen == 120 and model.white.n_seen == 100
assert not np.allclose(copied.white.mean, model.white.mean)
copied.copyparams(model)
assert (copied.white.mean == model.white.mean).all() and copied.white.mean is not model.white.mean
copied.white.mean[...] = 0
copied.copyparams(model, copy_persistent=False)
assert (copied.white.mean == 0).all()
copied.to_device('@numpy')
assert isinstance(copied.white.var, np.ndarray)

try:
    model.white.add_persistent('scale', 1)
except AttributeError:
    pass
else:
    raise AssertionError('a parameter was overwritten')
