"""A network with 2-10-3 units learns which arm of a spiral a point is on.

    python examples/spiral.py [--out result] [--quick]

First the gradients of hand-written layers (Affine, Sigmoid, SoftmaxWithLoss, in the style of Saitoh, Deep Learning
from Scratch 2, chapter 1) are compared with those that backward() computes. Then the network is trained with batches of
30 and SGD with learning rate 1 for 300 epochs. Loss curve and decision boundary are plotted.
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers
from chaingrad.datasets import get_spiral
from chaingrad.training.plotting import COLORS, new_figure, small_legend


class Net(chaingrad.Chain):
    """Two linear layers with a sigmoid between them."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(2, 10)
            self.l2 = L.Linear(10, 3)

    def forward(self, x):
        return self.l2(F.sigmoid(self.l1(x)))


class Affine:
    """y = x W + b, written by hand."""

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, gy):
        self.gW = self.x.T @ gy
        self.gb = gy.sum(0)
        return gy @ self.W.T


class Sigmoid:
    """y = 1 / (1 + exp(-x)), written by hand."""

    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, gy):
        return gy * self.y * (1 - self.y)


class SoftmaxWithLoss:
    """The cross entropy of the softmax, written by hand."""

    def forward(self, x, t):
        p = np.exp(x - x.max(1, keepdims=True))
        self.p = p / p.sum(1, keepdims=True)
        self.t = t
        return -np.log(self.p[np.arange(len(t)), t]).mean()

    def backward(self):
        gx = self.p.copy()
        gx[np.arange(len(gx)), self.t] -= 1
        return gx / len(gx)


def compare_with_layers_by_hand(model, x, t):
    """Compare loss and gradients of the network with those of hand-written layers with the same weights."""
    first = Affine(model.l1.W.array.T, model.l1.b.array)
    second = Affine(model.l2.W.array.T, model.l2.b.array)
    sigmoid = Sigmoid()
    last = SoftmaxWithLoss()
    by_hand = last.forward(second.forward(sigmoid.forward(first.forward(x))), t)
    first.backward(sigmoid.backward(second.backward(last.backward())))

    loss = F.softmax_cross_entropy(model(x), t)
    model.cleargrads()
    loss.backward()
    print(f'loss by hand {by_hand:.6f}, by functions {loss:.6f}')
    assert np.isclose(loss.item(), by_hand, atol=1e-5)
    for name, layer, affine in (('l1', model.l1, first), ('l2', model.l2, second)):
        difference = max(np.abs(layer.W.grad.T - affine.gW).max(), np.abs(layer.b.grad - affine.gb).max())
        print(f'gradients of {name} differ by at most {difference:.1e}')
        assert difference < 1e-5


def train(model, dataset, epochs):
    """Train the network; return the mean loss of every epoch."""
    optimizer = optimizers.SGD(lr=1.0).setup(model)
    curve = []
    for _ in range(epochs):
        losses = []
        for batch in iterators.SerialIterator(dataset, 30, repeat=False, shuffle=True):
            x = np.stack([x for x, _ in batch])
            t = np.array([t for _, t in batch])
            loss = F.softmax_cross_entropy(model(x), t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
            losses.append(loss.item())
        curve.append(np.mean(losses))
    return curve


def draw(model, x, t, curve, path):
    """Draw the loss curve, and the class that the network assigns to every point of the plane."""
    figure = new_figure(figsize=(10, 4.5))
    left, right = figure.subplots(1, 2)
    left.plot(curve)
    left.set(xlabel='epoch', ylabel='mean loss', ylim=(0, None))
    edge = 1.1
    axis = np.linspace(-edge, edge, 250, dtype=np.float32)
    plane = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    with chaingrad.no_backprop_mode():
        classes = model(plane).array.argmax(1).reshape(axis.size, axis.size)
    right.contourf(axis, axis, classes, levels=[-0.5, 0.5, 1.5, 2.5], colors=COLORS[:3], alpha=0.25)
    for label, marker in enumerate('ox^'):
        right.scatter(*x[t == label].T, s=18, marker=marker, color=COLORS[label], label=f'class {label}')
    right.set(aspect='equal', xlabel='x0', ylabel='x1')
    small_legend(right, loc='upper right')
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', default='result', help='folder for the plot')
    parser.add_argument('--quick', action='store_true', help='no effect: the example takes two seconds')
    out = pathlib.Path(parser.parse_args(argv).out)
    out.mkdir(parents=True, exist_ok=True)

    np.random.seed(1)
    dataset = get_spiral()
    x = np.stack([x for x, _ in dataset])
    t = np.array([t for _, t in dataset])
    model = Net()
    compare_with_layers_by_hand(model, x, t)
    curve = train(model, dataset, 300)
    draw(model, x, t, curve, out / 'spiral.png')
    accuracy = F.accuracy(model(x), t)
    print(f'loss {curve[0]:.3f} in the first epoch, {curve[-1]:.3f} in the last; drawn in {out / "spiral.png"}')
    print(f'accuracy {accuracy:.3f}')
    assert float(accuracy) > 0.9


if __name__ == '__main__':
    main()
