"""Train a classifier of handwritten digits with several processes, each on its part of every batch.

    python examples/mnist_parallel.py [--mnist] [--epochs 20] [--out result] [--resume] [--quick]
    mpiexec -n 2 python -m mpi4py examples/mnist_parallel.py

The three lines that make it parallel are marked. Started without mpiexec it runs alone, and needs no MPI. Batches of 64
are shared by all processes, so however many there are, the steps are the same. The data is the 1,797 digits of this
package, or with --mnist the 60,000 + 10,000 of MNIST, from the folder named by CHAINGRAD_MNIST_DIR or downloaded.
"""

import argparse

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, multi_node, optimizers, training
from chaingrad.datasets import get_digits, get_mnist
from chaingrad.training import extensions

BATCH = 64


class Network(chaingrad.Chain):
    """Two hidden layers of rectified linear units, and one score per digit."""

    def __init__(self, n_in, n_units):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(n_in, n_units)
            self.l2 = L.Linear(n_units, n_units)
            self.l3 = L.Linear(n_units, 10)

    def forward(self, x):
        return self.l3(F.relu(self.l2(F.relu(self.l1(x)))))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--mnist', action='store_true', help='train on MNIST')
    parser.add_argument('--epochs', type=int, default=20)
    parser.add_argument('--out', default='result')
    parser.add_argument('--resume', action='store_true', help='go on from the newest snapshot')
    parser.add_argument('--quick', action='store_true', help='a few seconds, for the tests')
    options = parser.parse_args(argv)
    epochs = min(options.epochs, 5) if options.quick else options.epochs

    comm = multi_node.create_communicator()  # 1
    chaingrad.set_seed(0)
    train, test = (get_mnist() if options.mnist else get_digits()) if comm.rank == 0 else (None, None)
    train = multi_node.scatter_dataset(train, comm, shuffle=True, seed=0)  # 2
    test = multi_node.scatter_dataset(test, comm)
    model = L.Classifier(Network(len(train[0][0]), 100))
    optimizer = multi_node.create_multi_node_optimizer(optimizers.Adam(), comm).setup(model)  # 3

    train_iter = iterators.SerialIterator(train, max(1, BATCH // comm.size))
    test_iter = iterators.SerialIterator(test, 200, repeat=False, shuffle=False)
    updater = training.StandardUpdater(train_iter, optimizer)
    trainer = training.Trainer(updater, (epochs, 'epoch'), out=options.out)
    evaluator = multi_node.create_multi_node_evaluator(extensions.Evaluator(test_iter, model), comm)
    trainer.extend(evaluator)
    snapshot = extensions.snapshot(filename='snapshot', autoload=options.resume)
    trainer.extend(multi_node.extensions.multi_node_snapshot(comm, snapshot, [range(comm.size)]), trigger=(1, 'epoch'))
    if comm.rank == 0:
        columns = ['epoch', 'main/loss', 'validation/main/loss', 'validation/main/accuracy', 'elapsed_time']
        trainer.extend(extensions.LogReport())
        trainer.extend(extensions.PrintReport(columns))
    trainer.run()

    accuracy = float(evaluator()['validation/main/accuracy'])
    if comm.rank == 0:
        print(f'{comm.size} process(es): test accuracy {accuracy:.4f}')
    assert accuracy > 0.9


if __name__ == '__main__':
    main()
