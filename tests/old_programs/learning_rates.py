"""A collector of schedules: every shift of the extensions, and one by hand, against the formulas of their rates."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions, triggers


class Cosine(training.Extension):
    """A schedule of one's own, by a function of the fraction of the training that is done."""

    trigger = 1, 'iteration'
    invoke_before_training = True

    def __init__(self, low, high):
        self.low, self.high = low, high

    def initialize(self, trainer):
        self(trainer)

    def __call__(self, trainer):
        optimizer = trainer.updater.get_optimizer('main')
        length, _ = trainer.stop_trigger.get_training_length()
        fraction = trainer.updater.iteration / float(length)
        optimizer.lr = self.low + (self.high - self.low) * (1 + np.cos(np.pi * fraction)) / 2


def rates(schedule, n=12, optimizer=None, attr='lr', **kwargs):
    """The rates with which the iterations 1, 2, ..., n were made."""
    x = np.ones((6, 1), dtype='f')
    model = L.Classifier(L.Linear(1, 1), lossfun=F.mean_squared_error)
    model.compute_accuracy = False
    optimizer = optimizer or chainer.optimizers.SGD(lr=1.0)
    optimizer.setup(model)
    used = []
    optimizer.add_hook(lambda opt: used.append(getattr(opt, attr)), 'log')
    iterator = chainer.iterators.SerialIterator(chainer.datasets.TupleDataset(x, x), 2)  # three iterations an epoch
    trainer = training.Trainer(training.StandardUpdater(iterator, optimizer), (n, 'iteration'), out='result')
    trainer.extend(schedule, **kwargs)
    trainer.extend(extensions.observe_lr(observation_key='rate') if attr == 'lr' else extensions.observe_value(
        'rate', lambda t: getattr(t.updater.get_optimizer('main'), attr)), trigger=(1, 'iteration'))
    trainer.extend(extensions.LogReport(['rate'], trigger=(1, 'iteration')))
    trainer.run()
    log = [entry['rate'] for entry in trainer.get_extension('LogReport').log]
    assert np.allclose(log, used), (log, used)  # observed before the shift, which has a lower priority
    return np.array(used)


t = np.arange(12)
checks = [
    (rates(extensions.ExponentialShift('lr', 0.5), trigger=(1, 'epoch')), 0.5 ** (t // 3)),
    (rates(extensions.ExponentialShift('lr', 0.5, init=2.0, target=0.4), trigger=(2, 'iteration')),
     np.maximum(2 * 0.5 ** (t // 2), 0.4)),
    (rates(extensions.ExponentialShift('lr', 0.1), trigger=triggers.ManualScheduleTrigger([4, 9], 'iteration')),
     0.1 ** ((t >= 4) * 1.0 + (t >= 9))),
    (rates(extensions.LinearShift('lr', (1.0, 0.0), (3, 8)), trigger=(1, 'iteration')),
     np.clip(1 - (t - 3) / 5.0, 0, 1)),
    (rates(extensions.StepShift('lr', 0.1, 4), trigger=(1, 'iteration')), 0.1 ** (t // 4)),
    (rates(extensions.MultistepShift('lr', 0.1, [2, 7], 1.0), trigger=(1, 'iteration')),
     0.1 ** ((t >= 2) * 1.0 + (t >= 7))),
    (rates(extensions.PolynomialShift('lr', 2, 10), trigger=(1, 'iteration')), (1 - np.minimum(t, 10) / 10.0) ** 2),
    (rates(extensions.InverseShift('lr', 0.5, 2), trigger=(1, 'iteration')), (1 + 0.5 * t) ** -2.0),
    (rates(extensions.WarmupShift('lr', 0.1, 5, 1.0), trigger=(1, 'iteration')), np.minimum(0.1 + 0.9 * t / 5, 1)),
    (rates(Cosine(0.1, 1.0)), 0.55 + 0.45 * np.cos(np.pi * t / 12)),
    (rates(extensions.ExponentialShift('alpha', 0.9), optimizer=chainer.optimizers.Adam(), attr='alpha',
           trigger=(1, 'iteration')), 0.001 * 0.9**t),
]
for n, (used, expected) in enumerate(checks):
    assert np.allclose(used, expected, atol=1e-6), (n, used, expected)
