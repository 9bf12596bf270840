"""Small data sets that come with the package or are computed: digits, iris, the spiral."""

from __future__ import annotations

import gzip
import os
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.configuration import config
from chaingrad.training.datasets.combined import TupleDataset

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'embedded')
N_TEST_DIGITS = 360


def shape_images(
    who: str, images: Array, ndim: int, scale: float, largest: float, dtype: Any, rgb_format: bool = False
) -> Array:
    """Return integer images (n, h, w) as floats from 0 to `scale`; an image is (h * w,), (h, w) or (1 or 3, h, w)."""
    n, h, w = images.shape
    if ndim == 1:
        images = images.reshape(n, h * w)
    elif ndim == 3:
        images = images.reshape(n, 1, h, w)
    elif ndim != 2:
        raise ValueError(f'{who}: ndim must be 1, 2 or 3, but it is {ndim!r}.')
    floats = images.astype(dtype_of(dtype))
    floats *= scale / largest
    if ndim == 3 and rgb_format:
        return np.repeat(floats, 3, axis=1)
    return floats


def dtype_of(dtype: Any) -> np.dtype[Any]:
    """Return a dtype; None stands for that of new parameters, `config.dtype`."""
    return np.dtype(config.dtype if dtype is None else dtype)


def get_digits(
    withlabel: bool = True, ndim: int = 1, scale: float = 1.0, dtype: Any = None, label_dtype: Any = np.int32
) -> tuple[Any, Any]:
    """Return 1,797 handwritten digits with 8x8 pixels, split into 1,437 for training and 360 for testing.

    The split is fixed: the images are in the order of `numpy.random.RandomState(0).permutation(1797)`, and the first
    360 are for testing. Nothing is downloaded. The arguments are those of `get_mnist`.

    Args:
        withlabel: True gives pairs of image and label, False images only.
        ndim: 1 gives images of shape (64,), 2 gives (8, 8), 3 gives (1, 8, 8).
        scale: value of the darkest pixel.
        dtype: dtype of the images; None is `config.dtype`.
        label_dtype: dtype of the labels, 0 to 9.

    Returns:
        The training set and the test set: TupleDatasets, or arrays when `withlabel` is false.

    Example:
        >>> from chaingrad.datasets import get_digits
        >>> train, test = get_digits()
        >>> len(train), len(test)
        (1437, 360)
        >>> x, t = train[0]
        >>> x.shape, x.dtype, t.dtype
        ((64,), dtype('float32'), dtype('int32'))

    Source:
        E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits (its test part). UCI Machine Learning
        Repository, 1998, doi 10.24432/C50P49, CC BY 4.0.
    """
    with gzip.open(os.path.join(FOLDER, 'digits.csv.gz'), 'rb') as file:
        table = np.loadtxt(file, np.uint8, delimiter=',')
    table = table[np.random.RandomState(0).permutation(len(table))]
    images = shape_images('get_digits', table[:, :-1].reshape(-1, 8, 8), ndim, scale, 16.0, dtype)
    labels = table[:, -1].astype(label_dtype)
    n = N_TEST_DIGITS
    if withlabel:
        return TupleDataset(images[n:], labels[n:]), TupleDataset(images[:n], labels[:n])
    return images[n:], images[:n]


def get_iris(withlabel: bool = True, dtype: Any = None, label_dtype: Any = np.int32) -> Any:
    """Return 150 iris flowers: 50 each of setosa (0), versicolor (1) and virginica (2), in this order.

    Args:
        withlabel: True gives pairs of measurements and label, False measurements only.
        dtype: dtype of the measurements; None is `config.dtype`.
        label_dtype: dtype of the labels.

    Returns:
        TupleDataset of measurements (4,), which are sepal length, sepal width, petal length and petal width in cm, and
        labels; an array (150, 4) when `withlabel` is false.

    Example:
        >>> from chaingrad.datasets import get_iris
        >>> iris = get_iris()
        >>> x, t = iris[50]
        >>> [round(float(cm), 1) for cm in x], int(t)
        ([7.0, 3.2, 4.7, 1.4], 1)

    Source:
        R. A. Fisher, 1936; UCI Machine Learning Repository, doi 10.24432/C56C76, CC BY 4.0.
    """
    table = np.loadtxt(os.path.join(FOLDER, 'iris.csv'), delimiter=',', skiprows=1)
    x = np.ascontiguousarray(table[:, :4], dtype_of(dtype))
    if withlabel:
        return TupleDataset(x, table[:, 4].astype(label_dtype))
    return x


def get_spiral(withlabel: bool = True, seed: int = 1984, dtype: Any = None, label_dtype: Any = np.int32) -> Any:
    """Return three classes of 100 points in the plane that wind around each other as spirals.

    Point i of class j has radius r = i / 100 and angle a = 4 j + 4 r + 0.2 z, with z from the normal distribution:
    x = (r sin a, r cos a).

    Args:
        withlabel: True gives pairs of point and label, False points only.
        seed: seed of the noise.
        dtype: dtype of the points; None is `config.dtype`.
        label_dtype: dtype of the labels, 0 to 2.

    Returns:
        TupleDataset of points (2,) and labels; an array (300, 2) when `withlabel` is false.

    Example:
        >>> from chaingrad.datasets import get_spiral
        >>> spiral = get_spiral()
        >>> len(spiral), spiral[0][0].shape, int(spiral[299][1])
        (300, (2,), 2)

    Source:
        K. Saito: Deep Learning from Scratch 2, O'Reilly Japan, 2018, section 1.4.1. The default seed
        gives the points of the book.
    """
    radius = np.arange(100) / 100
    noise = np.random.RandomState(seed).randn(3, 100)
    angle = 4.0 * np.arange(3)[:, None] + 4.0 * radius + 0.2 * noise
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=-1).reshape(300, 2).astype(dtype_of(dtype))
    if withlabel:
        return TupleDataset(x, np.repeat(np.arange(3), 100).astype(label_dtype))
    return x
