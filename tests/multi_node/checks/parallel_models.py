"""Models whose parts live on several ranks, against the same model in one process."""

from __future__ import annotations

import copy

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable, multi_node, optimizers
from chaingrad.multi_node.links import (
    MultiNodeBatchNormalization,
    MultiNodeChainList,
    create_mnbn_model,
    create_multi_node_n_step_rnn,
)
from tests.multi_node.checks.models import assert_same, data, gradients


def layers(comm):
    """Return one layer for each rank, the same layers on all ranks."""
    np.random.seed(11)
    return [L.Linear(5 if r == 0 else 4, 4) for r in range(comm.size)]


def check_a_chain_over_all_ranks(comm):
    """Layer r is on rank r; the loss is on the last one."""
    x, t = data(classes=4)
    parts = layers(comm)
    alone = chaingrad.Sequential(*copy.deepcopy(parts))
    chain = MultiNodeChainList(comm)
    chain.add_link(
        parts[comm.rank],
        rank_in=comm.rank - 1 if comm.rank else None,
        rank_out=comm.rank + 1 if comm.rank < comm.size - 1 else None,
    )
    optimizer = optimizers.SGD(lr=0.1).setup(chain)
    plain = optimizers.SGD(lr=0.1).setup(alone)
    for _ in range(3):
        y = chain(x) if comm.rank == 0 else chain()
        loss = F.softmax_cross_entropy(y, t) if comm.rank == comm.size - 1 else y
        chain.cleargrads()
        loss.backward()
        optimizer.update()
        plain.update(lambda: F.softmax_cross_entropy(alone(x), t))
        found = gradients(parts[comm.rank])
        assert_same(found, gradients(alone[comm.rank]), rtol=1e-4, atol=1e-6)


def check_a_chain_that_goes_out_and_comes_back(comm):
    """Rank 0 has the first and the last layer; rank 1 adds what two of its links make of the first one's output."""
    x, t = data(classes=4)
    np.random.seed(12)
    first, middle, last = L.Linear(5, 4), L.Linear(4, 4), L.Linear(4, 4)
    alone = chaingrad.Sequential(*copy.deepcopy([first, middle, F.tanh, last]))
    chain = MultiNodeChainList(comm)
    if comm.rank == 0:
        chain.add_link(first, rank_in=None, rank_out=1)
        chain.add_link(last, rank_in=1, rank_out=None)
    elif comm.rank == 1:
        chain.add_link(middle, rank_in=0, rank_out=1)
        chain.add_link(Tanh(), rank_in=1, rank_out=0)
    else:
        return
    y = chain(x) if comm.rank == 0 else chain()
    chain.cleargrads()
    (F.softmax_cross_entropy(y, t) if comm.rank == 0 else y).backward()
    alone.cleargrads()
    F.softmax_cross_entropy(alone(x), t).backward()
    for ours, i in ((first, 0), (last, 3)) if comm.rank == 0 else ((middle, 1),):
        assert_same(gradients(ours), gradients(alone[i]))


class Tanh(chaingrad.Link):
    def forward(self, x):
        return F.tanh(x)


def check_two_inputs_from_two_ranks(comm):
    """The last rank adds what all others send."""
    x, t = data(classes=4)
    np.random.seed(13)
    parts = [L.Linear(5, 4) for _ in range(comm.size - 1)]
    alone = copy.deepcopy(parts)
    for link in (*parts, *alone):
        link.cleargrads()
    last = comm.size - 1
    chain = MultiNodeChainList(comm)
    if comm.rank < last:
        chain.add_link(parts[comm.rank], None, last)
        y = chain(x)
    else:
        chain.add_link(Add(), list(range(last)), None)
        y = F.softmax_cross_entropy(chain(), t)
    y.backward()
    F.softmax_cross_entropy(Add()(*[link(x) for link in alone]), t).backward()
    if comm.rank < last:
        assert_same(gradients(parts[comm.rank]), gradients(alone[comm.rank]))


class Add(chaingrad.Link):
    def forward(self, *xs):
        return sum(xs[1:], xs[0])


def check_recurrent_layers_over_ranks(comm):
    """Each rank has one part of the sequences; the last states travel on."""
    generator = np.random.RandomState(3)
    sequences = [generator.randn(2 * comm.size, 3).astype('f') for _ in range(2)]
    for layer in (L.NStepLSTM, L.NStepGRU, L.NStepRNNTanh):
        np.random.seed(14)
        actual = layer(2, 3, 4, 0)
        alone = copy.deepcopy(actual)
        rnn = create_multi_node_n_step_rnn(
            actual,
            comm,
            rank_in=comm.rank - 1 if comm.rank else None,
            rank_out=comm.rank + 1 if comm.rank < comm.size - 1 else None,
        )
        *states, ys, sent = rnn([x[2 * comm.rank : 2 * comm.rank + 2] for x in sequences])
        loss = sum((F.sum(y * y) for y in ys[1:]), F.sum(ys[0] * ys[0]))
        loss = multi_node.functions.pseudo_connect(sent, loss)
        actual.cleargrads()
        loss.backward()
        first = (None,) * actual.n_cells
        *_, expected = alone(*first, sequences)
        alone.cleargrads()
        sum((F.sum(y * y) for y in expected[1:]), F.sum(expected[0] * expected[0])).backward()
        for y, whole in zip(ys, expected):
            np.testing.assert_allclose(y.array, whole.array[2 * comm.rank : 2 * comm.rank + 2], 1e-5, 1e-6)
        total = {name: comm.allreduce(g) for name, g in sorted(gradients(actual).items())}
        assert_same(total, gradients(alone), rtol=1e-4, atol=1e-6)
        assert len(states) == actual.n_cells


def check_batch_normalization(comm):
    """Batches of different length on each rank are normalized as the joint batch, with its gradients of all orders."""
    generator = np.random.RandomState(6)
    n = 2 * comm.size + 1
    x, w, v = generator.randn(3, n, 3, 2)
    x += 100  # a large mean loses nothing
    start, stop = 2 * comm.rank, 2 * comm.rank + 2 + (comm.rank == comm.size - 1)
    gamma, beta = generator.randn(2, 3)
    ours = MultiNodeBatchNormalization(3, comm, dtype='d', initial_gamma=gamma, initial_beta=beta)
    alone = L.BatchNormalization(3, dtype='d', initial_gamma=gamma, initial_beta=beta)
    found = derivatives(ours, x[start:stop], w[start:stop], v[start:stop])
    expected = derivatives(alone, x, w, v)
    for a, b in zip(found[:3], expected[:3]):
        np.testing.assert_allclose(a, b[start:stop], 1e-8, 1e-8)
    for a, b in zip(found[3:], expected[3:]):
        np.testing.assert_allclose(comm.allreduce(a), b, 1e-8, 1e-8)
    np.testing.assert_allclose(ours.avg_mean, alone.avg_mean, 1e-12)
    np.testing.assert_allclose(ours.avg_var, alone.avg_var, 1e-9)


def derivatives(layer, x, w, v):
    """Return y, the gradient and the second derivative of x, and the gradients of gamma and beta."""
    x = Variable(x)
    layer.cleargrads()
    y = layer(x)
    (gx,) = chaingrad.grad([F.sum(y * y * w)], [x], enable_double_backprop=True)
    (gg,) = chaingrad.grad([F.sum(gx * gx * v)], [x])
    F.sum(layer(x) ** 2 * w).backward()
    layer.avg_mean -= 0  # both calls have moved the averages
    return y.array, gx.array, gg.array, layer.gamma.grad, layer.beta.grad


def check_models_of_batch_normalization(comm):
    model = chaingrad.Sequential(L.Linear(3, 2), L.BatchNormalization(2, decay=0.5, use_beta=False))
    model[1].gamma.array[...] = 3
    ours = create_mnbn_model(model, comm)
    assert isinstance(ours[1], MultiNodeBatchNormalization)
    assert (ours[1].decay, ours[1].beta, ours[1].gamma.array.tolist()) == (0.5, None, [3, 3])
    assert ours[1].gamma is not model[1].gamma
    copied = copy.deepcopy(ours)
    assert copied[1].comm is comm
    assert copied[1].gamma is not ours[1].gamma
