"""A student of reinforcement learning: Q-learning with a replay buffer, a target network, clipped errors.

Five rooms in a row, a reward at the right end: the value of a step to the right is gamma to the number of the steps
after it.
"""

import collections
import copy
import random

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import optimizers

N_ROOMS, GAMMA = 5, 0.5
Transition = collections.namedtuple('Transition', 'state action reward next_state done')


class QFunction(chainer.Chain):
    def __init__(self, n_actions):
        super(QFunction, self).__init__()
        with self.init_scope():
            self.l1 = L.Linear(N_ROOMS, n_actions, nobias=True, initialW=chainer.initializers.Zero())

    def __call__(self, states):
        return self.l1(np.eye(N_ROOMS, dtype=np.float32)[states])


def step(state, action):
    next_state = max(0, state + (1 if action == 1 else -1))
    return (0, 1.0, True) if next_state == N_ROOMS else (next_state, 0.0, False)


def update(q, target_q, optimizer, batch):
    batch = Transition(*[np.array(column) for column in zip(*batch)])
    with chainer.no_backprop_mode(), chainer.using_config('train', False):
        best = F.max(target_q(batch.next_state), axis=1).data
    wanted = (batch.reward + GAMMA * best * ~batch.done).astype(np.float32)
    y = F.select_item(q(batch.state), batch.action.astype(np.int32))
    loss = F.mean(F.huber_loss(F.expand_dims(y, 1), wanted[:, None], delta=1.0))
    q.cleargrads()
    loss.backward()
    optimizer.update()
    return float(loss.data)


random.seed(0)
np.random.seed(0)
q = QFunction(2)
target_q = copy.deepcopy(q)
assert target_q.l1.W.data is not q.l1.W.data and target_q.l1.W is not q.l1.W
optimizer = optimizers.Adam(alpha=0.05)
optimizer.setup(q)
buffer = collections.deque(maxlen=200)

state = 0
for t in range(1, 1001):
    action = np.random.randint(2) if np.random.rand() < 0.8 else int(q(np.array([state])).data.argmax())
    next_state, reward, done = step(state, action)
    buffer.append(Transition(state, action, reward, next_state, done))
    state = 0 if done else next_state
    if len(buffer) >= 32:
        frozen = target_q.l1.W.data.copy()
        update(q, target_q, optimizer, random.sample(buffer, 32))
        assert (target_q.l1.W.data == frozen).all() and target_q.l1.W.creator is None
    if t % 20 == 0:
        target_q.copyparams(q)
        assert (target_q.l1.W.data == q.l1.W.data).all() and target_q.l1.W.data is not q.l1.W.data

right = GAMMA ** np.arange(N_ROOMS - 1, -1, -1)
assert np.allclose(q.l1.W.data[1], right, atol=0.02), q.l1.W.data
assert (q(np.arange(N_ROOMS)).data.argmax(axis=1) == 1).all()
