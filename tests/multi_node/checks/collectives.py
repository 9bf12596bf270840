"""Every function of communication, its gradient and its second derivative, against the same formula in one process.

The input of rank r is x[r], and the loss of rank r is its weights times the square of what it gets; the sum over the
ranks is computed by one process too.
"""

from __future__ import annotations

import numpy as np

import chaingrad.functions as F
from chaingrad import Variable, grad, multi_node
from chaingrad.multi_node import functions


def inputs(comm, n=3):
    """Return an input, weights and a direction for every rank."""
    generator = np.random.RandomState(5)
    x, w, v = generator.randn(3, comm.size, comm.size, n)
    return x, w, v


def assert_gradients(comm, apply, shared, n_inputs=1):
    """Compare value, gradient and second derivative with those of `shared`, which has all inputs in one process.

    `apply` returns the outputs of this rank, `shared` those of all ranks, as lists.
    """
    x, w, v = inputs(comm)
    mine = [Variable(a) for a in x[comm.rank, :n_inputs]]
    loss = loss_of(apply(mine), w[comm.rank])
    gxs = grad([loss], mine, enable_double_backprop=True)
    second = grad([dot(gxs, v[comm.rank])], mine)

    everything = [[Variable(a) for a in rank[:n_inputs]] for rank in x]
    flat = [a for rank in everything for a in rank]
    outputs = shared(everything)
    total = sum((loss_of(ys, w[rank]) for rank, ys in enumerate(outputs)), Variable(np.zeros(())))
    expected = grad([total], flat, enable_double_backprop=True)
    whole = sum(
        (dot(expected[r * n_inputs : (r + 1) * n_inputs], v[r]) for r in range(comm.size)), Variable(np.zeros(()))
    )
    expected_second = grad([whole], flat)
    here = slice(comm.rank * n_inputs, (comm.rank + 1) * n_inputs)
    for found, wanted in (*zip(gxs, expected[here]), *zip(second, expected_second[here])):
        np.testing.assert_allclose(as_array(found), as_array(wanted), 1e-10, 1e-12)


def as_array(gx):
    return np.zeros(()) if gx is None else gx.array


def loss_of(ys, w):
    """Return a loss whose second derivative mixes the ranks."""
    return sum((F.sum(y * y * y * a) for y, a in zip(ys, w) if y.ndim), joined(ys))


def joined(ys):
    """Return the delegates among outputs, which are zeros."""
    return sum((F.cast(y, 'd') for y in ys if not y.ndim), Variable(np.zeros(())))


def dot(gxs, v):
    return sum((F.sum(gx * gx * a) for gx, a in zip(gxs, v)), Variable(np.zeros(())))


def check_allgather(comm):
    assert_gradients(
        comm, lambda xs: functions.allgather(comm, xs[0]), lambda all_xs: [[xs[0] for xs in all_xs]] * comm.size
    )


def check_alltoall(comm):
    assert_gradients(
        comm,
        lambda xs: functions.alltoall(comm, tuple(xs)),
        lambda all_xs: [[xs[r] for xs in all_xs] for r in range(comm.size)],
        n_inputs=comm.size,
    )


def check_bcast(comm):
    for root in (0, comm.size - 1):
        x, w, _ = inputs(comm)
        mine = Variable(x[comm.rank, 0])
        y = functions.bcast(comm, mine if comm.rank == root else None, root)
        np.testing.assert_array_equal(y.array, x[root, 0])
        loss_of([y], w[comm.rank]).backward()
        if comm.rank == root:
            np.testing.assert_allclose(mine.grad, 3 * x[root, 0] ** 2 * w[:, 0].sum(axis=0), 1e-12)


def check_gather(comm):
    root = comm.size - 1
    x, w, _ = inputs(comm)
    mine = Variable(x[comm.rank, 0])
    ys = functions.gather(comm, mine, root)
    if comm.rank == root:
        for r, y in enumerate(ys):
            np.testing.assert_array_equal(y.array, x[r, 0])
        loss_of(ys, w[root]).backward()
    else:
        ys.backward()
    np.testing.assert_allclose(mine.grad, 3 * x[comm.rank, 0] ** 2 * w[root, comm.rank], 1e-12)


def check_scatter(comm):
    root = comm.size - 1
    x, w, _ = inputs(comm)
    xs = [Variable(a) for a in x[root]]
    y = functions.scatter(comm, xs if comm.rank == root else None, root)
    np.testing.assert_array_equal(y.array, x[root, comm.rank])
    loss_of([y], w[comm.rank]).backward()
    for r, each in enumerate(xs) if comm.rank == root else ():
        np.testing.assert_allclose(each.grad, 3 * x[root, r] ** 2 * w[r, 0], 1e-12)


def check_sum_over_ranks(comm):
    from chaingrad.multi_node.functions.collective import SumOverRanks

    assert_gradients(
        comm,
        lambda xs: SumOverRanks(comm).apply(tuple(xs)),
        lambda all_xs: [[sum((xs[0] for xs in all_xs[1:]), all_xs[0][0])]] * comm.size,
    )


def check_send_and_recv(comm):
    """Rank 0 sends two Variables to the last rank, of which one is used; gradients come back, zeros for the other."""
    last = comm.size - 1
    x, w, _ = inputs(comm)
    if comm.rank == 0:
        a, b = Variable(x[0, 0]), Variable(x[0, 1])
        functions.send((a, b), comm, last, tag=3).backward()
        np.testing.assert_allclose(a.grad, 3 * x[0, 0] ** 2 * w[last, 0], 1e-12)
        np.testing.assert_array_equal(b.grad, 0)
    elif comm.rank == last:
        a, b = functions.recv(comm, 0, tag=3)
        np.testing.assert_array_equal(b.array, x[0, 1])
        loss_of([a], w[last]).backward()


def check_second_derivative_of_send_and_recv(comm):
    """The last rank computes y = (2 x)^3 from what rank 0 sends, and sends it back."""
    last = comm.size - 1
    x, _, _ = inputs(comm)
    if comm.rank == 0:
        a = Variable(x[0, 0])
        sent = functions.send(2 * a, comm, last)
        y = functions.recv(comm, last, sent)
        (gx,) = grad([F.sum(y)], [a], enable_double_backprop=True)
        np.testing.assert_allclose(gx.array, 24 * x[0, 0] ** 2, 1e-12)
    elif comm.rank == last:
        z = functions.recv(comm, 0)
        functions.send(z * z * z, comm, 0).backward()


def check_a_ring(comm):
    """What each rank adds travels round; pseudo_connect keeps the backward pass of all in order."""
    x, w, _ = inputs(comm)
    mine = Variable(x[comm.rank, 0])
    before, after = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
    if comm.rank == 0:
        y = functions.recv(comm, before, functions.send(mine, comm, after))
        loss_of([y], w[0]).backward()
        total = x[:, 0].sum(axis=0)
        np.testing.assert_allclose(y.array, total, 1e-12)
    else:
        functions.send(functions.recv(comm, before) + mine, comm, after).backward()
        total = x[:, 0].sum(axis=0)
    np.testing.assert_allclose(mine.grad, 3 * total**2 * w[0, 0], 1e-10)


def check_errors_before_anything_is_sent(comm):
    for call, word in (
        (lambda: functions.send(np.zeros(1), comm, comm.rank), 'wait for itself'),
        (lambda: functions.recv(comm, comm.size), 'ranks'),
        (lambda: functions.send((), comm, (comm.rank + 1) % comm.size), 'at least one'),
        (lambda: comm.alltoall((np.zeros(1),) * (comm.size + 1)), 'one array for each'),
        (lambda: multi_node.scatter_dataset([1], comm, root=comm.size), '0 <= root'),
        (lambda: multi_node.create_communicator('fast', comm.mpi_comm), 'must be one of'),
        (lambda: comm.set_config('speed'), 'no option'),
    ):
        try:
            call()
        except ValueError as error:
            assert word in str(error), str(error)
        else:
            raise AssertionError(word)


def check_arrays_of_the_communicator(comm):
    """Shapes and dtypes may differ from rank to rank."""
    rank, size = comm.rank, comm.size
    mine = np.full((rank + 1, 2), rank, ('i', 'f', 'd', 'e')[rank % 4])
    for r, x in enumerate(comm.allgather(mine)):
        assert x.shape == (r + 1, 2)
        assert (x == r).all()
    assert comm.allgather(mine)[rank].dtype == mine.dtype
    gathered = comm.gather(mine, root=size - 1)
    assert (gathered is None) == (rank != size - 1)
    xs = tuple(np.full(r + 1, r, 'f') for r in range(size)) if rank == 1 else None
    assert comm.scatter(xs, root=1).tolist() == [rank] * (rank + 1)
    assert comm.bcast(mine if rank == 1 else None, root=1).shape == (2, 2)
    np.testing.assert_array_equal(comm.allreduce(np.ones(3, 'e')), np.full(3, size, 'e'))
    assert comm.allreduce_obj(rank) == size * (size - 1) // 2
    strided = np.arange(12.0).reshape(3, 4).T
    np.testing.assert_array_equal(comm.bcast(strided), strided)
    half = comm.split(rank % 2, rank)
    assert half.allgather_obj(rank) == list(range(rank % 2, size, 2))
    assert (comm.intra_size, comm.inter_size, comm.intra_rank, comm.inter_rank) == (size, 1, rank, 0)
    if rank == 0:
        comm.send((np.ones(1), np.zeros((2, 0), 'i')), 1, 5)
        comm.send_obj({'a': 1}, 1, 6)
    if rank == 1:
        one, none = comm.recv(0, 5)
        assert (one[0], none.shape, none.dtype) == (1, (2, 0), 'i')
        assert comm.recv_obj(0, 6) == {'a': 1}


def check_objects_are_refused_as_arrays(comm):
    for wrong in (Variable(np.zeros(2)), [1], np.array([None])):
        try:
            comm.allreduce(wrong)
        except TypeError as error:
            assert 'numerical array' in str(error)
        else:
            raise AssertionError(wrong)
