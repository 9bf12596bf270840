"""A custom Updater with two optimizers and two models, as in examples of adversarial training."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions


class Generator(chainer.Chain):
    def __init__(self):
        super(Generator, self).__init__()
        with self.init_scope():
            self.l1 = L.Linear(1, 8)
            self.l2 = L.Linear(8, 1, initial_bias=0)

    def make_hidden(self, n):
        return np.random.uniform(-1, 1, (n, 1)).astype(np.float32)

    def __call__(self, z):
        return self.l2(F.relu(self.l1(z)))


class Discriminator(chainer.Chain):
    def __init__(self):
        super(Discriminator, self).__init__()
        with self.init_scope():
            self.l1 = L.Linear(1, 16)
            self.l2 = L.Linear(16, 1)

    def __call__(self, x):
        return self.l2(F.leaky_relu(self.l1(x)))


class GANUpdater(training.StandardUpdater):
    def __init__(self, *args, **kwargs):
        self.gen, self.dis = kwargs.pop('models')
        super(GANUpdater, self).__init__(*args, **kwargs)

    def loss_dis(self, dis, y_fake, y_real):
        batchsize = len(y_fake)
        loss = F.sum(F.softplus(-y_real)) / batchsize + F.sum(F.softplus(y_fake)) / batchsize
        chainer.report({'loss': loss}, dis)
        return loss

    def loss_gen(self, gen, y_fake):
        loss = F.sum(F.softplus(-y_fake)) / len(y_fake)
        chainer.report({'loss': loss}, gen)
        return loss

    def update_core(self):
        gen_optimizer = self.get_optimizer('gen')
        dis_optimizer = self.get_optimizer('dis')
        batch = self.get_iterator('main').next()
        x_real = chainer.Variable(self.converter(batch, self.device))
        y_real = self.dis(x_real)
        x_fake = self.gen(chainer.Variable(self.gen.make_hidden(len(batch))))
        y_fake = self.dis(x_fake)
        dis_optimizer.update(self.loss_dis, self.dis, y_fake, y_real)
        gen_optimizer.update(self.loss_gen, self.gen, y_fake)


def make_optimizer(model, alpha=0.01, beta1=0.5):
    optimizer = chainer.optimizers.Adam(alpha=alpha, beta1=beta1)
    optimizer.setup(model)
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(0.0001), 'hook_dec')
    return optimizer


np.random.seed(0)
gen, dis = Generator(), Discriminator()
data = np.random.normal(3, 0.5, (256, 1)).astype(np.float32)
train_iter = chainer.iterators.SerialIterator(data, 32)
updater = GANUpdater(
    models=(gen, dis),
    iterator=train_iter,
    optimizer={'gen': make_optimizer(gen), 'dis': make_optimizer(dis)},
    device=-1,
)
trainer = training.Trainer(updater, (60, 'epoch'), out='result')
trainer.extend(extensions.LogReport(keys=['gen/loss', 'dis/loss'], trigger=(10, 'epoch')))
trainer.run()

with chainer.using_config('train', False), chainer.no_backprop_mode():
    mean = float(gen(gen.make_hidden(500)).data.mean())
log = trainer.get_extension('LogReport').log
assert len(log) == 6 and set(log[0]) >= {'gen/loss', 'dis/loss', 'epoch', 'iteration', 'elapsed_time'}
assert 1.5 < mean < 4.5, mean
