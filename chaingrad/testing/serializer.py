"""Saving an object and loading it into another."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

from chaingrad.links.serializers import load_hdf5, load_npz, save_hdf5, save_npz

__all__ = ['save_and_load', 'save_and_load_hdf5', 'save_and_load_npz']


def save_and_load(
    src: Any, dst: Any, filename: str, saver: Callable[[str, Any], None], loader: Callable[[str, Any], None]
) -> None:
    """Save an object to a file in a temporary folder and load it into another object.

    Args:
        src: the object to save.
        dst: the object to load it into.
        filename: name of the file.
        saver: called with the path and `src`.
        loader: called with the path and `dst`.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import serializers, testing
        >>> a, b = L.Linear(2, 1), L.Linear(2, 1)
        >>> testing.save_and_load(a, b, 'model.npz', serializers.save_npz, serializers.load_npz)
        >>> bool((a.W.array == b.W.array).all())
        True
    """
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, filename)
        saver(path, src)
        loader(path, dst)


def save_and_load_npz(src: Any, dst: Any) -> None:
    """Save an object as npz and load it into another.

    Args:
        src: the object to save.
        dst: the object to load it into.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import testing
        >>> testing.save_and_load_npz(L.Linear(2, 1), L.Linear(2, 1))
    """
    save_and_load(src, dst, 'test.npz', save_npz, load_npz)


def save_and_load_hdf5(src: Any, dst: Any) -> None:
    """Save an object as HDF5 and load it into another; needs h5py.

    Args:
        src: the object to save.
        dst: the object to load it into.
    """
    save_and_load(src, dst, 'test.h5', save_hdf5, load_hdf5)
