"""MultithreadIterator and MultiprocessIterator: the same batches as SerialIterator."""

import copy
import pickle

import numpy as np
import pytest

from chaingrad.datasets import TupleDataset
from chaingrad.iterators import MultiprocessIterator, MultithreadIterator, SerialIterator, ShuffleOrderSampler
from tests.training.test_iterators_serial import load, save, state
from tests.training.worker_datasets import Augmented, OldAugmented, Pids

pytestmark = pytest.mark.usefixtures('no_workers_left')


def run(iterator, n):
    """Return n batches with the state after each; random numbers are drawn in between, as dropout does."""
    return [(repr(iterator.next()), state(iterator), np.random.rand()) for _ in range(n)]


@pytest.mark.parametrize('n', [1, 2, 4])
@pytest.mark.parametrize('options', [{}, {'shuffle': False}, {'sampler': True}], ids=str)
@pytest.mark.parametrize('batch_size', [5, 23, 50])
def test_same_batches_as_serial(parallel, n, options, batch_size):
    """The order is drawn at the same times, too: what the program draws in between does not matter."""

    def make(kind, **more):
        np.random.seed(5)
        chosen = {'order_sampler': ShuffleOrderSampler(np.random.RandomState(1))} if 'sampler' in options else options
        return kind(Augmented(), batch_size, **chosen, **more)

    expected = run(make(SerialIterator), 12)
    with make(parallel, n=n) as iterator:
        assert run(iterator, 12) == expected


def test_same_batches_for_every_start_method(start_method):
    np.random.seed(5)
    expected = run(SerialIterator(Augmented(), 5), 6)
    np.random.seed(5)
    with MultiprocessIterator(Augmented(), 5, n_processes=2) as iterator:
        assert run(iterator, 6) == expected


@pytest.mark.parametrize('n_prefetch', [0, 1, 5])
@pytest.mark.parametrize('repeat', [True, False])
def test_prefetch_and_replaced_workers(n_prefetch, repeat):
    np.random.seed(5)
    serial = SerialIterator(Augmented(), 4, repeat=repeat)
    expected = run(serial, 6)
    np.random.seed(5)
    options = {'n_processes': 2, 'n_prefetch': n_prefetch, 'maxtasksperchild': 3}
    with MultiprocessIterator(Augmented(), 4, repeat, **options) as iterator:
        assert run(iterator, 6) == expected
        if not repeat:
            for _ in range(2):
                with pytest.raises(StopIteration):
                    iterator.next()
            iterator.reset(), serial.reset()
            assert len(list(iterator)) == 6


def test_maxtasksperchild_replaces_processes():
    with MultiprocessIterator(Pids(), 4, n_processes=1, maxtasksperchild=4, shuffle=False) as iterator:
        assert len({*iterator.next(), *iterator.next(), *iterator.next()}) == 3
    with MultiprocessIterator(Pids(), 4, n_processes=2, shuffle=False) as iterator:
        assert len({*iterator.next(), *iterator.next(), *iterator.next()}) == 2


def test_old_augmentation_is_the_same_for_any_number_of_processes():
    def batches(n):
        np.random.seed(5)
        with MultiprocessIterator(OldAugmented(), 5, n_processes=n) as iterator:
            return run(iterator, 6)

    assert batches(1) == batches(3)
    assert len({batch for batch, _, _ in batches(1)}) == 6


@pytest.mark.parametrize('cut', [1, 4, 5, 6])
def test_resume(parallel, cut):
    """In the middle of an epoch, with another seed, and from a snapshot of SerialIterator."""
    np.random.seed(0)
    serial = SerialIterator(Augmented(), 5)
    with parallel(Augmented(), 5) as iterator:
        np.random.seed(0)
        iterator.reset()
        run(iterator, cut)
        saved, random_state = save(iterator), np.random.get_state()
        expected = run(iterator, 9)
    np.random.seed(0)
    serial.reset()
    run(serial, cut)
    of_serial = save(serial)
    assert {k: v.tolist() for k, v in of_serial.items()} == {k: v.tolist() for k, v in saved.items()}
    np.random.seed(99)
    with parallel(Augmented(), 5) as other:
        other.next()  # what was fetched ahead must be discarded
        load(saved, other)
        np.random.set_state(random_state)
        assert run(other, 9) == expected


def test_saving_does_not_disturb_what_is_read_ahead(parallel):
    with parallel(Augmented(), 5) as iterator:
        iterator.next()
        pool = iterator._pool
        save(iterator)
        assert iterator._pool is pool and iterator._pending


def test_closed(parallel):
    iterator = parallel([1, 2, 3], 2)
    iterator.next()
    iterator.finalize()
    with pytest.raises(RuntimeError, match='finalize'):
        iterator.next()
    with pytest.raises(NotImplementedError, match='finalize'):
        iterator.reset()


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'n_processes': 0}, 'n_processes must be an integer of at least 1, but it is 0'),
        ({'n_prefetch': -1}, 'n_prefetch must be an integer of at least 0, but it is -1'),
        ({'maxtasksperchild': 0.5}, 'maxtasksperchild must be an integer of at least 1, but it is 0.5'),
    ],
)
def test_bad_numbers(options, words):
    with pytest.raises(ValueError, match=words):
        MultiprocessIterator([1], 1, **options)
    with pytest.raises(ValueError, match='n_threads must be an integer of at least 1, but it is 0'):
        MultithreadIterator([1], 1, n_threads=0)


@pytest.mark.behaviour('copy-multithread-iterator')
@pytest.mark.parametrize('make', [SerialIterator, MultithreadIterator, MultiprocessIterator])
def test_copy_before_use_has_position_and_order_of_its_source(make):
    with make(list(range(9)), 4, repeat=False) as iterator, copy.copy(iterator) as other:
        examples = [example for batch in iterator for example in batch]
        assert sorted(examples) == list(range(9)) and other.epoch == 0 and iterator.epoch == 1
        assert [example for batch in other for example in batch] == examples


@pytest.mark.behaviour('pickle-multiprocess-iterator')
def test_pickle_after_the_first_batch(parallel):
    with parallel(list(range(6)), 2, shuffle=False) as iterator:
        iterator.next()
        with pickle.loads(pickle.dumps(iterator)) as other, copy.deepcopy(iterator) as third:
            assert other.next() == iterator.next() == third.next() == [2, 3]


def test_copy_has_workers_of_its_own():
    with MultiprocessIterator(list(range(6)), 2, shuffle=False, n_processes=1) as iterator:
        iterator.next()
        with copy.copy(iterator) as other:
            assert other.next() == [2, 3]
            assert iterator.next() == [2, 3]
        assert iterator.next() == [4, 5]


def test_arrays_and_repr(parallel):
    dataset = TupleDataset(np.arange(12.0).reshape(6, 2), np.arange(6))
    with parallel(dataset, 4, shuffle=False) as iterator:
        batch = iterator.next()
        assert type(batch) is list and [int(t) for _, t in batch] == [0, 1, 2, 3]
        np.testing.assert_array_equal(np.stack([x for x, _ in batch]), np.arange(8.0).reshape(4, 2))
        assert 'n_' in repr(iterator) and 'epoch 0, position 4 of 6' in repr(iterator)
