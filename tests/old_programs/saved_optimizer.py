"""Model and optimizer saved to npz (and HDF5 where h5py is there), loaded into new ones, and trained on."""

import os
import tempfile

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import optimizers, serializers


class Regressor(chainer.Chain):
    def __init__(self):
        super(Regressor, self).__init__(l1=L.Linear(None, 6), bn=L.BatchNormalization(6), l2=L.Linear(6, 1))

    def __call__(self, x, t):
        return F.mean_squared_error(self.l2(F.sigmoid(self.bn(self.l1(x)))), t)


def train(model, optimizer, n):
    for _ in range(n):
        model.cleargrads()
        model(x, t).backward()
        optimizer.update()
    return float(model(x, t).data)


rng = np.random.RandomState(1)
x = rng.rand(20, 4).astype('f')
t = x.sum(axis=1, keepdims=True)
folder = tempfile.mkdtemp()
model, optimizer = Regressor(), optimizers.Adam()
optimizer.setup(model)
train(model, optimizer, 5)

formats = [('npz', serializers.save_npz, serializers.load_npz)]
if getattr(serializers, 'save_hdf5', None) is not None:
    try:
        import h5py  # noqa: F401

        formats.append(('h5', serializers.save_hdf5, serializers.load_hdf5))
    except ImportError:
        pass
for suffix, save, load in formats:
    save(os.path.join(folder, 'mlp.model.' + suffix), model)
    save(os.path.join(folder, 'mlp.state.' + suffix), optimizer)

after = train(model, optimizer, 5)
for suffix, save, load in formats:
    again, state = Regressor(), optimizers.Adam()
    state.setup(again)
    load(os.path.join(folder, 'mlp.model.' + suffix), again)
    load(os.path.join(folder, 'mlp.state.' + suffix), state)
    assert state.t == 5
    assert (again.bn.avg_mean != 0).all()
    assert train(again, state, 5) == after, suffix

copied = Regressor()
copied.l1.W.initialize((6, 4))
serializers.load_npz(os.path.join(folder, 'mlp.model.npz'), copied.l1, path='l1/')
