"""Several losses on one trunk: heads that report under their own names, uncertainty weights, logs per head."""

import json
import os

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions


class Head(chainer.Chain):
    def __init__(self, n_out, lossfun):
        super(Head, self).__init__()
        self.lossfun = lossfun
        with self.init_scope():
            self.fc = L.Linear(None, n_out)

    def __call__(self, h, t):
        y = self.fc(h)
        loss = self.lossfun(y, t)
        chainer.report({'loss': loss}, self)
        if self.lossfun is F.softmax_cross_entropy:
            chainer.report({'accuracy': F.accuracy(y, t)}, self)
        return loss


class MultiTask(chainer.Chain):
    def __init__(self):
        super(MultiTask, self).__init__()
        with self.init_scope():
            self.trunk = chainer.Sequential(L.Linear(None, 16), F.relu)
            self.age = Head(1, F.mean_squared_error)
            self.kind = Head(3, F.softmax_cross_entropy)
            self.log_var = chainer.Parameter(0, (2,))

    def __call__(self, x, age, kind):
        h = self.trunk(x)
        losses = F.stack([self.age(h, age), self.kind(h, kind)])
        loss = F.sum(F.exp(-self.log_var) * losses + self.log_var)
        chainer.report({'loss': loss, 'weight': F.exp(-self.log_var[0])}, self)
        return loss


np.random.seed(0)
x = np.random.randn(120, 5).astype('f')
age = x[:, :1] - x[:, 1:2]
kind = x[:, 2:].argmax(axis=1).astype('i')
train, test = chainer.datasets.split_dataset(chainer.datasets.TupleDataset(x, age, kind), 90)
model = MultiTask()
optimizer = chainer.optimizers.Adam(alpha=0.02).setup(model)
trainer = training.Trainer(
    training.StandardUpdater(chainer.iterators.SerialIterator(train, 30), optimizer), (40, 'epoch'), out='result'
)
checked = []


@training.make_extension(trigger=(1, 'iteration'), priority=training.PRIORITY_EDITOR)
def check(trainer):
    o = {key: float(getattr(value, 'array', value)) for key, value in trainer.observation.items()}
    # the log variances have moved since, by one step of Adam at most
    w = o['main/weight']
    rest = o['main/loss'] - w * o['main/age/loss'] + np.log(w)
    checked.append(abs(rest - (weight2 * o['main/kind/loss'] - np.log(weight2))))


weight2 = 1.0


@training.make_extension(trigger=(1, 'iteration'), priority=training.PRIORITY_READER)
def remember(trainer):
    global weight2
    weight2 = float(np.exp(-model.log_var.data[1]))


trainer.extend(check)
trainer.extend(remember)
trainer.extend(
    extensions.Evaluator(chainer.iterators.SerialIterator(test, 10, repeat=False, shuffle=False), {'main': model}),
    name='test',
)
trainer.extend(extensions.LogReport(log_name='tasks.json'))
trainer.run()
assert len(checked) == 120 and max(checked) < 1e-4, max(checked)

with open(os.path.join('result', 'tasks.json')) as f:
    log = json.load(f)
names = ['main/age/loss', 'main/kind/loss', 'main/kind/accuracy', 'main/loss', 'main/weight']
prefixed = ['test/' + name for name in names]
assert set(names) <= set(log[-1]) and set(prefixed) <= set(log[-1]), sorted(log[-1])
assert 'main/age/accuracy' not in log[-1]
assert log[-1]['test/main/kind/accuracy'] > 0.8 and log[-1]['main/age/loss'] < 0.05, log[-1]
# Evaluated by hand on the whole test set: batches of equal size, so the mean of the means.
with chainer.using_config('train', False):
    xs, ages, kinds = chainer.dataset.concat_examples(test)
    assert np.isclose(log[-1]['test/main/age/loss'], model.age(model.trunk(xs), ages).data, rtol=1e-4)
