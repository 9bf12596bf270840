"""An iterator of the reference that is not supported: it names a replacement."""

from __future__ import annotations

from typing import Any, NoReturn

from chaingrad.training.iterators.iterator import Iterator


class DaliIterator(Iterator):
    """Refuse to read from an NVIDIA DALI pipeline, which decodes images on a GPU: not supported.

    Args:
        pipeline: a DALI pipeline.
        repeat: whether to go on after the first epoch.

    Raises:
        NotImplementedError: always.

    Example:
        >>> from chaingrad.iterators import DaliIterator
        >>> DaliIterator(None)
        Traceback (most recent call last):
        NotImplementedError: DaliIterator: NVIDIA DALI is not supported. Use MultiprocessIterator.
    """

    batch_size = repeat = epoch_detail = previous_epoch_detail = None

    def __init__(self, pipeline: Any, repeat: bool = True) -> None:
        _refuse()

    def __next__(self) -> NoReturn:
        """Raise NotImplementedError."""
        _refuse()

    def reset(self) -> None:
        """Raise NotImplementedError."""
        _refuse()


def _refuse() -> NoReturn:
    raise NotImplementedError('DaliIterator: NVIDIA DALI is not supported. Use MultiprocessIterator.')
