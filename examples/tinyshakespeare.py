"""An LSTM network learns to write, character by character, from any text.

    python examples/tinyshakespeare.py [--text FILE] [--epochs N] [--out result] [--quick]

The text is the given file, or the one named by the environment variable CHAINGRAD_TEXT; the plays that the program is
named after are a file of one megabyte, input.txt of "tiny shakespeare". Without either, it is the nursery rhyme "This
is the house that Jack built". The network is trained on nine tenths of the text, and the last tenth shows how well it
predicts a character. At the end it continues the beginning of the text.
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

LENGTH = 64  # characters per example
HOUSE = """the house that Jack built|the malt|lay in|the rat|ate|the cat|killed|the dog|worried|the cow with the
crumpled horn|tossed|the maiden all forlorn|milked|the man all tattered and torn|kissed|the priest all shaven and
shorn|married|the cock that crowed in the morn|waked|the farmer sowing his corn|kept""".replace('\n', ' ').split('|')


def rhyme(verses=60):
    """Return the nursery rhyme: every verse is longer than the one before by one line."""
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


class LanguageModelLoss(chaingrad.Chain):
    """Computes and reports the mean loss in nats per character."""

    def __init__(self, predictor):
        super().__init__()
        with self.init_scope():
            self.predictor = predictor

    def forward(self, x, t):
        loss = F.softmax_cross_entropy(self.predictor(x)[0], t.reshape(-1))
        chaingrad.report({'loss': loss}, self)
        return loss


def split_into_examples(ids):
    """Return the examples of a text: LENGTH characters, and the characters that follow each of them."""
    n = (len(ids) - 1) // LENGTH
    x = ids[: n * LENGTH].reshape(n, LENGTH)
    t = ids[1 : n * LENGTH + 1].reshape(n, LENGTH)
    return TupleDataset(x, t)


def write(model, characters, start, length, rng, temperature=0.7):
    """Continue a text: draw each character with the probabilities that the network predicts."""
    index = {c: i for i, c in enumerate(characters)}
    x = np.array([[index[c] for c in start if c in index]], np.int32)
    state = (None, None)
    text = start
    with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
        for _ in range(length):
            y, state = model(x, state)
            p = F.softmax(y[-1:] / temperature).array[0].astype(float)
            x = np.array([[rng.choice(len(p), p=p / p.sum())]], np.int32)
            text += characters[x.item()]
    return text


def make_trainer(model, train, valid, options):
    """Return a Trainer that uses Adam on batches of 32 and clips the gradients."""
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
    parser.add_argument('--epochs', type=int, help='default: fewer for a longer text')
    parser.add_argument('--units', type=int, default=128)
    parser.add_argument('--out', default='result', help='folder for log, plot, text and model')
    parser.add_argument('--quick', action='store_true', help='the first 60,000 characters, fewer epochs')
    options = parser.parse_args(argv)

    np.random.seed(0)
    text = pathlib.Path(options.text).read_text(encoding='utf-8') if options.text else rhyme()
    if options.quick:
        text = text[:60000]
    if options.epochs is None:
        n_characters = 90_000 if options.quick else 1_000_000
        options.epochs = max(1, round(n_characters / len(text)))
    characters = sorted(set(text))
    ids = np.searchsorted(characters, list(text)).astype(np.int32)
    n_train = len(ids) * 9 // 10
    model = LanguageModelLoss(CharacterModel(len(characters), options.units))
    print(f'{len(text)} characters, {len(characters)} different')
    trainer = make_trainer(model, split_into_examples(ids[:n_train]), split_into_examples(ids[n_train:]), options)
    trainer.run()

    out = pathlib.Path(options.out)
    serializers.save_npz(out / 'model.npz', model.predictor)
    written = write(model.predictor, characters, text[:16], 400, np.random.default_rng(0))
    (out / 'written.txt').write_text(written, encoding='utf-8')
    print(f'--- continued from {text[:16]!r}:\n{written}\n---')
    loss = float(trainer.observation['validation/main/loss'])
    frequency = np.bincount(ids[:n_train]) / n_train
    by_frequency = -np.log(np.maximum(frequency[ids[n_train:]], 1e-6)).mean()
    print(f'{loss:.3f} nats per character; {by_frequency:.3f} by the frequency of the characters alone')
    assert loss < (0.8 if options.quick else 0.65) * by_frequency, loss


if __name__ == '__main__':
    main()
