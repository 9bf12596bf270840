"""Training with several processes, on one machine or many, over MPI (extra `mpi`): ChainerMN's names.

A program becomes one of several ranks by three lines: a communicator, `create_multi_node_optimizer` around the
optimizer, and `scatter_dataset` for the data. `mpiexec -n 4 python -m mpi4py train.py` starts four; without mpiexec the
same program runs alone.

    communicators/  who the ranks are, and how arrays and objects travel between them
    gradients/      flat buffers that are sent while the backward pass goes on
    safety/         what ends all ranks with one, names a hang, and compares the ranks before the first step
    functions/      communication in the graph, with gradients: model parallelism
    links/          batch normalization over all ranks, chains whose links live on several ranks
    extensions/     snapshots, checkpoints, evaluation, observations

Deliberately not here: asynchronous updates, and parameters that are spread over ranks by themselves.
"""

from chaingrad.multi_node import (
    communicators,
    datasets,
    extensions,
    functions,
    global_except_hook,
    iterators,
    links,
    optimizers,
)
from chaingrad.multi_node.communicators import CommunicatorBase
from chaingrad.multi_node.creation import create_communicator
from chaingrad.multi_node.datasets import (
    DataSizeError,
    create_empty_dataset,
    scatter_dataset,
    scatter_index,
)
from chaingrad.multi_node.extensions import create_multi_node_checkpointer, create_multi_node_evaluator
from chaingrad.multi_node.links import MultiNodeChainList
from chaingrad.multi_node.optimizers import create_multi_node_optimizer

__all__ = [
    'CommunicatorBase',
    'DataSizeError',
    'MultiNodeChainList',
    'communicators',
    'create_communicator',
    'create_empty_dataset',
    'create_multi_node_checkpointer',
    'create_multi_node_evaluator',
    'create_multi_node_optimizer',
    'datasets',
    'extensions',
    'functions',
    'global_except_hook',
    'iterators',
    'links',
    'optimizers',
    'scatter_dataset',
    'scatter_index',
]
