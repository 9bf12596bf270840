"""A reader of end-to-end memory networks: where is everybody? Attention over stored sentences, in two hops."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L

PEOPLE, PLACES = ['john', 'mary', 'paul'], ['kitchen', 'garden', 'hall', 'attic']
WORDS = PEOPLE + PLACES + ['went', 'where']
ID = {word: i for i, word in enumerate(WORDS)}


def position_encoding(n_words, n_units):
    j, k = np.arange(1, n_words + 1)[:, None] / float(n_words), np.arange(1, n_units + 1) / float(n_units)
    return ((1 - j) - k * (1 - 2 * j)).astype('f')


class Memory(chainer.Chain):
    def __init__(self, n_units, n_memory):
        super(Memory, self).__init__()
        normal = chainer.initializers.Normal(0.3)
        with self.init_scope():
            self.A = L.EmbedID(len(WORDS), n_units, normal)
            self.C = L.EmbedID(len(WORDS), n_units, normal)
            self.TA = L.EmbedID(n_memory, n_units, normal)
            self.TC = L.EmbedID(n_memory, n_units, normal)

    def encode(self, embed, sentences):
        e = embed(sentences)
        weights = position_encoding(*e.shape[-2:])
        return F.sum(e * self.xp.broadcast_to(weights, e.shape), axis=-2)

    def register(self, stories):
        age = np.broadcast_to(np.arange(stories.shape[1], dtype='i')[::-1], stories.shape[:2])
        self.m = self.encode(self.A, stories) + self.TA(age)
        self.c = self.encode(self.C, stories) + self.TC(age)

    def query(self, u):
        self.p = F.softmax(F.squeeze(F.matmul(self.m, F.expand_dims(u, 2)), axis=2))
        return F.sum(self.c * F.broadcast_to(F.expand_dims(self.p, 2), self.c.shape), axis=1)


class MemNN(chainer.Chain):
    def __init__(self, n_units, n_memory, hops):
        super(MemNN, self).__init__()
        self.hops = hops
        with self.init_scope():
            self.memory = Memory(n_units, n_memory)
            self.W = L.Linear(n_units, len(WORDS), nobias=True)
        self.B = self.memory.A  # the same weights for questions; outside of the scope, to be counted and updated once

    def __call__(self, stories, questions):
        self.memory.register(stories)
        u = self.memory.encode(self.B, questions)
        for _ in range(self.hops):
            u = u + self.memory.query(u)
        return self.W(u)


def make_story():
    moves = [(np.random.choice(PEOPLE), np.random.choice(PLACES)) for _ in range(4)]
    who = moves[np.random.randint(4)][0]
    answer = [place for person, place in moves if person == who][-1]
    story = [[ID[person], ID['went'], ID[place]] for person, place in moves]
    return np.array(story, dtype='i'), np.array([ID['where'], ID[who]], dtype='i'), ID[answer]


np.random.seed(0)
train, test = [[np.array(column) for column in zip(*[make_story() for _ in range(n)])] for n in (600, 100)]
model = MemNN(16, 4, 2)
assert model.count_params() == 3 * len(WORDS) * 16 + 2 * 4 * 16

# The first question by the paper's equations.
A, C, TA, TC = [link.W.data for link in (model.memory.A, model.memory.C, model.memory.TA, model.memory.TC)]
story, question = train[0][0], train[1][0]
m = [(A[s] * position_encoding(3, 16)).sum(axis=0) + TA[3 - i] for i, s in enumerate(story)]
c = [(C[s] * position_encoding(3, 16)).sum(axis=0) + TC[3 - i] for i, s in enumerate(story)]
u = (A[question] * position_encoding(2, 16)).sum(axis=0)
for _ in range(2):
    p = np.exp(np.dot(m, u)) / np.exp(np.dot(m, u)).sum()
    u = u + p.dot(c)
assert np.allclose(model(train[0][:1], train[1][:1]).data[0], model.W.W.data.dot(u), atol=1e-5)

optimizer = chainer.optimizers.Adam(alpha=0.02).setup(model)
iterator = chainer.iterators.SerialIterator(chainer.datasets.TupleDataset(*train), 50)
while iterator.epoch < 20:
    stories, questions, answers = chainer.dataset.concat_examples(iterator.next())
    optimizer.update(lambda: F.softmax_cross_entropy(model(stories, questions), answers.astype('i')))
with chainer.using_config('train', False), chainer.no_backprop_mode():
    accuracy = float(F.accuracy(model(test[0], test[1]), test[2].astype('i')).data)
assert accuracy > 0.9, accuracy
