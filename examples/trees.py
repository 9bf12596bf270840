"""A network computes the truth of nested formulas: recursion over trees, one graph for each of them.

    python examples/trees.py [--epochs 4] [--out result] [--quick]

Tai, Socher, Manning: Improved semantic representations from tree-structured LSTMs (2015). A formula such as
`(true and (false or true))` is a tree; the network reads the leaves, and at every node the word of the node and what
it thinks of both parts. As in sentiment treebanks, every node has a label to learn from. Nothing but the recursion of
`TreeReader.read` says what is connected with what. It learns from trees of depth 1 to 4 and is tested on deeper ones.
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.training import extensions
from chaingrad.training.plotting import new_figure, small_legend

CONNECTIVES = {
    'and': lambda a, b: a and b,
    'or': lambda a, b: a or b,
    'xor': lambda a, b: a != b,
    'without': lambda a, b: a and not b,  # the order of the parts counts
}
WORDS = ('false', 'true', *CONNECTIVES)
ID = {word: np.array([i], np.int32) for i, word in enumerate(WORDS)}


def make_tree(depth, rng):
    """Return a tree of exactly this depth: a word, or (word, left, right)."""
    if depth == 0:
        return str(rng.choice(WORDS[:2]))
    parts = [make_tree(depth - 1, rng), make_tree(int(rng.integers(depth)), rng)]
    if rng.random() < 0.5:
        parts.reverse()
    return (str(rng.choice(WORDS[2:])), *parts)


def truth(tree):
    """Return whether a formula is true."""
    if isinstance(tree, str):
        return tree == 'true'
    word, left, right = tree
    return CONNECTIVES[word](truth(left), truth(right))


def text(tree):
    """Return a formula as people write it."""
    return tree if isinstance(tree, str) else f'({text(tree[1])} {tree[0]} {text(tree[2])})'


class TreeReader(chaingrad.Chain):
    """A tree LSTM with two children at every node, and the logits of false and true from its output."""

    def __init__(self, n_units):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(len(WORDS), n_units)
            self.lstm = L.NaryTreeLSTM(n_units, n_units, n_ary=2)
            self.out = L.Linear(n_units, 2)

    def read(self, tree, outputs, labels):
        """Return the state of a tree; append output and label of every node of it."""
        if isinstance(tree, str):
            c, h = self.lstm(None, None, None, None, self.embed(ID[tree]))
        else:
            word, left, right = tree
            c1, h1 = self.read(left, outputs, labels)
            c2, h2 = self.read(right, outputs, labels)
            c, h = self.lstm(c1, c2, h1, h2, self.embed(ID[word]))
        outputs.append(h)
        labels.append(truth(tree))
        return c, h

    def forward(self, *trees):
        """Return the loss of all nodes of some trees, and report how many trees are right at the root."""
        outputs, labels, roots = [], [], []
        for tree in trees:
            self.read(tree, outputs, labels)
            roots.append(len(outputs) - 1)
        y = self.out(F.concat(outputs, axis=0))
        t = np.array(labels, np.int32)
        loss = F.softmax_cross_entropy(y, t)
        chaingrad.report({'loss': loss, 'accuracy': F.accuracy(y[roots], t[roots])}, self)
        return loss


def hand_over(batch, device=None):
    """Convert a batch: trees are no arrays, they go to the model as they are."""
    return tuple(batch)


def accuracy_at(model, depth, rng, n):
    """Return the share of new trees of a depth that are right at the root."""
    reporter, observation = chaingrad.Reporter(), {}
    reporter.add_observer('main', model)
    with chaingrad.no_backprop_mode(), reporter.scope(observation):
        model(*[make_tree(depth, rng) for _ in range(n)])
    return float(observation['main/accuracy'].array)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--epochs', type=int, default=4)
    parser.add_argument('--out', default='result', help='folder for log and plot')
    parser.add_argument('--quick', action='store_true', help='2 epochs, and fewer trees to test')
    options = parser.parse_args(argv)
    epochs, n_tests = (2, 20) if options.quick else (options.epochs, 100)

    np.random.seed(0)
    rng = np.random.default_rng(0)
    train = [make_tree(int(rng.integers(1, 5)), rng) for _ in range(400)]
    model = TreeReader(16)
    optimizer = optimizers.Adam(alpha=0.02).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(5))
    updater = training.StandardUpdater(iterators.SerialIterator(train, 10), optimizer, converter=hand_over)
    trainer = training.Trainer(updater, (epochs, 'epoch'), options.out)
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.PrintReport(['epoch', 'main/loss', 'main/accuracy', 'elapsed_time']))
    trainer.run()

    depths = range(1, 9)
    accuracies = [accuracy_at(model, depth, rng, n_tests) for depth in depths]
    figure = new_figure(figsize=(5, 3.5))
    axis = figure.subplots()
    axis.plot(depths, accuracies, marker='o')
    axis.axvspan(1, 4, alpha=0.2, label='depths in training')
    axis.set(xlabel='depth of the tree', ylabel='share of right answers', ylim=(0.4, 1.02))
    small_legend(axis)
    figure.tight_layout()
    figure.savefig(pathlib.Path(options.out) / 'depths.png')

    tree = make_tree(3, rng)
    print(f'{text(tree)} is {truth(tree)}')
    print(f'{accuracies[3]:.2f} of the trees of depth 4 right, {accuracies[7]:.2f} of those of depth 8')
    assert accuracies[7] > (0.8 if options.quick else 0.95), accuracies


if __name__ == '__main__':
    main()
