"""Functions of the old kind (chainer.Function) and of the new (FunctionNode), with type checks and gradient checks."""

import numpy

import chainer
from chainer import cuda, function, gradient_check
from chainer.utils import type_check


class Huberish(function.Function):
    """y = sqrt(1 + x ** 2) - 1, and the same array for everyone."""

    def check_type_forward(self, in_types):
        type_check.expect(in_types.size() == 1)
        (x_type,) = in_types
        type_check.expect(x_type.dtype.kind == 'f', x_type.ndim == 2)

    def forward(self, inputs):
        xp = cuda.get_array_module(*inputs)
        (x,) = inputs
        self.root = xp.sqrt(1 + x * x)
        return ((self.root - 1).astype(x.dtype),)

    def backward(self, inputs, grad_outputs):
        return (grad_outputs[0] * inputs[0] / self.root,)


class MulAdd(chainer.Function):
    def forward_cpu(self, inputs):
        x, y, z = inputs
        return (x * y + z,)

    def forward_gpu(self, inputs):
        return (cuda.elementwise('T x, T y, T z', 'T w', 'w = x * y + z', 'muladd_fwd')(*inputs),)

    def backward_cpu(self, inputs, grad_outputs):
        x, y, z = inputs
        (gw,) = grad_outputs
        return y * gw, x * gw, gw


class Cube(chainer.FunctionNode):
    def forward(self, inputs):
        self.retain_inputs((0,))
        return (inputs[0] ** 3,)

    def backward(self, indexes, grad_outputs):
        (x,) = self.get_retained_inputs()
        return (3 * x * x * grad_outputs[0],)


def muladd(x, y, z):
    return MulAdd()(x, y, z)


def cube(x):
    return Cube().apply((x,))[0]


rng = numpy.random.RandomState(0)
x, y, z, gw = rng.uniform(-1, 1, (4, 3, 2)).astype(numpy.float32)
gradient_check.check_backward(lambda x: Huberish()(x), x, gw, eps=1e-2, atol=1e-3, rtol=1e-3)
gradient_check.check_backward(muladd, (x, y, z), gw, eps=1e-2, atol=1e-3, rtol=1e-3)
gradient_check.check_double_backward(cube, x, gw, z, dtype=numpy.float64)

w = muladd(chainer.Variable(x), chainer.Variable(y), chainer.Variable(z))
gradient_check.assert_allclose(w.data, x * y + z)
assert w.creator.label == 'MulAdd'
assert chainer.functions.sum(w).creator.rank == 1

try:
    Huberish()(chainer.Variable(numpy.zeros(3, 'f')))
except type_check.InvalidType as error:
    assert 'in_types[0].ndim == 2' in str(error)
else:
    raise AssertionError('a vector was accepted')
