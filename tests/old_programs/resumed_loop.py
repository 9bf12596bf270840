"""A cautious person without Trainer: a loop that writes model, optimizer, iterator and random state, and goes on."""

import os
import tempfile

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import serializers, training
from chainer.training import extensions

folder = tempfile.mkdtemp()
x = np.random.RandomState(0).randn(23, 3).astype('f')
dataset = chainer.datasets.TupleDataset(x, (x[:, 0] > x[:, 1]).astype('i'))


class State(object):
    def __init__(self, seed):
        np.random.seed(seed)
        self.model = chainer.Sequential(L.Linear(3, 8), L.BatchNormalization(8), F.relu, F.dropout, L.Linear(8, 2))
        self.optimizer = chainer.optimizers.Adam(amsgrad=True).setup(self.model)
        self.optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(1e-3))
        self.iterator = chainer.iterators.SerialIterator(dataset, 5)
        self.losses = []

    def run(self, n):
        for _ in range(n):
            xs, ts = chainer.dataset.concat_examples(self.iterator.next())
            loss = F.softmax_cross_entropy(self.model(xs), ts)
            self.model.cleargrads()
            loss.backward()
            self.optimizer.update()
            self.losses.append(float(loss.data))

    def serialize(self, serializer):
        for name in ('model', 'optimizer', 'iterator'):
            getattr(self, name).serialize(serializer[name])
        losses = np.array(self.losses)
        self.losses = list(serializer('losses', losses if len(losses) else None))


def save(state, n):
    serializers.save_npz(os.path.join(folder, 'state_%d.npz' % n), state)
    return np.random.get_state()


unbroken = State(0)
unbroken.run(7)  # in the middle of an epoch
random_state = save(unbroken, 7)
unbroken.run(10)

resumed = State(99)
serializers.load_npz(os.path.join(folder, 'state_7.npz'), resumed)
np.random.set_state(random_state)
assert resumed.iterator.epoch == 1 and np.isclose(resumed.iterator.epoch_detail, 35 / 23.0) and resumed.optimizer.t == 7
resumed.run(10)
assert resumed.losses == unbroken.losses and len(resumed.losses) == 17
for (name, p), (_, q) in zip(unbroken.model.namedparams(), resumed.model.namedparams()):
    assert (p.data == q.data).all(), name
for p, q in zip(unbroken.model.params(), resumed.model.params()):
    assert all((p.update_rule.state[key] == q.update_rule.state[key]).all() for key in ('m', 'v', 'vhat'))
assert (unbroken.model[1].avg_mean == resumed.model[1].avg_mean).all()

# Without the random state another run comes out, so the comparison above says something.
other = State(99)
serializers.load_npz(os.path.join(folder, 'state_7.npz'), other)
other.run(10)
assert other.losses[:7] == unbroken.losses[:7] and other.losses != unbroken.losses


# With the Trainer: old files go, the newest one is found by itself.
def make_trainer(stop):
    np.random.seed(0)
    model = L.Classifier(L.Linear(3, 2))
    updater = training.StandardUpdater(
        chainer.iterators.SerialIterator(dataset, 5), chainer.optimizers.MomentumSGD(0.1).setup(model)
    )
    trainer = training.Trainer(updater, (stop, 'iteration'), out=folder)
    trainer.extend(
        extensions.snapshot(n_retains=2, autoload=True, filename='trainer_{.updater.iteration}'),
        trigger=(3, 'iteration'),
    )
    return trainer, model


straight, expected = make_trainer(9)
straight.run()
assert sorted(name for name in os.listdir(folder) if name.startswith('trainer_')) == ['trainer_6', 'trainer_9']
os.remove(os.path.join(folder, 'trainer_9'))
again, model = make_trainer(9)
again.run()
assert again.updater.iteration == 9 and os.path.exists(os.path.join(folder, 'trainer_9'))
assert (model.predictor.W.data == expected.predictor.W.data).all()
