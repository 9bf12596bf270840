"""An LSTM encoder and an LSTM decoder learn to say numbers in English: 4 7 2 is "four hundred seventy two".

    python examples/seq2seq.py [--epochs 9] [--out result] [--quick]

Sutskever, Vinyals, Le: Sequence to sequence learning with neural networks (2014). The encoder reads the digits, last
digit first. Its final state is the only input of the decoder, which produces one word after the other until it produces
the end mark. Sequences have different lengths, so NStepLSTM gets them as a list. The network is trained on some numbers
below a million and tested on others.
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
    """Return the digits and the words of a number as arrays of indexes."""
    digits = np.array([int(d) for d in reversed(str(n))], np.int32)
    return digits, np.array([WORDS.index(word) for word in say(n)], np.int32)


def convert(batch, device):
    """Return a batch of pairs as two lists: sequences of different lengths cannot be stacked."""
    return {'xs': [x for x, _ in batch], 'ts': [t for _, t in batch]}


def embed_each(embed, xs):
    """Return the vectors of several sequences: they are looked up together, then split again."""
    ends = np.cumsum([len(x) for x in xs[:-1]])
    return F.split_axis(embed(F.concat(xs, axis=0)), ends, axis=0, force_tuple=True)


class Seq2seq(chaingrad.Chain):
    """Encoder, decoder, and a layer that turns the decoder's output into scores of words."""

    def __init__(self, n_source, n_target, n_units, n_layers=1):
        super().__init__()
        with self.init_scope():
            self.embed_x = L.EmbedID(n_source, n_units)
            self.embed_y = L.EmbedID(n_target, n_units)
            self.encoder = L.NStepLSTM(n_layers, n_units, n_units, 0)
            self.decoder = L.NStepLSTM(n_layers, n_units, n_units, 0)
            self.out = L.Linear(n_units, n_target)

    def forward(self, xs, ts):
        """Return the mean loss per word; for each word the decoder gets the correct words before it."""
        end = np.array([EOS], np.int32)
        inputs = [np.concatenate([end, t]) for t in ts]
        targets = np.concatenate([np.concatenate([t, end]) for t in ts])
        h, c, _ = self.encoder(None, None, embed_each(self.embed_x, xs))
        _, _, ys = self.decoder(h, c, embed_each(self.embed_y, inputs))
        scores = self.out(F.concat(ys, axis=0))
        loss = F.softmax_cross_entropy(scores, targets)
        chaingrad.report({'loss': loss, 'word_accuracy': F.accuracy(scores, targets)}, self)
        return loss

    def translate(self, xs, max_length=15):
        """Return the words for each sequence: the most probable word at each step."""
        steps = []
        with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
            h, c, _ = self.encoder(None, None, embed_each(self.embed_x, xs))
            y = np.full((len(xs), 1), EOS, np.int32)
            for _ in range(max_length):
                h, c, ys = self.decoder(h, c, embed_each(self.embed_y, list(y)))
                y = self.out(F.concat(ys, axis=0)).array.argmax(1).astype(np.int32)[:, None]
                steps.append(y)
        words = np.concatenate([*steps, np.full((len(xs), 1), EOS)], axis=1)
        return [row[: list(row).index(EOS)] for row in words]


def share_right(model, dataset):
    """Return the share of numbers for which every word is right."""
    xs, ts = zip(*dataset[:], strict=True)
    return np.mean([list(y) == list(t) for y, t in zip(model.translate(list(xs)), ts, strict=True)])


class Translate(training.Extension):
    """Prints a few numbers as the network says them, and reports the share of numbers that it says right."""

    def __init__(self, dataset, shown=2):
        self.dataset = dataset
        self.shown = shown

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
    limit = 1_000_000
    n_train = 8000
    if options.quick:
        limit = 1000
        n_train = 800
        options.units = 64
        options.epochs = 12

    np.random.seed(0)
    numbers = [int(n) for n in np.random.permutation(limit)[: n_train + 200]]
    train = TransformDataset(numbers[:n_train], make_example)
    test = TransformDataset(numbers[n_train:], make_example)
    model = Seq2seq(10, len(WORDS), options.units)
    optimizer = optimizers.Adam(alpha=0.005 if options.quick else 0.003).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(5))
    updater = training.StandardUpdater(iterators.SerialIterator(train, 50), optimizer, converter=convert)
    trainer = training.Trainer(updater, (options.epochs, 'epoch'), options.out)
    interval = (3, 'epoch')
    trainer.extend(Translate(test), trigger=interval)
    trainer.extend(extensions.LogReport(trigger=interval))
    columns = ['epoch', 'iteration', 'main/loss', 'main/word_accuracy', 'validation/right', 'elapsed_time']
    trainer.extend(extensions.PrintReport(columns))
    shares = ['main/word_accuracy', 'validation/right']
    trainer.extend(extensions.PlotReport(shares, 'epoch', trigger=interval, filename='right.png'))
    trainer.run()

    serializers.save_npz(pathlib.Path(options.out) / 'model.npz', model)
    right = share_right(model, test)
    print(f'{right:.3f} of the numbers that it has never seen are right in every word')
    assert right > (0.7 if options.quick else 0.9), right


if __name__ == '__main__':
    main()
