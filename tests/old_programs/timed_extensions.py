"""A user of training.make_extension: triggers of every kind, priorities, initializers, an error that is handled."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions, triggers

calls = []


def told(name):
    return [at for called, at in calls if called == name]


@training.make_extension(trigger=(4, 'iteration'), default_name='every4', priority=training.PRIORITY_READER)
def every_four(trainer):
    calls.append(('every4', trainer.updater.iteration))


@training.make_extension(trigger=(1, 'epoch'), priority=training.PRIORITY_WRITER)
def writer(trainer):
    assert 'main/loss' in trainer.observation
    trainer.observation['double'] = 2 * trainer.observation['main/loss']
    calls.append(('writer', trainer.updater.iteration))


@training.make_extension(
    trigger=triggers.ManualScheduleTrigger([3, 7, 8], 'iteration'),
    initializer=lambda trainer: calls.append(('started', trainer.updater.iteration)),
    finalizer=lambda: calls.append(('finished', None)),
    on_error=lambda trainer, error, trace: calls.append((type(error).__name__, trainer.updater.iteration)),
)
def by_hand(trainer):
    calls.append(('by_hand', trainer.updater.iteration))


class Halving(object):
    """A trigger of one's own: after 1, 2, 4, 8, ... iterations."""

    def __call__(self, trainer):
        return trainer.updater.iteration & (trainer.updater.iteration - 1) == 0


def make_trainer(stop):
    np.random.seed(0)
    x = np.random.randn(20, 2).astype('f')
    dataset = chainer.datasets.TupleDataset(x, x.sum(axis=1, keepdims=True))
    model = L.Classifier(L.Linear(2, 1), lossfun=F.mean_squared_error)
    model.compute_accuracy = False
    optimizer = chainer.optimizers.SGD(lr=0.1).setup(model)
    updater = training.StandardUpdater(chainer.iterators.SerialIterator(dataset, 4), optimizer)
    return training.Trainer(updater, stop, out='result')


trainer = make_trainer((11, 'iteration'))  # five iterations an epoch
trainer.extend(every_four)
trainer.extend(writer)
trainer.extend(by_hand)
trainer.extend(lambda t: calls.append(('power', t.updater.iteration)), name='power', trigger=Halving())
trainer.extend(
    lambda t: calls.append(('once', t.updater.iteration)), name='once', trigger=triggers.OnceTrigger(), priority=0
)
trainer.extend(
    lambda t: calls.append(('first', t.updater.iteration)), name='first', trigger=(6, 'iteration'),
    call_before_training=True,
)
trainer.extend(
    lambda t: calls.append(('low', float((t.observation['double'] / t.observation['main/loss']).data))),
    name='low', trigger=(1, 'epoch'), priority=training.PRIORITY_READER - 1,
)
trainer.extend(
    lambda t: calls.append(('best', t.updater.iteration)), name='best', trigger=triggers.MinValueTrigger('main/loss')
)
trainer.run()
assert told('every4') == [4, 8] and told('writer') == [5, 10] and told('by_hand') == [3, 7, 8]
assert told('power') == [1, 2, 4, 8] and told('once') == [1] and told('first') == [0, 6]
assert told('low') == [2, 2] and calls.index(('writer', 5)) < calls.index(('low', 2))
assert told('started') == [0] and told('finished') == [None]
assert told('best') == [5, 10]  # the loss falls every epoch
assert trainer.get_extension('every4') is every_four

# An error: the hooks of the extensions see it, then it comes out; extensions end all the same.
del calls[:]
broken = make_trainer((9, 'iteration'))
broken.extend(by_hand)


def fail(trainer):
    raise ZeroDivisionError('on purpose')


broken.extend(fail, trigger=(5, 'iteration'))
try:
    broken.run(show_loop_exception_msg=False)
except ZeroDivisionError:
    assert told('ZeroDivisionError') == [5] and told('finished') == [None] and told('by_hand') == [3]
else:
    raise AssertionError('the error was lost')
