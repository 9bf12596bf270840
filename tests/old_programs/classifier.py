#!/usr/bin/env python
"""Version 1 style: a Chain made from keyword arguments, __call__, zerograds and a training loop by hand."""

from __future__ import print_function

import argparse

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import optimizers

parser = argparse.ArgumentParser()
parser.add_argument('--gpu', '-g', type=int, default=-1)
parser.add_argument('--epoch', '-e', type=int, default=30)
parser.add_argument('--unit', '-u', type=int, default=16)
args = parser.parse_args()


class MLP(chainer.Chain):
    def __init__(self, n_units, n_out):
        super(MLP, self).__init__(
            l1=L.Linear(2, n_units),
            l2=L.Linear(n_units, n_units),
            l3=L.Linear(n_units, n_out),
        )

    def __call__(self, x):
        h1 = F.relu(self.l1(x))
        h2 = F.relu(self.l2(h1))
        return self.l3(h2)


np.random.seed(0)
x_train = np.random.uniform(-1, 1, (400, 2)).astype(np.float32)
y_train = (x_train[:, 0] * x_train[:, 1] > 0).astype(np.int32)

model = L.Classifier(MLP(args.unit, 2))
if args.gpu >= 0:
    chainer.cuda.get_device(args.gpu).use()
    model.to_gpu()
xp = np if args.gpu < 0 else chainer.cuda.cupy

optimizer = optimizers.Adam(alpha=0.01)
optimizer.setup(model)
optimizer.add_hook(chainer.optimizer.WeightDecay(1e-5))

losses = []
for epoch in range(args.epoch):
    perm = np.random.permutation(len(x_train))
    total = 0
    for i in range(0, len(x_train), 50):
        x = chainer.Variable(xp.asarray(x_train[perm[i : i + 50]]))
        t = chainer.Variable(xp.asarray(y_train[perm[i : i + 50]]))
        model.zerograds()
        loss = model(x, t)
        loss.backward()
        optimizer.update()
        total += float(loss.data) * len(t.data)
    losses.append(total / len(x_train))
    print('epoch {} mean loss={}'.format(epoch, losses[-1]))

assert losses[-1] < 0.25 < losses[0], losses
assert float(model.accuracy.data) > 0.85
assert sorted(name for name, _ in model.namedparams())[0] == '/predictor/l1/W'
