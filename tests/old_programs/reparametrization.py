"""A variational autoencoder where the answer is known: x = z + noise, so the posterior is N(x / 2, 1 / 2)."""

import numpy as np

import chainer
import chainer.distributions as D
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions


class Encoder(chainer.Chain):
    def __init__(self):
        super(Encoder, self).__init__()
        with self.init_scope():
            self.mu = L.Linear(1, 1)
            self.ln_var = L.Linear(1, 1)

    def forward(self, x):
        return self.mu(x), self.ln_var(x)


class ELBO(chainer.Chain):
    """The loss; the decoder is known: x given z is normal around z with variance 1."""

    def __init__(self, encoder, k):
        super(ELBO, self).__init__()
        self.k = k
        with self.init_scope():
            self.encoder = encoder

    def forward(self, x):
        mu, ln_var = self.encoder(x)
        rec_loss = 0
        for _ in range(self.k):
            z = F.gaussian(mu, ln_var)
            rec_loss += F.gaussian_nll(x, z, self.xp.zeros_like(z.data)) / (self.k * len(x))
        kl = F.gaussian_kl_divergence(mu, ln_var) / len(x)
        loss = rec_loss + kl
        chainer.report({'loss': loss, 'rec_loss': rec_loss, 'kl': kl}, self)
        return loss


np.random.seed(0)
# The divergence by the closed form of the links' numbers and by two distributions.
mu, ln_var = np.random.randn(2, 5, 3).astype('f')
closed = 0.5 * (np.exp(ln_var) + mu**2 - 1 - ln_var)
assert np.allclose(F.gaussian_kl_divergence(mu, ln_var, reduce='no').data, closed, rtol=1e-5)
q, p = D.Normal(mu, log_scale=ln_var / 2), D.Normal(np.zeros_like(mu), np.ones_like(mu))
assert np.allclose(chainer.kl_divergence(q, p).data, closed, rtol=1e-4, atol=1e-6)

# A draw is mu + sigma * eps, so its gradients are 1 and half of what the draw added.
m, v = chainer.Variable(mu), chainer.Variable(ln_var)
z, eps = F.gaussian(m, v, return_eps=True)
assert np.allclose(z.data, mu + np.exp(ln_var / 2) * eps, rtol=1e-5)
F.sum(z).backward()
assert np.allclose(m.grad, 1) and np.allclose(v.grad, (z.data - mu) / 2, atol=1e-5)

data = np.random.normal(0, 2**0.5, (400, 1)).astype('f')
model = ELBO(Encoder(), k=4)
optimizer = chainer.optimizers.Adam(alpha=0.02)
optimizer.setup(model)
updater = training.StandardUpdater(chainer.iterators.SerialIterator(data, 100), optimizer)
trainer = training.Trainer(updater, (60, 'epoch'), out='result')
trainer.extend(extensions.LogReport(trigger=(20, 'epoch')))
trainer.run()

encoder = model.encoder
assert abs(encoder.mu.W.data[0, 0] - 0.5) < 0.06 and abs(encoder.mu.b.data[0]) < 0.1, encoder.mu.W
assert abs(np.exp(encoder.ln_var.b.data[0]) - 0.5) < 0.1 and abs(encoder.ln_var.W.data[0, 0]) < 0.1, encoder.ln_var.b
# At the posterior the bound is the evidence itself, -log N(x; 0, 2) on average.
evidence = np.mean(0.5 * np.log(4 * np.pi) + data**2 / 4)
log = trainer.get_extension('LogReport').log[-1]
assert abs(log['main/loss'] - evidence) < 0.05, (log, evidence)
assert np.isclose(log['main/loss'], log['main/rec_loss'] + log['main/kl'], rtol=1e-5)
