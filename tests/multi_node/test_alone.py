"""One rank, with and without MPI: the same program runs."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad import multi_node, optimizers
from chaingrad.multi_node.communicators import places
from chaingrad.multi_node.communicators.alone import Alone
from chaingrad.multi_node.communicators.mpi import is_launched
from tests.multi_node.checks import collectives, gradients, parallel_models, parts
from tests.multi_node.running import mpiexec, needs_mpi
from tests.source import ROOT

CHECKS = [
    gradients.check_gradients_of_the_joint_batch,
    gradients.check_gradients_that_the_program_computed,
    gradients.check_attributes_are_those_of_the_actual_optimizer,
    gradients.check_batch_normalization_over_ranks_in_a_network,
    collectives.check_allgather,
    collectives.check_alltoall,
    collectives.check_bcast,
    collectives.check_gather,
    collectives.check_scatter,
    parallel_models.check_recurrent_layers_over_ranks,
    parallel_models.check_models_of_batch_normalization,
    parts.check_scatter_index,
    parts.check_synchronized_iterator,
    parts.check_evaluator,
    parts.check_generic_evaluator,
    parts.check_allreduce_persistent,
    parts.check_observations,
    parts.check_resumed_runs_are_equal,
]


@pytest.fixture
def comm():
    return multi_node.create_communicator('flat')


@pytest.mark.parametrize('check', CHECKS, ids=lambda check: check.__name__)
def test_check(check, comm):
    check(comm)


def test_no_mpi_is_loaded(comm):
    assert isinstance(comm.mpi_comm, Alone)
    assert 'mpi4py' not in sys.modules
    assert not is_launched()


def test_messages_to_oneself(comm):
    comm.send((np.ones(2), np.zeros(1)), 0, tag=4)
    one, zero = comm.recv(0, tag=4)
    assert one.tolist() == [1, 1]
    assert zero.tolist() == [0]
    with pytest.raises(RuntimeError, match='wait forever'):
        comm.recv(0, tag=4)


def test_a_program_without_the_package(tmp_path):
    """Where mpi4py is missing, one rank runs, and several ranks say what to install."""
    code = """
import sys
sys.modules['mpi4py'] = None
from chaingrad import multi_node
print(multi_node.create_communicator())
"""
    values = {**os.environ, 'PYTHONPATH': str(ROOT)}
    command = [sys.executable, '-c', code]
    alone = subprocess.run(command, env=values, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert 'rank 0 of 1' in alone.stdout
    launched = subprocess.run(
        command, env={**values, 'PMI_RANK': '0'}, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert 'pip install chaingrad[mpi]' in launched.stderr


def test_unknown_options_are_refused():
    with pytest.raises(TypeError, match='unexpected keyword'):
        multi_node.create_communicator('flat', speed=3)
    with pytest.raises(ValueError, match='must be one of naive, flat'):
        multi_node.create_communicator('nccl')
    with pytest.raises(ValueError, match='order_sampler'):
        multi_node.iterators.create_synchronized_iterator(iter([]), multi_node.create_communicator())
    with pytest.raises(ValueError, match='NStepLSTM'):
        multi_node.links.create_multi_node_n_step_rnn(L.Linear(2, 2), multi_node.create_communicator())
    with pytest.raises(ValueError, match='no size yet'):
        multi_node.links.create_mnbn_model(L.BatchNormalization(axis=0), multi_node.create_communicator())


def test_processors_are_shared(monkeypatch):
    """Each rank gets its share, unless the environment says how many."""
    numbers = []
    monkeypatch.setattr(places, '_set_blas_threads', lambda threads: numbers.append(threads) or True)
    for name in places._VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(places.os, 'sched_getaffinity', lambda pid: set(range(8)), raising=False)
    assert places.share_processors(1) is None
    assert places.share_processors(3) == 2
    assert os.environ['OMP_NUM_THREADS'] == '2'
    assert places.share_processors(4) is None
    monkeypatch.delenv('OMP_NUM_THREADS')
    assert places.share_processors(100) == 1
    assert numbers == [2, 1]


def test_the_number_of_threads_can_be_set():
    assert places._set_openblas_threads(1) or importlib.util.find_spec('threadpoolctl') is not None


@pytest.mark.parametrize('name', ['create_communicator', 'create_multi_node_optimizer', 'scatter_dataset'])
def test_every_name_of_the_first_program_is_public(name):
    assert name in multi_node.__all__


def test_double_buffering_with_one_rank_is_the_actual_optimizer(comm):
    model = L.Linear(1, 1, initialW=1, nobias=True)
    optimizer = multi_node.create_multi_node_optimizer(optimizers.SGD(lr=1), comm, double_buffering=True).setup(model)
    model.W.grad = np.ones((1, 1), 'f')
    optimizer.update()
    assert model.W.array[0, 0] == 0


@needs_mpi
def test_mpiexec_is_that_of_the_wheel():
    assert os.path.exists(mpiexec())
