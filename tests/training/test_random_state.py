"""Random generators: one seed for all, `rng()`, and states as text."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

import chaingrad
from chaingrad.dataset import rng
from chaingrad.training import random_state
from chaingrad.training.iterators import SerialIterator
from chaingrad.training.random_state import (
    current,
    global_random_state,
    pack_random_state,
    restore_random_state,
    seed_globals,
    seed_of,
)
from tests.training.small import MLP, data


def draw():
    return random.random(), np.random.rand(), np.random.randn(), rng().random()


def test_one_seed_for_all():
    chaingrad.set_seed(3)
    first = draw()
    chaingrad.set_seed(4)
    assert all(a != b for a, b in zip(first, draw()))
    chaingrad.set_seed(np.int64(3))
    assert draw() == first


def test_a_training_is_repeated():
    states = []
    for _ in range(2):
        chaingrad.set_seed(11)
        model = MLP(0.5)
        iterator = SerialIterator(data(), 6)
        batch, _ = chaingrad.dataset.concat_examples(iterator.next())
        states.append(model(batch).array.tolist())
    assert states[0] == states[1]


@pytest.mark.parametrize('seed', [-1, 2**32, 1.0, True, None, '1'])
def test_wrong_seeds(seed):
    with pytest.raises(ValueError, match=r'set_seed: seed must be an integer from 0 to 2\*\*32 - 1, but it is'):
        chaingrad.set_seed(seed)


def test_states_come_back():
    np.random.randn()  # the generator keeps a second normal number
    states = random_state.capture()
    first = draw()
    random_state.restore(states)
    assert draw() == first


@pytest.fixture
def sample():
    yield lambda *numbers: setattr(current, 'sample', numbers)
    current.sample = None


def test_one_generator_per_sample(sample):
    drawn = {}
    for numbers in [(1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1), (1, 0, 0)]:
        sample(*numbers)
        generator = rng()
        assert rng() is generator
        values = tuple(generator.random(3))
        assert drawn.setdefault(numbers, values) == values
    assert len(set(drawn.values())) == 4


def test_outside_an_iterator_it_follows_the_global_seed():
    np.random.seed(0)
    first = rng().random(), rng().random()
    np.random.seed(0)
    assert (rng().random(), rng().random()) == first
    assert first[0] != first[1]


def test_threads_do_not_see_each_other_s_sample(sample):
    sample(1, 2, 3)
    seen = []
    thread = threading.Thread(target=lambda: seen.append(current.sample))
    thread.start()
    thread.join()
    assert seen == [None]


def test_seed_globals():
    def draw(*numbers):
        seed_globals(numbers)
        return np.random.rand(), random.random()

    assert draw(1, 2, 3) == draw(1, 2, 3) != draw(1, 2, 4)


STATES = {
    'global': global_random_state,
    'RandomState': lambda: np.random.RandomState(3),
    'gauss': lambda: next(s for s in [np.random.RandomState(3)] if s.randn()),
    'PCG64': lambda: np.random.default_rng(3),
    'MT19937': lambda: np.random.Generator(np.random.MT19937(3)),
    'Philox': lambda: np.random.Generator(np.random.Philox(3)),
    'SFC64': lambda: np.random.Generator(np.random.SFC64(3)),
}


@pytest.mark.parametrize('name', STATES)
def test_states_as_text(name):
    state = STATES[name]()
    text, seed = pack_random_state(state), seed_of(state)
    assert text.isascii() and 0 <= seed < 2**56 and seed_of(state) == seed
    drawn = state.permutation(9).tolist(), state.normal(size=3).tolist()
    assert seed_of(state) != seed
    restore_random_state(state, text)
    assert (state.permutation(9).tolist(), state.normal(size=3).tolist()) == drawn


def test_the_global_state():
    np.random.seed(5)
    text = pack_random_state(global_random_state())
    first = np.random.rand()
    restore_random_state(global_random_state(), text)
    assert np.random.rand() == first
