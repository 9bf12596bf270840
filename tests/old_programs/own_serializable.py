"""A class of one's own that goes into snapshots: serialize with numbers, arrays, children, None and old files."""

import os
import tempfile

import numpy as np

import chainer
import chainer.links as L
from chainer import serializers


class Statistics(object):
    def __init__(self, n):
        self.total = np.zeros(n)
        self.count = 0
        self.best = None

    def add(self, x):
        self.total += x
        self.count += 1
        if self.best is None or x.max() > self.best:
            self.best = x.max()

    def serialize(self, serializer):
        self.count = serializer('count', self.count)
        serializer('total', self.total)
        self.best = serializer('best', self.best)


class Agent(object):
    """A model, its optimizer, statistics, and a file format that learned a new entry."""

    version = 2

    def __init__(self):
        self.model = L.Linear(2, 1)
        self.optimizer = chainer.optimizers.MomentumSGD(lr=0.1, momentum=0.5).setup(self.model)
        self.statistics = [Statistics(3), Statistics(2)]
        self.epsilon = 1.0

    def act(self, x):
        self.model.cleargrads()
        loss = chainer.functions.sum(self.model(x) ** 2)
        loss.backward()
        self.optimizer.update()
        self.statistics[0].add(np.append(x[0], 1.0))

    def serialize(self, serializer):
        self.model.serialize(serializer['model'])
        self.optimizer.serialize(serializer['optimizer'])
        for i, statistics in enumerate(self.statistics):
            statistics.serialize(serializer['statistics'][str(i)])
        if self.version >= 2:
            self.epsilon = serializer('epsilon', self.epsilon)
        if isinstance(serializer, chainer.serializer.Deserializer):
            self.loaded = True


np.random.seed(0)
folder = tempfile.mkdtemp()
path = os.path.join(folder, 'agent.npz')
agent = Agent()
x = np.random.randn(4, 2).astype('f')
for _ in range(3):
    agent.act(x)
agent.epsilon = 0.25
serializers.save_npz(path, agent)
assert not hasattr(agent, 'loaded')

other = Agent()
total = other.statistics[0].total
serializers.load_npz(path, other)
assert other.loaded and other.epsilon == 0.25 and other.optimizer.t == 3
assert other.statistics[0].count == 3 and other.statistics[0].total is total
assert np.allclose(total, 3 * np.append(x[0], 1.0)) and np.isclose(other.statistics[0].best, max(x[0].max(), 1.0))
assert other.statistics[1].best is None and other.statistics[1].count == 0

# Momentum came along: the next step is the same bit for bit.
agent.act(x), other.act(x)
assert (agent.model.W.data == other.model.W.data).all() and (agent.model.b.data == other.model.b.data).all()

# A file of version 1 lacks the new entry: refused, and taken when strictness is switched off.
Agent.version = 1
serializers.save_npz(path, agent)
Agent.version = 2
try:
    serializers.load_npz(path, Agent())
except KeyError:
    pass
else:
    raise AssertionError('a missing entry was not noticed')
lenient = Agent()
serializers.load_npz(path, lenient, strict=False)
assert lenient.epsilon == 1.0 and lenient.optimizer.t == 4

# Only a part of the file, and entries that are left out.
part = L.Linear(2, 1)
serializers.load_npz(path, part, path='model/')
assert (part.W.data == agent.model.W.data).all()
before = part.b.data.copy() + 1
part.b.data[...] = before
serializers.load_npz(path, part, path='model/', ignore_names=['model/b'])
assert (part.b.data == before).all() and (part.W.data == agent.model.W.data).all()

target = serializers.DictionarySerializer()
target.save(agent)
assert {'epsilon', 'statistics/0/total', 'optimizer/t'} <= set(target.target)
