"""Someone with several devices, who tries on a CPU first: ParallelUpdater, and an updater subclass of one's own."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions


class Regressor(chainer.Chain):
    def __init__(self):
        super(Regressor, self).__init__()
        with self.init_scope():
            self.l1 = L.Linear(3, 5)
            self.l2 = L.Linear(5, 1)

    def __call__(self, x, t):
        self.sizes = getattr(self, 'sizes', []) + [len(x)]
        loss = F.mean_squared_error(self.l2(F.tanh(self.l1(x))), t)
        chainer.report({'loss': loss}, self)
        return loss


class AlternatingUpdater(training.StandardUpdater):
    """Steps with one optimizer per layer, in turns, on batches of two iterators."""

    def __init__(self, *args, **kwargs):
        self.log = []
        super(AlternatingUpdater, self).__init__(*args, **kwargs)

    def update_core(self):
        name = 'l1' if self.iteration % 2 == 0 else 'l2'
        batch = self.get_iterator('main').next() + self.get_iterator('extra').next()
        x, t = self.converter(batch, self.device)
        model = self.get_optimizer('main').target
        model.cleargrads()
        model(x, t).backward()
        self.get_optimizer(name).update()
        self.log.append((name, len(x)))

    @property
    def epoch_detail(self):
        return self.get_iterator('extra').epoch_detail


np.random.seed(0)
x = np.random.randn(30, 3).astype('f')
dataset = chainer.datasets.TupleDataset(x, x[:, :1] * 2)

model, by_hand = Regressor(), Regressor()
by_hand.copyparams(model)
optimizer = chainer.optimizers.SGD(lr=0.05).setup(model)
iterator = chainer.iterators.SerialIterator(dataset, 10, shuffle=False)
updater = training.ParallelUpdater(iterator, optimizer, devices={'main': -1, 'second': -1})
trainer = training.Trainer(updater, (2, 'epoch'), out='result')
trainer.extend(extensions.LogReport())
trainer.run()

losses = []
for start in (0, 10, 20) * 2:
    parts = [chainer.dataset.concat_examples([dataset[i] for i in range(start + k, start + 10, 2)]) for k in (0, 1)]
    by_hand.cleargrads()
    for part in parts:
        loss = by_hand(*part)
        loss.backward()  # gradients of the halves add up
        losses.append(float(loss.data))
    for param in by_hand.params():
        param.data -= 0.05 * param.grad
for p, q in zip(model.params(), by_hand.params()):
    assert np.allclose(p.data, q.data, atol=1e-5)
log = trainer.get_extension('LogReport').log
assert np.isclose(log[1]['main/loss'], np.mean(losses[6::2]), rtol=1e-4), (log, losses)
assert np.isclose(log[1]['second/loss'], np.mean(losses[7::2]), rtol=1e-4) and model.sizes == [5] * 6

model = Regressor()
optimizers = {name: chainer.optimizers.Adam(alpha=0.02).setup(getattr(model, name)) for name in ('l1', 'l2')}
optimizers['main'] = chainer.optimizers.SGD().setup(model)
for name in ('l1', 'l2'):
    optimizers[name].setup(getattr(model, name))
iterators = {
    'main': chainer.iterators.SerialIterator(dataset, 8),
    'extra': chainer.iterators.SerialIterator(dataset[:6], 2),
}
updater = AlternatingUpdater(iterators, optimizers)
assert set(updater.get_all_optimizers()) == {'main', 'l1', 'l2'}
trainer = training.Trainer(updater, (40, 'epoch'), out='result')
trainer.extend(extensions.LogReport(trigger=(1, 'iteration'), filename='own'))
trainer.run()
assert updater.log == [('l1', 10), ('l2', 10)] * 60 and updater.epoch_detail == 40
assert optimizers['l1'].t == optimizers['l2'].t == 60 and optimizers['main'].t == 0
log = trainer.get_extension('LogReport').log
assert np.mean([entry['main/loss'] for entry in log[-10:]]) < 0.2 * log[0]['main/loss']
