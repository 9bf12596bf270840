"""The global generators: one seed for all, and their states as text."""

from __future__ import annotations

import random

import numpy as np
import pytest

import chaingrad
from chaingrad.dataset import rng
from chaingrad.training import random_state
from chaingrad.training.iterators import SerialIterator
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
    np.random.randn()  # a second normal number is kept
    states = random_state.capture()
    first = draw()
    random_state.restore(states)
    assert draw() == first
