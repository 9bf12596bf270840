"""A variational autoencoder learns to draw handwritten digits.

    python examples/vae.py [--latent 2] [--epochs 60] [--out result] [--quick]

Kingma, Welling: Auto-Encoding Variational Bayes (2014). The encoder computes a normal distribution of z for an image,
the decoder the probability that each pixel is black, given z. The evidence lower bound (ELBO) is maximized: the log
likelihood of the pixels for a z drawn from the encoder's distribution, minus the divergence of that distribution from
the standard normal distribution.
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.datasets import get_digits
from chaingrad.training import extensions
from chaingrad.training.plotting import COLORS, new_figure, small_legend


class VAE(chaingrad.Chain):
    """An encoder with 64-128 units and two outputs of the size of z, and a decoder with 128-64 units."""

    def __init__(self, n_in, n_latent, n_hidden=128):
        super().__init__()
        with self.init_scope():
            self.encoder = L.Linear(n_in, n_hidden)
            self.encoder_mean = L.Linear(n_hidden, n_latent)
            self.encoder_ln_var = L.Linear(n_hidden, n_latent)
            self.decoder = L.Linear(n_latent, n_hidden)
            self.decoder_out = L.Linear(n_hidden, n_in)

    def encode(self, x):
        """Return the mean of z and the logarithm of its variance."""
        h = F.leaky_relu(self.encoder(x))
        return self.encoder_mean(h), self.encoder_ln_var(h)

    def decode(self, z):
        """Return the logits of the pixels."""
        return self.decoder_out(F.leaky_relu(self.decoder(z)))

    def forward(self, x):
        """Return the negative ELBO in nats per image."""
        mean, ln_var = self.encode(x)
        z = F.gaussian(mean, ln_var)
        reconstruction = F.bernoulli_nll(x, self.decode(z)) / len(x)
        divergence = F.gaussian_kl_divergence(mean, ln_var) / len(x)
        loss = reconstruction + divergence
        chaingrad.report({'loss': loss, 'reconstruction': reconstruction, 'divergence': divergence}, self)
        return loss


def images(array, n_columns):
    """Return 8x8 images as one large image, row by row, with borders."""
    n_rows = len(array) // n_columns
    padded = np.pad(array.reshape(n_rows, n_columns, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=0.5)
    return padded.transpose(0, 2, 1, 3).reshape(n_rows * 10, n_columns * 10)


def draw(model, x, t, path):
    """Draw test digits and their reconstructions, new digits, and the means of z of the test digits."""
    with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
        mean, _ = model.encode(x)
        reconstructed = F.sigmoid(model.decode(mean[:40])).array
        z = np.random.default_rng(0).standard_normal((80, mean.shape[1])).astype(np.float32)
        new = F.sigmoid(model.decode(z)).array
    both = np.stack([x[:40].reshape(4, 10, 64), reconstructed.reshape(4, 10, 64)], axis=1)
    figure = new_figure(figsize=(13, 4.6))
    axes = figure.subplots(1, 3)
    titles = ('test digits, each row above its reconstructions', 'new digits from z drawn at random')
    for axis, picture, title in zip(axes, (both.reshape(80, 64), new), titles):
        axis.imshow(images(picture, 10), cmap='gray_r', vmin=0, vmax=1)
        axis.set(title=title, xticks=[], yticks=[])
    for digit in range(10):
        style = {'color': COLORS[digit % 5], 'marker': 'o' if digit < 5 else '^'}
        axes[2].scatter(*mean.array[t == digit, :2].T, s=8, label=digit, **style)
    axes[2].set(title='means of z of the test digits', xlabel='z0', ylabel='z1')
    small_legend(axes[2], ncols=2, fontsize=7)
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--latent', type=int, default=2, help='length of z')
    parser.add_argument('--epochs', type=int, default=60)
    parser.add_argument('--out', default='result', help='folder for log and images')
    parser.add_argument('--quick', action='store_true', help='10 epochs')
    options = parser.parse_args(argv)
    epochs = 10 if options.quick else options.epochs

    np.random.seed(0)
    train, test = get_digits(withlabel=False)
    model = VAE(64, options.latent)
    optimizer = optimizers.Adam(alpha=0.002).setup(model)
    updater = training.StandardUpdater(iterators.SerialIterator(train, 32), optimizer)
    trainer = training.Trainer(updater, (epochs, 'epoch'), options.out)
    interval = (max(1, epochs // 10), 'epoch')
    test_iter = iterators.SerialIterator(test, 200, repeat=False, shuffle=False)
    trainer.extend(extensions.Evaluator(test_iter, model), trigger=interval)
    trainer.extend(extensions.LogReport(trigger=interval))
    columns = ['main/loss', 'validation/main/loss', 'main/reconstruction', 'main/divergence']
    trainer.extend(extensions.PrintReport(['epoch', *columns, 'elapsed_time']))
    trainer.extend(extensions.PlotReport(columns[:2], 'epoch', trigger=interval, filename='loss.png'))
    trainer.run()

    _, labeled = get_digits()
    x, t = chaingrad.dataset.concat_examples(labeled)
    draw(model, x, t, pathlib.Path(options.out) / 'vae.png')
    ink = np.mean(train, axis=0).clip(0.001, 0.999)
    by_mean = -(x * np.log(ink) + (1 - x) * np.log(1 - ink)).sum(1).mean()
    loss = float(trainer.observation['validation/main/loss'])
    print(f'{loss:.2f} nats per image; {by_mean:.2f} by the mean of every pixel alone')
    assert loss < by_mean - (0.8 if options.quick else 1.8), loss


if __name__ == '__main__':
    main()
