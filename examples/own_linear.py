"""A link of one's own, written in three ways: they give equal outputs and gradients.

    python examples/own_linear.py [--quick]

With a function that the package has; with a FunctionNode of one's own, which can be differentiated again; and with an
old-style Function, as programs for Chainer 1 have them.
"""

import argparse

import numpy as np

import chaingrad
import chaingrad.functions as F


class LinearByFunction(chaingrad.Link):
    """Parameters of our own, and a function of the package."""

    def __init__(self, n_in, n_out):
        super().__init__()
        with self.init_scope():
            self.W = chaingrad.Parameter(chaingrad.initializers.LeCunNormal(), (n_out, n_in))
            self.b = chaingrad.Parameter(0, (n_out,))

    def forward(self, x):
        return F.matmul(x, self.W, transb=True) + self.b


class LinearNode(chaingrad.FunctionNode):
    """y = x W^T + b; the rule is written with functions of Variables, so it can be differentiated again."""

    def forward(self, inputs):
        self.retain_inputs((0, 1))
        x, W, b = inputs
        return (x @ W.T + b,)

    def backward(self, indexes, grad_outputs):
        x, W = self.get_retained_inputs()
        (gy,) = grad_outputs
        return gy @ W, gy.T @ x, F.sum(gy, axis=0)


class LinearByNode(LinearByFunction):
    """The same with a FunctionNode of our own."""

    def forward(self, x):
        return LinearNode().apply((x, self.W, self.b))[0]


class OldLinearFunction(chaingrad.Function):
    """The same on arrays, in the old style."""

    def forward(self, inputs):
        x, W, b = inputs
        return (x.dot(W.T) + b,)

    def backward(self, inputs, grad_outputs):
        x, W, _ = inputs
        (gy,) = grad_outputs
        return gy.dot(W), gy.T.dot(x), gy.sum(axis=0)


class LinearByOldFunction(LinearByFunction):
    """The same with an old-style Function of our own."""

    def forward(self, x):
        return OldLinearFunction()(x, self.W, self.b)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='nothing to shorten here')
    parser.parse_args(argv)

    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 4)).astype(np.float32)
    gy = rng.standard_normal((5, 3)).astype(np.float32)
    results = []
    for cls in (LinearByFunction, LinearByNode, LinearByOldFunction):
        np.random.seed(0)
        link = cls(4, 3)
        link.cleargrads()
        v = chaingrad.Variable(x)
        y = link(v)
        y.grad = gy
        y.backward()
        results.append((y.array, v.grad, link.W.grad, link.b.grad))
        print(f'{cls.__name__:20} sum of outputs {y.array.sum():.6f}, of W.grad {link.W.grad.sum():.6f}')
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert np.allclose(a, b, atol=1e-6)
    print('equal outputs and gradients')


if __name__ == '__main__':
    main()
