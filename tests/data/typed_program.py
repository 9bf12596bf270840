"""A program as a user writes it. `tests/test_types.py` compares what type checkers know with the comments.

`# is T` says the type that `reveal_type` must answer, `# wrong` marks a line that type checkers must refuse. The
program is checked and not run.
"""

# ruff: noqa: F821
from __future__ import annotations

import numpy as np
import numpy.typing as npt

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Chain, Variable, optimizers, training
from chaingrad.training import extensions

Array = npt.NDArray[np.float32]


class MLP(Chain):
    """Two layers."""

    def __init__(self, n_units: int, n_out: int) -> None:
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(None, n_units)
            self.l2 = L.Linear(n_units, n_out)

    def forward(self, x: Array) -> Variable:
        h = F.relu(self.l1(x))
        reveal_type(self.l1(x))  # is Variable
        reveal_type(self.l1.W)  # is Parameter
        return self.l2(F.dropout(h, ratio=0.5))


model = MLP(100, 10)
x = np.ones((4, 3), np.float32)
t = np.zeros(4, np.int32)


# Variables and functions
y = model(x)
reveal_type(y)  # is Variable
reveal_type(y.array)  # is ndarray
reveal_type(y.data)  # is ndarray
reveal_type(y.grad)  # is ndarray
reveal_type(y.shape)  # is tuple[int, ...]
reveal_type(y + 1)  # is Variable
reveal_type(2.0 * y)  # is Variable
reveal_type(y**2)  # is Variable
reveal_type(-y)  # is Variable
reveal_type(y @ y.T)  # is Variable
reveal_type(y[0])  # is Variable
reveal_type(y.reshape(2, 20))  # is Variable
reveal_type(y.max(axis=1))  # is Variable
reveal_type(F.concat([y, y], axis=1))  # is Variable
reveal_type(F.sum(y, axis=0, keepdims=True))  # is Variable
loss = F.softmax_cross_entropy(y, t)
reveal_type(loss)  # is Variable
reveal_type(float(loss.array))  # is float
F.reluu(y)  # wrong
F.softmax(y, axes=1)  # wrong
F.types()  # wrong
L.Linaer(3, 2)  # wrong
chaingrad.Varaible(x)  # wrong


# Gradients
model.cleargrads()
loss.backward()
reveal_type(model.l1.W.grad)  # is ndarray
(gy,) = chaingrad.grad([loss], [y], enable_double_backprop=True)
reveal_type(gy)  # is Variable
reveal_type(F.sum(gy * gy))  # is Variable


# Links and optimizers
for name, param in model.namedparams():
    reveal_type(name)  # is str
    reveal_type(param)  # is Parameter
optimizer = optimizers.Adam(alpha=0.001).setup(model)
reveal_type(optimizer)  # is Adam
optimizer.update()
optimizer.add_hook(chaingrad.optimizer_hooks.WeightDecay(1e-4))
chaingrad.serializers.save_npz('model.npz', model)
with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
    reveal_type(model(x))  # is Variable


# Training
chaingrad.set_seed(0)
train, test = chaingrad.datasets.get_digits()
iterator = chaingrad.iterators.SerialIterator(train, batch_size=32)
classifier = L.Classifier(model)
reveal_type(classifier(x, t))  # is Variable
updater = training.StandardUpdater(iterator, optimizers.SGD(lr=0.1).setup(classifier), device=-1)
trainer = training.Trainer(updater, (2, 'epoch'), out='result')
trainer.extend(extensions.LogReport())
trainer.extend(extensions.snapshot(), trigger=(1, 'epoch'))
trainer.run()
training.Trainer(updater, stop_triger=(2, 'epoch'))  # wrong
