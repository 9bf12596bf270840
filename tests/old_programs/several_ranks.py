"""Someone with a small cluster, whose program is started by mpiexec, and here alone."""

import chainer
import chainer.functions as F
import chainer.links as L
import chainermn
import chainermn.functions
import chainermn.links
import numpy as np
from chainer import training
from chainer.training import extensions
from chainermn.datasets import create_empty_dataset
from chainermn.extensions import AllreducePersistent


class MLP(chainer.Chain):
    def __init__(self, n_units, n_out):
        super(MLP, self).__init__(
            l1=L.Linear(4, n_units),
            bn=L.BatchNormalization(n_units),
            l2=L.Linear(n_units, n_out),
        )

    def __call__(self, x):
        return self.l2(F.relu(self.bn(self.l1(x))))


comm = chainermn.create_communicator('naive')
device = -1
np.random.seed(comm.rank)
if comm.rank == 0:
    x = np.random.randn(60, 4).astype(np.float32)
    train = chainer.datasets.TupleDataset(x, (x[:, 0] > 0).astype(np.int32))
else:
    train = None
assert comm.mpi_comm.size == comm.size
train = chainermn.scatter_dataset(train, comm, shuffle=True)
assert isinstance(comm, chainermn.CommunicatorBase)

model = L.Classifier(chainermn.links.create_mnbn_model(MLP(10, 2), comm))
optimizer = chainermn.create_multi_node_optimizer(chainer.optimizers.Adam(alpha=0.01), comm)
optimizer.setup(model)
train_iter = chainer.iterators.SerialIterator(train, 10)
updater = training.StandardUpdater(train_iter, optimizer, device=device)
trainer = training.Trainer(updater, (80, 'epoch'), out='result')
trainer.extend(AllreducePersistent(model, comm))
checkpointer = chainermn.create_multi_node_checkpointer(name='old', comm=comm)
checkpointer.maybe_load(trainer, optimizer)
trainer.extend(checkpointer, trigger=(5, 'epoch'))
test_iter = chainer.iterators.SerialIterator(train, 10, repeat=False, shuffle=False)
evaluator = extensions.Evaluator(test_iter, model, device=device)
trainer.extend(chainermn.create_multi_node_evaluator(evaluator, comm))
if comm.rank == 0:
    trainer.extend(extensions.LogReport())
trainer.run()
assert trainer.observation['validation/main/accuracy'] > 0.9

assert create_empty_dataset(train)[0] == ()
ys = chainermn.functions.allgather(comm, chainer.Variable(np.ones(3, np.float32)))
assert [y.shape for y in ys] == [(3,)] * comm.size
