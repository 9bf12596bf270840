"""Converters: from a list of examples to the arrays of a batch."""

from chaingrad.training.dataset.convert import (
    ConcatWithAsyncTransfer,
    Converter,
    concat_examples,
    converter,
    to_device,
)

__all__ = ['ConcatWithAsyncTransfer', 'Converter', 'concat_examples', 'converter', 'to_device']
