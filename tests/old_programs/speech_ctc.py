"""A speech recognizer: connectionist temporal classification over frames, against the sum over all paths."""

import itertools

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L

BLANK = 0


class Recognizer(chainer.Chain):
    def __init__(self, n_in, n_units, n_symbols):
        super(Recognizer, self).__init__()
        with self.init_scope():
            self.rnn = L.NStepBiLSTM(1, n_in, n_units, 0.0)
            self.out = L.Linear(2 * n_units, n_symbols)

    def __call__(self, xs):
        _, _, ys = self.rnn(None, None, xs)
        lengths = np.array([len(y) for y in ys], dtype=np.int32)
        hs = F.split_axis(self.out(F.concat(ys, axis=0)), np.cumsum(lengths)[:-1], axis=0)
        # frames first, one Variable (batch, symbols) per frame
        return F.separate(F.pad_sequence(list(hs)), axis=1), lengths


def collapse(path):
    return tuple(symbol for symbol, _ in itertools.groupby(path) if symbol != BLANK)


def by_enumeration(frames, label):
    logits = np.stack([frame for frame in frames]).astype(np.float64)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    paths = itertools.product(range(p.shape[1]), repeat=len(p))
    return -np.log(sum(np.prod(p[range(len(p)), path]) for path in paths if collapse(path) == tuple(label)))


np.random.seed(0)
labels = [[1, 2], [2], [1, 1]]
tones = np.random.randn(3, 4).astype(np.float32)
spoken = [[1, 1, 0, 2], [0, 2, 2], [1, 0, 0, 1, 1]]
xs = [tones[path] + np.random.normal(0, 0.1, (len(path), 4)).astype(np.float32) for path in spoken]
t = F.pad_sequence([np.array(label, dtype=np.int32) for label in labels], padding=-1).data
label_length = np.array([len(label) for label in labels], dtype=np.int32)

model = Recognizer(4, 8, 3)


def loss_of(reduce='mean'):
    ys, input_length = model(xs)
    return F.connectionist_temporal_classification(ys, t, BLANK, input_length, label_length, reduce)


ys, input_length = model(xs)
losses = loss_of('no').data
for i, label in enumerate(labels):
    expected = by_enumeration([y.data[i] for y in ys[: input_length[i]]], label)
    assert np.allclose(losses[i], expected, rtol=1e-4), (i, losses[i], expected)
assert np.allclose(loss_of().data, losses.mean())

optimizer = chainer.optimizers.Adam(alpha=0.03)
optimizer.setup(model)
optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(5))
for iteration in range(60):
    optimizer.update(loss_of)
assert float(loss_of().data) < 0.1, loss_of()
with chainer.using_config('train', False), chainer.no_backprop_mode():
    ys, lengths = model(xs)
best = F.argmax(F.stack(ys, axis=1), axis=2).data
assert [list(collapse(path[:n])) for path, n in zip(best, lengths)] == labels
