"""A recurrent language model of words, trained by truncated backpropagation through time.

    python examples/ptb.py [--ptb | --text FILE] [--epochs N] [--out result] [--quick]

Batches are columns of one long text: in every iteration each column continues where it stopped. The state of the LSTM
is kept, and its graph is cut off after 20 words (Zaremba, Sutskever, Vinyals: Recurrent neural network regularization,
2014). The text is made by a small grammar whose true perplexity is known, which shows how close the network comes to
it. --ptb uses the Penn Treebank (which is downloaded and takes much longer), --text the words of a file.
"""

import argparse
import pathlib
import re

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers, serializers, training
from chaingrad.dataset import Iterator, concat_examples
from chaingrad.datasets import get_ptb_words
from chaingrad.training import extensions

# Each name is replaced by one of these, with equal probability; other words stay as they are.
GRAMMAR = {
    'SENTENCE': ['ONE', 'MANY'],
    'ONE': ['a ANIMAL VERBs the FOOD .', 'the ANIMAL VERBs FOOD with a ANIMAL .'],
    'MANY': ['two ANIMALs VERB the FOOD .', 'all ANIMALs VERB FOOD at PLACE .'],
    'ANIMAL': ['cat', 'dog', 'bird', 'horse', 'mouse', 'bear'],
    'VERB': ['eat', 'want', 'find', 'hide'],
    'FOOD': ['bread', 'corn', 'fish', 'fruit', 'grass'],
    'PLACE': ['home', 'night', 'noon', 'sea'],
}


def generate(n_sentences, rng):
    """Return the words of sentences drawn from the grammar, and the true perplexity of a word."""
    words = []
    nats = 0.0
    for _ in range(n_sentences):
        todo = ['SENTENCE']
        while todo:
            symbol = todo.pop(0)
            name = symbol.rstrip('s')
            if name in GRAMMAR:
                choice = GRAMMAR[name][rng.integers(len(GRAMMAR[name]))]
                nats += np.log(len(GRAMMAR[name]))
                todo = (choice + symbol[len(name) :]).split() + todo
            else:
                words.append(symbol)
    return words, float(np.exp(nats / len(words)))


class RNNForLM(chaingrad.Chain):
    """Two LSTM layers with dropout between them, which keep their state from call to call."""

    def __init__(self, n_vocab, n_units):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units)
            self.l1 = L.LSTM(n_units, n_units)
            self.l2 = L.LSTM(n_units, n_units)
            self.l3 = L.Linear(n_units, n_vocab)

    def reset_state(self):
        self.l1.reset_state()
        self.l2.reset_state()

    def forward(self, x):
        h = self.l1(F.dropout(self.embed(x), 0.2))
        h = self.l2(F.dropout(h, 0.2))
        return self.l3(F.dropout(h, 0.2))


class ParallelSequentialIterator(Iterator):
    """Reads a text from several positions at once: each batch has the next words, and those that follow them."""

    def __init__(self, dataset, batch_size, repeat=True):
        self.dataset = dataset
        self.batch_size = batch_size
        self.repeat = repeat
        self.offsets = [i * len(dataset) // batch_size for i in range(batch_size)]
        self.reset()

    def reset(self):
        self.iteration = 0
        self.epoch = 0
        self.is_new_epoch = False

    def __next__(self):
        n = len(self.dataset)
        if not self.repeat and self.iteration * self.batch_size >= n:
            raise StopIteration
        words = [self.dataset[(offset + self.iteration) % n] for offset in self.offsets]
        self.iteration += 1
        next_words = [self.dataset[(offset + self.iteration) % n] for offset in self.offsets]
        epoch = self.iteration * self.batch_size // n
        self.is_new_epoch = epoch > self.epoch
        self.epoch = epoch
        return list(zip(words, next_words, strict=True))

    @property
    def epoch_detail(self):
        return self.iteration * self.batch_size / len(self.dataset)

    @property
    def previous_epoch_detail(self):
        return max(0, self.iteration - 1) * self.batch_size / len(self.dataset)

    def serialize(self, serializer):
        self.iteration = serializer('iteration', self.iteration)
        self.epoch = serializer('epoch', self.epoch)


class BPTTUpdater(training.StandardUpdater):
    """One iteration reads `length` words of each column; gradients go no further back."""

    def __init__(self, iterator, optimizer, length):
        super().__init__(iterator, optimizer)
        self.length = length

    def update_core(self):
        iterator = self.get_iterator('main')
        optimizer = self.get_optimizer('main')
        loss = 0
        for _ in range(self.length):
            x, t = concat_examples(next(iterator))
            loss += optimizer.target(x, t)
        optimizer.target.cleargrads()
        loss.backward()
        loss.unchain_backward()  # keeps the state, but not the graph that led to it
        optimizer.update()


def add_perplexity(observation):
    """Add the perplexities of the losses to the log."""
    for key in ('main/loss', 'validation/main/loss'):
        if key in observation:
            observation[key.replace('loss', 'perplexity')] = float(np.exp(observation[key]))


def perplexity_on(model, dataset):
    """Return the perplexity on a text, read in one column; the state of the training stays unchanged."""
    model = model.copy()
    model.predictor.reset_state()
    evaluator = extensions.Evaluator(ParallelSequentialIterator(dataset, 1, repeat=False), model)
    return float(np.exp(evaluator()['main/loss']))


def make_trainer(model, train, valid, options):
    """Return a Trainer for truncated backpropagation."""
    optimizer = optimizers.Adam(alpha=0.005).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(5))
    updater = BPTTUpdater(ParallelSequentialIterator(train, 20), optimizer, 20)
    trainer = training.Trainer(updater, (options.epochs, 'epoch'), options.out)
    eval_model = model.copy()  # the same parameters, but its own state
    trainer.extend(
        extensions.Evaluator(
            ParallelSequentialIterator(valid, 1, repeat=False),
            eval_model,
            eval_hook=lambda _: eval_model.predictor.reset_state(),
        )
    )
    trainer.extend(extensions.LogReport(postprocess=add_perplexity))
    columns = ['main/perplexity', 'validation/main/perplexity']
    trainer.extend(extensions.PrintReport(['epoch', 'iteration', *columns, 'elapsed_time']))
    trainer.extend(extensions.PlotReport(['main/loss', 'validation/main/loss'], 'epoch', filename='loss.png'))
    return trainer


def read_words(options):
    """Return the words of the three parts of the text, and the true perplexity or None."""
    if options.text:
        words = re.findall(r"[\w']+|[^\w\s]", pathlib.Path(options.text).read_text(encoding='utf-8').lower())
        true = None
    else:
        words, true = generate(1000 if options.quick else 4000, np.random.default_rng(0))
    _, ids = np.unique(words, return_inverse=True)
    n = len(ids)
    train, valid, test = np.split(ids.astype(np.int32), [n * 8 // 10, n * 9 // 10])
    return train, valid, test, true


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group()
    source.add_argument('--ptb', action='store_true', help='learn the Penn Treebank')
    source.add_argument('--text', help='file with the text to learn from')
    parser.add_argument('--epochs', type=int, default=8)
    parser.add_argument('--units', type=int, default=64)
    parser.add_argument('--out', default='result', help='folder for log, plot and model')
    parser.add_argument('--quick', action='store_true', help='less text and 5 epochs')
    options = parser.parse_args(argv)
    if options.quick:
        options.epochs = 5

    np.random.seed(0)
    if options.ptb:
        train, valid, test = get_ptb_words()
        true = None
    else:
        train, valid, test, true = read_words(options)
    n_vocab = int(max(train.max(), valid.max(), test.max())) + 1
    print(f'{len(train)} words for training, vocabulary of {n_vocab}')
    model = L.Classifier(RNNForLM(n_vocab, options.units))
    model.compute_accuracy = False
    make_trainer(model, train, valid, options).run()

    serializers.save_npz(pathlib.Path(options.out) / 'model.npz', model)
    perplexity = perplexity_on(model, test)
    frequency = np.bincount(train, minlength=n_vocab) / len(train)
    by_frequency = float(np.exp(-np.log(np.maximum(frequency[test], 1e-7)).mean()))
    limit = 0.9 * by_frequency
    best = ''
    if true is not None:
        limit = true * (1.2 if options.quick else 1.1)
        best = f', {true:.2f} is the best possible'
    print(f'test perplexity {perplexity:.2f}; {by_frequency:.2f} by the frequency of the words alone{best}')
    assert perplexity < limit, perplexity


if __name__ == '__main__':
    main()
