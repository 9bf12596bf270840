"""Links added by add_link and as a list, parameters by add_param, and a hand-written loop over children()."""

import numpy

import chainer
from chainer import Chain, ChainList, Variable
from chainer import functions as F
from chainer import links as L
from chainer.initializers import Constant


class Tower(ChainList):
    def __init__(self, *sizes):
        super(Tower, self).__init__()
        for n_in, n_out in zip(sizes, sizes[1:]):
            self.add_link(L.Linear(n_in, n_out))

    def __call__(self, x):
        for layer in self:
            x = F.tanh(layer(x))
        return x


class Net(Chain):
    def __init__(self, n_towers):
        super(Net, self).__init__()
        for i in range(n_towers):
            self.add_link('tower_{}'.format(i), Tower(3, 4, 5))
        self.add_param('scale', (5,), initializer=Constant(2))
        self.add_persistent('calls', 0)
        self.n_towers = n_towers

    def __call__(self, x):
        self.calls += 1
        h = sum(self['tower_{}'.format(i)](x) for i in range(self.n_towers))
        return F.scale(h, self.scale)


net = Net(3)
net.zerograds()
x = Variable(numpy.ones((2, 3), dtype=numpy.float32))
y = net(x)
y.grad = numpy.ones_like(y.data)
y.backward()

assert y.data.shape == (2, 5)
assert net.calls == 1
assert net.count_params() == 3 * (3 * 4 + 4 + 4 * 5 + 5) + 5
assert [name for name, _ in net.namedlinks(skipself=True)][:2] == ['/tower_0', '/tower_0/0']
assert all(abs(p.grad).sum() > 0 for p in net.params())
assert numpy.allclose(net.scale.data, 2)
assert isinstance(net.tower_1[0], chainer.links.Linear)

twin = net.copy()
assert twin.tower_0[0].W is not net.tower_0[0].W and twin.tower_0[0].W.data is net.tower_0[0].W.data
