"""`import chainer` gives chaingrad, for one test."""

from __future__ import annotations

import importlib
import sys

import pytest

import chaingrad
from chaingrad.autograd.backends import cuda
from chaingrad.compat.alias import AliasFinder, AliasModule


def remove():
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AliasFinder)]
    for name in [name for name, module in sys.modules.items() if isinstance(module, AliasModule)]:
        del sys.modules[name]


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(cuda, '_find_cupy', lambda: (None, False))


@pytest.fixture
def chainer():
    remove()
    chaingrad.install_as_chainer()
    yield importlib.import_module('chainer')
    remove()
