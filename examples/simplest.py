"""The simplest network: one linear layer learns y = 2 x.

    python examples/simplest.py [--out result] [--quick]

It prints gradient and weight before and after each step, and plots how the line moves towards the data.
"""

import argparse
import pathlib

import numpy as np

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.training.plotting import COLORS, new_figure, small_legend


def draw(x, t, lines, path):
    """Draw the data, and the line after every step: the later, the darker."""
    figure = new_figure(figsize=(6, 4))
    axes = figure.subplots()
    axes.plot(x, t, 'o', color=COLORS[0], label='data, y = 2 x', zorder=3)
    for i, (W, b) in enumerate(lines):
        label = 'the line, darker step by step' if i == len(lines) - 1 else None
        axes.plot(x, W * x + b, color=COLORS[1], alpha=0.15 + 0.85 * i / len(lines), label=label)
    axes.set(xlabel='x', ylabel='y')
    small_legend(axes)
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', default='result', help='folder for the plot')
    parser.add_argument('--quick', action='store_true', help='no effect: the example is short')
    out = pathlib.Path(parser.parse_args(argv).out)
    out.mkdir(parents=True, exist_ok=True)

    np.random.seed(2)
    x = np.linspace(-1, 1, 11, dtype=np.float32).reshape(-1, 1)
    t = 2 * x
    model = L.Linear(1, 1)
    optimizer = optimizers.SGD(lr=0.2).setup(model)
    lines = [(model.W.array.item(), model.b.array.item())]
    for step in range(30):
        loss = F.mean_squared_error(model(x), t)
        print(f'step {step:2}: loss {loss:.6f}')
        print(f'  before: W.grad = {model.W.grad}, W.data = {model.W.data}')
        model.cleargrads()
        loss.backward()
        optimizer.update()
        print(f'  after:  W.grad = {model.W.grad}, W.data = {model.W.data}')
        lines.append((model.W.array.item(), model.b.array.item()))
    draw(x, t, lines, out / 'simplest.png')
    print(f'line drawn in {out / "simplest.png"}')
    print(f'y = W x + b with W = {model.W.array.item():.4f}, b = {model.b.array.item():.4f}')
    assert np.allclose(model.W.array, 2, atol=0.05) and np.allclose(model.b.array, 0, atol=0.05)


if __name__ == '__main__':
    main()
