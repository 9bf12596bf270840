"""The parts that datasets, iterators and converters are built from; the datasets are in `chaingrad.datasets`."""

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.dataset import convert
from chaingrad.training import dataset as _home
from chaingrad.training.dataset import *
from chaingrad.training.iterators.iterator import Iterator

__all__ = ['Iterator', 'convert']
__all__ += _home.__all__


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
