"""Datasets for the tests of worker processes, which must be able to import them."""

import ctypes
import faulthandler
import os
import random
import signal
import sys
import time

import numpy as np

from chaingrad.dataset import DatasetMixin, rng


class Augmented(DatasetMixin):
    """Random numbers of all kinds, which must not depend on the worker that fetches them."""

    def __len__(self):
        return 23

    def get_example(self, i):
        return i + rng().standard_normal() + rng().random(), np.full(3, i, 'f')


class OldAugmented(DatasetMixin):
    """Random numbers drawn as in old programs; they are the same for any number of processes."""

    def __len__(self):
        return 23

    def get_example(self, i):
        return i, np.random.rand(), random.random()


class Faulty(DatasetMixin):
    """Twelve numbers; fetching the one with index 7 fails."""

    def __init__(self, fault):
        self.fault = fault

    def __len__(self):
        return 12

    def get_example(self, i):
        return getattr(self, self.fault)() if i == 7 else i

    def kill(self):
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)

    def segfault(self):
        faulthandler.disable()
        ctypes.string_at(0)

    def raises(self):
        raise LookupError('no such picture')

    def exit(self):
        os._exit(3)

    def sys_exit(self):
        sys.exit('from the dataset')

    def unpicklable(self):
        return lambda: None

    def hang(self):
        time.sleep(60)

    def slow(self):
        time.sleep(0.6)
        return 7

    def ignore_sigterm(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)


class Pids(DatasetMixin):
    """The number of the process that fetched the example."""

    def __len__(self):
        return 8

    def get_example(self, i):
        return os.getpid()


class Big(DatasetMixin):
    """Examples that do not fit into a pipe's buffer."""

    def __len__(self):
        return 6

    def get_example(self, i):
        return np.full((300, 1000), i, 'f')


def broken_init():
    raise ImportError('cannot be imported over there')


class Unloadable:
    """An example that can be pickled, but not unpickled."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return Bomb()


class Bomb:
    def __reduce__(self):
        return broken_init, ()
