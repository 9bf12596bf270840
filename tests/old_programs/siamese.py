"""Someone who compares faces: one network for two or three inputs, contrastive and triplet losses, shared weights."""

import copy

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class Embedding(chainer.Chain):
    def __init__(self):
        super(Embedding, self).__init__()
        with self.init_scope():
            self.l1 = L.Linear(4, 8)
            self.l2 = L.Linear(8, 2)

    def __call__(self, x):
        return self.l2(F.tanh(self.l1(x)))


class Siamese(chainer.Chain):
    def __init__(self, left, right):
        super(Siamese, self).__init__()
        with self.init_scope():
            self.left = left
        self.right = right  # outside of the scope: no child, or shared parameters would count twice

    def __call__(self, x0, x1, t):
        return F.contrastive(self.left(x0), self.right(x1), t, margin=1.5)


def contrastive(y0, y1, t, margin):
    d = np.sqrt(((y0 - y1) ** 2).sum(axis=1))
    return (t * d**2 + (1 - t) * np.maximum(margin - d, 0) ** 2).mean() / 2


np.random.seed(0)
x0, x1, x2 = np.random.randn(3, 10, 4).astype('f')
t = np.random.randint(0, 2, 10).astype('i')
net = Embedding()
shared, separate = Siamese(net, net), Siamese(copy.deepcopy(net), copy.deepcopy(net))
assert len(list(shared.params())) == 4 and shared.count_params() == net.count_params()
for model in (shared, separate):
    model.cleargrads()
    model.right.cleargrads()
    loss = model(x0, x1, t)
    loss.backward()
    assert np.isclose(loss.data, contrastive(net(x0).data, net(x1).data, t, 1.5), rtol=1e-5)
for name, param in net.namedparams():
    both = [dict(link.namedparams())[name].grad for link in (separate.left, separate.right)]
    assert np.allclose(param.grad, both[0] + both[1], atol=1e-6) and abs(both[0]).max() > 0

# Triplets: an anchor, its friend, a stranger.
anchor, positive, negative = [net(x) for x in (x0, x1, x2)]
loss = F.triplet(anchor, positive, negative, margin=0.3)
d = [((anchor.data - other.data) ** 2).sum(axis=1) for other in (positive, negative)]
assert np.isclose(loss.data, np.maximum(d[0] - d[1] + 0.3, 0).mean(), rtol=1e-5)
net.cleargrads()
loss.backward(retain_grad=True)
active = (d[0] - d[1] + 0.3 > 0)[:, None] * 2 / 10.0
assert np.allclose(anchor.grad, active * (negative.data - positive.data), atol=1e-6)
assert np.allclose(negative.grad, active * (anchor.data - negative.data), atol=1e-6)

# Two people, ten pictures each: after training, pictures of one person are nearer to each other than to the other's.
people = np.array([[1, 1, 0, 0], [0, 0, 1, -1]])
faces = (people[np.arange(20) % 2] + np.random.normal(0, 0.2, (20, 4))).astype('f')
optimizer = chainer.optimizers.Adam(alpha=0.02).setup(shared)
for _ in range(150):
    i, j = np.random.randint(0, 20, (2, 16))
    optimizer.update(shared, faces[i], faces[j], (i % 2 == j % 2).astype('i'))
y = net(faces).data
distance = np.sqrt(((y[:, None] - y) ** 2).sum(axis=2))
same = np.arange(20)[:, None] % 2 == np.arange(20) % 2
assert distance[same].max() < distance[~same].min(), (distance[same].max(), distance[~same].min())
