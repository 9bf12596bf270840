"""Helpers of the tests of serializers: a link with a serialize of its own, and states to compare."""

import io

import numpy as np

from chaingrad.autograd.parameter import Parameter
from chaingrad.links.link import Link
from chaingrad.links.serializers import DictionarySerializer


class Own(Link):
    """A link with a serialize of its own: a number, a text, an array that is read at once, and None."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.W = Parameter(1.0, (2,))
        self.count, self.text, self.order, self.state = 3, 'a', np.arange(3), None

    def serialize(self, serializer):
        super().serialize(serializer)
        self.count = serializer('count', self.count)
        self.text = serializer('text', self.text)
        self.order = serializer('order', self.order)
        self.total = self.order.sum() * self.count
        self.state = serializer('sub/state', self.state)


def state(obj):
    """Every value of an object, copied, by path."""
    serializer = DictionarySerializer()
    serializer.save(obj)
    return {key: np.array(array) for key, array in serializer.target.items()}


def same(a, b):
    return a.keys() == b.keys() and all(
        x.dtype == b[k].dtype and x.shape == b[k].shape and x.tobytes() == b[k].tobytes() for k, x in a.items()
    )


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    return file


def filled(model, x=None):
    rng = np.random.default_rng(1)
    for param in model.params(include_uninit=False):
        param.array[...] = rng.normal(size=param.shape)
    return model
