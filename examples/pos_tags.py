"""A network tags words with their parts of speech: an LSTM, and a CRF that weighs all sequences of tags.

    python examples/pos_tags.py [--epochs 20] [--out result] [--quick]

Huang, Xu, Yu: Bidirectional LSTM-CRF models for sequence tagging (2015), here with an LSTM in one direction. Many
words of the small grammar have several parts of speech: in `the old man the boat` the old people do the manning, which
nobody can know before the second `the`. The LSTM has read no further than the word whose tag it scores, so a softmax
for each word has to guess there. The CRF adds a score for each pair of neighbouring tags, and Viterbi's algorithm finds
the best sequence as a whole: later words decide on earlier ones. The picture shows the scores of the pairs.
"""

import argparse
import itertools
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.training import extensions
from chaingrad.training.plotting import new_figure

LEXICON = {
    'determiner': 'the a every',
    'adjective': 'old young light cool fast fishy',
    'noun': 'old young light man saw fish duck play water can will dog boat girl',
    'verb': 'light cool fast man saw fish duck play water can like find hear',
    'auxiliary': 'can will may',
    'preposition': 'like near behind',
    'adverb': 'fast well often',
}
TAGS = tuple(LEXICON)
WORDS = tuple(sorted({word for words in LEXICON.values() for word in words.split()}))
ID = {word: i for i, word in enumerate(WORDS)}
POSSIBLE = np.array([[word in LEXICON[tag].split() for tag in TAGS] for word in WORDS])  # (words, tags)


def make_patterns():
    """Return the sequences of tags that are sentences, as tuples of indexes."""
    nouns = ['dn', 'dan', 'daan']
    predicates = ['v', 'vr', 'xv', 'xvr']
    predicates += [verb + noun for verb in ('v', 'xv', 'vp') for noun in nouns]
    predicates += [f'v{noun}p{place}' for noun, place in itertools.product(nouns, nouns)]
    return [tuple('danvxpr'.index(c) for c in a + b) for a, b in itertools.product(nouns, predicates)]


PATTERNS = make_patterns()


def readings(words):
    """Return the sequences of tags with which words (ids) are a sentence."""
    return [p for p in PATTERNS if len(p) == len(words) and POSSIBLE[words, p].all()]


def make_sentence(rng):
    """Return the words and the tags of a sentence that can be read in only one way, as ids."""
    while True:
        tags = PATTERNS[rng.integers(len(PATTERNS))]
        words = np.array([rng.choice(np.flatnonzero(POSSIBLE[:, tag])) for tag in tags], np.int32)
        if len(readings(words)) == 1:
            return words, np.array(tags, np.int32)


class Tagger(chaingrad.Chain):
    """An LSTM that scores the tags of each word, and the loss of the right ones: by a CRF, or word by word."""

    def __init__(self, n_units, with_crf):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(len(WORDS), n_units)
            self.lstm = L.NStepLSTM(1, n_units, n_units, 0)
            self.out = L.Linear(n_units, len(TAGS))
            self.crf = L.CRF1d(len(TAGS)) if with_crf else None

    def score(self, xs):
        """Return the scores of the tags, a list of Variables (length, tags): one for each sentence."""
        ends = np.cumsum([len(x) for x in xs[:-1]])
        vectors = F.split_axis(self.embed(F.concat(xs, axis=0)), ends, axis=0, force_tuple=True)
        outputs = self.lstm(None, None, vectors)[2]
        return F.split_axis(self.out(F.concat(outputs, axis=0)), ends, axis=0, force_tuple=True)

    def forward(self, xs, ts):
        """Return the mean loss of a sentence, or of a word without CRF."""
        scores = self.score(xs)
        if self.crf is None:
            loss = F.softmax_cross_entropy(F.concat(scores, axis=0), np.concatenate(ts))
        else:
            loss = self.crf(scores, ts, transpose=True)
        chaingrad.report({'loss': loss}, self)
        return loss

    def tag(self, xs):
        """Return the tags of each sentence: the best sequence, or the best tag of each word without CRF."""
        with chaingrad.no_backprop_mode():
            scores = self.score(xs)
            if self.crf is None:
                return [score.array.argmax(axis=1) for score in scores]
            return self.crf.argmax(scores, transpose=True)[1]


def convert(batch, device):
    """Return a batch of pairs as two lists: sentences have different lengths."""
    return {'xs': [x for x, _ in batch], 'ts': [t for _, t in batch]}


def shares_right(tags, ts):
    """Return the shares of words and of sentences with the right tags."""
    right = [t == y for y, t in zip(tags, ts, strict=True)]
    return np.concatenate(right).mean(), np.mean([r.all() for r in right])


def train(model, examples, test, epochs, out):
    """Train a model; the log has the shares of test sentences that are right."""
    optimizer = optimizers.Adam(alpha=0.01).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(5))
    updater = training.StandardUpdater(iterators.SerialIterator(examples, 25), optimizer, converter=convert)
    trainer = training.Trainer(updater, (epochs, 'epoch'), out)

    @training.make_extension(trigger=(1, 'epoch'))
    def evaluate(trainer):
        words, sentences = shares_right(model.tag([x for x, _ in test]), [t for _, t in test])
        chaingrad.report({'validation/words': words, 'validation/sentences': sentences})

    trainer.extend(evaluate)
    interval = (max(1, epochs // 5), 'epoch')
    trainer.extend(extensions.LogReport(trigger=interval, filename='crf' if model.crf else 'softmax'))
    columns = ['epoch', 'main/loss', 'validation/words', 'validation/sentences', 'elapsed_time']
    trainer.extend(extensions.PrintReport(columns))
    trainer.run()
    return float(trainer.observation['validation/sentences'])


def draw_pairs(cost, path):
    """Draw the scores that the CRF gives to pairs of neighbouring tags."""
    figure = new_figure(figsize=(6, 5))
    axis = figure.subplots()
    limit = abs(cost).max()
    image = axis.imshow(cost, cmap='RdBu_r', vmin=-limit, vmax=limit)
    axis.set_xticks(range(len(TAGS)), TAGS, rotation=40, ha='right')
    axis.set_yticks(range(len(TAGS)), TAGS)
    axis.set(xlabel='next tag', ylabel='tag', title='score of a pair of neighbouring tags')
    figure.colorbar(image)
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--epochs', type=int, default=20)
    parser.add_argument('--out', default='result', help='folder for logs and picture')
    parser.add_argument('--quick', action='store_true', help='3 epochs')
    options = parser.parse_args(argv)
    epochs = 3 if options.quick else options.epochs

    np.random.seed(0)
    rng = np.random.default_rng(0)
    examples = [make_sentence(rng) for _ in range(1000)]
    test = [make_sentence(rng) for _ in range(200)]
    models = [Tagger(32, with_crf=False), Tagger(32, with_crf=True)]
    by_word, by_crf = [train(model, examples, test, epochs, options.out) for model in models]

    draw_pairs(models[1].crf.cost.array, pathlib.Path(options.out) / 'pairs.png')
    sentence = 'the old man the boat'.split()
    for name, model in zip(('word by word', 'as a whole'), models):
        tags = model.tag([np.array([ID[word] for word in sentence], np.int32)])[0]
        print(f'{name}: {" ".join(f"{word}/{TAGS[tag]}" for word, tag in zip(sentence, tags))}')
    print(f'{by_crf:.3f} of the sentences right in every word; {by_word:.3f} by a softmax for each word')
    assert by_crf > max(by_word + 0.05, 0.7 if options.quick else 0.93), (by_crf, by_word)


if __name__ == '__main__':
    main()
