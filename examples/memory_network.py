"""A network answers questions about stories: it reads sentence after sentence of its memory by attention.

    python examples/memory_network.py [--hops 3] [--epochs 20] [--out result] [--quick]

Sukhbaatar, Szlam, Weston, Fergus: End-To-End Memory Networks (2015). A story says who goes where and who takes what, as
in bAbI; the question is where a thing is. Two sentences answer it: the one that says who took the thing, and the last
one that says where this person went. Every hop looks at all sentences and adds what it finds to the question: with
--hops 1 two answers in five stay wrong, because the second sentence cannot be found without the first. The picture
shows where the hops look.
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.datasets import TupleDataset
from chaingrad.training import extensions
from chaingrad.training.plotting import new_figure

PEOPLE = ('john', 'mary', 'paul')
PLACES = ('kitchen', 'garden', 'hall', 'attic')
THINGS = ('milk', 'ball')
WORDS = (*PLACES, *PEOPLE, *THINGS, 'goes', 'takes', 'where')
ID = {word: i for i, word in enumerate(WORDS)}
N_MOVES = 4


def make_story(rng):
    """Return the sentences of a story, a question, and the answer, as words."""
    owners = dict(zip(THINGS, rng.permutation(PEOPLE)))
    story = [(rng.choice(PEOPLE), 'goes', rng.choice(PLACES)) for _ in range(N_MOVES)]
    places = {person: place for person, _, place in story}  # the last one of each person
    for thing, person in owners.items():
        story.insert(rng.integers(len(story) + 1), (person, 'takes', thing))
    known = [thing for thing in THINGS if owners[thing] in places]
    if not known:
        return make_story(rng)
    thing = rng.choice(known)
    return story, ('where', thing), places[owners[thing]]


def encode(examples):
    """Return stories (n, sentences, 3), questions (n, 2) and answers (n,) as ids."""
    stories, questions, answers = zip(*examples)
    ids = np.vectorize(ID.get)
    return tuple(ids(np.array(part)).astype(np.int32) for part in (stories, questions, answers))


def position_weights(n_words, n_units):
    """Return weights (n_words, n_units) that let a sum of words depend on their order: section 4.1 of the paper."""
    j = np.arange(1, n_words + 1)[:, None] / n_words
    k = np.arange(1, n_units + 1) / n_units
    return ((1 - j) - k * (1 - 2 * j)).astype(np.float32)


class MemoryNetwork(chaingrad.Chain):
    """Embeddings of words and of times: those of one hop's output are those of the next one's input."""

    def __init__(self, n_units, hops):
        super().__init__()
        with self.init_scope():
            draw = chaingrad.initializers.Normal(0.2)
            n_sentences = N_MOVES + len(THINGS)
            self.words = chaingrad.ChainList(*[L.EmbedID(len(WORDS), n_units, draw) for _ in range(hops + 1)])
            self.times = chaingrad.ChainList(*[L.EmbedID(n_sentences, n_units, draw) for _ in range(hops + 1)])
            self.out = L.Linear(n_units, len(PLACES), nobias=True)

    def embed(self, layer, sentences):
        """Return vectors of sentences: sums of the vectors of their words."""
        e = self.words[layer](sentences)
        return F.sum(e * F.broadcast_to(position_weights(*e.shape[-2:]), e.shape), axis=-2)

    def remember(self, layer, stories):
        """Return vectors (n, sentences, units) of the sentences of stories, and of their times."""
        time = np.arange(stories.shape[1], dtype=np.int32)
        m = self.embed(layer, stories)
        return m + F.broadcast_to(self.times[layer](time), m.shape)

    def attend(self, stories, questions):
        """Return the logits of the answers, and where each hop looked (hops, n, sentences)."""
        u, looks = self.embed(0, questions), []
        keys = self.remember(0, stories)
        for hop in range(1, len(self.words)):
            values = self.remember(hop, stories)
            p = F.softmax(F.einsum('nsu,nu->ns', keys, u))
            u = u + F.einsum('ns,nsu->nu', p, values)
            keys = values
            looks.append(p)
        return self.out(u), F.stack(looks)

    def forward(self, stories, questions):
        return self.attend(stories, questions)[0]


def draw_looks(model, examples, path):
    """Draw where the hops look, for a few stories."""
    stories, questions, _ = encode(examples)
    with chaingrad.no_backprop_mode():
        logits, looks = model.attend(stories, questions)
    figure = new_figure(figsize=(5 * len(examples), 3))
    for axis, example, p, y in zip(
        figure.subplots(1, len(examples)), examples, looks.array.transpose(1, 2, 0), logits.array
    ):
        axis.imshow(p, cmap='Greens', vmin=0, vmax=1, aspect='auto')
        axis.set_yticks(range(len(p)), [' '.join(sentence) for sentence in example[0]])
        axis.set(xticks=range(p.shape[1]), xlabel='hop', title=f'{" ".join(example[1])}? {PLACES[y.argmax()]}')
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--hops', type=int, default=3)
    parser.add_argument('--epochs', type=int, default=20)
    parser.add_argument('--out', default='result', help='folder for log and picture')
    parser.add_argument('--quick', action='store_true', help='8 epochs')
    options = parser.parse_args(argv)
    epochs = 8 if options.quick else options.epochs

    np.random.seed(0)
    rng = np.random.default_rng(0)
    examples = [make_story(rng) for _ in range(3300)]
    train, test = encode(examples[300:]), encode(examples[:300])
    model = L.Classifier(MemoryNetwork(32, options.hops))
    optimizer = optimizers.Adam(alpha=0.01).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(5))

    updater = training.StandardUpdater(iterators.SerialIterator(TupleDataset(*train), 50), optimizer)
    trainer = training.Trainer(updater, (epochs, 'epoch'), options.out)
    test_iter = iterators.SerialIterator(TupleDataset(*test), 300, repeat=False, shuffle=False)
    trainer.extend(extensions.Evaluator(test_iter, model))
    trainer.extend(extensions.ExponentialShift('alpha', 0.5), trigger=(max(1, epochs // 2), 'epoch'))
    interval = (max(1, epochs // 10), 'epoch')
    trainer.extend(extensions.LogReport(trigger=interval))
    columns = ['main/loss', 'validation/main/loss', 'main/accuracy', 'validation/main/accuracy']
    trainer.extend(extensions.PrintReport(['epoch', *columns, 'elapsed_time']))
    trainer.run()

    draw_looks(model.predictor, examples[:3], pathlib.Path(options.out) / 'looks.png')
    accuracy = float(trainer.observation['validation/main/accuracy'])
    moves = [[sentence[2] for sentence in story if sentence[1] == 'goes'] for story, _, _ in examples[:300]]
    by_last = np.mean([places[-1] == answer for places, (_, _, answer) in zip(moves, examples)])
    print(f'{accuracy:.3f} of the answers right; {by_last:.3f} by the place of the last move')
    assert options.hops == 1 or accuracy > (0.9 if options.quick else 0.98), accuracy


if __name__ == '__main__':
    main()
