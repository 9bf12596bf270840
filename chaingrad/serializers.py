"""Saving and loading of models, optimizers and trainers. Nothing that is loaded is ever unpickled."""

from chaingrad.links.serializers import *
from chaingrad.links.serializers import __all__

__all__ = [*__all__]
