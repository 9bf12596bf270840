"""Differentiable functions, by family. Import this room as `import chaingrad.functions as F`."""

from chaingrad.autograd import (
    absolute,
    broadcast_to,
    cast,
    get_item,
    matmul,
    reshape,
    sum,
    sum_to,
    transpose,
)
from chaingrad.functions import (
    activation,
    array,
    convolution,
    elementwise,
    graph,
    linalg,
    loss,
    normalization,
    pooling,
    reduction,
)
from chaingrad.functions.activation import *  # noqa: F403
from chaingrad.functions.addition import add
from chaingrad.functions.array import *  # noqa: F403
from chaingrad.functions.average import average, mean
from chaingrad.functions.connection import embed_id, linear
from chaingrad.functions.convolution import *  # noqa: F403
from chaingrad.functions.elementwise import *  # noqa: F403
from chaingrad.functions.evaluation import accuracy
from chaingrad.functions.graph import *  # noqa: F403
from chaingrad.functions.linalg import *  # noqa: F403
from chaingrad.functions.loss import *  # noqa: F403
from chaingrad.functions.noise import dropout
from chaingrad.functions.normalization import *  # noqa: F403
from chaingrad.functions.pooling import *  # noqa: F403
from chaingrad.functions.reduction import *  # noqa: F403

__all__ = [
    'absolute',
    'accuracy',
    'add',
    'average',
    'broadcast_to',
    'cast',
    'dropout',
    'embed_id',
    'get_item',
    'linear',
    'matmul',
    'mean',
    'reshape',
    'sum',
    'sum_to',
    'transpose',
]
for _family in (activation, array, convolution, elementwise, graph, linalg, loss, normalization, pooling, reduction):
    __all__ += _family.__all__
__all__.sort()


def __dir__() -> list[str]:
    """The public functions only."""
    return __all__
