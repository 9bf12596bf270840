"""An author of a function with backward_accumulate: gradients added where they lie, some of them None."""

import numpy as np

import chainer
import chainer.functions as F
from chainer import gradient_check

seen = []


class Affine(chainer.FunctionNode):
    """y = x W + b; what the inputs hold already is handed in, and the sum is handed back."""

    def check_type_forward(self, in_types):
        chainer.utils.type_check.expect(in_types.size() == 3)

    def forward(self, inputs):
        x, W, b = inputs
        self.retain_inputs((0, 1))
        return (x.dot(W) + b,)

    def backward_accumulate(self, target_input_indexes, grad_outputs, grad_inputs):
        assert len(grad_inputs) == len(target_input_indexes)
        seen.append(tuple(target_input_indexes))
        x, W = self.get_retained_inputs()
        (gy,) = grad_outputs
        compute = {
            0: lambda: F.matmul(gy, W, transb=True),
            1: lambda: F.matmul(x, gy, transa=True),
            2: lambda: F.sum(gy, axis=0),
        }
        gxs = []
        for i, g in zip(target_input_indexes, grad_inputs):
            gx = compute[i]()
            gxs.append(gx if g is None else gx + g)
        return tuple(gxs)


def affine(x, W, b):
    return Affine().apply((x, W, b))[0]


def plain(x, W, b):
    return F.matmul(x, W) + F.broadcast_to(b, (len(x.data), len(b.data)))


def gradients(function, fed):
    x, W, b = [chainer.Variable(array.copy()) for array in fed]
    h = function(x, W, b)
    y = F.tanh(function(h, W, b)) + x * h  # W, b and x are used twice or more
    F.sum(y**2).backward()
    return [v.grad for v in (x, W, b)]


rng = np.random.RandomState(0)
x, W, b = rng.randn(4, 3), rng.randn(3, 3), rng.randn(3)
for mine, expected in zip(gradients(affine, (x, W, b)), gradients(plain, (x, W, b))):
    assert np.allclose(mine, expected, rtol=1e-10)
assert seen == [(0, 1, 2), (0, 1, 2)]

# The method called by hand adds to what it is given.
X, w, c = [chainer.Variable(array) for array in (x, W, b)]
node = affine(X, w, c).creator
hundred, ones = chainer.Variable(np.full((3, 3), 100.0)), chainer.Variable(np.ones((4, 3)))
gw, gb = node.backward_accumulate((1, 2), (ones,), (hundred, None))
assert np.allclose(gw.data, x.T.dot(ones.data) + 100) and np.allclose(gb.data, 4)

# Only what is asked for.
del seen[:]
w = chainer.Variable(W)
gw, = chainer.grad([affine(x, w, b)], [w], [chainer.Variable(np.ones((4, 3)))])
assert seen == [(1,)] and np.allclose(gw.data, x.T.dot(np.ones((4, 3))))

gy, ggs = rng.randn(4, 3), (rng.randn(4, 3), rng.randn(3, 3), rng.randn(3))
gradient_check.check_backward(affine, (x, W, b), gy, dtype='d', atol=1e-4)
gradient_check.check_double_backward(lambda *xs: affine(*xs) ** 2, (x, W, b), gy, ggs, dtype='d', atol=1e-3, rtol=1e-3)
