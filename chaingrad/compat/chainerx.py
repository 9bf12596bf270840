"""What `import chainerx` gives an old program that asks whether ChainerX is there: it is not.

The reference's own package answers in the same way where it was built without ChainerX.
"""

from __future__ import annotations


class ndarray:
    """The type that no array has, so that `isinstance(x, chainerx.ndarray)` is False."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        raise RuntimeError('chainerx.ndarray: chaingrad has no ChainerX arrays. Use NumPy or CuPy arrays.')


def is_available() -> bool:
    """Return False: there is no ChainerX here."""
    return False
