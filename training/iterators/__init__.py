"""Iterators: from a dataset to batches."""

from chaingrad.training.iterators.dali_iterator import DaliIterator
from chaingrad.training.iterators.multiprocess_iterator import MultiprocessIterator
from chaingrad.training.iterators.multithread_iterator import MultithreadIterator
from chaingrad.training.iterators.order_samplers import OrderSampler, ShuffleOrderSampler
from chaingrad.training.iterators.prefetching import WorkerError
from chaingrad.training.iterators.serial_iterator import SerialIterator

__all__ = [
    'DaliIterator',
    'MultiprocessIterator',
    'MultithreadIterator',
    'OrderSampler',
    'SerialIterator',
    'ShuffleOrderSampler',
    'WorkerError',
]
