"""Extensions of every kind, an Evaluator of one's own, snapshots, and a run that is resumed from one."""

import os
import tempfile

import numpy as np

import chainer
import chainer.links as L
from chainer import training
from chainer.training import extension, extensions, triggers

out = tempfile.mkdtemp()


class Counter(extension.Extension):
    trigger = (1, 'epoch')
    priority = extension.PRIORITY_WRITER
    name = 'counter'

    def __init__(self):
        self.count = 0

    def initialize(self, trainer):
        self.initialized = True

    def __call__(self, trainer):
        self.count += 1
        chainer.reporter.report({'count': self.count})

    def serialize(self, serializer):
        self.count = serializer('count', self.count)


@training.make_extension(trigger=(2, 'epoch'), priority=training.PRIORITY_READER)
def tell(trainer):
    told.append(trainer.updater.epoch)


class TestModeEvaluator(extensions.Evaluator):
    def evaluate(self):
        model = self.get_target('main')
        observation = super(TestModeEvaluator, self).evaluate()
        assert not chainer.config.train
        observation['validation/params'] = model.count_params()
        return observation


def make_trainer(stop):
    np.random.seed(0)
    x = np.random.rand(60, 3).astype('f')
    dataset = chainer.datasets.tuple_dataset.TupleDataset(x, (x.sum(axis=1) > 1.5).astype('i'))
    train, test = chainer.datasets.split_dataset_random(dataset, 40, seed=0)
    model = L.Classifier(L.Linear(3, 2))
    optimizer = chainer.optimizers.MomentumSGD(lr=0.1)
    optimizer.setup(model)
    train_iter = chainer.iterators.SerialIterator(train, 10)
    test_iter = chainer.iterators.SerialIterator(test, 10, repeat=False, shuffle=False)
    updater = training.StandardUpdater(train_iter, optimizer)
    trainer = training.Trainer(updater, stop, out=out)
    trainer.extend(TestModeEvaluator(test_iter, model), name='validation')
    trainer.extend(Counter())
    trainer.extend(tell)
    trainer.extend(lambda trainer: told.append('called'), name='function', trigger=(3, 'epoch'))
    trainer.extend(extensions.ExponentialShift('lr', 0.5), trigger=(2, 'epoch'))
    trainer.extend(extensions.observe_lr())
    trainer.extend(extensions.LogReport())
    trainer.extend(
        extensions.PrintReport(['epoch', 'main/loss', 'validation/main/accuracy', 'count', 'lr', 'elapsed_time'])
    )
    trainer.extend(extensions.snapshot(filename='snapshot_{.updater.epoch}'), trigger=(2, 'epoch'))
    trainer.extend(
        extensions.snapshot_object(model, 'best.npz'), trigger=triggers.MaxValueTrigger('validation/main/accuracy')
    )
    return trainer


told = []
trainer = make_trainer((4, 'epoch'))
trainer.run()
assert told == [2, 'called', 4], told
assert trainer.get_extension('counter').count == 4
assert abs(trainer.updater.get_optimizer('main').lr - 0.025) < 1e-9
assert {'snapshot_2', 'snapshot_4', 'best.npz', 'log'} <= set(os.listdir(out))

resumed = make_trainer((4, 'epoch'))
chainer.serializers.load_npz(os.path.join(out, 'snapshot_2'), resumed)
assert resumed.updater.epoch == 2 and resumed.get_extension('counter').count == 2
resumed.run()
for (name, p), (_, q) in zip(
    trainer.updater.get_optimizer('main').target.namedparams(),
    resumed.updater.get_optimizer('main').target.namedparams(),
):
    assert (p.data == q.data).all(), name
