"""Data, iterators, evaluators and extensions of several ranks."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings

import numpy as np

import chaingrad
import chaingrad.links as L
from chaingrad import iterators, multi_node, optimizers, training
from chaingrad.datasets import SubDataset, TransformDataset, TupleDataset
from chaingrad.training import extensions
from tests.multi_node.checks.models import Loss, assert_equal_on_all_ranks, assert_same, data, mlp, values


def check_scatter_dataset(comm):
    x = np.arange(21.0).reshape(7, 3)
    for make in (
        lambda: x,
        lambda: TupleDataset(x, np.arange(7)),
        lambda: list(range(7)),
        lambda: TransformDataset(x, abs),
    ):
        for shuffle in (False, True):
            for equal in (True, False):
                whole = make()
                mine = multi_node.scatter_dataset(
                    whole if comm.rank == 1 else None, comm, 1, shuffle, seed=3, force_equal_length=equal
                )
                assert isinstance(mine, SubDataset)
                parts = comm.allgather_obj([str(mine[i]) for i in range(len(mine))])
                lengths = {len(part) for part in parts}
                assert len(lengths) == 1 if equal else sum(map(len, parts)) == 7
                assert {text for part in parts for text in part} == {str(whole[i]) for i in range(7)}
                order = np.random.RandomState(3).permutation(7) if shuffle else np.arange(7)
                start = 7 * comm.rank // comm.size
                assert str(mine[0]) == str(whole[int(order[start])])


def check_rows_are_sent_alone(comm):
    """A rank gets its rows, not the array."""
    mine = multi_node.scatter_dataset(np.zeros((8, 2)) if comm.rank == 0 else None, comm)
    if comm.rank:
        assert mine._dataset.shape == (8 // comm.size, 2)


def check_scatter_index(comm):
    found = comm.allgather_obj(multi_node.scatter_index(10, comm, force_equal_length=False))
    assert found[0][0] == 0
    assert found[-1][1] == 10
    assert all(a[1] == b[0] for a, b in zip(found, found[1:]))
    start, stop = multi_node.scatter_index(10 if comm.rank == 0 else None, comm)
    assert stop - start == -(-10 // comm.size)
    assert stop <= 10


def check_no_dataset_at_the_root(comm):
    try:
        multi_node.scatter_dataset(None, comm)
    except ValueError as error:
        assert 'rank 0' in str(error)
    else:
        raise AssertionError('no error')


def check_multi_node_iterator(comm):
    actual = iterators.SerialIterator(list(range(5)) if comm.rank == 1 else [0], 2, shuffle=True)
    iterator = multi_node.iterators.create_multi_node_iterator(actual, comm, rank_master=1)
    for _ in range(4):
        batches = comm.allgather_obj((iterator.next(), iterator.epoch, iterator.is_new_epoch, iterator.epoch_detail))
        assert all(batch == batches[0] for batch in batches)
    once = iterators.SerialIterator(list(range(5)), 2, repeat=False, shuffle=False)
    iterator = multi_node.iterators.create_multi_node_iterator(once, comm)
    assert list(iterator) == [[0, 1], [2, 3], [4]]
    iterator.reset()
    assert iterator.next() == [0, 1]


def check_synchronized_iterator(comm):
    actual = iterators.SerialIterator(list(range(20)), 4)
    iterator = multi_node.iterators.create_synchronized_iterator(actual, comm)
    for _ in range(8):
        batches = comm.allgather_obj(iterator.next())
        assert all(batch == batches[0] for batch in batches)


def classifier(comm, seed=1):
    x, t = data()
    model = L.Classifier(mlp(seed))
    mine = multi_node.scatter_dataset(TupleDataset(x, t) if comm.rank == 0 else None, comm)
    return model, mine, TupleDataset(x, t)


def check_evaluator(comm):
    model, mine, whole = classifier(comm)
    test = iterators.SerialIterator(mine, 3, repeat=False, shuffle=False)
    found = multi_node.create_multi_node_evaluator(extensions.Evaluator(test, model), comm)()
    alone = extensions.Evaluator(iterators.SerialIterator(whole, 3, repeat=False, shuffle=False), model)()
    assert found.keys() == alone.keys()
    for name in found:
        np.testing.assert_allclose(found[name], alone[name], 1e-5)


class Everything(multi_node.extensions.GenericMultiNodeEvaluator):
    def calc_local(self, xs):
        return xs.tolist()

    def aggregate(self, results):
        return {'found': [x for result in results for x in result]}


def check_generic_evaluator(comm):
    """Ranks with more batches than others, and all results at the root in their order."""
    n = 2 * comm.rank + 1
    mine = np.arange(n) + 100 * comm.rank
    iterator = iterators.SerialIterator(mine, 2, repeat=False, shuffle=False)
    result = Everything(comm, iterator, None)(None)
    if comm.rank == 0:
        expected = [100 * r + i for start in range(0, 2 * comm.size, 2) for r in range(comm.size)
                    for i in range(start, min(start + 2, 2 * r + 1))]  # fmt: skip
        assert result == {'found': expected}
    else:
        assert result is None


def check_allreduce_persistent(comm):
    model = chaingrad.Sequential(L.BatchNormalization(2), L.BatchNormalization(3, dtype='d'))
    model[0].avg_mean[...] = comm.rank
    model[1].avg_var[...] = comm.rank**2
    multi_node.extensions.AllreducePersistent(model, comm)()
    np.testing.assert_allclose(model[0].avg_mean, np.mean(range(comm.size)))
    np.testing.assert_allclose(model[1].avg_var, np.mean([r**2 for r in range(comm.size)]))


def trainer_of(comm, folder, stop, snapshot=None, optimizer=None, **options):
    """Return a trainer of several ranks, whose iterators shuffle by themselves."""
    model, mine, _ = classifier(comm)
    optimizer = multi_node.create_multi_node_optimizer(optimizer or optimizers.Adam(), comm, **options).setup(model)
    updater = training.StandardUpdater(iterators.SerialIterator(mine, 2), optimizer)
    trainer = training.Trainer(updater, (stop, 'iteration'), out=folder)
    if snapshot is not None:
        trainer.extend(snapshot, trigger=(5, 'iteration'))
    return trainer, model


class Folder:
    """A folder that all ranks see."""

    def __init__(self, comm):
        self._comm = comm

    def __enter__(self):
        self.path = self._comm.bcast_obj(tempfile.mkdtemp() if self._comm.rank == 0 else None)
        return self.path

    def __exit__(self, *exc_info):
        self._comm.allgather_obj(None)
        if self._comm.rank == 0:
            shutil.rmtree(self.path)


def snapshot_of(comm):
    actual = extensions.snapshot(n_retains=2, autoload=True)
    return multi_node.extensions.multi_node_snapshot(comm, actual, [range(comm.size)])


def check_observations(comm):
    with Folder(comm) as folder:
        trainer, _ = trainer_of(comm, folder, 4)
        for key, every in (('all', 1), ('late', 2)):
            trainer.extend(
                multi_node.extensions.ObservationAggregator(comm, 'main/loss', key, comm_trigger=(every, 'iteration')),
                name=key,
            )
        seen = []
        trainer.extend(
            lambda t: seen.append({k: float(np.asarray(getattr(v, 'array', v))) for k, v in t.observation.items()})
        )
        trainer.run()
    mine = [each['main/loss'] for each in seen]
    losses = np.array(comm.allgather_obj(mine))
    np.testing.assert_allclose([each['all'] for each in seen], losses.mean(axis=0), 1e-6)
    np.testing.assert_allclose(
        [each['late'] for each in seen[1::2]], losses.mean(axis=0).reshape(-1, 2).mean(axis=1), 1e-6
    )
    assert 'late' not in seen[0]


def check_early_stopping_is_common(comm):
    with Folder(comm) as folder:
        trainer, _ = trainer_of(comm, folder, 4)
        trainer.stop_trigger = multi_node.extensions.MultiNodeEarlyStoppingTrigger(
            comm, check_trigger=(1, 'iteration'), patience=2, max_trigger=(30, 'iteration')
        )
        trainer.run()
    ends = comm.allgather_obj(trainer.updater.iteration)
    assert len(set(ends)) == 1


def check_resumed_runs_are_equal(comm):
    """A run of 12 iterations, and one that ends after 7 and goes on from the snapshot at 5: the same bits."""
    for options in ({}, {'double_buffering': True}):
        with Folder(comm) as folder:
            np.random.seed(comm.rank)
            trainer, unbroken = trainer_of(comm, os.path.join(folder, 'whole'), 12, snapshot_of(comm), **options)
            trainer.run()
            np.random.seed(comm.rank)
            trainer_of(comm, os.path.join(folder, 'parts'), 7, snapshot_of(comm), **options)[0].run()
            np.random.seed(comm.rank + 100)
            trainer, resumed = trainer_of(comm, os.path.join(folder, 'parts'), 12, snapshot_of(comm), **options)
            trainer.run()
            assert trainer.updater.iteration == 12
            assert_same(values(resumed), values(unbroken), rtol=0, atol=0)
            assert sorted(os.listdir(os.path.join(folder, 'parts'))) == ['snapshot_iter_10', 'snapshot_iter_5']


def check_another_number_of_ranks(comm):
    """What two ranks have saved, all go on with; and one alone."""
    pair = comm.split(comm.rank // 2, comm.rank)
    with Folder(comm) as folder:
        if comm.rank < 2:
            trainer, saved = trainer_of(pair, folder, 5, snapshot_of(pair))
            trainer.run()
            expected = values(saved)
            t = trainer.updater.get_optimizer('main').t
        single = comm.split(comm.rank, 0)
        for ranks in [single] + [comm] * (comm.size > 2):
            model, found, messages = resumed_without_steps(ranks, folder)
            assert found.updater.iteration == 5
            assert found.updater.get_optimizer('main').t == 5
            if comm.rank < 2:
                assert t == 5
                assert_same(values(model), expected, rtol=0, atol=0)
            if ranks.rank == 0:
                assert any('was saved by 2 rank(s)' in message for message in messages), messages
            iterator = found.updater.get_iterator('main')
            assert abs(iterator.epoch_detail - 5 * 2 / (24 / 2)) < 2 / 6
            assert len(iterator.dataset) == 24 // ranks.size


def resumed_without_steps(comm, folder):
    """Return the model and the trainer as they are after the snapshot was loaded, and the warnings."""
    trainer, model = trainer_of(comm, folder, 5, snapshot_of(comm))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        trainer.run()
    return model, trainer, [str(each.message) for each in caught]


def check_replica_sets(comm):
    """Every rank with a file of its own."""
    with Folder(comm) as folder:
        actual = extensions.snapshot()
        trainer, _ = trainer_of(comm, folder, 5, multi_node.extensions.multi_node_snapshot(comm, actual, []))
        trainer.run()
        comm.allgather_obj(None)
        assert sorted(os.listdir(folder)) == [f'snapshot_iter_5.{rank}' for rank in range(comm.size)]
        try:
            multi_node.extensions.multi_node_snapshot(comm, actual, [[0], [0, 1]])
        except ValueError as error:
            assert 'disjoint' in str(error)
        else:
            raise AssertionError('no error')
        comm.allgather_obj(None)


def check_checkpointer(comm):
    with Folder(comm) as folder:
        results = []
        for steps in (None, 7):
            np.random.seed(comm.rank)
            name = 'whole' if steps is None else 'parts'
            checkpointer = multi_node.create_multi_node_checkpointer('run', comm, 2, 2)
            trainer, model = trainer_of(comm, os.path.join(folder, name), steps or 12)
            trainer.extend(checkpointer, trigger=(1, 'iteration'))
            if steps:
                checkpointer._is_done = False  # as if it had been killed
            trainer.run()
            results.append(model)
        files = sorted(os.listdir(os.path.join(folder, 'parts')))
        assert 2 * comm.size <= len(files) < 4 * comm.size, files
        comm.allgather_obj(None)
        if comm.rank == 0:  # the newest of one rank is damaged: all take the one before
            with open(os.path.join(folder, 'parts', 'run.0.7'), 'r+b') as f:
                f.truncate(100)
        comm.allgather_obj(None)
        checkpointer = multi_node.create_multi_node_checkpointer('run', comm, 2, 2)
        np.random.seed(comm.rank + 50)
        trainer, model = trainer_of(comm, os.path.join(folder, 'parts'), 12)
        trainer.extend(checkpointer, trigger=(1, 'iteration'))
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            assert checkpointer.maybe_load(trainer) == 6
        trainer.run()
        assert_same(values(model), values(results[0]), rtol=0, atol=0)
        assert_equal_on_all_ranks(comm, model)
        assert [name for name in os.listdir(os.path.join(folder, 'parts')) if name.startswith('run')] == []
        assert checkpointer.get_stats()['saves'] == 6


def check_gradients_are_those_of_the_loss(comm):
    """The trainer's updates are those of the loss of the joint batch."""
    x, t = data()
    model = mlp(seed=1)
    expected = Loss(mlp(seed=1))(x, t).array
    mean = comm.allreduce(np.asarray(Loss(model)(x, t).array)) / comm.size
    np.testing.assert_allclose(mean, expected, 1e-6)
