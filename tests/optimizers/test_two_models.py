"""Two models with an optimizer each, as in a GAN."""

import warnings

import numpy as np

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers


def test_gradients_that_reach_another_model_give_no_warning():
    """The updater of a GAN: the other model's own update clears its gradients first."""
    generator, critic = L.Linear(2, 2), L.Linear(2, 1)
    optimizer, other = optimizers.SGD().setup(generator), optimizers.SGD().setup(critic)
    x = np.ones((3, 2), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        optimizer.update(lambda: F.sum(critic(generator(x))))
        other.update(lambda: F.sum(critic(x)))
    assert np.isfinite(generator.W.array).all() and np.isfinite(critic.W.array).all()
