"""Links and problems that the tests of optimizers share."""

import numpy as np

from chaingrad.autograd.parameter import Parameter
from chaingrad.links.link import Link


class Weights(Link):
    """Parameters given by keyword, each with zeros as gradient."""

    def __init__(self, **arrays):
        super().__init__()
        with self.init_scope():
            for name, array in arrays.items():
                setattr(self, name, Parameter(array))
        for param in self.params():
            param.grad = np.zeros_like(param.array)


def weights(array=(1.0, -2.0), dtype=np.float32):
    """Return a link with one parameter W."""
    return Weights(W=np.array(array, dtype=dtype))


def minimize(optimizer, start, gradient, n_steps):
    """Return the minimum that an optimizer finds from `start` by the gradient of a function."""
    model = Weights(W=np.array(start))
    optimizer.setup(model)
    for _ in range(n_steps):
        model.W.grad = gradient(model.W.array)
        optimizer.update()
    return model.W.array
