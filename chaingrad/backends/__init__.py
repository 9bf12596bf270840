"""What computes besides NumPy: `chaingrad.backends.cuda` for CuPy, `chaingrad.backends.intel64` for oneDNN."""

import importlib
from typing import Any

from chaingrad.backends import cuda

__all__ = ['cuda', 'intel64']


def __getattr__(name: str) -> Any:
    """Load `intel64` when it is asked for: most programs never do."""
    if name != 'intel64':
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return importlib.import_module('chaingrad.backends.intel64')
