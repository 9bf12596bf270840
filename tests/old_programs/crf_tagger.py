"""A tagger of words: a conditional random field on sequences of many lengths, against all taggings counted out."""

import itertools

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class CRFTagger(chainer.Chain):
    def __init__(self, n_vocab, n_tags):
        super(CRFTagger, self).__init__()
        with self.init_scope():
            self.feature = L.EmbedID(n_vocab, n_tags, initialW=chainer.initializers.Normal(0.1))
            self.crf = L.CRF1d(n_tags, initial_cost=chainer.initializers.Normal(0.5))

    def scores(self, xs):
        # sorted by length, longest first; then one Variable per time step
        hs = [self.feature(x) for x in xs]
        return F.transpose_sequence(hs)

    def __call__(self, xs, ts):
        loss = self.crf(self.scores(xs), F.transpose_sequence([np.asarray(t) for t in ts]))
        chainer.report({'loss': loss}, self)
        return loss

    def argmax(self, xs):
        _, ys = self.crf.argmax(self.scores(xs))
        return [y.data for y in F.transpose_sequence([chainer.Variable(y) for y in ys])]


def score(model, x, tags):
    f, cost = model.feature.W.data.astype('d'), model.crf.cost.data
    return sum(f[w, t] for w, t in zip(x, tags)) + sum(cost[a, b] for a, b in zip(tags, tags[1:]))


np.random.seed(0)
# noun 0, verb 1, and the words 4 and 5 that are verbs after nouns and nouns otherwise
data = [([0, 4, 1], [0, 1, 0]), ([4, 2, 5], [0, 1, 0]), ([5, 3], [0, 1]), ([1, 5], [0, 1]), ([4], [0])]
xs = [np.array(x, dtype='i') for x, _ in data]
ts = [np.array(t, dtype='i') for _, t in data]
model = CRFTagger(6, 2)

losses = []
for x, t in zip(xs, ts):
    everything = [score(model, x, tags) for tags in itertools.product(range(2), repeat=len(x))]
    losses.append(np.log(np.exp(everything).sum()) - score(model, x, t))
assert np.isclose(model(xs, ts).data, np.mean(losses), rtol=1e-5), (model(xs, ts), np.mean(losses))
one = F.crf1d(model.crf.cost, model.scores(xs), F.transpose_sequence(ts), reduce='no')
assert np.allclose(one.data, losses, rtol=1e-5)

# The gradient of the costs: how often a pair of tags is expected, less how often it is there.
model.cleargrads()
model(xs, ts).backward()
expected = np.zeros((2, 2))
for x, t in zip(xs, ts):
    taggings = list(itertools.product(range(2), repeat=len(x)))
    p = np.exp([score(model, x, tags) for tags in taggings])
    for weight, tags in list(zip(p / p.sum(), taggings)) + [(-1, t)]:
        for a, b in zip(tags, tags[1:]):
            expected[a, b] += weight / len(xs)
assert np.allclose(model.crf.cost.grad, expected, atol=1e-5)

optimizer = chainer.optimizers.Adam(alpha=0.1).setup(model)
iterator = chainer.iterators.SerialIterator(list(zip(xs, ts)), 3)
while iterator.epoch < 60:
    batch = sorted(iterator.next(), key=lambda pair: -len(pair[0]))
    optimizer.update(model, *zip(*batch))
with chainer.using_config('train', False), chainer.no_backprop_mode():
    found = model.argmax(xs)
assert [y.tolist() for y in found] == [t for _, t in data]
for x, y in zip(xs, found):
    assert tuple(y) == max(itertools.product(range(2), repeat=len(x)), key=lambda tags: score(model, x, tags))
