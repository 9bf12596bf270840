"""The module that `import chainerx` gives old programs: it says that ChainerX is not available.

The reference does the same where it was built without ChainerX.
"""

from __future__ import annotations

from typing import Any, NoReturn


def missing(caller: str) -> RuntimeError:
    """Return the error for a call that needs ChainerX arrays."""
    return RuntimeError(f'{caller}: chaingrad has no ChainerX arrays. Use NumPy or CuPy arrays.')


class ndarray:
    """A type that no array has, so that `isinstance(x, chainerx.ndarray)` is False."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        raise missing('chainerx.ndarray')


def is_available() -> bool:
    """Return False: ChainerX is not available."""
    return False


def from_chx(array: Any) -> Any:
    """Return arrays as they are, because none is of ChainerX."""
    return array


def to_chx(array: Any) -> NoReturn:
    """Refuse to make a ChainerX array."""
    raise missing('to_chx')
