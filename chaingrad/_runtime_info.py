"""The versions that a report of a problem should name."""

from __future__ import annotations

import platform
import sys
from typing import TextIO

import numpy as np

from chaingrad._version import __version__
from chaingrad.autograd.backends import cuda


def print_runtime_info(out: TextIO | None = None) -> None:
    """Print the platform and the versions of Python, chaingrad, NumPy and CuPy.

    Args:
        out: text stream; standard output when None.

    Example:
        >>> import chaingrad
        >>> chaingrad.print_runtime_info()
        Platform: ...
        Python: 3...
        chaingrad: ...
        NumPy: ...
        CuPy: ...
    """
    rows = {
        'Platform': platform.platform(),
        'Python': platform.python_version(),
        'chaingrad': __version__,
        'NumPy': np.__version__,
        'CuPy': cuda.cupy.__version__ if cuda.available else 'not available',
    }
    print('\n'.join(f'{name}: {version}' for name, version in rows.items()), file=out or sys.stdout)
