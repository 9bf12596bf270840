"""Fisher's iris flowers: their species by regression (4-5-1) and by classification (4-5-3).

    python examples/iris.py [--quick]

Half of the 150 flowers train the networks, the other half tests them; then both name two flowers that they have not
seen.
"""

import argparse

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.datasets import get_iris

SPECIES = ('setosa', 'versicolor', 'virginica')
UNSEEN = np.array([[5.7, 2.8, 4.1, 1.3], [4.7, 3.2, 1.3, 0.2]], dtype=np.float32)


class Net(chaingrad.Chain):
    """Four measures, five sigmoid units, one or three outputs."""

    def __init__(self, n_out):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(4, 5)
            self.l2 = L.Linear(5, n_out)

    def forward(self, x):
        return self.l2(F.sigmoid(self.l1(x)))


def train(model, loss_of, x, t, epochs):
    """Train on all flowers at once."""
    optimizer = optimizers.Adam(alpha=0.02).setup(model)
    for _ in range(epochs):
        loss = loss_of(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
    return loss.item()


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='500 epochs')
    epochs = 500 if parser.parse_args(argv).quick else 2000

    np.random.seed(0)
    dataset = get_iris()
    x = np.stack([x for x, _ in dataset])
    t = np.array([t for _, t in dataset])
    scale = x.std(0)
    x, unseen = x / scale, UNSEEN / scale
    half = np.arange(len(x)) % 2 == 0

    regression, classification = Net(1), Net(3)
    number = t.astype(np.float32)[:, None]
    train(regression, F.mean_squared_error, x[half], number[half], epochs)
    train(classification, F.softmax_cross_entropy, x[half], t[half], epochs)
    with chaingrad.no_backprop_mode():
        by_number = np.rint(regression(x[~half]).array[:, 0]).clip(0, 2)
        print(f'regression:     {(by_number == t[~half]).mean():.3f} of the test flowers right')
        accuracy = float(F.accuracy(classification(x[~half]), t[~half]))
        print(f'classification: {accuracy:.3f} of the test flowers right')
        first = np.rint(regression(unseen).array[:, 0]).astype(int)
        second = classification(unseen).array.argmax(1)
    for flower, i, j in zip(UNSEEN, first, second, strict=True):
        print(f'{", ".join(f"{v:.1f}" for v in flower)}: {SPECIES[i]} by regression, {SPECIES[j]} by classification')
    assert (by_number == t[~half]).mean() > 0.9 and accuracy > 0.9
    assert [SPECIES[i] for i in first] == [SPECIES[i] for i in second] == ['versicolor', 'setosa']


if __name__ == '__main__':
    main()
