"""A linguist: a tree LSTM over dependency parses of every shape, by recursion, against the equations in NumPy."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L

# (word, children)
PARSES = [
    (('likes', [('he', []), ('cake', [('sweet', [])])]), 1),
    (('likes', [('not', []), ('he', []), ('cake', [])]), 0),
    (('sleeps', [('he', [])]), 1),
    (('sleeps', [('he', []), ('not', [('really', [])])]), 0),
]


def words_of(tree):
    return [tree[0]] + [word for child in tree[1] for word in words_of(child)]


class TreeModel(chainer.Chain):
    def __init__(self, vocab, n_units):
        super(TreeModel, self).__init__()
        self.vocab = vocab
        with self.init_scope():
            self.embed = L.EmbedID(len(vocab), n_units)
            self.tree = L.ChildSumTreeLSTM(n_units, n_units)
            self.out = L.Linear(n_units, 2)

    def encode(self, tree):
        word, children = tree
        states = [self.encode(child) for child in children]
        x = self.embed(self.xp.array([self.vocab[word]], dtype=np.int32))
        return self.tree(*([c for c, h in states] + [h for c, h in states] + [x]))

    def __call__(self, trees):
        return self.out(F.concat([self.encode(tree)[1] for tree in trees], axis=0))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def by_hand(model, tree):
    word, children = tree
    states = [by_hand(model, child) for child in children]
    n = model.tree.state_size
    x = model.tree.W_x.W.data.dot(model.embed.W.data[model.vocab[word]]) + model.tree.W_x.b.data
    h_sum = sum([h for c, h in states], np.zeros(n))
    a, i, o = (x[: 3 * n] + model.tree.W_h_aio.W.data.dot(h_sum)).reshape(3, n)
    c = np.tanh(a) * sigmoid(i)
    for c_child, h_child in states:
        c = c + sigmoid(x[3 * n :] + model.tree.W_h_f.W.data.dot(h_child)) * c_child
    return c, sigmoid(o) * np.tanh(c)


np.random.seed(0)
vocab = {word: i for i, word in enumerate(sorted({word for tree, _ in PARSES for word in words_of(tree)}))}
model = TreeModel(vocab, 6)
for tree, _ in PARSES:
    for variable, array in zip(model.encode(tree), by_hand(model, tree)):
        assert np.allclose(variable.data[0], array, atol=1e-6)

optimizer = chainer.optimizers.AdaGrad(lr=0.3)
optimizer.setup(model)
optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(1e-4))
trees, labels = [list(column) for column in zip(*PARSES)]
for epoch in range(40):
    loss = F.softmax_cross_entropy(model(trees), np.array(labels, dtype=np.int32))
    model.cleargrads()
    loss.backward()
    optimizer.update()
assert float(loss.data) < 0.05, loss
with chainer.using_config('train', False), chainer.no_backprop_mode():
    assert (model(trees).data.argmax(axis=1) == labels).all()

# Words that a tree lacks get no gradient.
model.cleargrads()
F.sum(model.encode(PARSES[2][0])[1]).backward()
touched = abs(model.embed.W.grad).sum(axis=1) > 0
assert set(np.flatnonzero(touched)) == {vocab['sleeps'], vocab['he']}
