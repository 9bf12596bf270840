"""A reader of the paper on Wasserstein GANs: two RMSprops, clipped weights, fakes cut off."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class WeightClipping(object):
    name = 'WeightClipping'

    def __init__(self, threshold):
        self.threshold = threshold

    def __call__(self, opt):
        for param in opt.target.params():
            xp = chainer.backend.get_array_module(param.data)
            param.data = xp.clip(param.data, -self.threshold, self.threshold)


class Critic(chainer.Chain):
    def __init__(self):
        super(Critic, self).__init__(l1=L.Linear(2, 16), l2=L.Linear(16, 1))

    def __call__(self, x):
        return F.sum(self.l2(F.leaky_relu(self.l1(x)))) / len(x)


class Generator(chainer.Chain):
    def __init__(self):
        super(Generator, self).__init__(l1=L.Linear(2, 2))

    def __call__(self, z):
        return self.l1(z)


def snapshot(link):
    return [param.data.copy() for param in link.params()]


def unchanged(link, arrays):
    return all((param.data == array).all() for param, array in zip(link.params(), arrays))


np.random.seed(0)
center = np.array([2, -1], dtype=np.float32)
gen, critic = Generator(), Critic()
gen_opt, critic_opt = chainer.optimizers.RMSprop(lr=0.03), chainer.optimizers.RMSprop(lr=0.01)
gen_opt.setup(gen)
critic_opt.setup(critic)
critic_opt.add_hook(WeightClipping(0.1))

for iteration in range(150):
    before = snapshot(gen)
    for _ in range(3):
        real = np.random.normal(center, 0.3, (32, 2)).astype(np.float32)
        fake = gen(np.random.randn(32, 2).astype(np.float32))
        fake.unchain_backward()
        loss = critic(fake) - critic(real)
        gen.cleargrads()
        critic.cleargrads()
        loss.backward()
        assert all(param.grad is None for param in gen.params())
        # The clip runs before the step, as hooks of the default timing do, so weights pass it by one step at most.
        critic_opt.update()
        assert max(abs(param.data).max() for param in critic.params()) < 0.1 + 0.11
    assert unchanged(gen, before)
    weights = snapshot(critic)
    critic_opt.call_hooks()
    assert all((param.data == np.clip(w, -0.1, 0.1)).all() for param, w in zip(critic.params(), weights))
    clipped = snapshot(critic)
    gen_opt.update(lambda: -critic(gen(np.random.randn(32, 2).astype(np.float32))))
    assert unchanged(critic, clipped) and not unchanged(gen, before)

assert critic_opt.t == 450 and gen_opt.t == 150
drawn = gen(np.random.randn(500, 2).astype(np.float32)).data
assert abs(drawn.mean(axis=0) - center).max() < 0.6, drawn.mean(axis=0)
