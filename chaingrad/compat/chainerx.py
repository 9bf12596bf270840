"""The module that `import chainerx` gives old programs: it says that ChainerX is not available.

The reference does the same where it was built without ChainerX.
"""

from __future__ import annotations


class ndarray:
    """A type that no array has, so that `isinstance(x, chainerx.ndarray)` is False."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        raise RuntimeError('chainerx.ndarray: chaingrad has no ChainerX arrays. Use NumPy or CuPy arrays.')


def is_available() -> bool:
    """Return False: ChainerX is not available."""
    return False
