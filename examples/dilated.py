"""Dilated convolutions predict a sound sample by sample, and then make it: WaveNet in small.

    python examples/dilated.py [--iterations 600] [--out result] [--quick]

van den Oord et al.: WaveNet: A generative model for raw audio (2016). Every convolution sees two samples, d steps
apart, and d doubles from layer to layer: so does the receptive field, the samples that a prediction depends on. Each
layer has gated units; its output is added to its input (residual) and to the sum that the prediction is made of (skip).
The prediction is a softmax over 64 levels. The sound is a voice in the model of speech processing: pulses, whose
distance is the pitch, ring in a resonator. The best linear predictor of the same receptive field knows the resonator,
but when the next pulse is due only the distance of the last ones tells. The picture shows a piece of the real sound,
and one that the network made: each sample is drawn from its prediction and becomes an input of the next ones.
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.training import extensions
from chaingrad.training.plotting import new_figure

LEVELS = 64
PITCHES = (19, 22, 25, 28)


def make_voice(n, rng):
    """Return n levels of a sound: notes of several pulses each, a resonator, a little noise."""
    pulses = np.zeros(n + 200)
    t = 0
    while t < len(pulses):
        pitch = rng.choice(PITCHES)
        pulses[t : t + pitch * rng.integers(6, 12) : pitch] = 1
        t = np.flatnonzero(pulses)[-1] + pitch
    pulses += rng.normal(0, 0.02, len(pulses))
    radius, angle = 0.88, 0.7
    y = np.zeros(len(pulses))
    for t in range(2, len(y)):
        y[t] = 2 * radius * np.cos(angle) * y[t - 1] - radius**2 * y[t - 2] + pulses[t]
    return np.clip(LEVELS / 2 + 14 * y[200:], 0, LEVELS - 1).round().astype(np.int32)


def as_input(levels):
    """Return levels as numbers between -1 and 1, with an axis for the channel (n, 1, time)."""
    return (levels[:, None] / (LEVELS / 2) - 1).astype(np.float32)


class Layer(chaingrad.Chain):
    """A dilated convolution with gated units. The output is shorter than the input: it needs d samples before it."""

    def __init__(self, n_units, dilation):
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution1D(n_units, 2 * n_units, ksize=2, dilate=dilation)
            self.residual = L.Convolution1D(n_units, n_units, ksize=1)

    def forward(self, x):
        a, b = F.split_axis(self.conv(x), 2, axis=1)
        z = self.residual(F.tanh(a) * F.sigmoid(b))
        return x[:, :, -z.shape[2] :] + z, z


class WaveNet(chaingrad.Chain):
    """Scores of the levels of each next sample, for the samples that have a whole receptive field before them."""

    def __init__(self, n_units, dilations):
        super().__init__()
        self.receptive_field = 1 + sum(dilations)  # each layer needs as many samples more as its window reaches back
        with self.init_scope():
            self.first = L.Convolution1D(1, n_units, ksize=1)
            self.layers = chaingrad.ChainList(*[Layer(n_units, d) for d in dilations])
            self.hidden = L.Convolution1D(n_units, 2 * n_units, ksize=1)
            self.out = L.Convolution1D(2 * n_units, LEVELS, ksize=1)

    def forward(self, x):
        n_out = x.shape[2] - self.receptive_field + 1
        h, total = self.first(x), 0
        for layer in self.layers:
            h, z = layer(h)
            total = total + z[:, :, -n_out:]
        return self.out(F.relu(self.hidden(F.relu(total))))


class Predictor(chaingrad.Chain):
    """The loss of a network's predictions in a batch of pieces of sound."""

    def __init__(self, net):
        super().__init__()
        with self.init_scope():
            self.net = net

    def forward(self, levels):
        scores = self.net(as_input(levels[:, :-1]))
        loss = F.softmax_cross_entropy(scores, levels[:, self.net.receptive_field :])
        chaingrad.report({'loss': loss}, self)
        return loss


def dependence(net):
    """Return which samples before a prediction have a gradient, first the oldest (2 * receptive field,)."""
    x = chaingrad.Variable(np.random.uniform(-1, 1, (1, 1, 2 * net.receptive_field)).astype(np.float32))
    net.cleargrads()
    F.sum(net(x)[:, :, -1] ** 2).backward()
    return x.grad[0, 0] != 0


def linear_loss(train, test, n):
    """Return nats per sample of the best linear prediction from n samples, with errors of a normal distribution."""

    def parts(levels):
        windows = np.lib.stride_tricks.sliding_window_view(levels.astype(float), n + 1)
        return np.hstack([windows[:, :-1], np.ones((len(windows), 1))]), windows[:, -1]

    x, t = parts(train)
    w = np.linalg.lstsq(x, t)[0]
    variance = np.var(x @ w - t)
    x, t = parts(test)
    scores = -((np.arange(LEVELS) - (x @ w)[:, None]) ** 2) / (2 * variance)
    return float(F.softmax_cross_entropy(scores, t.astype(np.int32)).array)


def continue_sound(net, levels, n, rng):
    """Return n more levels, each drawn from its prediction."""
    levels = list(levels)
    with chaingrad.no_backprop_mode():
        for _ in range(n):
            window = np.array(levels[-net.receptive_field :])[None]
            p = F.softmax(net(as_input(window))).array[0, :, 0].astype(float)
            levels.append(int(rng.choice(LEVELS, p=p / p.sum())))
    return levels[-n:]


def draw_sounds(real, made, path):
    """Draw a piece of the real sound above one that the network made."""
    figure = new_figure(figsize=(8, 4))
    for axis, levels, title in zip(figure.subplots(2, 1, sharex=True), (real, made), ('real', 'made by the network')):
        axis.plot(levels, linewidth=1)
        axis.set(ylabel='level', ylim=(0, LEVELS), title=title)
    axis.set(xlabel='sample')
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--iterations', type=int, default=600)
    parser.add_argument('--out', default='result', help='folder for log and picture')
    parser.add_argument('--quick', action='store_true', help='100 iterations')
    options = parser.parse_args(argv)
    iterations, n_made = (100, 150) if options.quick else (options.iterations, 400)

    np.random.seed(0)
    rng = np.random.default_rng(0)
    train, test = make_voice(40_000, rng), make_voice(4000, rng)
    net = WaveNet(16, (1, 2, 4, 8, 16, 32))
    n = net.receptive_field
    assert np.array_equal(dependence(net), np.arange(2 * n) >= n)

    model = Predictor(net)
    optimizer = optimizers.Adam(alpha=0.005).setup(model)
    pieces = np.lib.stride_tricks.sliding_window_view(train, n + 128)[::64]
    updater = training.StandardUpdater(iterators.SerialIterator(pieces, 8), optimizer)
    trainer = training.Trainer(updater, (iterations, 'iteration'), options.out)
    interval = (max(1, iterations // 5), 'iteration')
    trainer.extend(extensions.LogReport(trigger=interval))
    trainer.extend(extensions.ExponentialShift('alpha', 0.5), trigger=interval)
    trainer.extend(extensions.PrintReport(['iteration', 'main/loss', 'elapsed_time']))
    trainer.run()

    with chaingrad.no_backprop_mode():
        loss = float(model(test[None]).array)
    by_linear = linear_loss(train, test, n)
    made = continue_sound(net, test[:n], n_made, rng)
    draw_sounds(test[n : n + n_made], made, pathlib.Path(options.out) / 'sounds.png')
    print(f'a prediction depends on exactly {n} samples, with {len(net.layers)} layers')
    print(f'{loss:.3f} nats per sample; {by_linear:.3f} by the best linear predictor from as many samples')
    assert loss < by_linear - (0.3 if options.quick else 1), (loss, by_linear)


if __name__ == '__main__':
    main()
