"""An optimizer, its update rule, an initializer, an optimizer hook and a converter of one's own."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import initializer, optimizer
from chainer.optimizers.sgd import SGDRule

_default_hyperparam = optimizer.Hyperparameter()
_default_hyperparam.lr = 0.1
_default_hyperparam.decay = 0.9


class AverageRule(optimizer.UpdateRule):
    def __init__(self, parent_hyperparam=None):
        super(AverageRule, self).__init__(parent_hyperparam or _default_hyperparam)

    def init_state(self, param):
        xp = chainer.backend.get_array_module(param.data)
        self.state['m'] = xp.zeros_like(param.data)

    def update_core_cpu(self, param):
        m = self.state['m']
        m *= self.hyperparam.decay
        m += (1 - self.hyperparam.decay) * param.grad
        param.data -= self.hyperparam.lr * m


class Average(optimizer.GradientMethod):
    def __init__(self, lr=_default_hyperparam.lr):
        super(Average, self).__init__()
        self.hyperparam.lr = lr
        self.hyperparam.decay = _default_hyperparam.decay

    lr = optimizer.HyperparameterProxy('lr')

    def create_update_rule(self):
        return AverageRule(self.hyperparam)


class Scaled(initializer.Initializer):
    def __call__(self, array):
        fan_in, fan_out = initializer.get_fans(array.shape)
        array[...] = np.linspace(-1, 1, array.size).reshape(array.shape) / fan_in


class MaxNorm(object):
    name = 'MaxNorm'
    call_for_each_param = True
    timing = 'post'

    def __call__(self, rule, param):
        norm = np.sqrt((param.data ** 2).sum())
        param.data *= min(1, 3 / norm)


@chainer.dataset.converter()
def convert(batch, device=None):
    x, t = zip(*batch)
    return np.stack(x), np.array(t, dtype='f')[:, None]


class Sum(chainer.Chain):
    def __init__(self):
        super(Sum, self).__init__()
        with self.init_scope():
            self.l = L.Linear(3, 1, initialW=Scaled())

    def __call__(self, x, t):
        loss = F.mean_squared_error(self.l(x), t)
        chainer.report({'loss': loss}, self)
        return loss


rng = np.random.RandomState(0)
x = rng.rand(32, 3).astype('f')
model = Sum()
assert np.allclose(model.l.W.data, [[-1 / 3, 0, 1 / 3]])
own = Average(lr=0.5)
own.setup(model)
own.add_hook(MaxNorm())
model.l.b.update_rule = SGDRule()
model.l.b.update_rule.hyperparam.lr = 0.01
iterator = chainer.iterators.SerialIterator(list(zip(x, x.sum(axis=1))), 8)
updater = chainer.training.StandardUpdater(iterator, own, converter=convert)
observed = []
reporter = chainer.Reporter()
reporter.add_observer('main', model)
while updater.epoch < 120:
    observation = {}
    with reporter.scope(observation):
        updater.update()
    observed.append(float(observation['main/loss'].data))
assert observed[-1] < 0.01 < observed[0], observed[-1]
assert own.t == len(observed) and own.lr == 0.5
