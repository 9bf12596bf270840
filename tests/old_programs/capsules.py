"""A reader of the paper on capsules: squashing, routing by agreement, margin loss, against plain loops."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


def squash(ss):
    norm2 = F.sum(ss**2, axis=-1, keepdims=True)
    return F.broadcast_to(F.sqrt(norm2) / (1 + norm2), ss.shape) * ss


class CapsNet(chainer.Chain):
    def __init__(self, n_in, n_out, d_in, d_out, n_iterations=3):
        super(CapsNet, self).__init__()
        self.n_iterations = n_iterations
        with self.init_scope():
            self.W = chainer.Parameter(chainer.initializers.Normal(0.5), (n_in, n_out, d_out, d_in))

    def __call__(self, u):
        u_hat = F.einsum('ijdk,bik->bijd', self.W, u)
        bs = self.xp.zeros(u_hat.shape[:3], dtype=u.dtype)
        for r in range(self.n_iterations):
            cs = F.softmax(bs, axis=2)
            v = squash(F.sum(u_hat * F.broadcast_to(F.expand_dims(cs, 3), u_hat.shape), axis=1))
            if r < self.n_iterations - 1:
                # the agreement is a constant: no gradient goes through the routing
                bs = bs + F.sum(u_hat * F.broadcast_to(v[:, None], u_hat.shape), axis=3).data
        return v


def margin_loss(v, t):
    lengths = F.sqrt(F.sum(v**2, axis=2))
    onehot = np.eye(v.shape[1], dtype=v.dtype)[t]
    present = F.relu(0.9 - lengths) ** 2
    absent = F.relu(lengths - 0.1) ** 2
    return F.mean(F.sum(onehot * present + 0.5 * (1 - onehot) * absent, axis=1))


def by_loops(W, u, n_iterations=3):
    n_in, n_out = W.shape[:2]
    u_hat = [[W[i, j].dot(u[i]) for j in range(n_out)] for i in range(n_in)]
    b = np.zeros((n_in, n_out))
    for _ in range(n_iterations):
        c = np.exp(b) / np.exp(b).sum(axis=1, keepdims=True)
        s = [sum(c[i, j] * u_hat[i][j] for i in range(n_in)) for j in range(n_out)]
        v = [np.linalg.norm(x) / (1 + x.dot(x)) * x for x in s]
        b = b + [[u_hat[i][j].dot(v[j]) for j in range(n_out)] for i in range(n_in)]
    return np.array(v), c


np.random.seed(0)
model = CapsNet(4, 3, 2, 5)
u = np.random.randn(6, 4, 2).astype(np.float32)
v = model(u)
hand = [by_loops(model.W.data.astype('d'), x) for x in u]
assert np.allclose(v.data, [x for x, _ in hand], atol=1e-5)
assert (np.linalg.norm(v.data, axis=2) < 1).all()

# With the last couplings given as constants the gradient is that of a plain weighted sum.
t = np.array([0, 1, 2, 0, 1, 2])
model.cleargrads()
margin_loss(v, t).backward()
W = chainer.Variable(model.W.data)
couplings = np.array([c for _, c in hand], dtype='f')[..., None]
u_hat = F.matmul(F.broadcast_to(W, (6,) + W.shape), np.tile(u[:, :, None, :, None], (1, 1, 3, 1, 1)))[..., 0]
s = F.sum(u_hat * couplings, axis=1)
margin_loss(squash(s), t).backward()
assert np.allclose(model.W.grad, W.grad, atol=1e-5) and abs(W.grad).max() > 1e-3

optimizer = chainer.optimizers.Adam(alpha=0.05)
optimizer.setup(model)
for iteration in range(60):
    optimizer.update(lambda: margin_loss(model(u), t))
assert (np.linalg.norm(model(u).data, axis=2).argmax(axis=1) == t).all()
