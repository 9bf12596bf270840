"""SVHN, house numbers from photos of streets, read from MATLAB files (needs SciPy)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.training.dataset.download import find_file
from chaingrad.training.datasets.combined import TupleDataset
from chaingrad.training.datasets.embedded_data import dtype_of

URL = 'http://ufldl.stanford.edu/housenumbers/'

# From tensorflow_datasets 4.9.6, url_infos/svhn_cropped.
DIGESTS = {
    'train_32x32.mat': 'sha256:435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8',
    'test_32x32.mat': 'sha256:cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b',
    'extra_32x32.mat': 'sha256:a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3',
}


def get_svhn(
    withlabel: bool = True,
    scale: float = 1.0,
    dtype: Any = None,
    label_dtype: Any = np.int32,
    add_extra: bool = False,
    *,
    folder: str | os.PathLike[str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> tuple[Any, ...]:
    """Return SVHN: 73,257 color images of digits with 32x32 pixels for training and 26,032 for testing.

    The files `train_32x32.mat`, ... are looked for in `folder`, or in the folder that the environment variable
    `CHAINGRAD_SVHN_DIR` names, or in the dataset root, into which they are downloaded if neither is given. SciPy reads
    them.

    Args:
        withlabel: True gives pairs of image and label, False images only.
        scale: largest value of a pixel.
        dtype: dtype of the images; None is `config.dtype`.
        label_dtype: dtype of the labels, 0 to 9.
        add_extra: True also returns the 531,131 easier images.
        folder: folder that contains the files.
        digests: by name of file, as `'sha256:<hex>'`, for files other than the published ones.

    Returns:
        The training set and the test set, and with `add_extra` the extra set: TupleDatasets of images (3, 32, 32) and
        labels, or arrays when `withlabel` is false.

    Raises:
        ImportError: when SciPy is not installed.
        FileNotFoundError: when a folder is named and lacks a file.
        ValueError: when a file is damaged, cut off or not the published one.
        OSError: when the download fails.

    Example:
        >>> from chaingrad.datasets import get_svhn
        >>> get_svhn(folder='no/such/folder')
        Traceback (most recent call last):
        FileNotFoundError: get_svhn: train_32x32.mat must be in ...

    Source:
        Y. Netzer et al.: Reading Digits in Natural Images with Unsupervised Feature Learning, 2011.
    """
    sets = []
    files = ['train_32x32.mat', 'test_32x32.mat']
    if add_extra:
        files.append('extra_32x32.mat')
    for file in files:
        raw = _load(find_file('get_svhn', 'svhn', (file,), URL, DIGESTS, folder, digests))
        images = np.ascontiguousarray(raw['X'].transpose(3, 2, 0, 1), dtype=dtype_of(dtype))
        images *= scale / 255.0
        labels = raw['y'].reshape(-1) % 10  # the files write 10 for the digit 0
        sets.append(TupleDataset(images, labels.astype(label_dtype)) if withlabel else images)
    return tuple(sets)


def _load(path: str) -> dict[str, Array]:
    try:
        import scipy.io
    except ImportError as error:
        raise ImportError(
            'get_svhn: MATLAB files are read by SciPy, which is not installed. pip install scipy.'
        ) from error
    content: dict[str, Array] = scipy.io.loadmat(path)
    return content
