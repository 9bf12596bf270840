"""The Trainer's measurement of threads, with a clock and products that are given: no test measures time."""

import warnings

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, training
from chaingrad.datasets import TupleDataset
from chaingrad.functions.kernels import threads
from chaingrad.training import thread_watch
from chaingrad.training.thread_watch import ThreadWatch


class Clock:
    """A clock that an iteration moves on by the next of some seconds."""

    def __init__(self, seconds):
        self.now = 0.0
        self.seconds = iter(seconds)

    def __call__(self):
        return self.now


def updater_of(clock):
    x = np.ones((8, 3), np.float32)
    model = L.Classifier(chaingrad.Sequential(L.Linear(3, 5), F.relu, L.Linear(5, 2)))
    iterator = iterators.SerialIterator(TupleDataset(x, np.zeros(8, np.int32)), 4)

    class Timed(training.StandardUpdater):
        def update(self):
            super().update()
            clock.now += next(clock.seconds)

    return Timed(iterator, chaingrad.optimizers.SGD().setup(model))


@pytest.fixture
def two_threads(monkeypatch):
    """Two threads, which nobody has chosen."""
    monkeypatch.setattr(threads, 'chosen_by', lambda: None)
    monkeypatch.setattr(threads, 'blas_threads', lambda: 2)


def make(seconds, products, asked):
    clock = Clock(seconds)

    def time_products(shapes, numbers):
        asked.append((shapes, numbers))
        return products

    return ThreadWatch(clock, time_products), updater_of(clock)


def test_it_warns_once_where_one_thread_would_halve_the_time(two_threads):
    asked = []
    watch, updater = make([9.0, 0.020, 0.036, 0.035, 0.035, 0.035], [0.012, 0.001], asked)
    for _ in range(3):
        watch.update(updater)
    with pytest.warns(UserWarning, match='35 ms with 2 BLAS threads.* 12 times as long.*set_threads.1.') as caught:
        watch.update(updater)
    assert len(caught) == 1
    watch.update(updater)
    assert asked == [([(4, 5, 2), (4, 3, 5)], (2, 1))]
    assert updater.iteration == 5


@pytest.mark.parametrize(
    ('seconds', 'products', 'n_asked'),
    [(0.035, [0.005, 0.001], 1), (0.035, [0.001, 0.002], 1), (3.0, [2.0, 0.1], 0)],
    ids=['threads cost a third', 'threads help', 'iterations are long'],
)
def test_it_says_nothing_otherwise(two_threads, seconds, products, n_asked):
    asked = []
    watch, updater = make([seconds] * 6, products, asked)
    for _ in range(6):
        watch.update(updater)
    assert len(asked) == n_asked


@pytest.mark.parametrize('attribute', ['chosen_by', 'blas_threads'])
def test_nothing_is_measured_where_the_number_was_chosen_or_is_one(two_threads, monkeypatch, attribute):
    monkeypatch.setattr(threads, attribute, lambda: {'chosen_by': 'OMP_NUM_THREADS=2', 'blas_threads': 1}[attribute])
    watch, updater = make([0.1] * 5, [1.0, 0.1], asked := [])
    for _ in range(5):
        watch.update(updater)
    assert not asked


def test_an_updater_without_iterator_is_left_alone(two_threads):
    class Own(training.Updater):
        iteration = 0

        def update(self):
            self.iteration += 1

    watch = ThreadWatch()
    for _ in range(5):
        watch.update(own := Own())
    assert own.iteration == 1


def test_the_number_of_threads_is_as_before_afterwards(monkeypatch):
    applied = []
    monkeypatch.setattr(threads, 'blas_threads', lambda: 2)
    monkeypatch.setattr(threads, 'apply_threads', applied.append)
    first, second = thread_watch.time_all([(4, 3, 5)], (2, 1))
    assert first > 0 and second > 0
    assert set(applied) == {1, 2} and applied[-1] == 2


def test_the_trainer_asks_it(two_threads, monkeypatch, tmp_path):
    monkeypatch.setattr(thread_watch, 'time_all', lambda shapes, numbers: [1e3, 1.0])
    trainer = training.Trainer(updater_of(Clock([0.0] * 8)), (5, 'iteration'), out=tmp_path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        trainer.run()
    (warning,) = [w for w in caught if 'BLAS threads' in str(w.message)]
    assert 'Call chaingrad.set_threads(1)' in str(warning.message)
