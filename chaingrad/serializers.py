"""Saving and loading of models, optimizers and trainers. Loading never unpickles anything."""

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.links import serializers as _home
from chaingrad.links.serializers import *

__all__ = []
__all__ += _home.__all__

if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
