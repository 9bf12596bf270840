"""A reader of word2vec: negative sampling with a sampler of one's own, padding words ignored, vectors compared."""

import collections

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class ContinuousBoW(chainer.Chain):
    def __init__(self, n_vocab, n_units, loss_func):
        super(ContinuousBoW, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units, initialW=chainer.initializers.Uniform(0.5), ignore_label=-1)
            self.loss_func = loss_func

    def __call__(self, x, contexts):
        e = F.sum(self.embed(contexts), axis=1) / contexts.shape[1]
        loss = self.loss_func(e, x)
        chainer.reporter.report({'loss': loss}, self)
        return loss


def convert(batch, window=2):
    center = np.array([sentence[i] for sentence, i in batch], dtype=np.int32)
    contexts = np.full((len(batch), 2 * window), -1, dtype=np.int32)
    for row, (sentence, i) in enumerate(batch):
        around = sentence[max(0, i - window) : i] + sentence[i + 1 : i + 1 + window]
        contexts[row, : len(around)] = around
    return center, contexts


np.random.seed(0)
kinds = [range(0, 4), range(4, 8)]  # words 0 to 3 meet only each other, as do 4 to 7
sentences = [[int(word) for word in np.random.choice(kinds[n % 2], 6)] for n in range(80)]
counts = collections.Counter(word for sentence in sentences for word in sentence)
positions = [(sentence, i) for sentence in sentences for i in range(len(sentence))]

loss_func = L.NegativeSampling(6, [counts[word] for word in range(8)], 3)
model = ContinuousBoW(8, 6, loss_func)

# The loss by its formula, with negative words that are known.
model.loss_func.W.data[...] = np.random.randn(8, 6)
negatives = np.array([[1, 5, 7], [0, 2, 2]])
model.loss_func.sampler.sample = lambda shape: np.hstack([[[0], [0]], negatives])
center, contexts = convert([positions[0], positions[-3]])
loss = model(center, contexts)
W_in = np.vstack([model.embed.W.data, np.zeros((1, 6), 'f')])  # -1 is the row of zeros
expected = 0
for e, t, others in zip(W_in[contexts].mean(axis=1), center, negatives):
    scores = model.loss_func.W.data.dot(e)
    expected += np.log1p(np.exp(-scores[t])) + np.log1p(np.exp(scores[others])).sum()
assert np.allclose(loss.data, expected, rtol=1e-5), (loss.data, expected)

loss_func = L.NegativeSampling(6, [counts[word] for word in range(8)], 3)
loss_func.W.data[...] = 0
model = ContinuousBoW(8, 6, loss_func)
optimizer = chainer.optimizers.Adam(alpha=0.05)
optimizer.setup(model)
iterator = chainer.iterators.SerialIterator(positions, 60)
while iterator.epoch < 12:
    optimizer.update(model, *convert(iterator.next()))

vectors = model.embed.W.data / np.linalg.norm(model.embed.W.data, axis=1, keepdims=True)
similarity = vectors.dot(vectors.T)
same = np.arange(8)[:, None] // 4 == np.arange(8) // 4
assert similarity[same].min() > similarity[~same].max() + 0.3, similarity
