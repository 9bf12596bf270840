"""A careful experimenter: copies of a model of sizes yet unknown for evaluation and for averaged weights."""

import copy

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class Net(chainer.Chain):
    def __init__(self):
        super(Net, self).__init__()
        with self.init_scope():
            self.l1 = L.Linear(None, 8)
            self.bn = L.BatchNormalization(8)
            self.rnn = L.LSTM(None, 4)
            self.l2 = L.Linear(None, 1)

    def __call__(self, x):
        return self.l2(F.dropout(self.rnn(F.relu(self.bn(self.l1(x)))), 0.5))


np.random.seed(0)
x = np.random.randn(6, 3).astype('f')
model = Net()
evaluated = model.copy()  # shares the parameters, also those that come later
sibling = copy.copy(model)
independent = copy.deepcopy(model)
fresh = model.copy(mode='init')
assert evaluated.l1.W.data is None and not evaluated.l1.W.is_initialized

optimizer = chainer.optimizers.Adam(alpha=0.05).setup(model)
for _ in range(3):
    model.rnn.reset_state()
    optimizer.update(lambda: F.mean_squared_error(model(x), x[:, :1]))

assert evaluated.l1.W.data is model.l1.W.data and evaluated.l2.W.data is model.l2.W.data
assert sibling.l1.W.data is model.l1.W.data
assert independent.l1.W.data is None and fresh.l2.W.data is None
independent(x), fresh(x)
assert not np.allclose(independent.l1.W.data, model.l1.W.data) and not np.allclose(fresh.l1.W.data, model.l1.W.data)

# In test mode the copy is deterministic and says what the model says; its state is its own.
with chainer.using_config('train', False), chainer.no_backprop_mode():
    model.rnn.reset_state()
    expected = model(x).data
    h = model.rnn.h.data.copy()
    evaluated.rnn.reset_state()
    first, second = evaluated(x).data, evaluated(x).data
    evaluated.rnn.reset_state()
    again = evaluated(x).data
assert (first == expected).all() and (again == first).all() and not (second == first).all()
assert (model.rnn.h.data == h).all() and evaluated.rnn.h is not model.rnn.h

# By formula, from the shared arrays and the moving statistics.
W, b, bn = model.l1.W.data, model.l1.b.data, model.bn
z = (x.dot(W.T) + b - bn.avg_mean) / np.sqrt(bn.avg_var + bn.eps) * bn.gamma.data + bn.beta.data
upward = model.rnn.upward
gates = np.maximum(z, 0).dot(upward.W.data.T) + upward.b.data
a, i, f, o = F.split_axis(gates.reshape(6, 4, 4).transpose(2, 0, 1), 4, 0)
hidden = (F.sigmoid(o) * F.tanh(F.tanh(a) * F.sigmoid(i))).data[0]
assert np.allclose(first, hidden.dot(model.l2.W.data.T) + model.l2.b.data, atol=1e-5)

# Averaged weights: a deep copy that follows.
average = copy.deepcopy(model)
average.cleargrads()
expected = {name: param.data.copy() for name, param in model.namedparams()}
for _ in range(2):
    model.rnn.reset_state()
    optimizer.update(lambda: F.mean_squared_error(model(x), x[:, :1]))
    source = dict(model.namedparams())
    for name, param in average.namedparams():
        param.data += 0.1 * (source[name].data - param.data)
        expected[name] = 0.9 * expected[name] + 0.1 * source[name].data
assert all(np.allclose(param.data, expected[name], atol=1e-6) for name, param in average.namedparams())
assert not np.allclose(average.l1.W.data, model.l1.W.data)
