"""A user of pretrained models: weights by path into a new model, features of a middle layer, a new top, frozen rest."""

import collections
import os
import tempfile

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import serializers, training


class VGGLike(chainer.Chain):
    """Names of layers to functions, in order, as the vision models have them."""

    def __init__(self, n_out=4):
        super(VGGLike, self).__init__()
        with self.init_scope():
            self.conv1_1 = L.Convolution2D(1, 4, 3, pad=1)
            self.bn1 = L.BatchNormalization(4)
            self.fc6 = L.Linear(None, 8)
            self.fc7 = L.Linear(8, n_out)

    @property
    def functions(self):
        return collections.OrderedDict(
            [
                ('conv1', [self.conv1_1, self.bn1, F.relu]),
                ('pool1', [lambda x: F.max_pooling_2d(x, 2)]),
                ('fc6', [self.fc6, F.relu]),
                ('fc7', [self.fc7]),
                ('prob', [F.softmax]),
            ]
        )

    def __call__(self, x, layers=('prob',)):
        h, activations, wanted = x, {}, set(layers)
        for key, funcs in self.functions.items():
            if not wanted:
                break
            for func in funcs:
                h = func(h)
            if key in wanted:
                activations[key] = h
                wanted.remove(key)
        return activations


class FineTuned(chainer.Chain):
    def __init__(self, n_out):
        super(FineTuned, self).__init__()
        with self.init_scope():
            self.base = VGGLike()
            self.fc = L.Linear(8, n_out)

    def __call__(self, x):
        with chainer.using_config('train', False):  # moving statistics of the base stay
            h = self.base(x, layers=['fc6'])['fc6']
        h.unchain_backward()
        return self.fc(h)


np.random.seed(0)
x = np.random.randn(12, 1, 6, 6).astype('f')
path = os.path.join(tempfile.mkdtemp(), 'vgg.npz')
trained = VGGLike()
trained(x)
serializers.save_npz(path, trained)
with chainer.using_config('train', False):
    features = trained(x, layers=['pool1', 'fc6'])
assert sorted(features) == ['fc6', 'pool1'] and features['pool1'].shape == (12, 4, 3, 3)
conv = F.convolution_2d(x, trained.conv1_1.W, trained.conv1_1.b, pad=1).data
norm = (conv - trained.bn1.avg_mean[:, None, None]) / np.sqrt(trained.bn1.avg_var + 2e-5)[:, None, None]
assert np.allclose(features['pool1'].data, np.maximum(norm, 0).reshape(12, 4, 3, 2, 3, 2).max(axis=(3, 5)), atol=1e-5)

model = FineTuned(2)
serializers.load_npz(path, model.base)  # also into layers whose size nobody knows yet
with chainer.using_config('train', False):
    assert (model.base(x, layers=['fc6'])['fc6'].data == features['fc6'].data).all()
held = {name: param.data.copy() for name, param in model.base.namedparams()}
mean = model.base.bn1.avg_mean.copy()

t = (features['fc6'].data.sum(axis=1) > np.median(features['fc6'].data.sum(axis=1))).astype('i')
classifier = L.Classifier(model)
optimizer = chainer.optimizers.Adam(alpha=0.1).setup(classifier)
model.base.disable_update()
iterator = chainer.iterators.SerialIterator(chainer.datasets.TupleDataset(x, t), 6)
trainer = training.Trainer(training.StandardUpdater(iterator, optimizer), (40, 'epoch'), out='result')
trainer.run()
assert all((param.data == held[name]).all() for name, param in model.base.namedparams())
assert (model.base.bn1.avg_mean == mean).all()
assert all(param.grad is None or (param.grad == 0).all() for param in model.base.params())

# The top alone is a logistic regression on the features: at its minimum the residuals are orthogonal to them.
z = features['fc6'].data.dot(model.fc.W.data.T) + model.fc.b.data
classifier.cleargrads()
classifier(x, t).backward()
p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
assert np.allclose(model.fc.W.grad, (p - np.eye(2)[t]).T.dot(features['fc6'].data) / 12, atol=1e-5)
assert float(classifier.accuracy.data) > 0.9

# Parameters copied by hand where names and shapes agree.
bigger = VGGLike(n_out=7)
bigger(x)
source = dict(trained.namedparams())
copied = []
for name, param in bigger.namedparams():
    if source[name].shape == param.shape:
        param.copydata(source[name])
        copied.append(name)
assert sorted(set(source) - set(copied)) == ['/fc7/W', '/fc7/b']
assert (bigger.fc6.W.data == trained.fc6.W.data).all()
