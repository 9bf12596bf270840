"""A stabilizer of GANs: the link hook SpectralNormalization, and a hook of one's own, against singular values."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer.link_hooks import SpectralNormalization, TimerHook


class Discriminator(chainer.Chain):
    def __init__(self):
        super(Discriminator, self).__init__()
        with self.init_scope():
            self.c0 = L.Convolution2D(2, 5, 3, pad=1).add_hook(SpectralNormalization(n_power_iteration=2))
            self.l1 = L.Linear(None, 3).add_hook(SpectralNormalization())
            self.plain = L.Linear(3, 1)

    def __call__(self, x):
        return self.plain(F.leaky_relu(self.l1(F.leaky_relu(self.c0(x)))))


def largest(W):
    return np.linalg.svd(W.reshape(len(W), -1), compute_uv=False)[0]


class Recorder(chainer.LinkHook):
    name = 'Recorder'

    def __init__(self):
        self.seen = []

    def forward_preprocess(self, args):
        self.seen.append((args.link.name, args.forward_name, args.args[0].shape))

    def forward_postprocess(self, args):
        self.seen[-1] += (args.out.shape,)


np.random.seed(0)
dis = Discriminator()
x = np.random.randn(4, 2, 5, 5).astype('f')
for _ in range(60):  # the power iterations go on with every batch
    y = dis(x)
raw = {'c0': dis.c0.W.data.copy(), 'l1': dis.l1.W.data.copy()}
h = F.convolution_2d(x, raw['c0'] / largest(raw['c0']), dis.c0.b, pad=1)
h = F.linear(F.leaky_relu(h), raw['l1'] / largest(raw['l1']), dis.l1.b)
assert np.allclose(dis(x).data, dis.plain(F.leaky_relu(h)).data, atol=1e-4)
assert (dis.l1.W.data == raw['l1']).all()  # the raw weights are put back, and they are what the optimizer moves
assert sorted(path for path, _ in dis.namedparams()) == ['/%s/%s' % (l, p) for l in ('c0', 'l1', 'plain') for p in 'Wb']

# In test mode nothing moves.
u = [dis[name].W_u.copy() for name in ('c0', 'l1')]
with chainer.using_config('train', False):
    first = dis(x).data
    assert (dis(x).data == first).all()
assert all((dis[name].W_u == v).all() for name, v in zip(('c0', 'l1'), u))

# The gradient of the raw weights: that of W / sigma(W), with u and v as constants.
link = L.Linear(4, 3).add_hook(SpectralNormalization())
z, gy = np.random.randn(6, 4).astype('f'), np.random.randn(6, 3).astype('f')
for _ in range(80):
    link(z)
link.cleargrads()
F.sum(link(z) * gy).backward()
W = link.W.data.astype('d')
U, s, Vt = np.linalg.svd(W)
G = gy.T.dot(z)
expected = G / s[0] - (G * W).sum() / s[0] ** 2 * np.outer(U[:, 0], Vt[0])
assert np.allclose(link.W.grad, expected, atol=1e-4), abs(link.W.grad - expected).max()

# Trained it stays of Lipschitz constant 1.
optimizer = chainer.optimizers.Adam(alpha=0.05).setup(link)
for _ in range(20):
    optimizer.update(lambda: -F.mean(link(z)))
with chainer.using_config('train', False):
    a, b = link(np.zeros((1, 4), 'f')).data, link(np.eye(4, dtype='f')).data
assert largest((b - a).T) < 1.05 and largest(link.W.data) > 1.05
link.delete_hook('SpectralNormalization')
assert np.allclose(link(z).data, z.dot(link.W.data.T) + link.b.data, atol=1e-5)

recorder = Recorder()
with recorder, TimerHook() as timer:
    dis(x)
assert recorder.seen[-1] == ('plain', 'forward', (4, 3), (4, 1)), recorder.seen
assert len(timer.call_history) == len(recorder.seen) == 3 and timer.total_time() > 0
