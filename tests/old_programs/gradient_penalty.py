"""A reader of the improved Wasserstein GAN: the norm of a gradient in the loss, differentiated once more."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class Critic(chainer.Chain):
    def __init__(self):
        super(Critic, self).__init__()
        with self.init_scope():
            self.c0 = L.Convolution1D(1, 4, 3, pad=1)
            self.l1 = L.Linear(4 * 6, 1)

    def __call__(self, x):
        return self.l1(F.tanh(self.c0(x)))


def gradient_penalty(critic, real, fake, lam):
    eps = np.random.uniform(0, 1, size=(len(real),) + (1,) * (real.ndim - 1)).astype('f')
    x_mid = chainer.Variable(eps * real + (1.0 - eps) * fake)
    (grad,) = chainer.grad([critic(x_mid)], [x_mid], enable_double_backprop=True)
    norms = F.sqrt(F.batch_l2_norm_squared(grad))
    return lam * F.mean_squared_error(norms, np.ones_like(norms.data)), x_mid


np.random.seed(0)
# A linear critic: the gradient is w everywhere, so the penalty is lam (|w| - 1)^2.
linear = L.Linear(5, 1)
linear.cleargrads()
loss, _ = gradient_penalty(linear, *np.random.randn(2, 7, 5).astype('f'), lam=10)
loss.backward()
w = linear.W.data[0].astype('d')
norm = np.linalg.norm(w)
assert np.isclose(loss.data, 10 * (norm - 1) ** 2, rtol=1e-5)
assert np.allclose(linear.W.grad[0], 20 * (norm - 1) * w / norm, rtol=1e-4)
assert linear.b.grad is None or (linear.b.grad == 0).all()

# A convolutional one: the gradient of the penalty against differences of the penalty, in float64.
with chainer.using_config('dtype', np.float64):
    critic = Critic()
real, fake = np.random.randn(2, 3, 1, 6)


def penalty():
    np.random.seed(1)
    eps = np.random.uniform(0, 1, size=(3, 1, 1))
    x = chainer.Variable(eps * real + (1 - eps) * fake)
    (grad,) = chainer.grad([critic(x)], [x], enable_double_backprop=True)
    return F.mean((F.sqrt(F.batch_l2_norm_squared(grad)) - 1) ** 2)


critic.cleargrads()
penalty().backward()
for name, param in critic.namedparams():
    if name == '/l1/b':
        assert param.grad is None or (param.grad == 0).all()
        continue
    direction = np.random.randn(*param.shape)
    held = param.data.copy()
    values = []
    for step in (1e-5, -1e-5):
        param.data[...] = held + step * direction
        values.append(float(penalty().data))
    param.data[...] = held
    slope = (values[0] - values[1]) / 2e-5
    assert np.isclose((param.grad * direction).sum(), slope, rtol=1e-5, atol=1e-9), name

# Training with the penalty alone makes the norm 1.
critic = Critic()
optimizer = chainer.optimizers.Adam(alpha=0.01, beta1=0.0, beta2=0.9).setup(critic)
real, fake = np.random.randn(2, 16, 1, 6).astype('f')
for _ in range(150):
    loss, x_mid = gradient_penalty(critic, real, fake, 10)
    critic.cleargrads()
    loss.backward()
    optimizer.update()
(grad,) = chainer.grad([critic(x_mid)], [x_mid])
assert abs(np.sqrt((grad.data**2).sum(axis=(1, 2))) - 1).max() < 0.15
# Without double backprop the gradient is a constant, and nothing would be learned.
assert grad.creator is None
