"""Your own linear layer, written in three ways that give equal outputs and gradients.

    python examples/own_linear.py [--quick]

It uses a function of the package, or your own FunctionNode, which can be differentiated again, or your own old-style
Function, as in programs for Chainer 1.
"""

import argparse

import numpy as np

import chaingrad
import chaingrad.functions as F


class LinearByFunction(chaingrad.Link):
    """A link with its own parameters and a function of the package."""

    def __init__(self, n_in, n_out):
        super().__init__()
        with self.init_scope():
            self.W = chaingrad.Parameter(chaingrad.initializers.LeCunNormal(), (n_out, n_in))
            self.b = chaingrad.Parameter(0, (n_out,))

    def forward(self, x):
        return F.matmul(x, self.W, transb=True) + self.b


class LinearNode(chaingrad.FunctionNode):
    """y = x W^T + b. The backward rule uses functions of Variables, so it can be differentiated again."""

    def forward(self, inputs):
        self.retain_inputs((0, 1))
        x, W, b = inputs
        return (x @ W.T + b,)

    def backward(self, indexes, grad_outputs):
        x, W = self.get_retained_inputs()
        (gy,) = grad_outputs
        return gy @ W, gy.T @ x, F.sum(gy, axis=0)


class LinearByNode(LinearByFunction):
    """The same link with our own FunctionNode."""

    def forward(self, x):
        return LinearNode().apply((x, self.W, self.b))[0]


class OldLinearFunction(chaingrad.Function):
    """y = x W^T + b in the old style: both methods get arrays."""

    def forward(self, inputs):
        x, W, b = inputs
        return (x.dot(W.T) + b,)

    def backward(self, inputs, grad_outputs):
        x, W, _ = inputs
        (gy,) = grad_outputs
        return gy.dot(W), gy.T.dot(x), gy.sum(axis=0)


class LinearByOldFunction(LinearByFunction):
    """The same link with our own old-style Function."""

    def forward(self, x):
        return OldLinearFunction()(x, self.W, self.b)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='no effect: the example is short')
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
