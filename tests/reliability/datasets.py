"""Datasets that worker processes import."""

from __future__ import annotations

import ctypes
import os
import signal
import time

import numpy as np

from chaingrad.dataset import DatasetMixin, rng


def augment(example):
    """Add noise that depends on seed, epoch and index only."""
    x, t = example
    return x + rng().standard_normal(4).astype('f') / 10, t


class Hanging(DatasetMixin):
    """Examples of another dataset; from the n-th on, fetching never ends."""

    def __init__(self, dataset, n):
        self.dataset, self.n, self.count = dataset, n, 0

    def __len__(self):
        return len(self.dataset)

    def get_example(self, i):
        self.count += 1
        if self.count > self.n:
            time.sleep(600)
        return self.dataset[i]


class Augmented(DatasetMixin):
    """Every example draws a number."""

    def __len__(self):
        return 17

    def get_example(self, i):
        return i, rng().random(3)


class Faulty(DatasetMixin):
    """Twelve numbers; fetching the one with index 7 goes wrong."""

    def __init__(self, fault):
        self.fault = fault

    def __len__(self):
        return 12

    def get_example(self, i):
        return getattr(self, self.fault)() if i == 7 else np.full(4, i, 'f')

    def raises(self):
        raise LookupError('no such picture')

    def kill(self):
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)

    def exit(self):
        os._exit(3)

    def unpicklable(self):
        return lambda: None

    def segfault(self):
        ctypes.string_at(0)
