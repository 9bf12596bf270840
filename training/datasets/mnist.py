"""MNIST, and Fashion-MNIST and Kuzushiji-MNIST in the same format: idx files, compressed or not."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.tracebacks import short_traceback
from chaingrad.training.dataset.download import find_file
from chaingrad.training.datasets.combined import TupleDataset
from chaingrad.training.datasets.embedded_data import shape_images

FILES = {
    'train': ('train-images-idx3-ubyte', 'train-labels-idx1-ubyte'),
    'test': ('t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'),
}

# SHA-256 of the unpacked files. The mirror is that of TensorFlow Datasets.
MNIST_URL = 'https://storage.googleapis.com/cvdf-datasets/mnist/'
MNIST = {
    'train-images-idx3-ubyte': 'sha256-unpacked:ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    'train-labels-idx1-ubyte': 'sha256-unpacked:65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    't10k-images-idx3-ubyte': 'sha256-unpacked:0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    't10k-labels-idx1-ubyte': 'sha256-unpacked:ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
}

# From tensorflow_datasets 4.9.6, url_infos/fashion_mnist and kmnist: SHA-256 of the files as downloaded.
FASHION_URL = 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'
FASHION = {
    'train-images-idx3-ubyte.gz': 'sha256:3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
    'train-labels-idx1-ubyte.gz': 'sha256:a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
    't10k-images-idx3-ubyte.gz': 'sha256:346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
    't10k-labels-idx1-ubyte.gz': 'sha256:67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
}
KUZUSHIJI_URL = 'http://codh.rois.ac.jp/kmnist/dataset/kmnist/'
KUZUSHIJI = {
    'train-images-idx3-ubyte.gz': 'sha256:51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4',
    'train-labels-idx1-ubyte.gz': 'sha256:e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17',
    't10k-images-idx3-ubyte.gz': 'sha256:edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5',
    't10k-labels-idx1-ubyte.gz': 'sha256:20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c',
}

FASHION_LABELS = (
    'T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot',
)  # fmt: skip
KUZUSHIJI_LABELS = (
    ('o', 'お'), ('ki', 'き'), ('su', 'す'), ('tsu', 'つ'), ('na', 'な'), ('ha', 'は'), ('ma', 'ま'), ('ya', 'や'),
    ('re', 'れ'), ('wo', 'を'),
)  # fmt: skip


def read_idx(path: str) -> Array:
    """Return the array of bytes in an idx file, compressed or not.

    Raises:
        ValueError: when the file is damaged, cut off or not an idx file of bytes.
    """
    opener: Any = gzip.open if path.endswith('.gz') else open
    try:
        with opener(path, 'rb') as file:
            content = file.read()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f'{path} is damaged or cut off ({error}). Get it again.') from error
    if len(content) < 4 or content[:3] != b'\0\0\x08' or len(content) < 4 + 4 * content[3]:
        raise ValueError(f'{path} must be an idx file of bytes, but it begins with {content[:4]!r}.')
    shape = tuple(np.frombuffer(content, '>u4', content[3], 4).tolist())
    start = 4 + 4 * content[3]
    if len(content) - start != np.prod(shape, dtype=np.int64):
        raise ValueError(f'{path} must hold {shape} bytes, but {len(content) - start} follow its header. Get it again.')
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _read(
    who: str,
    name: str,
    url: str,
    published: Mapping[str, str],
    options: tuple[bool, int, float, Any, Any, bool],
    folder: str | os.PathLike[str] | None,
    digests: Mapping[str, str] | None,
) -> tuple[Any, Any]:
    withlabel, ndim, scale, dtype, label_dtype, rgb_format = options
    if ndim not in (1, 2, 3):
        raise ValueError(f'{who}: ndim must be 1, 2 or 3, but it is {ndim!r}.')
    known = {**published, **(digests or {})}

    def read(file: str) -> Array:
        return read_idx(find_file(who, name, (file, file + '.gz'), url, _with_packed(known, file), folder))

    sets = []
    for image_file, label_file in (FILES['train'], FILES['test']):
        with short_traceback():
            images = read(image_file)
        images = shape_images(who, images, ndim, scale, 255.0, dtype, rgb_format)
        sets.append(TupleDataset(images, read(label_file).astype(label_dtype)) if withlabel else images)
    return sets[0], sets[1]


def _with_packed(digests: Mapping[str, str], file: str) -> dict[str, str]:
    """Return the digests of a file and of the same file packed; that of the unpacked content serves for both."""
    known = {name: digests[name] for name in (file, file + '.gz') if name in digests}
    if digests.get(file, '').startswith('sha256-unpacked:'):
        known.setdefault(file + '.gz', digests[file])
    return known


def get_mnist(
    withlabel: bool = True,
    ndim: int = 1,
    scale: float = 1.0,
    dtype: Any = None,
    label_dtype: Any = np.int32,
    rgb_format: bool = False,
    *,
    folder: str | os.PathLike[str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> tuple[Any, Any]:
    """Return MNIST: 60,000 handwritten digits with 28x28 pixels for training and 10,000 for testing.

    The four files `train-images-idx3-ubyte`, ... (with or without .gz) are looked for in `folder`, or in the folder
    that the environment variable `CHAINGRAD_MNIST_DIR` names, or in the dataset root, into which they are downloaded
    if neither is given. Every file is compared with its published digest.

    Args:
        withlabel: True gives pairs of image and label, False images only.
        ndim: 1 gives images of shape (784,), 2 gives (28, 28), 3 gives (1, 28, 28).
        scale: value of a white pixel.
        dtype: dtype of the images; None is `config.dtype`.
        label_dtype: dtype of the labels, 0 to 9.
        rgb_format: with ndim 3: True repeats the image for three colors: (3, 28, 28).
        folder: folder that contains the files.
        digests: by name of file, as `'sha256:<hex>'`, for files other than the published ones.

    Returns:
        The training set and the test set: TupleDatasets, or arrays when `withlabel` is false.

    Raises:
        FileNotFoundError: when a folder is named and lacks a file.
        ValueError: when a file is damaged, cut off or not the published one.
        OSError: when the download fails.

    Example:
        >>> from chaingrad.datasets import get_mnist
        >>> get_mnist(folder='no/such/folder')
        Traceback (most recent call last):
        FileNotFoundError: get_mnist: train-images-idx3-ubyte or train-images-idx3-ubyte.gz must be in ...

    Source:
        Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits, 1998.
    """
    options = (withlabel, ndim, scale, dtype, label_dtype, rgb_format)
    return _read('get_mnist', 'mnist', MNIST_URL, MNIST, options, folder, digests)


def get_fashion_mnist(
    withlabel: bool = True,
    ndim: int = 1,
    scale: float = 1.0,
    dtype: Any = None,
    label_dtype: Any = np.int32,
    rgb_format: bool = False,
    *,
    folder: str | os.PathLike[str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> tuple[Any, Any]:
    """Return Fashion-MNIST: 60,000 images of clothes with 28x28 pixels for training and 10,000 for testing.

    The folder is `CHAINGRAD_FASHION_MNIST_DIR`; see `get_mnist`. The published digests are those of the .gz files.

    Args:
        withlabel: True gives pairs of image and label, False images only.
        ndim: 1 gives images of shape (784,), 2 gives (28, 28), 3 gives (1, 28, 28).
        scale: value of a white pixel.
        dtype: dtype of the images; None is `config.dtype`.
        label_dtype: dtype of the labels; `get_fashion_mnist_labels` returns their names.
        rgb_format: with ndim 3: True repeats the image for three colors.
        folder: folder that contains the files.
        digests: by name of file, for files other than the published ones.

    Returns:
        The training set and the test set.

    Example:
        >>> from chaingrad.datasets import get_fashion_mnist
        >>> get_fashion_mnist(ndim=4)
        Traceback (most recent call last):
        ValueError: get_fashion_mnist: ndim must be 1, 2 or 3, but it is 4.

    Source:
        H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, arXiv:1708.07747.
    """
    options = (withlabel, ndim, scale, dtype, label_dtype, rgb_format)
    return _read('get_fashion_mnist', 'fashion_mnist', FASHION_URL, FASHION, options, folder, digests)


def get_fashion_mnist_labels() -> list[str]:
    """Return the names of the ten classes of Fashion-MNIST.

    Example:
        >>> from chaingrad.datasets import get_fashion_mnist_labels
        >>> get_fashion_mnist_labels()[9]
        'Ankle boot'
    """
    return list(FASHION_LABELS)


def get_kuzushiji_mnist(
    withlabel: bool = True,
    ndim: int = 1,
    scale: float = 1.0,
    dtype: Any = None,
    label_dtype: Any = np.int32,
    rgb_format: bool = False,
    *,
    folder: str | os.PathLike[str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> tuple[Any, Any]:
    """Return Kuzushiji-MNIST: 60,000 old Japanese characters with 28x28 pixels for training and 10,000 for testing.

    The folder is `CHAINGRAD_KUZUSHIJI_MNIST_DIR`; see `get_mnist`. The published digests are those of the .gz files.

    Args:
        withlabel: True gives pairs of image and label, False images only.
        ndim: 1 gives images of shape (784,), 2 gives (28, 28), 3 gives (1, 28, 28).
        scale: value of a white pixel.
        dtype: dtype of the images; None is `config.dtype`.
        label_dtype: dtype of the labels; `get_kuzushiji_mnist_labels` returns their names.
        rgb_format: with ndim 3: True repeats the image for three colors.
        folder: folder that contains the files.
        digests: by name of file, for files other than the published ones.

    Returns:
        The training set and the test set.

    Example:
        >>> from chaingrad.datasets import get_kuzushiji_mnist
        >>> get_kuzushiji_mnist(ndim=0)
        Traceback (most recent call last):
        ValueError: get_kuzushiji_mnist: ndim must be 1, 2 or 3, but it is 0.

    Source:
        T. Clanuwat et al.: Deep Learning for Classical Japanese Literature, arXiv:1812.01718.
    """
    options = (withlabel, ndim, scale, dtype, label_dtype, rgb_format)
    return _read('get_kuzushiji_mnist', 'kuzushiji_mnist', KUZUSHIJI_URL, KUZUSHIJI, options, folder, digests)


def get_kuzushiji_mnist_labels() -> list[tuple[str, str]]:
    """Return the ten characters of Kuzushiji-MNIST as pairs of romanization and character.

    Example:
        >>> from chaingrad.datasets import get_kuzushiji_mnist_labels
        >>> get_kuzushiji_mnist_labels()[1][0]
        'ki'
    """
    return list(KUZUSHIJI_LABELS)
