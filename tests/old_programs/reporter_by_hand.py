"""A program without Trainer that keeps its own books: Reporter, scopes, observers by prefix, summaries."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import reporter


class Regressor(chainer.Chain):
    def __init__(self):
        super(Regressor, self).__init__()
        with self.init_scope():
            self.encoder = L.Linear(2, 3)
            self.decoder = L.Linear(3, 1)

    def __call__(self, x, t):
        h = self.encoder(x)
        chainer.report({'norm': F.sum(h**2)}, self.encoder)
        loss = F.mean_squared_error(self.decoder(h), t)
        chainer.report({'loss': loss, 'size': len(x)}, self)
        chainer.report({'everywhere': 1.0})
        return loss


np.random.seed(0)
model, other = Regressor(), Regressor()
own = chainer.Reporter()
own.add_observer('main', model)
own.add_observers('main', model.namedlinks(skipself=True))
own.add_observer('other', other)
own.add_observers('other', other.namedlinks(skipself=True))
xs = np.random.randn(7, 2).astype('f')
ts = np.random.randn(7, 1).astype('f')

summary = chainer.DictSummary()
losses, sizes = [], []
for start in range(0, 7, 3):
    x, t = xs[start : start + 3], ts[start : start + 3]
    observation = {}
    with own.scope(observation):
        assert reporter.get_current_reporter() is own
        loss = model(x, t)
        inner = {}
        with reporter.report_scope(inner):
            other(x, t)
    assert set(observation) == {'main/loss', 'main/size', 'main/encoder/norm', 'everywhere'}, observation
    assert set(inner) == {'other/loss', 'other/size', 'other/encoder/norm', 'everywhere'}, inner
    assert observation['main/loss'].data == loss.data
    losses.append(float(loss.data))
    sizes.append(len(x))
    summary.add({name: value for name, value in observation.items() if name != 'main/size'})
    summary.add({'main/size': (len(x), len(x))})  # a value and its weight

mean = summary.compute_mean()
assert np.isclose(mean['main/loss'], np.mean(losses), rtol=1e-6)
assert np.isclose(mean['main/size'], sum(size**2 for size in sizes) / sum(sizes))
statistics = summary.make_statistics()
assert np.isclose(statistics['main/loss.std'], np.std(losses), rtol=1e-4), statistics

single = chainer.reporter.Summary()
for size, loss in zip(sizes, losses):
    single.add(loss, weight=size)
assert np.isclose(single.compute_mean(), np.average(losses, weights=sizes), rtol=1e-6)

# Outside of every scope a report goes to nobody, and an unknown observer's is refused.
model(xs, ts)
with own, own.scope({}):
    try:
        chainer.report({'loss': 0}, L.Linear(1, 1))
    except KeyError:
        pass
    else:
        raise AssertionError('a report without observer was taken')
with chainer.Reporter() as current:
    current.observation = {}
    chainer.report({'x': 3})
    assert current.observation == {'x': 3}
assert own.observation == {}
