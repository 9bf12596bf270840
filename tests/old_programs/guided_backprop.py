"""Someone who looks into networks: hooks on functions that change gradients in place, noise on gradients, saliency."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import function_hooks


class GuidedReLU(chainer.FunctionHook):
    """Lets only positive gradients into a ReLU."""

    name = 'GuidedReLU'

    def __init__(self):
        self.n = 0

    def backward_preprocess(self, function, in_data, out_grad):
        if function.label == 'ReLU':
            self.n += 1
            np.maximum(out_grad[0], 0, out=out_grad[0])


class CountBackward(chainer.FunctionHook):
    def __init__(self):
        self.labels = []

    def backward_postprocess(self, function, in_data, out_grad):
        self.labels.append(function.label)
        assert len(in_data) == len(function.inputs)


class SignGradient(object):
    """A hook of the optimizer: only the sign of every gradient counts."""

    name = 'SignGradient'
    timing = 'pre'

    def __init__(self, frozen):
        self.frozen = frozen

    def __call__(self, opt):
        for path, param in opt.target.namedparams():
            param.grad = np.sign(param.grad)
            if path.startswith(self.frozen):
                param.grad[...] = 0


class MLP(chainer.Chain):
    def __init__(self):
        super(MLP, self).__init__(l1=L.Linear(3, 5), l2=L.Linear(5, 4), l3=L.Linear(4, 2))

    def __call__(self, x):
        return self.l3(F.relu(self.l2(F.relu(self.l1(x)))))


np.random.seed(0)
model = MLP()
model.cleargrads()
x = chainer.Variable(np.random.randn(6, 3).astype('f'))
guided, count = GuidedReLU(), CountBackward()
y = F.sum(model(x)[:, 1])
with guided, count:
    y.backward()
W1, W2, W3 = [link.W.data for link in (model.l1, model.l2, model.l3)]
h1 = x.data.dot(W1.T) + model.l1.b.data
h2 = np.maximum(h1, 0).dot(W2.T) + model.l2.b.data
g2 = np.maximum(np.tile(W3[1], (6, 1)), 0) * (h2 > 0)
g1 = np.maximum(g2.dot(W2), 0) * (h1 > 0)
assert np.allclose(x.grad, g1.dot(W1), atol=1e-6)
assert guided.n == 2 and count.labels.count('LinearFunction') == 3 and count.labels[0] == 'Sum'

# Without the hook the same pass gives the true gradient, which is another.
true, = chainer.grad([F.sum(model(x)[:, 1])], [x])
assert np.allclose(true.data, ((W3[1] * (h2 > 0)).dot(W2) * (h1 > 0)).dot(W1), atol=1e-6)
assert abs(true.data - x.grad).max() > 1e-3

# A hook added to one function only.
h = F.relu(model.l1(x))
relu_hook = GuidedReLU()
h.creator.add_hook(relu_hook)
F.sum(F.relu(-h)).backward()
assert relu_hook.n == 1

optimizer = chainer.optimizers.SGD(lr=0.5).setup(model)
optimizer.add_hook(SignGradient('/l1'))
before = {name: param.data.copy() for name, param in model.namedparams()}
model.cleargrads()
F.sum(model(x.data)).backward()
raw = {name: param.grad.copy() for name, param in model.namedparams()}
optimizer.update()
for name, param in model.namedparams():
    step = 0 if name.startswith('/l1') else 0.5 * np.sign(raw[name])
    assert np.allclose(param.data, before[name] - step), name

with function_hooks.TimerHook() as timer:
    model(x)
assert {function for function, _ in timer.call_history} == {'LinearFunction', 'ReLU'}
