"""The optimizer of several ranks against one process with the joint batch."""

from __future__ import annotations

import copy

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import multi_node, optimizers
from chaingrad.autograd import backprop
from chaingrad.links.serializers import DictionarySerializer, NpzDeserializer
from chaingrad.multi_node.gradients import buckets, overlap
from tests.multi_node.checks.models import (
    Loss,
    assert_equal_on_all_ranks,
    assert_same,
    data,
    gradients,
    mlp,
    part,
    trained_alone,
    values,
)


def joint_gradients(model, x, t):
    alone = copy.deepcopy(model)
    alone.cleargrads()
    Loss(alone)(x, t).backward()
    return gradients(alone)


def wrapped(comm, model, actual=None, **options):
    return multi_node.create_multi_node_optimizer(actual or optimizers.SGD(lr=0.1), comm, **options).setup(model)


def check_gradients_of_the_joint_batch(comm):
    x, t = data()
    for zero_fill in (True, False):
        model = mlp(seed=1)
        expected = joint_gradients(model, x, t)
        wrapped(comm, model, zero_fill=zero_fill).update(Loss(model), *part(comm, x, t))
        assert_same(gradients(model), expected)


def check_gradients_that_the_program_computed(comm):
    x, t = data()
    model = mlp(seed=1)
    expected = joint_gradients(model, x, t)
    optimizer = wrapped(comm, model)
    model.cleargrads()
    Loss(model)(*part(comm, x, t)).backward()
    optimizer.update()
    assert optimizer.t == 1
    assert_same(gradients(model), expected)


def check_every_name_of_a_communicator(comm):
    x, t = data()
    for name in ('naive', 'flat', 'pure_nccl', 'hierarchical', 'two_dimensional', 'single_node', 'non_cuda_aware'):
        other = multi_node.create_communicator(name, comm.mpi_comm, bucket_bytes=100)
        model = mlp(seed=1)
        expected = joint_gradients(model, x, t)
        model.cleargrads()
        Loss(model)(*part(comm, x, t)).backward()
        other.multi_node_mean_grad(model)
        assert_same(gradients(model), expected)
        assert len(other._layouts[model].buckets) == (6 if name == 'naive' else 3)


def check_large_gradients_travel_without_being_copied(comm):
    x, t = data()
    before, buckets._LARGE = buckets._LARGE, 1
    try:
        for options in ({}, {'zero_fill': False}, {'double_buffering': True}):
            other = multi_node.create_communicator('flat', comm.mpi_comm, bucket_bytes=200)
            model, alone = mlp(seed=1), mlp(seed=1)
            model[0].W.array = np.asfortranarray(model[0].W.array)
            optimizer = wrapped(other, model, **options)
            expected = joint_gradients(alone, x, t)
            for _ in range(1 + ('double_buffering' in options)):
                optimizer.update(Loss(model), *part(comm, x, t))
            assert_same(gradients(model), expected)
            is_direct = [bucket.is_direct for bucket in optimizer._layout.buckets]
            assert any(is_direct) == ('double_buffering' not in options)
        model.cleargrads()
        comm.multi_node_mean_grad(model)
        assert all(p.grad is None for p in model.params())
        comm.multi_node_mean_grad(model, zero_fill=True)
        assert not any(p.grad.any() for p in model.params())
    finally:
        buckets._LARGE = before


def check_dummy_leaves_gradients_alone(comm):
    x, t = data()
    model = mlp(seed=1)
    dummy = multi_node.create_communicator('dummy', comm.mpi_comm)
    mine = joint_gradients(model, *part(comm, x, t))
    wrapped(dummy, model).update(Loss(model), *part(comm, x, t))
    assert_same(gradients(model), mine, rtol=0, atol=0)


def check_different_beginnings_become_equal_and_stay_equal(comm):
    x, t = data()
    model = mlp()
    alone = mlp(seed=0)  # rank 0 began with this seed
    expected = values(trained_alone(alone, optimizers.Adam(), x, t, 100))
    optimizer = wrapped(comm, model, optimizers.Adam())
    for _ in range(100):
        optimizer.update(Loss(model), *part(comm, x, t))
    assert optimizer.t == 100
    assert_equal_on_all_ranks(comm, model)
    assert_same(values(model), expected, rtol=2e-3, atol=1e-4)  # rounding, after 100 steps


def check_lazy_parameters_are_made_equal(comm):
    """A step in which parameters get their arrays changes nothing else."""
    x, t = data()
    model = mlp(first=None)
    optimizer = wrapped(comm, model)
    optimizer.update(Loss(model), *part(comm, x, t))
    assert optimizer.t == 0
    assert_equal_on_all_ranks(comm, model)
    expected = joint_gradients(model, x, t)
    optimizer.update(Loss(model), *part(comm, x, t))
    assert optimizer.t == 1
    assert_same(gradients(model), expected)


def check_buckets_are_sent_during_the_backward_pass(comm):
    """All but the last bucket are on their way before the first layer's gradients are there."""
    x, t = data()
    model = mlp(seed=1)
    model.cleargrads()
    loss = Loss(model)(*part(comm, x, t))
    params = list(model.params())
    uses = overlap.Uses([loss], params)
    ordered = [params[i] for i in uses.order(params)]
    assert {id(p) for p in ordered[:2]} == {id(model[4].W), id(model[4].b)}
    layout = comm.layout(ordered)
    layout = type(layout)(layout.buckets[0].wire, ordered, 80)
    sent = []
    for bucket in layout.buckets:
        bucket.start = lambda start=bucket.start, bucket=bucket: (sent.append(steps[0]), start())
    steps = [0]
    visit = backprop.visit

    def counted(*args, **kwargs):
        steps[0] += 1
        return visit(*args, **kwargs)

    backprop.visit = counted
    try:
        overlap.backward(loss, layout, uses, None)
    finally:
        backprop.visit = visit
    assert len(layout.buckets) == 3
    assert sent == sorted(sent)
    assert sent[0] < sent[1] < sent[2]


def check_parameters_used_twice_or_not_at_all(comm):
    x, t = data()

    class Model(chaingrad.Chain):
        def __init__(self):
            super().__init__(a=L.Linear(5, 5), b=L.Linear(5, 3), unused=L.Linear(2, 2))

        def forward(self, x):
            return self.b(F.tanh(self.a(F.tanh(self.a(x)))))

    np.random.seed(3)
    model = Model()
    used = ('/a/W', '/a/b', '/b/W', '/b/b')
    alone = copy.deepcopy(model)
    alone.cleargrads()
    Loss(alone)(x, t).backward()
    wrapped(comm, model).update(Loss(model), *part(comm, x, t))
    found = gradients(model)
    assert_same({k: found[k] for k in used}, {k: p.grad for k, p in alone.namedparams() if k in used})
    assert not found['/unused/W'].any()


def check_a_gradient_on_some_ranks_only_is_named(comm):
    model = mlp(seed=1)
    model.cleargrads()
    if comm.rank == 0:
        model[0].W.grad = np.ones_like(model[0].W.array)
    try:
        comm.multi_node_mean_grad(model)
    except RuntimeError as error:
        assert 'W' in str(error) and 'zero_fill' in str(error)
    else:
        raise AssertionError('no error')
    comm.multi_node_mean_grad(model, zero_fill=True)
    np.testing.assert_allclose(model[0].W.grad, 1 / comm.size)


def check_float16_on_the_wire(comm):
    x, t = data()
    half = multi_node.create_communicator('flat', comm.mpi_comm, allreduce_grad_dtype='float16')
    model = mlp(seed=1)
    expected = joint_gradients(model, x, t)
    wrapped(half, model).update(Loss(model), *part(comm, x, t))
    found = gradients(model)
    assert_same(found, expected, rtol=5e-3, atol=1e-4)
    assert any((found[name] != expected[name]).any() for name in found)
    assert_equal_on_all_ranks(comm, model)
    assert half.get_config()['allreduce_grad_dtype'] == np.float16


def check_several_dtypes(comm):
    model = chaingrad.Chain()
    dtypes = ('float16', 'float32', 'float64')
    with model.init_scope():
        for dtype in dtypes:
            setattr(model, dtype, chaingrad.Parameter(np.zeros(3, dtype)))
    for p in model.params():
        p.grad = np.full(3, comm.rank + 1, p.dtype)
    comm.multi_node_mean_grad(model)
    for dtype in dtypes:
        grad = getattr(model, dtype).grad
        assert grad.dtype == dtype
        np.testing.assert_array_equal(grad, (comm.size + 1) / 2)


def check_double_buffering_is_one_step_late(comm):
    """theta[k+1] = theta[k] - lr g(theta[k-1]), where the first update waits for its gradient."""
    x, t = data()
    model = mlp(seed=1)
    optimizer = wrapped(comm, model, double_buffering=True)
    alone = mlp(seed=1)
    late = None
    for step in range(6):
        optimizer.update(Loss(model), *part(comm, x, t))
        now = joint_gradients(alone, x, t)
        for name, p in alone.namedparams() if late is not None else ():
            p.array -= np.float32(0.1) * late[name]
        late = now
        assert optimizer.t == step
        assert_same(values(model), values(alone), atol=1e-6)
    assert_equal_on_all_ranks(comm, model)
    other_model = mlp(seed=5)
    other = wrapped(comm, other_model, double_buffering=True)
    saved = DictionarySerializer()
    optimizer.serialize(saved)
    for (_, p), (_, q) in zip(sorted(model.namedparams()), sorted(other_model.namedparams())):
        q.array[...] = p.array
    other.serialize(NpzDeserializer(saved.target))
    for one, of in ((optimizer, model), (other, other_model)):
        one.update(Loss(of), *part(comm, x, t))
    assert_same(values(model), values(other_model), rtol=0, atol=0)


def check_loss_scaling_and_hooks(comm):
    x, t = data()
    model, alone = mlp(seed=1), mlp(seed=1)
    optimizer = wrapped(comm, model)
    plain = optimizers.SGD(lr=0.1).setup(alone)
    for each in (optimizer, plain):
        each.set_loss_scale(64)
        each.add_hook(chaingrad.optimizer_hooks.WeightDecay(0.01))
    for _ in range(5):
        optimizer.update(Loss(model), *part(comm, x, t))
        plain.update(Loss(alone), x, t)
    assert_same(values(model), values(alone), rtol=1e-4, atol=1e-6)


def check_attributes_are_those_of_the_actual_optimizer(comm):
    optimizer = wrapped(comm, mlp(seed=1))
    optimizer.lr = 0.25
    assert optimizer.actual_optimizer.hyperparam.lr == 0.25
    assert optimizer.target is optimizer.actual_optimizer.target
    assert 'SGD' in repr(optimizer)


def check_batch_normalization_over_ranks_in_a_network(comm):
    """A convolutional network with create_mnbn_model has the gradients and averages of the joint batch."""
    generator = np.random.RandomState(2)
    x = generator.randn(8, 2, 6, 6).astype('f')
    t = generator.randint(0, 3, 8).astype('i')
    np.random.seed(4)
    alone = chaingrad.Sequential(
        L.Convolution2D(2, 4, 3), L.BatchNormalization(4), F.relu, L.Convolution2D(4, 4, 3),
        L.BatchNormalization(4), F.relu, L.Linear(16, 3),
    )  # fmt: skip
    model = multi_node.links.create_mnbn_model(alone, comm)
    optimizer = wrapped(comm, model)
    plain = optimizers.SGD(lr=0.1).setup(alone)
    for _ in range(3):
        optimizer.update(Loss(model), *part(comm, x, t))
        plain.update(Loss(alone), x, t)
        assert_same(gradients(model), gradients(alone), rtol=1e-5, atol=2e-6)
    for ours, theirs in ((model[1], alone[1]), (model[4], alone[4])):
        np.testing.assert_allclose(ours.avg_mean, theirs.avg_mean, 1e-5, 1e-6)
        np.testing.assert_allclose(ours.avg_var, theirs.avg_var, 1e-5, 1e-6)
    with chaingrad.using_config('train', False):
        np.testing.assert_allclose(model(x).array, alone(x).array, 1e-4, 1e-5)
