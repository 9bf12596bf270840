"""One weight, one example: steps of gradient descent that can be followed with pencil and paper.

    python examples/one_weight.py [--out result] [--quick]

y = w x with w = 1.95, x = 1 and target t = 2: the loss (y - t)^2 is 0.0025, its gradient is 2 x (y - t) = -0.1, and SGD
with learning rate 0.3 changes w to 1.95 + 0.03 = 1.98, then to 1.992.
"""

import argparse
import pathlib

import numpy as np

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.training.plotting import COLORS, new_figure, small_legend


def draw(steps, path):
    """Draw the parabola of the loss, and the steps on it."""
    w = np.linspace(1.94, 2.06, 100)
    figure = new_figure(figsize=(6, 4))
    axes = figure.subplots()
    axes.plot(w, (w - 2) ** 2, color='0.6', label='loss (w - 2)$^2$')
    axes.plot(*zip(*steps, strict=True), 'o-', color=COLORS[1], label='steps of SGD(0.3)')
    for i, (x, y) in enumerate(steps[:3]):
        axes.annotate(f'w = {x:.4g}', (x, y), textcoords='offset points', xytext=(8 - 4 * i, 10))
    axes.set(xlabel='w', ylabel='loss')
    small_legend(axes)
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', default='result', help='folder for the plot')
    parser.add_argument('--quick', action='store_true', help='no effect: the example is short')
    out = pathlib.Path(parser.parse_args(argv).out)
    out.mkdir(parents=True, exist_ok=True)

    model = L.Linear(1, 1, nobias=True, initialW=1.95)
    optimizer = optimizers.SGD(lr=0.3).setup(model)
    x = np.array([[1.0]], dtype=np.float32)
    t = np.array([[2.0]], dtype=np.float32)
    steps = []
    for step in range(5):
        loss = F.mean_squared_error(model(x), t)
        model.cleargrads()
        loss.backward()
        w = model.W.array.item()
        gw = model.W.grad.item()
        steps.append((w, loss.item()))
        print(f'step {step}: w = {w:.6g}, loss = {loss:.6g}, gradient = {gw:.6g}')
        if step == 0:
            assert np.isclose(loss.item(), 0.0025, rtol=1e-4) and np.isclose(gw, -0.1, rtol=1e-4)
        optimizer.update()
    draw(steps, out / 'one_weight.png')
    print(f'parabola drawn in {out / "one_weight.png"}')
    assert np.allclose([w for w, _ in steps[:3]], [1.95, 1.98, 1.992])


if __name__ == '__main__':
    main()
