"""Train a network whose layers live in two processes: the first has the outer layers, the second the inner ones.

    python examples/model_parallel.py [--epochs 20] [--out result] [--quick]
    mpiexec -n 2 python -m mpi4py examples/model_parallel.py

The activations travel from one process to the other and back, their gradients the other way. Each process has the
parameters of its own layers, so that a network can be larger than the memory of one machine; nothing is gained in time,
because one process waits while the other works. Started without mpiexec, all layers are in one process.
"""

import argparse

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, multi_node, optimizers, training
from chaingrad.datasets import get_digits
from chaingrad.training import extensions


class Hidden(chaingrad.Chain):
    """A linear layer and rectification."""

    def __init__(self, n_in, n_out):
        super().__init__(linear=L.Linear(n_in, n_out))

    def forward(self, x):
        return F.relu(self.linear(x))


def make_chain(comm):
    """Return the layers of this process; the inner ones are on the last rank."""
    inner = comm.size - 1
    chain = multi_node.MultiNodeChainList(comm)
    if comm.rank == 0:
        chain.add_link(Hidden(64, 100), rank_in=None, rank_out=inner)
    if comm.rank == inner:
        chain.add_link(chaingrad.Sequential(Hidden(100, 50), Hidden(50, 100)), rank_in=0, rank_out=0)
    if comm.rank == 0:
        chain.add_link(L.Linear(100, 10), rank_in=inner, rank_out=None)
    return chain


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--epochs', type=int, default=20)
    parser.add_argument('--out', default='result')
    parser.add_argument('--quick', action='store_true', help='a few seconds, for the tests')
    options = parser.parse_args(argv)
    epochs = min(options.epochs, 5) if options.quick else options.epochs

    comm = multi_node.create_communicator()
    if comm.size > 2:
        raise SystemExit(f'model_parallel: the layers are for one or two processes, but there are {comm.size}.')
    chaingrad.set_seed(0)
    train, test = get_digits()
    chain = make_chain(comm)
    is_first = comm.rank == 0
    if not is_first:  # its input comes from the first process
        train, test = multi_node.create_empty_dataset(train), multi_node.create_empty_dataset(test)
    model = L.Classifier(chain) if is_first else chain
    optimizer = optimizers.Adam().setup(model)

    train_iter = iterators.SerialIterator(train, 32, shuffle=is_first)
    test_iter = iterators.SerialIterator(test, 200, repeat=False, shuffle=False)
    updater = training.StandardUpdater(train_iter, optimizer)
    trainer = training.Trainer(updater, (epochs, 'epoch'), out=options.out)
    evaluator = extensions.Evaluator(test_iter, model)
    trainer.extend(evaluator)
    if is_first:
        trainer.extend(extensions.LogReport())
        trainer.extend(extensions.PrintReport(['epoch', 'main/loss', 'validation/main/accuracy', 'elapsed_time']))
    trainer.run()

    result = evaluator()
    if is_first:
        accuracy = float(result['validation/main/accuracy'])
        print(f'{comm.size} process(es): test accuracy {accuracy:.4f}')
        assert accuracy > 0.9


if __name__ == '__main__':
    main()
