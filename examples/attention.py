"""A decoder with attention writes dates in digits: "the 4th of july 1976" becomes 1976-07-04.

    python examples/attention.py [--epochs 4] [--out result] [--quick]

Luong, Pham, Manning: Effective approaches to attention-based neural machine translation (2015), with global attention
and the score "general". Two LSTMs read the letters of a date, one in each direction; a third writes the digits. In
seq2seq.py all that the decoder knows has to fit into one state; here each of its outputs is compared with all letters,
and a softmax of the scores says how much of each letter enters the digit. Dates have different lengths: F.pad_sequence
makes an array of them, and F.where gives the padding so low a score that its weight is zero. The picture shows which
letters each digit looks at.
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.training import extensions
from chaingrad.training.plotting import new_figure

MONTHS = 'january february march april may june july august september october november december'.split()
SOURCE = {c: i for i, c in enumerate(' ,./0123456789abcdefghijklmnopqrstuvwxyz')}
TARGET = '0123456789-'
START = len(TARGET)


def nth(day):
    """Return a day as people say it: 1st, 2nd, 3rd, 4th."""
    ending = {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') if day // 10 != 1 else 'th'
    return f'{day}{ending}'


def make_date(rng):
    """Return a date as somebody wrote it, and as year-month-day."""
    year, month, day = (int(rng.integers(low, high)) for low, high in ((1900, 2030), (1, 13), (1, 29)))
    name = MONTHS[month - 1]
    ways = (
        f'{name} {day}, {year}',
        f'the {nth(day)} of {name} {year}',
        f'{day} {name[:3]} {year}',
        f'{day}. {month}. {year}',
        f'{month}/{day}/{year}',
    )
    return ways[rng.integers(len(ways))], f'{year}-{month:02}-{day:02}'


def encode(written, date):
    """Return a pair of texts as ids."""
    return np.array([SOURCE[c] for c in written], np.int32), np.array([TARGET.index(c) for c in date], np.int32)


def convert(batch, device):
    """Return the written dates as a list, since their lengths differ, and the others as an array."""
    return {'xs': [x for x, _ in batch], 'ts': np.stack([t for _, t in batch])}


class AttentionDecoder(chaingrad.Chain):
    """An encoder in both directions, a decoder, and the attention between them."""

    def __init__(self, n_units):
        super().__init__()
        with self.init_scope():
            self.embed_x = L.EmbedID(len(SOURCE), n_units)
            self.embed_y = L.EmbedID(len(TARGET) + 1, n_units)
            self.encoder = L.NStepBiLSTM(1, n_units, n_units, 0)
            self.decoder = L.NStepLSTM(1, n_units, n_units, 0)
            self.score = L.Linear(2 * n_units, n_units, nobias=True)
            self.combine = L.Linear(3 * n_units, n_units)
            self.out = L.Linear(n_units, len(TARGET))

    def read(self, xs):
        """Return what is known of each letter, padded (n, letters, 2 units), and which letters are padding."""
        ends = np.cumsum([len(x) for x in xs[:-1]])
        vectors = F.split_axis(self.embed_x(F.concat(xs, axis=0)), ends, axis=0, force_tuple=True)
        letters = F.pad_sequence(self.encoder(None, None, vectors)[2], padding=0)
        lengths = np.array([len(x) for x in xs])
        return letters, np.arange(letters.shape[1]) >= lengths[:, None]

    def attend(self, h, letters, is_padding):
        """Return for outputs h (n, steps, units) the logits of the digits, and the weights (n, steps, letters)."""
        scores = F.einsum('ntu,nsu->nts', h, self.score(letters, n_batch_axes=2))
        hidden = np.broadcast_to(is_padding[:, None], scores.shape)
        weights = F.softmax(F.where(hidden, np.full(scores.shape, -1e9, np.float32), scores), axis=2)
        seen = F.einsum('nts,nsu->ntu', weights, letters)
        combined = F.tanh(self.combine(F.concat([h, seen], axis=2), n_batch_axes=2))
        return self.out(combined, n_batch_axes=2), weights

    def forward(self, xs, ts):
        """Return the mean loss per digit; for each digit the decoder gets the correct ones before it."""
        inputs = np.pad(ts[:, :-1], ((0, 0), (1, 0)), constant_values=START)
        h = F.stack(self.decoder(None, None, list(self.embed_y(inputs)))[2])
        logits, _ = self.attend(h, *self.read(xs))
        loss = F.softmax_cross_entropy(logits.reshape(-1, len(TARGET)), ts.ravel())
        chaingrad.report({'loss': loss}, self)
        return loss

    def translate(self, xs, n_steps=10):
        """Return the dates (n, steps), the most probable digit at each step, and the weights as in `attend`."""
        h, c, weights = None, None, []
        ys = [np.full(len(xs), START, np.int32)]
        with chaingrad.no_backprop_mode():
            letters, is_padding = self.read(xs)
            for _ in range(n_steps):
                h, c, outputs = self.decoder(h, c, list(self.embed_y(ys[-1][:, None])))
                logits, looks = self.attend(F.stack(outputs), letters, is_padding)
                ys.append(logits.array[:, 0].argmax(axis=1).astype(np.int32))
                weights.append(looks.array[:, 0])
        return np.stack(ys[1:], axis=1), np.stack(weights, axis=1)


def share_right(model, examples):
    """Return the share of dates that are right in every digit."""
    xs, ts = zip(*examples, strict=True)
    return float((model.translate(list(xs))[0] == np.stack(ts)).all(axis=1).mean())


def draw_looks(model, written, path):
    """Draw which letters each digit looks at, for a few dates."""
    xs = [encode(text, '')[0] for text in written]
    dates, weights = model.translate(xs)
    figure = new_figure(figsize=(5 * len(written), 3.2))
    for axis, text, y, w in zip(figure.subplots(1, len(written)), written, dates, weights):
        axis.imshow(w[:, : len(text)], cmap='Greens', vmin=0, vmax=1, aspect='auto')
        axis.set_xticks(range(len(text)), text)
        axis.set_yticks(range(len(y)), [TARGET[i] for i in y])
        axis.set(xlabel='letters that it reads', ylabel='digits that it writes')
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--epochs', type=int, default=4)
    parser.add_argument('--out', default='result', help='folder for log and picture')
    parser.add_argument('--quick', action='store_true', help='2 epochs')
    options = parser.parse_args(argv)
    epochs = 2 if options.quick else options.epochs

    np.random.seed(0)
    rng = np.random.default_rng(0)
    examples = [encode(*make_date(rng)) for _ in range(3200)]
    train, test = examples[200:], examples[:200]
    model = AttentionDecoder(32)
    optimizer = optimizers.Adam(alpha=0.01).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(5))
    updater = training.StandardUpdater(iterators.SerialIterator(train, 50), optimizer, converter=convert)
    trainer = training.Trainer(updater, (epochs, 'epoch'), options.out)

    @training.make_extension(trigger=(1, 'epoch'))
    def evaluate(trainer):
        chaingrad.report({'validation/right': share_right(model, test)})

    trainer.extend(evaluate)
    trainer.extend(extensions.ExponentialShift('alpha', 0.5), trigger=(1, 'epoch'))
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.PrintReport(['epoch', 'main/loss', 'validation/right', 'elapsed_time']))
    trainer.run()

    written = ['the 4th of july 1976', 'december 25, 2010', '3. 11. 1987']
    draw_looks(model, written, pathlib.Path(options.out) / 'looks.png')
    right = share_right(model, test)
    print(f'{right:.3f} of the dates that it has never seen are right in every digit')
    assert right > (0.7 if options.quick else 0.95), right


if __name__ == '__main__':
    main()
