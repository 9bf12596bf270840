"""An encoder and a decoder of LSTM learn to say numbers in English: 4 7 2 is "four hundred seventy two".

    python examples/seq2seq.py [--epochs 9] [--out result] [--quick]

Sutskever, Vinyals, Le: Sequence to sequence learning with neural networks (2014). The encoder reads the digits, last
digit first; its state is all that the decoder gets, and it says word by word until it says that it is done. Sequences
have different lengths: NStepLSTM takes them as a list. Trained on numbers below a million, tested on others.
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, serializers, training
from chaingrad.datasets import TransformDataset
from chaingrad.training import extensions

UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
TENS = '_ _ twenty thirty forty fifty sixty seventy eighty ninety'.split()
WORDS = ['<eos>', *UNITS, *TENS[2:], 'hundred', 'thousand']
EOS = 0


def say(n):
    """Return the words of a number below a million."""
    if n >= 1000:
        return [*say(n // 1000), 'thousand', *(say(n % 1000) if n % 1000 else [])]
    if n >= 100:
        return [UNITS[n // 100], 'hundred', *(say(n % 100) if n % 100 else [])]
    if n >= 20:
        return [TENS[n // 10], *(say(n % 10) if n % 10 else [])]
    return [UNITS[n]]


def make_example(n):
    """Return digits and words of a number, as arrays of their indexes."""
    digits = np.array([int(d) for d in reversed(str(n))], np.int32)
    return digits, np.array([WORDS.index(word) for word in say(n)], np.int32)


def convert(batch, device):
    """Return a batch of pairs as two lists: sequences of different lengths do not make one array."""
    return {'xs': [x for x, _ in batch], 'ts': [t for _, t in batch]}


def embed_each(embed, xs):
    """Return the vectors of several sequences: one look-up for all, cut into sequences again."""
    borders = np.cumsum([len(x) for x in xs[:-1]])
    return F.split_axis(embed(F.concat(xs, axis=0)), borders, axis=0, force_tuple=True)


class Seq2seq(chaingrad.Chain):
    """Encoder, decoder, and what makes words of the decoder's output."""

    def __init__(self, n_source, n_target, n_units, n_layers=1):
        super().__init__()
        with self.init_scope():
            self.embed_x = L.EmbedID(n_source, n_units)
            self.embed_y = L.EmbedID(n_target, n_units)
            self.encoder = L.NStepLSTM(n_layers, n_units, n_units, 0)
            self.decoder = L.NStepLSTM(n_layers, n_units, n_units, 0)
            self.out = L.Linear(n_units, n_target)

    def forward(self, xs, ts):
        """Return the mean loss of a word; the decoder is given the right words before it."""
        end = np.array([EOS], np.int32)
        given = [np.concatenate([end, t]) for t in ts]
        wanted = np.concatenate([np.concatenate([t, end]) for t in ts])
        h, c, _ = self.encoder(None, None, embed_each(self.embed_x, xs))
        _, _, ys = self.decoder(h, c, embed_each(self.embed_y, given))
        scores = self.out(F.concat(ys, axis=0))
        loss = F.softmax_cross_entropy(scores, wanted)
        chaingrad.report({'loss': loss, 'word_accuracy': F.accuracy(scores, wanted)}, self)
        return loss

    def translate(self, xs, max_length=15):
        """Return the words for each sequence: the likeliest one at each step."""
        said = []
        with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
            h, c, _ = self.encoder(None, None, embed_each(self.embed_x, xs))
            y = np.full((len(xs), 1), EOS, np.int32)
            for _ in range(max_length):
                h, c, ys = self.decoder(h, c, embed_each(self.embed_y, list(y)))
                y = self.out(F.concat(ys, axis=0)).array.argmax(1).astype(np.int32)[:, None]
                said.append(y)
        said = np.concatenate([*said, np.full((len(xs), 1), EOS)], axis=1)
        return [row[: list(row).index(EOS)] for row in said]


def share_right(model, dataset):
    """Return the share of numbers of which every word is right."""
    xs, ts = zip(*dataset[:], strict=True)
    return np.mean([list(y) == list(t) for y, t in zip(model.translate(list(xs)), ts, strict=True)])


class Translate(training.Extension):
    """Say a few numbers, so that one sees the network learn, and report the share that is right."""

    def __init__(self, dataset, shown=2):
        self.dataset, self.shown = dataset, shown

    def __call__(self, trainer):
        model = trainer.updater.get_optimizer('main').target
        xs = [x for x, _ in self.dataset[: self.shown]]
        for x, y in zip(xs, model.translate(xs), strict=True):
            print(f'# {"".join(map(str, x[::-1]))}: {" ".join(WORDS[i] for i in y)}')
        chaingrad.report({'validation/right': share_right(model, self.dataset)})


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--epochs', type=int, default=9)
    parser.add_argument('--units', type=int, default=128)
    parser.add_argument('--out', default='result', help='folder for log, plot and model')
    parser.add_argument('--quick', action='store_true', help='numbers below 1,000, fewer units')
    options = parser.parse_args(argv)
    limit, n_train = (1000, 800) if options.quick else (1_000_000, 8000)
    n_units, epochs = (64, 12) if options.quick else (options.units, options.epochs)

    np.random.seed(0)
    numbers = [int(n) for n in np.random.permutation(limit)[: n_train + 200]]
    train, test = (TransformDataset(part, make_example) for part in (numbers[:n_train], numbers[n_train:]))
    model = Seq2seq(10, len(WORDS), n_units)
    optimizer = optimizers.Adam(alpha=0.005 if options.quick else 0.003).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(5))
    updater = training.StandardUpdater(iterators.SerialIterator(train, 50), optimizer, converter=convert)
    trainer = training.Trainer(updater, (epochs, 'epoch'), options.out)
    interval = (3, 'epoch')
    trainer.extend(Translate(test), trigger=interval)
    trainer.extend(extensions.LogReport(trigger=interval))
    columns = ['epoch', 'iteration', 'main/loss', 'main/word_accuracy', 'validation/right', 'elapsed_time']
    trainer.extend(extensions.PrintReport(columns))
    trainer.extend(
        extensions.PlotReport(
            ['main/word_accuracy', 'validation/right'], 'epoch', trigger=interval, filename='right.png'
        )
    )
    trainer.run()

    serializers.save_npz(pathlib.Path(options.out) / 'model.npz', model)
    right = share_right(model, test)
    print(f'{right:.3f} of the numbers that it has never seen are right in every word')
    assert right > (0.7 if options.quick else 0.9), right


if __name__ == '__main__':
    main()
