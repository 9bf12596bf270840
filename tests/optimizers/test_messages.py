"""What an optimizer says when an update changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from chaingrad import optimizers as O
from chaingrad.links.connection.linear import Linear
from chaingrad.optimizers.hooks import WeightDecay


@pytest.mark.parametrize('hook', [None, WeightDecay(0.1)])
def test_second_update_without_any_gradient_warns(hook):
    layer = Linear(2, 1)
    optimizer = O.SGD().setup(layer)
    if hook is not None:
        optimizer.add_hook(hook)
    layer.cleargrads()
    optimizer.update()  # one may be chance
    layer.cleargrads()
    with pytest.warns(RuntimeWarning, match='SGD.update: none of the 2 parameters of Linear has a gradient') as caught:
        optimizer.update()
    assert len(caught) == 1 and caught[0].filename == __file__


def test_update_with_some_gradients_or_nothing_to_update_is_silent():
    layer = Linear(2, 1)
    optimizer = O.SGD().setup(layer)
    layer.cleargrads()
    layer.b.grad = np.ones(1, 'f')
    optimizer.update()
    layer.cleargrads()
    layer.disable_update()
    optimizer.update()
