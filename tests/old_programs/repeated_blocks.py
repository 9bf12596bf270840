"""A user of Sequential: blocks repeated in three modes, lambdas between them, flattened, sliced and compared."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import Sequential


def forward(x, weights):
    for i, (W, b) in enumerate(weights):
        x = np.maximum(x.dot(W.T) + b, 0)
    return x


np.random.seed(0)
x = np.random.randn(5, 4).astype('f')
block = Sequential(L.Linear(4, 4), F.relu)

repeated = block.repeat(3)  # mode 'init': every block draws anew
assert len(repeated) == 3 and len(repeated.flatten()) == 6
weights = [(link.W.data, link.b.data) for link in repeated.links() if isinstance(link, L.Linear)]
assert len(weights) == 3 and not any(np.allclose(W, block[0].W.data) for W, _ in weights)
assert not np.allclose(weights[0][0], weights[1][0])
assert np.allclose(repeated(x).data, forward(x, weights), atol=1e-5)

copied = block.repeat(3, mode='copy')
weights = [link.W for link in copied.links() if isinstance(link, L.Linear)]
assert all((W.data == block[0].W.data).all() and W.data is not block[0].W.data for W in weights)
copied.cleargrads()
F.sum(copied(x)).backward()
separate = [W.grad for W in weights]

shared = block.repeat(3, mode='share')
weights = [link.W for link in shared.links() if isinstance(link, L.Linear)]
assert all(W.data is block[0].W.data for W in weights)
assert (shared(x).data == copied(x).data).all()
shared.cleargrads()
F.sum(shared(x)).backward()
assert all(np.allclose(W.grad, grad, atol=1e-5) for W, grad in zip(weights, separate))  # gradients of their own

# Sequential as a list.
model = Sequential(lambda z: z * 2)
model.append(L.Linear(4, 3))
model.extend(Sequential(F.sigmoid, Sequential(L.Linear(3, 2), F.tanh)))
model.insert(1, F.relu)
assert len(model) == 5 and isinstance(model[2], L.Linear) and isinstance(model[-1], Sequential)
expected = np.tanh(
    (1 / (1 + np.exp(-(np.maximum(2 * x, 0).dot(model[2].W.data.T) + model[2].b.data)))).dot(model[4][0].W.data.T)
    + model[4][0].b.data
)
assert np.allclose(model(x).data, expected, atol=1e-6)
flat = model.flatten()
assert len(flat) == 6 and (flat(x).data == model(x).data).all() and flat[4] is model[4][0]
assert model.count_by_layer_type('relu') == 1 and flat.count_by_layer_type('Linear') == 2
assert sorted(name for name, _ in model.namedparams()) == ['/0/W', '/0/b', '/1/0/W', '/1/0/b']  # links alone
head = flat[:3]
assert isinstance(head, Sequential) and np.allclose(head(x).data, flat[2](np.maximum(2 * x, 0)).data)
removed = flat.pop()
assert removed is F.tanh and len(flat) == 5
flat.remove_by_layer_type('sigmoid')
assert len(flat) == 4
del flat[0]
flat[0] = F.sigmoid
joined = flat + Sequential(F.exp)
assert np.allclose(joined(x).data, np.exp(flat(x).data)) and len(joined) == len(flat) + 1

# Two outputs of a layer are two arguments of the next.
pair = Sequential(lambda z: (z, z + 1), lambda a, b: a * b)
assert np.allclose(pair(chainer.Variable(x)).data, x * (x + 1))

# In a Chain, with an optimizer.
chain = chainer.Chain()
with chain.init_scope():
    chain.body = Sequential(L.Linear(None, 6), L.BatchNormalization(6), F.relu).repeat(2)
    chain.head = L.Linear(None, 1)
optimizer = chainer.optimizers.Adam(alpha=0.05).setup(chain)
for _ in range(60):
    optimizer.update(lambda: F.mean_squared_error(chain.head(chain.body(x)), x[:, :1]))
assert float(F.mean_squared_error(chain.head(chain.body(x)), x[:, :1]).data) < 0.02
assert len(list(chain.params())) == 2 * 4 + 2
