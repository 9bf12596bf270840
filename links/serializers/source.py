"""The part that readers of files share: messages about damage, and the largest size that data can have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from chaingrad.links.serializers.loading import UnreadableFileError

T = TypeVar('T')


class FileSource:
    """Base of the sources that read a file.

    Attributes:
        loader (str): the function that reads, for messages.
        name (str): the name of the file, for messages.
    """

    loader: str
    name: str

    def _damaged(self, text: str) -> UnreadableFileError:
        return UnreadableFileError(f'{self.loader}: {self.name} is damaged: {text}')

    def _try(self, key: str, call: Callable[..., T], *args: Any) -> T:
        """Call, and explain what a damaged file raises: zipfile, h5py and numpy have a dozen kinds of errors for it."""
        try:
            return call(*args)
        except Exception as error:
            text = ' '.join(str(error).split())
            raise self._damaged(f'{key} cannot be read ({type(error).__name__}: {text}).') from error


def unpacked_limit(n_packed: int) -> int:
    """Return a number of bytes that data cannot exceed when deflate has packed it into so many.

    A false claim of a size above this allocates nothing.
    """
    return 64 + 1040 * n_packed
