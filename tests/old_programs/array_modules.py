"""What programs do to run on CPU and GPU alike: xp, cuda, to_cpu, get_device of version 7, ChainerX left out."""

import argparse
import sys

import chainerx
import numpy as np

import chainer
import chainer.functions as F
from chainer import backend, cuda
from chainer.backends.cuda import get_array_module, to_cpu

parser = argparse.ArgumentParser()
parser.add_argument('--device', '-d', type=str, default='-1')
args = parser.parse_args()
device = chainer.get_device(args.device)
if device.xp is chainerx:
    sys.stderr.write('This example does not support ChainerX devices.\n')
    sys.exit(1)
device.use()


def whiten(x):
    xp = cuda.get_array_module(x)
    return (x - xp.mean(x, axis=0)) / (xp.std(x, axis=0) + 1e-6)


class Embedder(chainer.Link):
    def __init__(self, n, k):
        super(Embedder, self).__init__()
        with self.init_scope():
            self.W = chainer.Parameter(chainer.initializers.Normal(1.0), (n, k))

    def __call__(self, ids):
        onehot = self.xp.zeros((len(ids), len(self.W.data)), dtype=self.W.dtype)
        onehot[self.xp.arange(len(ids)), ids] = 1
        return F.matmul(onehot, self.W)


assert get_array_module(np.ones(1)) is backend.get_array_module(chainer.Variable(np.ones(1))) is np
assert not isinstance(np.ones(1), chainerx.ndarray) and not chainerx.is_available()
x = device.send(np.arange(12, dtype=np.float32).reshape(4, 3))
assert abs(to_cpu(whiten(x)).mean()) < 1e-6
link = Embedder(5, 2)
link.to_device(device)
y = link(device.xp.array([4, 0, 4]))
assert (y.array[0] == link.W.array[4]).all()
with chainer.using_device(device), cuda.get_device_from_array(y.array):
    z = cuda.to_cpu(F.softmax(y).data)
assert np.allclose(z.sum(axis=1), 1)
if cuda.available:
    assert cuda.cupy.asnumpy(cuda.to_gpu(z)).shape == z.shape
assert chainer.__version__ >= '7' and int(chainer.__version__.split('.')[0]) == 7
