"""A training program of several ranks, one of which goes wrong: `mpiexec -n 2 python -m tests.multi_node.faulty raise`.

It prints, to the moment, when the fault happens; what the ranks do from then on is what is tested.
"""

from __future__ import annotations

import os
import signal
import sys
import time

import numpy as np

import chaingrad
import chaingrad.links as L
from chaingrad import iterators, multi_node, optimizers, training
from chaingrad.datasets import TupleDataset
from chaingrad.training import extensions
from tests.multi_node.checks.models import data, mlp

FAULTY = 1


def fault(kind, trainer):
    """Do what goes wrong, on one rank, after some iterations."""
    print(f'fault at {time.time()}', flush=True)
    if kind == 'raise':
        raise ArithmeticError('this rank has gone wrong')
    if kind == 'kill':
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == 'sleep':
        time.sleep(1000)
    if kind == 'stop':
        os.kill(os.getpid(), signal.SIGSTOP)
    if kind == 'sigterm':
        os.kill(os.getpid(), signal.SIGTERM)
    if kind == 'exit':
        sys.exit(3)


def main(kind, out):
    comm = multi_node.create_communicator()
    is_faulty = comm.rank == FAULTY
    if kind == 'seed':
        chaingrad.set_seed(comm.rank)
    x, t = data()
    if kind == 'dataset' and is_faulty:
        x, t = x[:20], t[:20]
    model = L.Classifier(mlp(first=5))
    if kind == 'model' and is_faulty:
        model.predictor[2] = L.Linear(8, 7)
    lr = 0.2 if kind == 'optimizer' and is_faulty else 0.1
    optimizer = multi_node.create_multi_node_optimizer(optimizers.SGD(lr), comm).setup(model)
    updater = training.StandardUpdater(iterators.SerialIterator(TupleDataset(x, t), 4), optimizer)
    trainer = training.Trainer(updater, (10**6, 'iteration'), out=out)
    snapshot = extensions.snapshot()
    trainer.extend(
        multi_node.extensions.multi_node_snapshot(comm, snapshot, [range(comm.size)]), trigger=(10**6, 'iteration')
    )
    if is_faulty and kind not in ('dataset', 'model', 'seed', 'optimizer'):
        trainer.extend(lambda trainer: fault(kind, trainer), trigger=(20, 'iteration'), name='fault')
    np.random.seed(comm.rank)
    try:
        trainer.run()
    finally:
        print(f'rank {comm.rank} ends after {updater.iteration} iterations', flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
