"""A convolutional network looks at a picture, and an LSTM says what it shows: "a red square left of a blue circle".

    python examples/captions.py [--epochs 8] [--out result] [--quick]

Vinyals, Toshev, Bengio, Erhan: Show and tell, a neural image caption generator (2015), on made-up pictures of shapes;
here the vector of the picture is added to every input of the decoder, not only the first one. The other inputs are the
words before, the correct ones during training. Afterwards the decoder takes the most probable word at each step (greedy
decoding) until it says the end mark. Captions have different lengths, and NStepLSTM gets them as a list. The pairs of
coloured shapes that are tested never occur in training in this order, so that no caption can be remembered.
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

COLORS = {'red': (0.9, 0.1, 0.1), 'green': (0.1, 0.7, 0.2), 'blue': (0.2, 0.3, 1), 'yellow': (1, 0.9, 0.1)}
SHAPES = {
    'square': lambda x, y: np.maximum(abs(x), abs(y)) < 0.9,
    'circle': lambda x, y: abs(x**2 + y**2 - 0.65) < 0.35,  # a ring
    'triangle': lambda x, y: (abs(x) < (y + 1) / 2) & (y < 0.9),  # y points down
}
RELATIONS = {'left of': (1, 0), 'above': (0, 1)}  # where the second thing is
WORDS = ('<eos>', 'a', *COLORS, *SHAPES, *RELATIONS)
EOS = 0
SIZE = 20


def paint(image, color, shape, x, y, radius):
    """Paint a thing with its centre at (x, y)."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    image[:, SHAPES[shape]((columns - x) / radius, (rows - y) / radius)] = np.array(COLORS[color])[:, None]


def make_example(things, relation, rng):
    """Return an image (3, SIZE, SIZE) of one thing, or of two and how they lie, and its caption as ids."""
    image = rng.normal(0.5, 0.05, (3, SIZE, SIZE))
    middle = (SIZE - 1) / 2
    apart = np.array(RELATIONS[relation]) if len(things) == 2 else np.zeros(2)
    words = []
    for side, (color, shape) in zip((-1, 1), things):
        x, y = middle + side * apart * SIZE / 4 + rng.uniform(-1, 1, 2) * np.where(apart, 0.7, 3)
        paint(image, color, shape, x, y, rng.uniform(3.8, 4.3))
        words += [relation, 'a', color, shape]
    return image.astype(np.float32), np.array([WORDS.index(word) for word in words[1:]], np.int32)


def make_examples(n, n_test, rng):
    """Return examples to learn from and to test with, which show other combinations of two things."""
    things = list(itertools.product(COLORS, SHAPES))
    pairs = [pair for pair in itertools.product(things, repeat=2) if pair[0] != pair[1]]
    rng.shuffle(pairs)
    known, new = pairs[:-30], pairs[-30:]
    known += [(thing,) for thing in things] * 2
    return [
        [make_example(chosen[rng.integers(len(chosen))], rng.choice(list(RELATIONS)), rng) for _ in range(size)]
        for chosen, size in ((known, n), (new, n_test))
    ]


class Captioner(chaingrad.Chain):
    """A convolutional network that makes a vector of an image, and an LSTM that makes a caption of the vector."""

    def __init__(self, n_units):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(3, 16, ksize=4, stride=2, pad=1)
            self.conv2 = L.Convolution2D(16, 24, ksize=3, pad=1)
            self.conv3 = L.Convolution2D(24, 32, ksize=3, pad=1)
            self.look = L.Linear(32 * 5 * 5, n_units)
            self.norm = L.BatchNormalization(n_units)
            self.embed = L.EmbedID(len(WORDS), n_units)
            self.lstm = L.NStepLSTM(1, n_units, n_units, 0)
            self.out = L.Linear(n_units, len(WORDS))

    def see(self, images):
        """Return the vectors of images (n, units)."""
        h = F.relu(self.conv1(images * 4 - 2))
        h = F.max_pooling_2d(F.relu(self.conv2(h)), 2)
        return self.norm(self.look(F.relu(self.conv3(h))))

    def read(self, vector, words):
        """Return the inputs of the decoder (length, units), for an image and the words before each of its steps."""
        x = self.embed(words)
        return x + F.broadcast_to(vector, x.shape)

    def forward(self, images, captions):
        """Return the mean loss per word."""
        end = np.array([EOS], np.int32)
        xs = [self.read(v, np.concatenate([end, words])) for v, words in zip(self.see(images), captions)]
        scores = self.out(F.concat(self.lstm(None, None, xs)[2], axis=0))
        targets = np.concatenate([np.concatenate([words, end]) for words in captions])
        loss = F.softmax_cross_entropy(scores, targets)
        chaingrad.report({'loss': loss, 'word_accuracy': F.accuracy(scores, targets)}, self)
        return loss

    def describe(self, images, max_length=10):
        """Return the captions of images as lists of words: the most probable word at each step."""
        steps = [np.full(len(images), EOS, np.int32)]
        with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
            h, c, vectors = None, None, self.see(images)
            for _ in range(max_length):
                h, c, ys = self.lstm(h, c, [self.read(v, word) for v, word in zip(vectors, steps[-1][:, None])])
                steps.append(self.out(F.concat(ys, axis=0)).array.argmax(axis=1).astype(np.int32))
        captions = np.stack([*steps[1:], np.full(len(images), EOS)], axis=1)
        return [[WORDS[i] for i in row[: list(row).index(EOS)]] for row in captions]


def convert(batch, device):
    """Return images as an array and captions as a list: they have different lengths."""
    return {'images': np.stack([image for image, _ in batch]), 'captions': [caption for _, caption in batch]}


def share_right(model, examples):
    """Return the share of images whose caption is right in every word."""
    images = np.stack([image for image, _ in examples])
    right = [[WORDS[i] for i in caption] for _, caption in examples]
    return float(np.mean([a == b for a, b in zip(model.describe(images), right, strict=True)]))


def draw_captions(model, examples, path):
    """Draw images with the captions that the model gives them."""
    captions = model.describe(np.stack([image for image, _ in examples]))
    figure = new_figure(figsize=(10, 5))
    for axis, (image, right), words in zip(figure.subplots(2, 4).flat, examples, captions):
        axis.imshow(image.transpose(1, 2, 0).clip(0, 1))
        half = len(words) // 2  # of a caption of two things
        title = f'{" ".join(words[:half])}\n{" ".join(words[half:])}'
        axis.set_title(title, fontsize=9, color='black' if words == [WORDS[i] for i in right] else 'red')
        axis.set(xticks=[], yticks=[])
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--epochs', type=int, default=8)
    parser.add_argument('--out', default='result', help='folder for log and picture')
    parser.add_argument('--quick', action='store_true', help='4 epochs')
    options = parser.parse_args(argv)
    epochs = 4 if options.quick else options.epochs

    np.random.seed(0)
    rng = np.random.default_rng(0)
    train, test = make_examples(2000, 200, rng)
    model = Captioner(64)
    optimizer = optimizers.Adam(alpha=0.004).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(5))
    updater = training.StandardUpdater(iterators.SerialIterator(train, 40), optimizer, converter=convert)
    trainer = training.Trainer(updater, (epochs, 'epoch'), options.out)
    interval = (max(1, epochs // 4), 'epoch')
    trainer.extend(extensions.ExponentialShift('alpha', 0.5), trigger=(max(1, epochs // 3), 'epoch'))

    @training.make_extension(trigger=interval)
    def evaluate(trainer):
        chaingrad.report({'validation/right': share_right(model, test)})

    trainer.extend(evaluate)
    trainer.extend(extensions.LogReport(trigger=interval))
    columns = ['epoch', 'main/loss', 'main/word_accuracy', 'validation/right', 'elapsed_time']
    trainer.extend(extensions.PrintReport(columns))
    trainer.run()

    draw_captions(model, test[:8], pathlib.Path(options.out) / 'captions.png')
    right = share_right(model, test)
    print(f'{right:.3f} of the captions of new combinations are right in every word')
    assert right > (0.35 if options.quick else 0.9), right


if __name__ == '__main__':
    main()
