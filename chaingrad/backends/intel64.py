"""oneDNN on the CPU, the successor of the library that the reference's iDeep was made of; `config.use_ideep` switches.

There are no special arrays: kernels compute on NumPy's. Installed by `pip install chaingrad[fast]`; `CHAINGRAD_ONEDNN`
may name the file of another libdnnl of version 3.
"""

from __future__ import annotations

from chaingrad.autograd.configuration import config
from chaingrad.functions.kernels.onednn.shared_object import find_library, refused

__all__ = ['check_ideep_available', 'is_ideep_available', 'should_use_ideep']

_LEVELS = {'==always': ('always',), '>=auto': ('auto', 'always')}


def is_ideep_available() -> bool:
    """Return whether a libdnnl of version 3 was found and can be loaded.

    Returns:
        bool.

    Example:
        >>> from chaingrad.backends import intel64
        >>> intel64.is_ideep_available() in (True, False)
        True
    """
    return find_library() is not None


def check_ideep_available() -> None:
    """Raise RuntimeError, which says what was passed over, unless `is_ideep_available()`.

    Raises:
        RuntimeError: when no library was found.

    Example:
        >>> from chaingrad.backends import intel64
        >>> if intel64.is_ideep_available():
        ...     intel64.check_ideep_available()
    """
    if not is_ideep_available():
        found = ''.join([f' {sentence}.' for sentence in refused()])
        raise RuntimeError(f'oneDNN is not available.{found} Install it: pip install chaingrad[fast].')


def should_use_ideep(level: str) -> bool:
    """Return whether `config.use_ideep` and what is installed let oneDNN compute.

    Args:
        level (str): '==always' or '>=auto': which values of `config.use_ideep` count.

    Returns:
        bool.

    Raises:
        ValueError: when the level, or `config.use_ideep`, is none of those.

    Example:
        >>> from chaingrad import using_config
        >>> from chaingrad.backends import intel64
        >>> with using_config('use_ideep', 'never'):
        ...     intel64.should_use_ideep('>=auto')
        False
    """
    if level not in _LEVELS:
        raise ValueError(f"should_use_ideep: level must be '==always' or '>=auto', but it is {level!r}.")
    if config.use_ideep not in ('always', 'auto', 'never'):
        raise ValueError(f"config.use_ideep must be 'always', 'auto' or 'never', but it is {config.use_ideep!r}.")
    return config.use_ideep in _LEVELS[level] and is_ideep_available()
