"""CIFAR-10 and CIFAR-100, read from the binary archives: the Python archives hold pickles, which are never loaded."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.training.dataset.download import find_file
from chaingrad.training.datasets.combined import TupleDataset
from chaingrad.training.datasets.embedded_data import dtype_of

URL = 'https://www.cs.toronto.edu/~kriz/'
N_VALUES = 3 * 32 * 32

# From tensorflow_datasets 4.9.6, url_infos/cifar10 and cifar100.
DIGESTS = {
    'cifar-10-binary.tar.gz': 'sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
    'cifar-100-binary.tar.gz': 'sha256:58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
}
TEN = ([f'cifar-10-batches-bin/data_batch_{i}.bin' for i in range(1, 6)], ['cifar-10-batches-bin/test_batch.bin'])
HUNDRED = (['cifar-100-binary/train.bin'], ['cifar-100-binary/test.bin'])


def _read(
    name: str,
    members: tuple[list[str], list[str]],
    n_labels: int,
    options: tuple[bool, int, float, Any],
    folder: str | os.PathLike[str] | None,
    digests: Mapping[str, str] | None,
) -> tuple[Any, Any]:
    withlabel, ndim, scale, dtype = options
    who = f'get_{name}'
    file = f'{name.replace("cifar", "cifar-")}-binary.tar.gz'
    if ndim not in (1, 3):
        raise ValueError(f'{who}: ndim must be 1 or 3, but it is {ndim!r}.')
    path = find_file(who, name, (file,), URL, {file: DIGESTS[file]}, folder, digests)
    sets = []
    with tarfile.open(path) as archive:
        for part in members:
            rows = np.concatenate([_rows(who, archive, member, n_labels + N_VALUES) for member in part])
            images = rows[:, n_labels:].astype(dtype_of(dtype))
            images *= scale / 255.0
            if ndim == 3:
                images = images.reshape(-1, 3, 32, 32)
            # CIFAR-100 has two labels for each image, the coarse one first.
            sets.append(TupleDataset(images, rows[:, n_labels - 1].astype(np.int32)) if withlabel else images)
    return sets[0], sets[1]


def _rows(who: str, archive: tarfile.TarFile, member: str, length: int) -> Array:
    """Return the rows of bytes of a member, which is read into memory: nothing is unpacked to disk."""
    try:
        file = archive.extractfile(member)
    except KeyError:
        file = None
    content = file.read() if file is not None else b''
    if not content or len(content) % length:
        raise ValueError(f'{who}: {member} must hold rows of {length} bytes, but it has {len(content)} bytes.')
    return np.frombuffer(content, np.uint8).reshape(-1, length)


def get_cifar10(
    withlabel: bool = True,
    ndim: int = 3,
    scale: float = 1.0,
    dtype: Any = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> tuple[Any, Any]:
    """Return CIFAR-10: 50,000 color images with 32x32 pixels in ten classes for training and 10,000 for testing.

    The archive `cifar-10-binary.tar.gz` is looked for in `folder`, or in the folder that the environment variable
    `CHAINGRAD_CIFAR10_DIR` names, or in the dataset root, into which it is downloaded if neither is given.

    Args:
        withlabel: True gives pairs of image and label, False images only.
        ndim: 3 gives images of shape (3, 32, 32), 1 gives (3072,).
        scale: largest value of a pixel.
        dtype: dtype of the images; None is `config.dtype`.
        folder: folder that contains the archive.
        digests: `{'cifar-10-binary.tar.gz': 'sha256:<hex>'}` for an archive other than the published one.

    Returns:
        The training set and the test set: TupleDatasets with int32 labels, or arrays when `withlabel` is false.

    Raises:
        FileNotFoundError: when a folder is named and lacks the archive.
        ValueError: when the archive is damaged, cut off or not the published one.
        OSError: when the download fails.

    Example:
        >>> from chaingrad.datasets import get_cifar10
        >>> get_cifar10(ndim=2)
        Traceback (most recent call last):
        ValueError: get_cifar10: ndim must be 1 or 3, but it is 2.

    Source:
        A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009.
    """
    return _read('cifar10', TEN, 1, (withlabel, ndim, scale, dtype), folder, digests)


def get_cifar100(
    withlabel: bool = True,
    ndim: int = 3,
    scale: float = 1.0,
    dtype: Any = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> tuple[Any, Any]:
    """Return CIFAR-100: 50,000 color images with 32x32 pixels in 100 classes for training and 10,000 for testing.

    The archive is `cifar-100-binary.tar.gz`, its folder `CHAINGRAD_CIFAR100_DIR`; see `get_cifar10`. The labels are
    the fine ones.

    Args:
        withlabel: True gives pairs of image and label, False images only.
        ndim: 3 gives images of shape (3, 32, 32), 1 gives (3072,).
        scale: largest value of a pixel.
        dtype: dtype of the images; None is `config.dtype`.
        folder: folder that contains the archive.
        digests: `{'cifar-100-binary.tar.gz': 'sha256:<hex>'}` for an archive other than the published one.

    Returns:
        The training set and the test set.

    Example:
        >>> from chaingrad.datasets import get_cifar100
        >>> get_cifar100(ndim=2)
        Traceback (most recent call last):
        ValueError: get_cifar100: ndim must be 1 or 3, but it is 2.

    Source:
        A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009.
    """
    return _read('cifar100', HUNDRED, 2, (withlabel, ndim, scale, dtype), folder, digests)
