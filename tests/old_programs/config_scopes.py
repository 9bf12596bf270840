"""Someone who reads chainer.config everywhere: train, enable_backprop, own entries, threads, debug mode."""

import threading

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L

chainer.global_config.noise = 0.5  # an entry of one's own


class Noisy(chainer.Chain):
    def __init__(self):
        super(Noisy, self).__init__()
        with self.init_scope():
            self.bn = L.BatchNormalization(3)
            self.l1 = L.Linear(3, 2)

    def __call__(self, x):
        if chainer.config.train:
            x = x + chainer.config.noise * np.random.randn(*x.shape).astype(x.dtype)
        return F.dropout(self.l1(self.bn(x)), ratio=0.5)


np.random.seed(0)
model = Noisy()
x = np.random.randn(50, 3).astype('f')
first, second = model(x), model(x)
assert not (first.data == second.data).all() and first.creator is not None
with chainer.using_config('noise', 0.0), chainer.using_config('train', False):
    expected = ((x - model.bn.avg_mean) / np.sqrt(model.bn.avg_var + 2e-5)).dot(model.l1.W.data.T) + model.l1.b.data
    mean = model.bn.avg_mean.copy()
    assert np.allclose(model(x).data, expected, atol=1e-5) and (model.bn.avg_mean == mean).all()
    with chainer.using_config('train', True):
        dropped = model(x).data
    assert 20 < (dropped == 0).sum() < 80  # of 100
assert chainer.config.train and chainer.config.noise == 0.5

# A graph or none; a decorator; forced inside.
with chainer.no_backprop_mode():
    y = model(x)
    assert y.creator is None
    with chainer.force_backprop_mode():
        assert model(x).creator is not None
    with chainer.using_config('enable_backprop', True):
        assert model.l1(x).creator is not None
assert chainer.config.enable_backprop


@chainer.using_config('train', False)
def predict(x):
    return model(x).data


assert (predict(x) == predict(x)).all() and chainer.config.train
try:
    with chainer.using_config('train', False):
        raise ValueError
except ValueError:
    assert chainer.config.train

# Local to a thread; global for the threads that have not set it.
seen = {}


def worker():
    seen['train'], seen['noise'] = chainer.config.train, chainer.config.noise
    chainer.config.noise = 7


with chainer.using_config('train', False), chainer.using_config('noise', 0.1):
    thread = threading.Thread(target=worker)
    thread.start()
    thread.join()
assert seen == {'train': True, 'noise': 0.5} and chainer.config.noise == 0.5
chainer.global_config.noise = 0.25
assert chainer.config.noise == 0.25
chainer.config.noise = 1.0
assert chainer.global_config.noise == 0.25
del chainer.config.noise
assert chainer.config.noise == 0.25
assert not hasattr(chainer.config, 'nothing') and chainer.config.dtype == np.float32

# Debug mode finds the function that made a NaN.
bad = chainer.Variable(np.array([-1.0, 0.0], dtype='f'))
with np.errstate(invalid='ignore', divide='ignore'):
    assert np.isnan(F.log(bad).data[0])
    with chainer.using_config('debug', True):
        assert chainer.is_debug()
        try:
            F.log(bad)
        except RuntimeError as error:
            assert 'NaN' in str(error)
        else:
            raise AssertionError('NaN went unnoticed')
with chainer.DebugMode(True):
    assert chainer.config.debug
assert not chainer.is_debug()

# The dtype of new parameters.
with chainer.using_config('dtype', np.float64):
    assert L.Linear(2, 2).W.dtype == np.float64
with chainer.using_config('keep_graph_on_report', True):
    reporter, observation = chainer.Reporter(), {}
    with reporter, chainer.report_scope(observation):
        chainer.report({'y': F.sum(model(x))})
    assert observation['y'].creator is not None
