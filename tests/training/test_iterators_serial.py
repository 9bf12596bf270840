"""SerialIterator, order samplers, and the position of an iterator."""

import copy

import numpy as np
import pytest

from chaingrad.dataset import DatasetMixin, Iterator, concat_examples, rng
from chaingrad.datasets import DictDataset, SubDataset, TransformDataset, TupleDataset
from chaingrad.iterators import DaliIterator, OrderSampler, SerialIterator, ShuffleOrderSampler
from chaingrad.serializers import DictionarySerializer, NpzDeserializer


def save(iterator):
    serializer = DictionarySerializer()
    serializer.save(iterator)
    return {key: np.array(value) for key, value in serializer.target.items()}


def load(target, iterator):
    NpzDeserializer(target).load(iterator)
    return iterator


def state(it):
    return it.epoch, it.current_position, it.is_new_epoch, it.epoch_detail, it.previous_epoch_detail


def test_repeat_fills_batches_from_the_next_epoch():
    it = SerialIterator([1, 2, 3, 4, 5], 2, shuffle=False)
    assert state(it) == (0, 0, False, 0.0, None)
    assert it.next() == [1, 2]
    assert state(it) == (0, 2, False, 0.4, 0.0)
    assert next(it) == [3, 4]
    assert it.next() == [5, 1]
    assert state(it) == (1, 1, True, 1.2, 0.8)
    assert it.next() == [2, 3]
    assert not it.is_new_epoch


def test_new_epoch_at_the_exact_end():
    it = SerialIterator([1, 2, 3, 4], 2, shuffle=False)
    it.next(), it.next()
    assert state(it) == (1, 0, True, 1.0, 0.5)


def test_no_repeat():
    it = SerialIterator([1, 2, 3], 2, repeat=False, shuffle=False)
    assert it.next() == [1, 2] and it.next() == [3]
    assert state(it) == (1, 0, True, 1.0, 2 / 3)
    for _ in range(2):
        with pytest.raises(StopIteration):
            it.next()
    it.reset()
    assert list(it) == [[1, 2], [3]]
    assert it.repeat is False


@pytest.mark.parametrize('shuffle', [False, True, None])
def test_batch_larger_than_the_dataset(shuffle):
    it = SerialIterator([0, 1, 2], 7, shuffle=shuffle)
    batch = it.next()
    assert len(batch) == 7
    assert [sorted(batch[:3]), sorted(batch[3:6])] == [[0, 1, 2]] * 2
    assert (it.epoch, it.current_position, it.is_new_epoch) == (2, 1, True)
    assert it.epoch_detail == pytest.approx(7 / 3)


def test_shuffle_draws_permutations_from_the_global_state_as_the_reference_does():
    np.random.seed(3)
    it = SerialIterator(list(range(10)), 5)
    drawn = [*it.next(), *it.next(), *it.next(), *it.next()]
    np.random.seed(3)
    assert drawn == [*np.random.permutation(10), *np.random.permutation(10)]


def test_the_new_order_is_drawn_after_the_old_examples_were_fetched():
    """A dataset that draws random numbers sees them in the order of the reference."""
    np.random.seed(1)
    it = SerialIterator(TransformDataset([0, 1, 2], lambda x: np.random.rand()), 2)
    given = [it.next(), it.next()]
    np.random.seed(1)
    np.random.permutation(3)
    expected = [[np.random.rand(), np.random.rand()]]
    last = np.random.rand()
    np.random.permutation(3)
    assert given == [*expected, [last, np.random.rand()]]


def test_shuffle_and_order_sampler_exclude_each_other():
    with pytest.raises(ValueError, match='shuffle must be None'):
        SerialIterator([1], 1, shuffle=True, order_sampler=ShuffleOrderSampler())


def test_order_sampler_gets_order_and_position():
    calls = []

    class Sampler(OrderSampler):
        def __call__(self, order, position):
            calls.append((list(order), position))
            return np.roll(order, 1)

    it = SerialIterator('abc', 2, order_sampler=Sampler())
    assert it.next() + it.next() + it.next() == ['c', 'a', 'b', 'b', 'c', 'a']
    assert calls == [([0, 1, 2], 0), ([2, 0, 1], 2), ([1, 2, 0], 1)]


def test_order_sampler_may_choose_examples_but_not_change_their_number():
    orders = iter([[1, 1], [1, 1], [0]])
    it = SerialIterator('abc', 1, order_sampler=lambda order, position: np.array(next(orders)))
    assert it.next() + it.next() + it.next() == ['b', 'b', 'b']
    with pytest.raises(ValueError, match='keep its length, 2, but the new one has 1'):
        it.next()


def test_shuffle_order_sampler():
    sampler = ShuffleOrderSampler(np.random.RandomState(0))
    np.testing.assert_array_equal(sampler(np.arange(5), 0), np.random.RandomState(0).permutation(5))
    generator = ShuffleOrderSampler(np.random.default_rng(0))
    np.testing.assert_array_equal(generator(np.arange(5), 0), np.random.default_rng(0).permutation(5))
    with pytest.raises(TypeError, match=r'RandomState\(3\) for a seed'):
        ShuffleOrderSampler(3)


@pytest.mark.parametrize('batch_size', [0, -1, 2.0, True, None])
def test_bad_batch_size(batch_size):
    with pytest.raises(ValueError, match='batch_size must be an integer of at least 1, but it is'):
        SerialIterator([1], batch_size)


def test_empty_dataset():
    with pytest.raises(ValueError, match=r'at least one example, but list of 0 is empty'):
        SerialIterator([], 1)
    with pytest.raises(ValueError, match='returned none'):
        SerialIterator([1], 1, order_sampler=lambda order, position: order[:0])


def test_a_failing_dataset_does_not_move_the_iterator():
    failing = [True]

    def get(x):
        if x == 2 and failing:
            raise KeyError(x)
        return x

    it = SerialIterator(TransformDataset([0, 1, 2, 3], get), 2, shuffle=False)
    it.next()
    with pytest.raises(KeyError):
        it.next()
    assert it.current_position == 2
    failing.clear()
    assert it.next() == [2, 3]


def test_an_order_that_was_drawn_for_a_batch_that_failed_is_kept():
    failing = []

    def get(x):
        if failing:
            failing.pop()
            raise KeyError(x)
        return x

    def make():
        np.random.seed(0)
        return SerialIterator(TransformDataset(list(range(5)), get), 3)

    expected = [make_batches(make(), 4)]
    it = make()
    first = it.next()
    # Fetching fails at the first example of the new epoch, after the order was drawn; then the iterator is saved.
    fetch = it.dataset._transform
    it.dataset._transform = lambda x: (_ for _ in ()).throw(KeyError(x)) if it._cursor.drawn else fetch(x)
    with pytest.raises(KeyError):
        it.next()
    saved = save(it)
    random_state = np.random.get_state()
    other = load(saved, SerialIterator(list(range(5)), 3))
    np.random.set_state(random_state)
    assert [[first, *make_batches(other, 3)]] == expected


def make_batches(it, n):
    return [it.next() for _ in range(n)]


def test_rng_depends_on_seed_epoch_and_index_only():
    def make(seed):
        np.random.seed(seed)
        return SerialIterator(TransformDataset(list(range(4)), lambda i: (i, rng().random(), rng().random())), 2)

    epochs = [sorted(it.next() + it.next()) for it in [make(0)] for _ in range(2)]
    assert epochs[0] != epochs[1]
    again = make(0)
    np.random.rand(7)  # other random numbers do not matter
    assert sorted(again.next() + again.next()) == epochs[0]
    assert sorted(make(1).next() + make(1).next()) != epochs[0]
    assert all(first != second for _, first, second in epochs[0])


def test_the_seed_is_not_drawn():
    np.random.seed(0)
    SerialIterator([1, 2], 1, shuffle=False)
    drawn = np.random.rand()
    np.random.seed(0)
    assert drawn == np.random.rand()


DATASETS = {
    'list': lambda: list(range(7)),
    'array': lambda: np.arange(21).reshape(7, 3),
    'TupleDataset of arrays': lambda: TupleDataset(np.arange(14).reshape(7, 2), np.arange(7)),
    'TupleDataset': lambda: TupleDataset(np.arange(14).reshape(7, 2), list('abcdefg')),
    'part': lambda: SubDataset(TupleDataset(np.arange(18).reshape(9, 2), np.arange(9)), 1, 8, np.arange(9)[::-1]),
    'DictDataset': lambda: DictDataset(x=np.arange(14).reshape(7, 2), t=np.arange(7)),
    'random': lambda: TransformDataset(list(range(7)), lambda i: i + rng().random()),
}


def plain(batch):
    arrays = concat_examples(batch)
    values = arrays.values() if isinstance(arrays, dict) else arrays if isinstance(arrays, tuple) else [arrays]
    return [value.tolist() for value in values]


@pytest.mark.parametrize('name', DATASETS)
@pytest.mark.parametrize('sampler', ['shuffle', 'none', 'own'])
@pytest.mark.parametrize('cut', [0, 1, 3, 4])
def test_resume(name, sampler, cut):
    """A restored iterator continues as the saved one, also within an epoch, whatever the seed of the new process."""
    options = {
        'shuffle': dict,
        'none': lambda: {'shuffle': False},
        'own': lambda: {'order_sampler': ShuffleOrderSampler(np.random.default_rng(np.random.randint(99)))},
    }[sampler]
    np.random.seed(0)
    it = SerialIterator(DATASETS[name](), 2, **options())
    for _ in range(cut):
        it.next()
    saved, random_state = save(it), np.random.get_state()
    expected = [(plain(it.next()), state(it)) for _ in range(9)]
    np.random.seed(77)
    other = load(saved, SerialIterator(DATASETS[name](), 2, **options()))
    np.random.set_state(random_state)  # as the Trainer does
    assert [(plain(other.next()), state(other)) for _ in range(9)] == expected


def test_keys_are_the_reference_s():
    it = SerialIterator([1, 2, 3], 2)
    it.next()
    keys = set(save(it))
    assert {key for key in keys if not key.startswith('chaingrad/')} == {
        'current_position', 'epoch', 'is_new_epoch', 'order', 'previous_epoch_detail',
    }  # fmt: skip
    assert 'order' not in save(SerialIterator([1, 2, 3], 2, shuffle=False))


def test_a_file_of_the_reference_is_read():
    target = {
        'current_position': np.array(2),
        'epoch': np.array(4),
        'is_new_epoch': np.array(True),
        'previous_epoch_detail': np.array(3.5),
        'order': np.array([2, 0, 1]),
    }
    it = load(target, SerialIterator('abc', 2))
    assert state(it) == (4, 2, True, 4 + 2 / 3, 3.5)
    assert it.next()[0] == 'b'
    del target['previous_epoch_detail']
    target['_order'] = target.pop('order')
    it = load(target, SerialIterator('abc', 1))
    assert state(it) == (4, 2, True, 4 + 2 / 3, 4 + 1 / 3)


def test_another_length_of_the_dataset_is_named():
    saved = save(SerialIterator([1, 2, 3], 2))
    it = SerialIterator([1, 2, 3, 4], 2)
    with pytest.raises(ValueError, match=r'had 3 examples \(chaingrad/iterator\), but this one has 4'):
        load(saved, it)
    for size in (1, 2):
        target = {'current_position': np.array(2), 'epoch': np.array(0), 'is_new_epoch': np.array(False)}
        with pytest.raises(ValueError, match='current_position'):
            load(target, SerialIterator([1] * size, 1, shuffle=False))


def test_iterator_base():
    class Own(Iterator):
        closed = 0

        def __next__(self):
            return [1]

        def finalize(self):
            self.closed += 1

    with Own() as it:
        assert it.next() == [1] and iter(it) is it
    assert it.closed == 1
    it.serialize(None)
    with pytest.raises(NotImplementedError, match='Iterator must define __next__'):
        Iterator().next()
    with SerialIterator([1], 1) as it:
        it.finalize()
    assert it.next() == [1]  # has nothing to close


def test_old_ways_to_rewind():
    it = SerialIterator([1, 2, 3], 2, shuffle=False)
    it.next()
    it.epoch, it.current_position, it.is_new_epoch = 0, 0, False
    assert it.next() == [1, 2]


def test_copy_goes_its_own_way():
    it = SerialIterator([1, 2, 3], 2, shuffle=False)
    it.next()
    other = copy.deepcopy(it)
    assert other.next() == it.next()
    assert it.next() == other.next()


def test_a_subclass_that_changes_examples_is_asked_for_them():
    class Negated(TupleDataset):
        def __getitem__(self, index):
            return tuple(-value for value in super().__getitem__(index))

    it = SerialIterator(Negated(np.arange(4.0)), 2, shuffle=False)
    np.testing.assert_array_equal(concat_examples(it.next())[0], [0, -1])


def test_repr():
    class Mine(DatasetMixin):
        def __len__(self):
            return 5

    it = SerialIterator(Mine(), 2, repeat=False, shuffle=False)
    assert repr(it) == (
        'SerialIterator(Mine of 5 examples, batch_size=2, repeat=False, shuffle=False) at epoch 0, position 0 of 5'
    )
    assert 'order_sampler=ShuffleOrderSampler()' in repr(SerialIterator([1], 1))


def test_dali_is_refused():
    with pytest.raises(NotImplementedError, match='Use MultiprocessIterator'):
        DaliIterator(None)
