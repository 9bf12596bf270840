"""A translator: an encoder of sequences of any length, a decoder step by step, beam search without a graph."""

import itertools

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L

EOS = 0


class Seq2seq(chainer.Chain):
    def __init__(self, n_vocab, n_units, n_layers=2):
        super(Seq2seq, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units)
            self.encoder = L.NStepLSTM(n_layers, n_units, n_units, 0.0)
            self.decoder = L.NStepLSTM(n_layers, n_units, n_units, 0.0)
            self.W = L.Linear(n_units, n_vocab)

    def embedded(self, xs):
        lengths = [len(x) for x in xs]
        return F.split_axis(self.embed(F.concat(xs, axis=0)), np.cumsum(lengths)[:-1], 0)

    def __call__(self, xs, ys):
        eos = np.array([EOS], 'i')
        ys_in = [F.concat([eos, y], axis=0) for y in ys]
        ys_out = [F.concat([y, eos], axis=0) for y in ys]
        h, c, _ = self.encoder(None, None, self.embedded(xs))
        _, _, os = self.decoder(h, c, self.embedded(ys_in))
        loss = F.softmax_cross_entropy(self.W(F.concat(os, axis=0)), F.concat(ys_out, axis=0), reduce='no')
        return F.sum(loss) / len(xs)

    def log_p(self, x, y):
        return -float(self([x], [np.array(y, dtype='i')]).data)

    def beam(self, x, width, length):
        """The best sequences of at most `length` words: (log probability, words), best first."""
        with chainer.no_backprop_mode(), chainer.using_config('train', False):
            h, c, _ = self.encoder(None, None, [self.embed(x)])
            beams, finished = [(0.0, [EOS], h, c)], []
            while beams:
                candidates = []
                for total, words, h, c in beams:
                    h, c, os = self.decoder(h, c, [self.embed(np.array(words[-1:], 'i'))])
                    assert h.creator is None
                    log_p = F.log_softmax(self.W(os[0])).data[0]
                    for word in np.argsort(-log_p)[:width]:
                        if word == EOS:
                            finished.append((total + float(log_p[word]), words[1:]))
                        elif len(words) <= length:
                            candidates.append((total + float(log_p[word]), words + [int(word)], h, c))
                beams = sorted(candidates, key=lambda candidate: -candidate[0])[:width]
        return sorted(finished, key=lambda pair: -pair[0])


np.random.seed(0)
model = Seq2seq(4, 8)
xs = [np.array(x, 'i') for x in ([1, 2, 3], [3], [2, 2], [1, 3, 1, 2])]
ys = [x[::-1].copy() for x in xs]

# Sequences together give what they give alone.
assert np.isclose(model(xs, ys).data, -np.mean([model.log_p(x, y) for x, y in zip(xs, ys)]), rtol=1e-5)
h, _, outs = model.encoder(None, None, model.embedded(xs))
for i, x in enumerate(xs):
    h_one, _, (out,) = model.encoder(None, None, [model.embed(x)])
    assert np.allclose(out.data, outs[i].data, atol=1e-6) and np.allclose(h_one.data[:, 0], h.data[:, i], atol=1e-6)
    assert np.allclose(h.data[-1, i], out.data[-1], atol=1e-6)

optimizer = chainer.optimizers.Adam(alpha=0.02).setup(model)
for _ in range(40):
    optimizer.update(model, xs, ys)

# A beam that is wide enough finds the best of all sequences of up to 3 words; a narrow one finds none better.
for x in xs[:2]:
    everything = {y: model.log_p(x, y) for n in range(4) for y in itertools.product([1, 2, 3], repeat=n)}
    found = model.beam(x, width=30, length=3)
    assert len(found) == len(everything) == 1 + 3 + 9 + 27
    for total, words in found[:10]:
        assert np.isclose(total, everything[tuple(words)], atol=1e-4)
    best = max(everything, key=everything.get)
    assert tuple(found[0][1]) == best
    assert model.beam(x, width=1, length=3)[0][0] <= everything[best] + 1e-5
assert [model.beam(x, 3, 5)[0][1] for x in xs] == [y.tolist() for y in ys]
