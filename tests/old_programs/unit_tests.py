"""A test module in the manner of the library's own: parameterize, FunctionTestCase, retry, run_module."""

import unittest

import numpy

import chainer
from chainer import functions, gradient_check, links, testing
from chainer.testing import attr, condition


@testing.parameterize(*testing.product({'shape': [(3, 2), (4,)], 'dtype': [numpy.float32, numpy.float64]}))
class TestTanh(unittest.TestCase):
    def setUp(self):
        self.x = numpy.random.uniform(-0.5, 0.5, self.shape).astype(self.dtype)
        self.gy = numpy.random.uniform(-0.1, 0.1, self.shape).astype(self.dtype)

    def check_forward(self, x_data):
        y = functions.tanh(chainer.Variable(x_data))
        testing.assert_allclose(y.data, numpy.tanh(self.x))

    @condition.retry(3)
    def test_forward_cpu(self):
        self.check_forward(self.x)

    @attr.gpu
    def test_forward_gpu(self):
        self.check_forward(chainer.cuda.to_gpu(self.x))

    def test_backward_cpu(self):
        gradient_check.check_backward(functions.tanh, self.x, self.gy, eps=1e-2, atol=1e-4, rtol=1e-3)


@testing.parameterize({'bias': True}, {'bias': False})
@testing.inject_backend_tests(None, [{}, {'use_cuda': True}])
class TestLinear(testing.LinkTestCase):
    param_names = ('W',)

    def generate_params(self):
        return (numpy.random.rand(2, 3).astype('f'),)

    def create_link(self, initializers):
        return links.Linear(3, 2, nobias=not self.bias, initialW=initializers[0])

    def generate_inputs(self):
        return (numpy.random.rand(4, 3).astype('f'),)

    def forward_expected(self, link, inputs):
        return (inputs[0] @ link.W.array.T,)


@testing.unary_math_function_unittest(functions.expm1)
class TestExpm1(unittest.TestCase):
    pass


class TestWarning(unittest.TestCase):
    def test_warning(self):
        with testing.assert_warns(FutureWarning):
            chainer.utils.experimental('own')


testing.run_module(__name__, __file__)
