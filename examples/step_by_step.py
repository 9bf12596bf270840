"""The backward pass of a net of two layers, one function at a time: every number can be checked by hand.

    python examples/step_by_step.py [--out result] [--quick]

Forward, with x = (1, 2) and target 3:

    a = W1 x + b1     a1 = 1 * 1 - 1 * 2 + 0 = -1      W1 = (1 -1)   b1 = ( 0)
                      a2 = 2 * 1 + 1 * 2 - 1 =  3           (2  1)        (-1)
    h = relu(a)       h = (0, 3)
    y = W2 h + b2     y = 1 * 0 + 2 * 3 - 1 = 5        W2 = (1 2)    b2 = (-1)
    loss              (5 - 3)^2 = 4

Backward, from the loss to the leaves; g is the gradient of the loss with respect to what follows the letter:

    gy  = 2 (y - t) = 4
    gW2 = gy h = (0, 12)        gb2 = gy = 4        gh = gy W2 = (4, 8)
    ga  = gh where a > 0 = (0, 8)
    gW1 = ga x = (0 0; 8 16)    gb1 = ga = (0, 8)   gx = ga W1 = (0 * 1 + 8 * 2, 0 * -1 + 8 * 1) = (16, 8)
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L


class Net(chaingrad.Chain):
    """Two layers with weights that are easy to multiply."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(2, 2, initialW=np.float32([[1, -1], [2, 1]]), initial_bias=np.float32([0, -1]))
            self.l2 = L.Linear(2, 1, initialW=np.float32([[1, 2]]), initial_bias=np.float32([-1]))

    def forward(self, x):
        return self.l2(F.relu(self.l1(x)))


# For each step, the gradients that go: to the input, to W and to b of a layer.
BY_HAND = (
    ('MeanSquaredError', [[[4]]]),
    ('LinearFunction', [[[4, 8]], [[0, 12]], [4]]),
    ('ReLU', [[[0, 8]]]),
    ('LinearFunction', [[[16, 8]], [[0, 0], [8, 16]], [0, 8]]),
)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', default='result', help='folder for the picture')
    parser.add_argument('--quick', action='store_true', help='no effect: the example is short')
    out = pathlib.Path(parser.parse_args(argv).out)
    out.mkdir(parents=True, exist_ok=True)

    model = Net()
    model.cleargrads()
    x = chaingrad.Variable(np.float32([[1, 2]]), name='x')
    y = model(x)
    loss = F.mean_squared_error(y, np.float32([[3]]))
    print(f'y = {y.item():g}, loss = {loss:g}')
    assert y.item() == 5 and loss.item() == 4

    for step, (label, gradients) in zip(loss.backward_steps(retain_grad=True), BY_HAND, strict=True):
        print(step)
        assert step.function.label == label
        for gx, by_hand in zip(step.grad_inputs, gradients, strict=False):  # the target's gradient is not compared
            assert np.array_equal(gx, by_hand), (label, gx, by_hand)

    graph = loss.graph(values=True, grads=True)
    graph.save(out / 'step_by_step.svg')
    graph.show()
    for path, param in model.namedparams():
        print(f'{path}: gradient {param.grad.tolist()}')
    assert np.array_equal(x.grad, [[16, 8]])
    print(f'every gradient is as computed by hand; graph drawn in {out / "step_by_step.svg"}')


if __name__ == '__main__':
    main()
