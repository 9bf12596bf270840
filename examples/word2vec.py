"""word2vec: vectors of words, learned from the neighboring words.

    python examples/word2vec.py [--model skipgram|cbow] [--loss ns|hsm|softmax] [--text FILE] [--out result] [--quick]

Mikolov et al., Efficient estimation of word representations in vector space (2013), with negative sampling, the
hierarchical softmax or the ordinary softmax. The text is made from a few templates, so the kind of each word is known;
words of the same kind get similar vectors. The vectors are saved as a text file in the format of the original program.
"""

import argparse
import collections
import pathlib
import re

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.initializers as I
import chaingrad.links as L
from chaingrad import optimizers, training
from chaingrad.dataset import Iterator
from chaingrad.training import extensions
from chaingrad.training.plotting import new_figure

WINDOW = 3
KINDS = {
    'ANIMAL': 'cat dog bird horse mouse bear sheep goose'.split(),
    'FOOD': 'bread corn fish fruit grass soup cheese honey'.split(),
    'COLOR': 'red blue green yellow black white brown grey'.split(),
    'CITY': 'paris rome london tokyo cairo lima oslo delhi'.split(),
    'DAY': 'monday tuesday wednesday thursday friday saturday sunday'.split(),
}
TEMPLATES = [
    'the COLOR ANIMAL eats the FOOD of the other ANIMAL',
    'on DAY we drove from CITY to CITY and slept until DAY',
    'they sell COLOR FOOD and COLOR FOOD in CITY every DAY',
    'a ANIMAL and a ANIMAL slept in the COLOR house',
]


def generate(n_sentences, rng):
    """Return the words of sentences drawn from the templates."""
    words = []
    for template in rng.choice(TEMPLATES, n_sentences):
        words += [rng.choice(KINDS[word]) if word in KINDS else word for word in template.split()]
    return words


class SkipGram(chaingrad.Chain):
    """Each neighboring word predicts the word in the middle."""

    def __init__(self, n_vocab, n_units, loss_func):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units, initialW=I.Uniform(1 / n_units))
            self.loss_func = loss_func

    def forward(self, x, contexts):
        e = self.embed(contexts)
        n, width, n_units = e.shape
        loss = self.loss_func(e.reshape(n * width, n_units), np.repeat(x, width)) / (n * width)
        chaingrad.report({'loss': loss}, self)
        return loss


class ContinuousBoW(SkipGram):
    """The mean of the neighboring words predicts the word in the middle."""

    def forward(self, x, contexts):
        loss = self.loss_func(F.mean(self.embed(contexts), axis=1), x) / len(x)
        chaingrad.report({'loss': loss}, self)
        return loss


class SoftmaxCrossEntropyLoss(chaingrad.Chain):
    """The ordinary softmax over all words."""

    def __init__(self, n_units, n_vocab):
        super().__init__()
        with self.init_scope():
            self.out = L.Linear(n_units, n_vocab, initialW=0)

    def forward(self, x, t):
        return F.softmax_cross_entropy(self.out(x), t) * len(t)


class WindowIterator(Iterator):
    """Batches of words, and up to WINDOW neighboring words on both sides of each."""

    def __init__(self, ids, batch_size, repeat=True):
        self.ids = ids
        self.batch_size = batch_size
        self.repeat = repeat
        self.order = np.random.permutation(np.arange(WINDOW, len(ids) - WINDOW))
        self.position = 0
        self.epoch = 0
        self.is_new_epoch = False

    def __next__(self):
        if not self.repeat and self.epoch > 0:
            raise StopIteration
        middle = self.order[self.position : self.position + self.batch_size]
        width = np.random.randint(1, WINDOW + 1)  # so near words are used more often than distant ones
        offsets = np.concatenate([np.arange(-width, 0), np.arange(1, width + 1)])
        self.position += self.batch_size
        self.is_new_epoch = self.position >= len(self.order)
        if self.is_new_epoch:
            np.random.shuffle(self.order)
            self.position = 0
            self.epoch += 1
        return self.ids[middle], self.ids[middle[:, None] + offsets]

    @property
    def epoch_detail(self):
        return self.epoch + self.position / len(self.order)


def make_model(options, counts):
    """Return the model with the loss that the options ask for."""
    if options.loss == 'ns':
        loss_func = L.NegativeSampling(options.units, counts, 5)
    elif options.loss == 'hsm':
        tree = L.BinaryHierarchicalSoftmax.create_huffman_tree(dict(enumerate(counts)))
        loss_func = L.BinaryHierarchicalSoftmax(options.units, tree)
        loss_func.W.array[...] = 0
    else:
        loss_func = SoftmaxCrossEntropyLoss(options.units, len(counts))
    model_class = SkipGram if options.model == 'skipgram' else ContinuousBoW
    return model_class(len(counts), options.units, loss_func)


def nearest(vectors, i, n):
    """Return the n words with the largest cosine to word i."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    order = np.argsort(-(unit @ unit[i]))
    return [j for j in order if j != i][:n]


def save(vocabulary, vectors, path):
    """Save the vectors: a line with their number and length, then one line per word."""
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'{len(vocabulary)} {vectors.shape[1]}\n')
        for word, vector in zip(vocabulary, vectors, strict=True):
            file.write(f'{word} {" ".join(f"{v:.6g}" for v in vector)}\n')


def draw(vocabulary, vectors, path):
    """Draw the cosines between the vectors of all words of a known kind, sorted by kind."""
    figure = new_figure(figsize=(7.5, 7))
    axes = figure.subplots()
    words = [word for kind in KINDS.values() for word in kind]
    known = vectors[[vocabulary.index(word) for word in words]]
    unit = known / np.linalg.norm(known, axis=1, keepdims=True)
    picture = axes.imshow(unit @ unit.T, cmap='RdBu', vmin=-1, vmax=1)
    axes.set_xticks(range(len(words)), words, rotation=90, fontsize=7)
    axes.set_yticks(range(len(words)), words, fontsize=7)
    figure.colorbar(picture, label='cosine between the vectors', shrink=0.8)
    figure.tight_layout()
    figure.savefig(path)


def check_kinds(vocabulary, vectors):
    """Print the nearest words of one word of each kind; return the share of words whose nearest has the same kind."""
    index = {word: i for i, word in enumerate(vocabulary)}
    kinds = {index[word]: kind for kind, words in KINDS.items() for word in words}
    for words in KINDS.values():
        print(f'near {words[0]}: {", ".join(vocabulary[j] for j in nearest(vectors, index[words[0]], 4))}')
    return np.mean([kinds[i] == kinds.get(nearest(vectors, i, 1)[0]) for i in kinds])


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--model', choices=('skipgram', 'cbow'), default='skipgram')
    parser.add_argument('--loss', choices=('ns', 'hsm', 'softmax'), default='ns')
    parser.add_argument('--text', help='file with the text to learn from')
    parser.add_argument('--epochs', type=int, default=10)
    parser.add_argument('--units', type=int, default=32)
    parser.add_argument('--out', default='result', help='folder for log, vectors and plot')
    parser.add_argument('--quick', action='store_true', help='4 epochs')
    options = parser.parse_args(argv)

    np.random.seed(0)
    if options.text:
        words = re.findall(r"[\w']+", pathlib.Path(options.text).read_text(encoding='utf-8').lower())
    else:
        words = generate(4000, np.random.default_rng(0))
    counts = collections.Counter(words)
    vocabulary = [word for word, _ in counts.most_common(10000)]
    index = {word: i for i, word in enumerate(vocabulary)}
    ids = np.array([index[word] for word in words if word in index], np.int32)
    print(f'{len(ids)} words, {len(vocabulary)} different')

    model = make_model(options, [counts[word] for word in vocabulary])
    optimizer = optimizers.Adam(alpha=0.003).setup(model)
    updater = training.StandardUpdater(WindowIterator(ids, 500), optimizer, converter=lambda batch, device: batch)
    trainer = training.Trainer(updater, (4 if options.quick else options.epochs, 'epoch'), options.out)
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.PrintReport(['epoch', 'iteration', 'main/loss', 'elapsed_time']))
    trainer.run()

    out = pathlib.Path(options.out)
    vectors = model.embed.W.array
    save(vocabulary, vectors, out / 'word2vec.txt')
    if options.text:
        for i in range(min(10, len(vocabulary))):
            print(f'near {vocabulary[i]}: {", ".join(vocabulary[j] for j in nearest(vectors, i, 4))}')
        return
    draw(vocabulary, vectors, out / 'word2vec.png')
    share = check_kinds(vocabulary, vectors)
    print(f'{share:.3f} of the words have a word of the same kind as nearest')
    assert share > 0.9, share


if __name__ == '__main__':
    main()
