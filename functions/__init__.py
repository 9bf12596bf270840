# ruff: noqa: F403
"""Differentiable functions, by family. Import this room as `import chaingrad.functions as F`."""

import typing as _typing

import numpy as np

from chaingrad.autograd import absolute, broadcast_to, cast, get_item, matmul, reshape, sum, sum_to, transpose
from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.functions import (
    activation,
    array,
    checkpointing,
    connection,
    convolution,
    elementwise,
    evaluation,
    linalg,
    loss,
    methods,  # noqa: F401 (gives them to Variable)
    noise,
    normalization,
    pooling,
    reduction,
    rnn,
)
from chaingrad.functions.activation import *
from chaingrad.functions.array import *
from chaingrad.functions.checkpointing import *
from chaingrad.functions.connection import *
from chaingrad.functions.convolution import *
from chaingrad.functions.elementwise import *
from chaingrad.functions.evaluation import *
from chaingrad.functions.linalg import *
from chaingrad.functions.loss import *
from chaingrad.functions.noise import *
from chaingrad.functions.normalization import *
from chaingrad.functions.pooling import *
from chaingrad.functions.reduction import *
from chaingrad.functions.rnn import *

# Written in the forms that editors and type checkers read.
__all__ = ['absolute', 'broadcast_to', 'cast', 'get_item', 'matmul', 'reshape', 'sum', 'sum_to', 'transpose']
__all__ += activation.__all__
__all__ += array.__all__
__all__ += checkpointing.__all__
__all__ += connection.__all__
__all__ += convolution.__all__
__all__ += elementwise.__all__
__all__ += evaluation.__all__
__all__ += linalg.__all__
__all__ += loss.__all__
__all__ += noise.__all__
__all__ += normalization.__all__
__all__ += pooling.__all__
__all__ += reduction.__all__
__all__ += rnn.__all__

# NumPy's functions of the same name and arguments; those that differ are provided where ours are defined.
_SAME_IN_NUMPY = """
    arccos arcsin arctan arctan2 arctanh argmax argmin ceil clip cos cosh cumprod cumsum diagonal dstack einsum exp
    expand_dims expm1 fix fliplr flipud floor fmod hstack log log10 log1p log2 max min moveaxis prod
    repeat rollaxis sign sin sinh sqrt square squeeze stack swapaxes tan tanh tensordot tile vstack
"""
for _name in _SAME_IN_NUMPY.split():
    provide(getattr(np, _name), globals()[_name])


def __dir__() -> list[str]:
    """The public functions only."""
    return __all__


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
