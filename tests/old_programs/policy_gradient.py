"""A student of policy gradients: actions drawn from a distribution, log probabilities, entropy, discounted returns."""

import numpy as np

import chainer
import chainer.distributions as D
import chainer.functions as F
import chainer.links as L


class Policy(chainer.Chain):
    def __init__(self, n_actions):
        super(Policy, self).__init__()
        with self.init_scope():
            self.logits = L.Linear(2, n_actions, initialW=chainer.initializers.Normal(0.1))
            self.value = L.Linear(2, 1, initialW=0)

    def __call__(self, x):
        return D.Categorical(logit=self.logits(x)), F.squeeze(self.value(x), axis=1)


def returns(rewards, gamma):
    found, total = [], 0.0
    for reward in reversed(rewards):
        total = reward + gamma * total
        found.append(total)
    return np.array(found[::-1], dtype='f')


np.random.seed(0)
assert np.allclose(returns([1, 0, 2], 0.5), [1.5, 1, 2])
policy = Policy(3)
policy.cleargrads()
x = np.random.randn(8, 2).astype('f')
actions = np.random.randint(0, 3, 8)
advantage = np.random.randn(8).astype('f')

# The gradient of -advantage log p(a): advantage (p - onehot) for every logit.
distribution, _ = policy(x)
loss = -F.sum(distribution.log_prob(actions) * advantage)
loss.backward()
z = x.dot(policy.logits.W.data.T)
p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
gz = advantage[:, None] * (p - np.eye(3)[actions])
assert np.allclose(policy.logits.W.grad, gz.T.dot(x), atol=1e-5)
assert np.allclose(distribution.entropy.data, -(p * np.log(p)).sum(axis=1), atol=1e-6)
assert policy.value.W.grad is None

# The entropy's gradient: -p (log p + H).
policy.cleargrads()
F.sum(policy(x)[0].entropy).backward()
H = -(p * np.log(p)).sum(axis=1, keepdims=True)
assert np.allclose(policy.logits.W.grad, (-p * (np.log(p) + H)).T.dot(x), atol=1e-5)

# Draws have the probabilities that they should have.
drawn = D.Categorical(logit=z[:2]).sample(4000).data
assert np.allclose([(drawn == k).mean(axis=0) for k in range(3)], p[:2].T, atol=0.03)

# A bandit whose best arm depends on the sign of what is seen: REINFORCE with a learned baseline.
policy = Policy(3)
optimizer = chainer.optimizers.Adam(alpha=0.05).setup(policy)
optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(10))
rewards = []
for episode in range(150):
    side = np.where(np.random.rand(20) < 0.5, 1, -1)
    states = np.stack([side, np.ones(20)], axis=1).astype('f')
    distribution, value = policy(states)
    actions = distribution.sample().data.astype('i')
    reward = np.where(actions == np.where(side > 0, 0, 2), 1, 0).astype('f')
    loss_policy = -F.mean(distribution.log_prob(actions) * (reward - value.data))
    loss_value = F.mean_squared_error(value, reward)
    loss = loss_policy + 0.5 * loss_value - 0.01 * F.mean(distribution.entropy)
    policy.cleargrads()
    loss.backward()
    optimizer.update()
    rewards.append(reward.mean())
assert np.mean(rewards[:10]) < 0.55 and np.mean(rewards[-10:]) > 0.9, (rewards[:10], rewards[-10:])
with chainer.using_config('train', False):
    best = policy(np.array([[1, 1], [-1, 1]], 'f'))[0].p.data.argmax(axis=1)
assert best.tolist() == [0, 2]
