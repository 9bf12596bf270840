"""The one place where a kernel may hand its work to another implementation: `with_twin`.

A twin has the name and the signature of its NumPy kernel, stands in the module of the same name in
`functions/kernels/onednn/`, or in `jit.py` where numba computes, and returns `NotImplemented` where it does not fit:
another dtype, a shape that its library does not know, work that is too small to be worth the call, a result that is not
finite. Then the NumPy kernel runs: it is the reference and the fallback, and its callers know of nothing else.
`config.use_ideep` switches: 'never', 'auto' (where a library was found and the work is large enough) or 'always' (also
for small arrays).
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, TypeVar, cast

from chaingrad.autograd.configuration import config

Kernel = TypeVar('Kernel', bound=Callable[..., Any])
_unknown: Any = object()
_ONEDNN = 'chaingrad.functions.kernels.onednn'


def find_onednn() -> Any:
    """Return the library oneDNN, or None where none was found; it is looked for at the first call."""
    return importlib.import_module(f'{_ONEDNN}.shared_object').find_library()


@functools.cache
def has_numba() -> bool:
    """Return whether there is a numba; whether it can be imported shows when it is needed."""
    return importlib.util.find_spec('numba') is not None


def find_twin(family: str, name: str) -> Callable[..., Any] | None:
    """Return the twin of a kernel, or None where no library was found. Its module is loaded here, at the first use."""
    if has_numba():
        twin = getattr(importlib.import_module('chaingrad.functions.kernels.jit'), name, None)
        if twin is not None:
            return twin
    if find_onednn() is None or importlib.util.find_spec(f'{_ONEDNN}.{family}') is None:
        return None
    return getattr(importlib.import_module(f'{_ONEDNN}.{family}'), name, None)


def computed_by() -> str:
    """Return whose kernels compute where they fit: 'NumPy', or oneDNN and numba with their versions."""
    names = []
    if config.use_ideep != 'never':
        found = find_onednn()
        names = [] if found is None else [f'oneDNN {found.version}']
        if has_numba():
            version = importlib.import_module('importlib.metadata').version  # milliseconds that few programs need
            names.append(f'numba {version("numba")}')
        if names and config.matmul_precision != 'float32':
            names.append(f'{config.matmul_precision} products')
    return ', '.join(names) or 'NumPy'


def with_twin(kernel: Kernel) -> Kernel:
    """Let a kernel's twin compute where there is one and it fits. Arguments are passed by position."""
    family = kernel.__module__.rpartition('.')[2]
    twin = _unknown

    @functools.wraps(kernel)
    def run(*args: Any) -> Any:
        nonlocal twin
        if twin is None or config.use_ideep == 'never':
            return kernel(*args)
        if twin is _unknown:
            twin = find_twin(family, kernel.__name__)
            return run(*args)
        result = twin(*args)
        return kernel(*args) if result is NotImplemented else result

    return cast(Kernel, run)
