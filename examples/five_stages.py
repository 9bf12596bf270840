"""The same regression written five times, each time with less code by hand.

    python examples/five_stages.py [--quick]

A network with 1000 inputs, 100 hidden rectified linear units and 10 outputs is trained on 64 examples for 300 steps:
1. NumPy alone, every gradient by hand;  2. Variables and functions;  3. a Chain whose weights are updated by hand;
4. a Chain with an optimizer;  5. the Trainer. The losses of the first three agree to 1e-5. The last two also train
biases, which the first three do not have; their losses differ from the others by at most 2e-3 of the first loss.
"""

import argparse
import tempfile

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable, iterators, optimizers, training
from chaingrad.datasets import TupleDataset

RATE = 1e-4 * 640  # the mean over 640 outputs divides the gradient of the sum


def by_numpy(x, t, W1, W2, steps):
    """Compute every gradient by hand."""
    W1 = W1.copy()
    W2 = W2.copy()
    losses = []
    for _ in range(steps):
        h = x @ W1.T
        h_relu = np.maximum(h, 0)
        y = h_relu @ W2.T
        losses.append(float(((y - t) ** 2).mean()))
        gy = 2 * (y - t) / y.size
        gW2 = gy.T @ h_relu
        gh = (gy @ W2) * (h > 0)
        gW1 = gh.T @ x
        W1 -= RATE * gW1
        W2 -= RATE * gW2
    return losses


def by_functions(x, t, W1, W2, steps):
    """Use Variables and functions: backward() computes the gradients."""
    W1 = Variable(W1.copy())
    W2 = Variable(W2.copy())
    losses = []
    for _ in range(steps):
        h = F.relu(F.matmul(x, W1, transb=True))
        loss = F.mean_squared_error(F.matmul(h, W2, transb=True), t)
        losses.append(loss.item())
        W1.cleargrad()
        W2.cleargrad()
        loss.backward()
        W1.array -= RATE * W1.grad
        W2.array -= RATE * W2.grad
    return losses


class Net(chaingrad.Chain):
    """The two layers."""

    def __init__(self, W1, W2, nobias=False):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(1000, 100, nobias=nobias, initialW=W1)
            self.l2 = L.Linear(100, 10, nobias=nobias, initialW=W2)

    def forward(self, x):
        return self.l2(F.relu(self.l1(x)))


def by_chain(x, t, W1, W2, steps):
    """Use a Chain that holds the weights, and update them by hand."""
    model = Net(W1, W2, nobias=True)
    losses = []
    for _ in range(steps):
        loss = F.mean_squared_error(model(x), t)
        losses.append(loss.item())
        model.cleargrads()
        loss.backward()
        for param in model.params():
            param.array -= RATE * param.grad
    return losses


def by_optimizer(x, t, W1, W2, steps):
    """Use a Chain, and an optimizer that updates its parameters."""
    model = Net(W1, W2)
    optimizer = optimizers.SGD(RATE).setup(model)
    losses = []
    for _ in range(steps):
        loss = F.mean_squared_error(model(x), t)
        losses.append(loss.item())
        model.cleargrads()
        loss.backward()
        optimizer.update()
    return losses


def by_trainer(x, t, W1, W2, steps):
    """Use the Trainer, which runs the loop."""
    model = L.Classifier(Net(W1, W2), lossfun=F.mean_squared_error)
    model.compute_accuracy = False
    optimizer = optimizers.SGD(RATE).setup(model)
    iterator = iterators.SerialIterator(TupleDataset(x, t), len(x), shuffle=False)
    with tempfile.TemporaryDirectory() as out:
        trainer = training.Trainer(training.StandardUpdater(iterator, optimizer), (steps, 'iteration'), out)
        losses = []
        trainer.extend(lambda trainer: losses.append(float(trainer.observation['main/loss'])), trigger=(1, 'iteration'))
        trainer.run()
    return losses


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='100 steps')
    steps = 100 if parser.parse_args(argv).quick else 300
    rng = np.random.default_rng(0)
    x, t = (rng.standard_normal((64, n)).astype(np.float32) for n in (1000, 10))
    W1, W2 = (rng.standard_normal(shape).astype(np.float32) * 0.03 for shape in ((100, 1000), (10, 100)))
    losses = {f.__name__: f(x, t, W1, W2, steps) for f in (by_numpy, by_functions, by_chain, by_optimizer, by_trainer)}
    print(f'{"loss after step":16}' + ''.join(f'{name:>14}' for name in losses))
    for step in range(0, steps, steps // 10):
        print(f'{step:16}' + ''.join(f'{curve[step]:14.6f}' for curve in losses.values()))
    first = losses['by_numpy']
    assert first[-1] < 0.5 * first[0]
    for name, tolerance in (('by_functions', 1e-5), ('by_chain', 1e-5), ('by_optimizer', 2e-3), ('by_trainer', 2e-3)):
        difference = np.abs(np.subtract(first, losses[name])).max()
        print(f'{name} differs from by_numpy by at most {difference:.2g}')
        assert difference <= tolerance * first[0], (name, difference)


if __name__ == '__main__':
    main()
