"""A network of LSTM learns to write, character by character, from any text.

    python examples/tinyshakespeare.py [--text FILE] [--epochs N] [--out result] [--quick]

The text is the file given, or the one named by the environment variable CHAINGRAD_TEXT; the plays that the program is
named after are a file of a megabyte, input.txt of "tiny shakespeare". Without either it is the nursery rhyme "This is
the house that Jack built". Nine tenths train the network, the last tenth tells how well it foresees a character; at the
end it goes on from a beginning.
"""

import argparse
import os
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, serializers, training
from chaingrad.datasets import TupleDataset
from chaingrad.training import extensions

LENGTH = 64  # characters of an example
HOUSE = """the house that Jack built|the malt|lay in|the rat|ate|the cat|killed|the dog|worried|the cow with the
crumpled horn|tossed|the maiden all forlorn|milked|the man all tattered and torn|kissed|the priest all shaven and
shorn|married|the cock that crowed in the morn|waked|the farmer sowing his corn|kept""".replace('\n', ' ').split('|')


def rhyme(verses=60):
    """Return the nursery rhyme: every verse puts someone new before the house that Jack built."""
    lines = [HOUSE[0], *(f'{HOUSE[i]}\nThat {HOUSE[i + 1]}' for i in range(1, len(HOUSE), 2))]
    return ''.join(f'This is {" ".join(lines[k % len(lines) :: -1])}.\n\n' for k in range(verses))


class CharacterModel(chaingrad.Chain):
    """Scores for the next character after each character of every sequence."""

    def __init__(self, n_characters, n_units):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_characters, 64)
            self.lstm = L.NStepLSTM(1, 64, n_units, 0)
            self.out = L.Linear(n_units, n_characters)

    def forward(self, x, state=(None, None)):
        """Return the scores (n * length, n_characters) of sequences (n, length), and the state after the last."""
        h, c, ys = self.lstm(*state, list(self.embed(x)))
        return self.out(F.concat(ys, axis=0)), (h, c)


class Trained(chaingrad.Chain):
    """The mean loss in nats a character, reported."""

    def __init__(self, predictor):
        super().__init__()
        with self.init_scope():
            self.predictor = predictor

    def forward(self, x, t):
        loss = F.softmax_cross_entropy(self.predictor(x)[0], t.reshape(-1))
        chaingrad.report({'loss': loss}, self)
        return loss


def cut(ids):
    """Return the examples of a text: LENGTH characters, and the same one further on."""
    n = (len(ids) - 1) // LENGTH
    x, t = (ids[start : start + n * LENGTH].reshape(n, LENGTH) for start in (0, 1))
    return TupleDataset(x, t)


def write(model, characters, start, length, rng, temperature=0.7):
    """Go on from a beginning: draw each character from what the network foresees."""
    index = {c: i for i, c in enumerate(characters)}
    x, state, text = np.array([[index[c] for c in start if c in index]], np.int32), (None, None), start
    with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
        for _ in range(length):
            y, state = model(x, state)
            p = F.softmax(y[-1:] / temperature).array[0].astype(float)
            x = np.array([[rng.choice(len(p), p=p / p.sum())]], np.int32)
            text += characters[x.item()]
    return text


def make_trainer(model, train, valid, options):
    """Return the Trainer: Adam on batches of 32, gradients clipped."""
    optimizer = optimizers.Adam(alpha=0.005).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(5))
    updater = training.StandardUpdater(iterators.SerialIterator(train, 32), optimizer)
    trainer = training.Trainer(updater, (options.epochs, 'epoch'), options.out)
    valid_iter = iterators.SerialIterator(valid, 100, repeat=False, shuffle=False)
    interval = (max(1, options.epochs // 10), 'epoch')
    trainer.extend(extensions.Evaluator(valid_iter, model), trigger=interval)
    trainer.extend(extensions.LogReport(trigger=interval))
    trainer.extend(extensions.PrintReport(['epoch', 'iteration', 'main/loss', 'validation/main/loss', 'elapsed_time']))
    losses = ['main/loss', 'validation/main/loss']
    trainer.extend(extensions.PlotReport(losses, 'epoch', trigger=interval, filename='loss.png'))
    return trainer


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--text', default=os.environ.get('CHAINGRAD_TEXT'), help='text file, UTF-8')
    parser.add_argument('--epochs', type=int, help='how often to read the text; 1 for a long one')
    parser.add_argument('--units', type=int, default=128)
    parser.add_argument('--out', default='result', help='folder for log, plot, text and model')
    parser.add_argument('--quick', action='store_true', help='the first 60,000 characters, fewer epochs')
    options = parser.parse_args(argv)

    np.random.seed(0)
    text = pathlib.Path(options.text).read_text(encoding='utf-8') if options.text else rhyme()
    if options.quick:
        text = text[:60000]
    options.epochs = options.epochs or max(1, round((90_000 if options.quick else 1_000_000) / len(text)))
    characters = sorted(set(text))
    ids = np.searchsorted(characters, list(text)).astype(np.int32)
    border = len(ids) * 9 // 10
    model = Trained(CharacterModel(len(characters), options.units))
    print(f'{len(text)} characters, {len(characters)} different')
    trainer = make_trainer(model, cut(ids[:border]), cut(ids[border:]), options)
    trainer.run()

    out = pathlib.Path(options.out)
    serializers.save_npz(out / 'model.npz', model.predictor)
    written = write(model.predictor, characters, text[:16], 400, np.random.default_rng(0))
    (out / 'written.txt').write_text(written, encoding='utf-8')
    print(f'--- from the beginning {text[:16]!r}:\n{written}\n---')
    loss = float(trainer.observation['validation/main/loss'])
    alone = np.bincount(ids[:border]) / border
    by_frequency = -np.log(np.maximum(alone[ids[border:]], 1e-6)).mean()
    print(f'{loss:.3f} nats a character; {by_frequency:.3f} by the frequency of the characters alone')
    assert loss < (0.8 if options.quick else 0.65) * by_frequency, loss


if __name__ == '__main__':
    main()
