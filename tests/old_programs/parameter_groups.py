"""A fine-tuner: namedparams with paths, weight decay for W alone, rates per layer, frozen layers."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import optimizer_hooks


class Block(chainer.Chain):
    def __init__(self, n):
        super(Block, self).__init__()
        with self.init_scope():
            self.l1 = L.Linear(n, n)
            self.bn = L.LayerNormalization(n)

    def __call__(self, x):
        return x + F.tanh(self.bn(self.l1(x)))


class Net(chainer.Chain):
    def __init__(self):
        super(Net, self).__init__()
        with self.init_scope():
            self.base = chainer.ChainList(Block(3), Block(3))
            self.head = L.Linear(3, 2)

    def __call__(self, x):
        for block in self.base:
            x = block(x)
        return self.head(x)


np.random.seed(0)
net = Net()
paths = [path for path, _ in net.namedparams()]
assert set(paths) == {'/base/%d/%s' % (i, name) for i in (0, 1) for name in ('l1/W', 'l1/b', 'bn/gamma', 'bn/beta')} | {
    '/head/W',
    '/head/b',
}
assert [path for path, _ in net.namedlinks()][:1] == ['/'] and '/base/1/bn' in dict(net.namedlinks())
optimizer = chainer.optimizers.SGD(lr=0.1)
optimizer.setup(net)
for path, param in net.namedparams():
    if path.endswith('/W'):
        param.update_rule.add_hook(optimizer_hooks.WeightDecay(0.5))
    if path.startswith('/head/'):
        param.update_rule.hyperparam.lr = 1.0
        param.update_rule.add_hook(lambda rule, param: clipped.append(param.name), name='log', timing='post')
net.base[0].disable_update()
net.base[1].bn.beta.update_rule.enabled = False

clipped = []
x, t = np.random.randn(5, 3).astype('f'), np.array([0, 1, 0, 1, 0])
net.cleargrads()
F.softmax_cross_entropy(net(x), t).backward()
before = {path: (param.data.copy(), param.grad.copy()) for path, param in net.namedparams()}
optimizer.update()
for path, param in net.namedparams():
    data, grad = before[path]
    assert abs(grad).max() > 0, path
    if path.startswith('/base/0') or path.endswith('beta'):
        assert (param.data == data).all(), path
        continue
    lr = 1.0 if path.startswith('/head/') else 0.1
    decay = 0.5 if path.endswith('/W') else 0
    assert np.allclose(param.data, data - lr * (grad + decay * data), atol=1e-6), path
assert sorted(clipped) == ['W', 'b']

# The shared rate moves every parameter without a rate of its own; frozen layers come back.
optimizer.lr = 0.01
assert net.base[1].l1.W.update_rule.hyperparam.lr == 0.01 and net.head.W.update_rule.hyperparam.lr == 1.0
net.base[0].enable_update()
assert net.base[0].l1.W.update_rule.enabled and all(rule.update_rule.t <= 1 for rule in net.params())
net.head.W.update_rule.remove_hook('log')
optimizer.update()
assert sorted(clipped) == ['W', 'b', 'b']
