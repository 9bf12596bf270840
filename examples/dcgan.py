"""Two networks compete: one learns to draw digits, the other to distinguish them from real ones.

    python examples/dcgan.py [--epochs 60] [--out result] [--quick]

Radford, Metz, Chintala: Unsupervised representation learning with deep convolutional generative adversarial networks
(2016), on 8x8 images. The updater has two optimizers, one for each network. A third network, which has learned to
classify the real digits, judges the drawings: the score (Salimans et al., Improved techniques for training GANs, 2016)
is 1 for images that all look alike or like no digit, and 10 for clear images of all ten digits.
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.initializers as I
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.dataset import concat_examples
from chaingrad.datasets import get_digits
from chaingrad.training import extensions
from chaingrad.training.plotting import new_figure


class Generator(chaingrad.Chain):
    """Draws an 8x8 image from random numbers."""

    def __init__(self, n_hidden=32, width=64):
        super().__init__()
        self.n_hidden = n_hidden
        self.width = width
        w = I.Normal(0.05)
        with self.init_scope():
            self.l0 = L.Linear(n_hidden, 2 * 2 * width, initialW=w)
            self.dc1 = L.Deconvolution2D(width, width // 2, ksize=4, stride=2, pad=1, initialW=w)
            self.dc2 = L.Deconvolution2D(width // 2, 1, ksize=4, stride=2, pad=1, initialW=w)
            self.bn0 = L.BatchNormalization(2 * 2 * width)
            self.bn1 = L.BatchNormalization(width // 2)

    def make_hidden(self, n):
        return np.random.uniform(-1, 1, (n, self.n_hidden)).astype(np.float32)

    def forward(self, z):
        h = F.relu(self.bn0(self.l0(z))).reshape(len(z), self.width, 2, 2)
        h = F.relu(self.bn1(self.dc1(h)))
        return F.sigmoid(self.dc2(h))


class Discriminator(chaingrad.Chain):
    """Computes the logit of the probability that an image is real."""

    def __init__(self, width=16):
        super().__init__()
        w = I.Normal(0.05)
        with self.init_scope():
            self.c0 = L.Convolution2D(1, width, ksize=3, pad=1, initialW=w)
            self.c1 = L.Convolution2D(width, width, ksize=4, stride=2, pad=1, initialW=w)
            self.c2 = L.Convolution2D(width, 2 * width, ksize=4, stride=2, pad=1, initialW=w)
            self.l3 = L.Linear(2 * 2 * 2 * width, 1, initialW=w)
            self.bn1 = L.BatchNormalization(width, use_gamma=False)
            self.bn2 = L.BatchNormalization(2 * width, use_gamma=False)

    def forward(self, x):
        h = F.leaky_relu(self.c0(add_noise(x)))
        h = F.leaky_relu(self.bn1(self.c1(h)))
        h = F.leaky_relu(self.bn2(self.c2(h)))
        return self.l3(F.dropout(h, 0.3))


def add_noise(x, sigma=0.1):
    """Add noise to the images while training, so that exact gray values do not reveal the real ones."""
    if not chaingrad.config.train:
        return x
    return x + np.random.normal(0, sigma, x.shape).astype(np.float32)


class DCGANUpdater(training.StandardUpdater):
    """In one iteration both networks get the same real and drawn images, and each is updated."""

    def __init__(self, iterator, generator, discriminator, *, gen_optimizer, dis_optimizer):
        super().__init__(iterator, {'main': gen_optimizer, 'dis': dis_optimizer})
        self.gen = generator
        self.dis = discriminator

    def update_core(self):
        x_real = concat_examples(self.get_iterator('main').next())
        x_fake = self.gen(self.gen.make_hidden(len(x_real)))
        y_real = self.dis(x_real)
        y_fake = self.dis(x_fake)
        self.dis.cleargrads()  # the generator's loss adds gradients there, which are not used
        self.get_optimizer('main').update(self.gen_loss, y_fake)
        x_fake.unchain_backward()
        self.get_optimizer('dis').update(self.dis_loss, y_real, y_fake)

    def gen_loss(self, y_fake):
        """Return the mean of -log of the probability that drawn images are real."""
        loss = F.mean(F.softplus(-y_fake))
        chaingrad.report({'loss': loss}, self.gen)
        return loss

    def dis_loss(self, y_real, y_fake):
        """Return the mean of -log of the probability that real images are real and drawn images are not."""
        loss = F.mean(F.softplus(-y_real)) + F.mean(F.softplus(y_fake))
        chaingrad.report({'loss': loss}, self.dis)
        return loss


def draw_images(generator, n, seed=0):
    """Return n images of the generator."""
    state = np.random.get_state()
    np.random.seed(seed)
    with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
        images = generator(generator.make_hidden(n)).array
    np.random.set_state(state)
    return images


def out_generated_image(generator, rows=8, columns=16):
    """Return an extension that draws images and saves them in one file."""

    def make_image(trainer):
        x = draw_images(generator, rows * columns).reshape(rows, columns, 8, 8)
        figure = new_figure(figsize=(8, 4.2))
        axes = figure.subplots()
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=0.5)
        axes.imshow(padded.transpose(0, 2, 1, 3).reshape(rows * 10, -1), cmap='gray_r', vmin=0, vmax=1)
        axes.set(xticks=[], yticks=[], title=f'drawn after {trainer.updater.epoch} epochs')
        figure.tight_layout()
        figure.savefig(pathlib.Path(trainer.out) / f'drawn_{trainer.updater.epoch:03}.png')

    return make_image


def train_judge(dataset):
    """Return a network that has learned to classify the real digits."""
    judge = chaingrad.Sequential(L.Linear(64, 100), F.relu, L.Linear(100, 10))
    optimizer = optimizers.Adam(alpha=0.005).setup(judge)
    for batch in iterators.SerialIterator(list(dataset) * 8, 100, repeat=False):
        x, t = concat_examples(batch)
        optimizer.update(lambda x, t: F.softmax_cross_entropy(judge(x), t), x, t)
    return judge


def score(judge, x):
    """Return exp of the mean divergence of the judge's probabilities for each image from its mean probabilities."""
    with chaingrad.no_backprop_mode():
        p = F.softmax(judge(x.reshape(len(x), 64))).array.astype(float).clip(1e-12)
    return float(np.exp((p * (np.log(p) - np.log(p.mean(0)))).sum(1).mean()))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--epochs', type=int, default=60)
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument('--out', default='result', help='folder for log and images')
    parser.add_argument('--quick', action='store_true', help='8 epochs')
    options = parser.parse_args(argv)
    epochs = 8 if options.quick else options.epochs

    np.random.seed(0)
    train, test = get_digits(withlabel=False, ndim=3)
    judge = train_judge(get_digits()[0])
    generator = Generator()
    discriminator = Discriminator()
    before_training = draw_images(generator, 500)
    gen_optimizer = optimizers.Adam(alpha=0.002, beta1=0.5).setup(generator)
    dis_optimizer = optimizers.Adam(alpha=0.001, beta1=0.5).setup(discriminator)
    train_iter = iterators.SerialIterator(train, options.batch_size)
    updater = DCGANUpdater(
        train_iter, generator, discriminator, gen_optimizer=gen_optimizer, dis_optimizer=dis_optimizer
    )
    trainer = training.Trainer(updater, (epochs, 'epoch'), options.out)
    interval = (max(1, epochs // 6), 'epoch')
    trainer.extend(extensions.LogReport(trigger=interval))
    trainer.extend(extensions.PrintReport(['epoch', 'iteration', 'main/loss', 'dis/loss', 'elapsed_time']))
    trainer.extend(out_generated_image(generator), trigger=interval)
    trainer.run()

    scores = [score(judge, x) for x in (before_training, draw_images(generator, 500), np.asarray(test))]
    print('score of drawings before training {:.2f}, after {:.2f}; of real digits {:.2f}'.format(*scores))
    assert scores[1] > (2 if options.quick else 4.2), scores


if __name__ == '__main__':
    main()
