"""Datasets of image files in folders and zip archives. Pillow reads them; nothing is unpacked to disk."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.advice import habits
from chaingrad.autograd.annotations import Array
from chaingrad.training.dataset.mixin import DatasetMixin
from chaingrad.training.datasets.embedded_data import dtype_of


def read_image(who: str, file: Any, name: str, dtype: Any) -> Array:
    """Return an image as an array (channels, height, width), with the values of the file, usually 0 to 255."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise ImportError(f'{who}: images are read by Pillow, which is not installed. pip install pillow.') from error
    if not hasattr(file, 'read') and not os.path.exists(file):
        raise habits().missing_file(who, file)
    try:
        with Image.open(file) as image:
            array = np.asarray(image, dtype=dtype_of(dtype))
    except UnidentifiedImageError as error:
        raise ValueError(f'{who}: {name} must be an image, but Pillow does not know its format.') from error
    return np.ascontiguousarray(array[None] if array.ndim == 2 else array.transpose(2, 0, 1))


def _lines(who: str, path: str | os.PathLike[str]) -> list[str]:
    """Return the lines of a text file that are not blank."""
    if not os.path.exists(path):
        raise habits().missing_file(who, path)
    with open(path, encoding='utf-8') as file:
        return [line.strip() for line in file if line.strip()]


def read_pairs(who: str, path: str | os.PathLike[str]) -> list[tuple[str, int]]:
    """Return the pairs of file name and label in a text file, one per line."""
    pairs = []
    for number, line in enumerate(_lines(who, path), 1):
        name, _, label = line.rpartition(' ' if ' ' in line else '\t')
        if not name or not label.lstrip('-').isdigit():
            raise ValueError(
                f"{who}: line {number} of {path} must be 'file label' with an integer label, but it is {line!r}."
            )
        pairs.append((name.strip(), int(label)))
    return pairs


class ImageDataset(DatasetMixin):
    """Images from files: example i is the array of file i, of shape (channels, height, width).

    Values are not scaled: usually 0 to 255.

    Args:
        paths: list of file names, or a text file with one name per line.
        root: folder that contains the files.
        dtype: dtype of the arrays; None is `config.dtype`.

    Raises:
        ImportError: when Pillow is not installed, while reading.
        ValueError: when a file is not an image, while reading.

    Example:
        >>> import os, tempfile
        >>> import numpy as np
        >>> from PIL import Image
        >>> from chaingrad.datasets import ImageDataset
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(os.path.join(folder, 'a.png'))
        ...     ImageDataset(['a.png'], folder)[0].shape
        (3, 4, 6)
    """

    def __init__(
        self, paths: str | os.PathLike[str] | Sequence[str], root: str | os.PathLike[str] = '.', dtype: Any = None
    ):
        self._paths = _lines('ImageDataset', paths) if isinstance(paths, (str, os.PathLike)) else list(paths)
        self._root = os.fspath(root)
        self._dtype = dtype

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._paths)

    def get_example(self, i: int) -> Array:
        """Return image `i`."""
        path = os.path.join(self._root, self._paths[i])
        return read_image('ImageDataset', path, path, self._dtype)

    def __repr__(self) -> str:
        return f'ImageDataset({len(self._paths)} paths, root={self._root!r})'


class LabeledImageDataset(DatasetMixin):
    """Images from files with integer labels: example i is the pair (image, label).

    Args:
        pairs: list of pairs (file name, label), or a text file with lines `file label`.
        root: folder that contains the files.
        dtype: dtype of the images; None is `config.dtype`.
        label_dtype: dtype of the labels.

    Raises:
        ValueError: when a line of the text file does not have this form.

    Example:
        >>> from chaingrad.datasets import LabeledImageDataset
        >>> LabeledImageDataset([('a.png', 0), ('b.png', 1)], 'photos')
        LabeledImageDataset(2 pairs, root='photos')
    """

    def __init__(
        self,
        pairs: str | os.PathLike[str] | Sequence[tuple[str, int]],
        root: str | os.PathLike[str] = '.',
        dtype: Any = None,
        label_dtype: Any = np.int32,
    ) -> None:
        is_file = isinstance(pairs, (str, os.PathLike))
        self._pairs: Any = read_pairs('LabeledImageDataset', pairs) if is_file else list(pairs)  # type: ignore[arg-type]
        self._root = os.fspath(root)
        self._dtype = dtype
        self._label_dtype = label_dtype

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self._pairs)

    def get_example(self, i: int) -> tuple[Array, Array]:
        """Return image `i` and its label, an array of shape ()."""
        name, label = self._pairs[i]
        path = os.path.join(self._root, name)
        return read_image('LabeledImageDataset', path, path, self._dtype), np.array(label, self._label_dtype)

    def __repr__(self) -> str:
        return f'LabeledImageDataset({len(self._pairs)} pairs, root={self._root!r})'


class ZippedImageDataset(DatasetMixin):
    """The images of a zip archive, in the order in which it holds them.

    An image is read from the archive when it is needed; every process opens the archive itself.

    Args:
        zipfilename: zip archive.
        dtype: dtype of the arrays; None is `config.dtype`.

    Raises:
        OSError: when the archive cannot be opened.

    Example:
        >>> import io, os, tempfile, zipfile
        >>> import numpy as np
        >>> from PIL import Image
        >>> from chaingrad.datasets import ZippedImageDataset
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path, image = os.path.join(folder, 'a.zip'), io.BytesIO()
        ...     Image.fromarray(np.zeros((4, 6), np.uint8)).save(image, 'png')
        ...     with zipfile.ZipFile(path, 'w') as archive:
        ...         archive.writestr('1.png', image.getvalue())
        ...     dataset = ZippedImageDataset(path)
        ...     len(dataset), dataset[0].shape, dataset['1.png'].dtype
        (1, (1, 4, 6), dtype('float32'))
    """

    def __init__(self, zipfilename: str | os.PathLike[str], dtype: Any = None) -> None:
        self._path = os.fspath(zipfilename)
        self._dtype = dtype
        self._archive: zipfile.ZipFile | None = None
        self._owner = -1
        self._lock = threading.Lock()
        with zipfile.ZipFile(self._path) as archive:
            self._names = [name for name in archive.namelist() if not name.endswith('/')]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._names)

    def get_example(self, i_or_filename: int | str) -> Array:
        """Return an image by its index or by its name in the archive."""
        name = i_or_filename if isinstance(i_or_filename, str) else self._names[i_or_filename]
        if self._owner != os.getpid():  # a forked process shares the position in the file: it opens its own
            self._lock = threading.Lock()
        with self._lock:
            if self._archive is None or self._owner != os.getpid():
                self._archive = zipfile.ZipFile(self._path)
                self._owner = os.getpid()
            content = self._archive.read(name)
        return read_image(type(self).__name__, io.BytesIO(content), f'{name} in {self._path}', self._dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_archive': None, '_owner': -1, '_lock': None}

    def __del__(self) -> None:
        archive = getattr(self, '_archive', None)
        if archive is not None:
            archive.close()

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self._path!r}) of {len(self)} images'


class MultiZippedImageDataset(DatasetMixin):
    """The images of several zip archives, one archive after the other.

    Args:
        zipfilenames: list of zip archives.
        dtype: dtype of the arrays; None is `config.dtype`.

    Example:
        >>> from chaingrad.datasets import MultiZippedImageDataset
        >>> MultiZippedImageDataset([])
        MultiZippedImageDataset(0 archives) of 0 images
    """

    def __init__(self, zipfilenames: Sequence[str | os.PathLike[str]], dtype: Any = None) -> None:
        self._parts = [ZippedImageDataset(name, dtype) for name in zipfilenames]
        self._images = [(part, i) for part in self._parts for i in range(len(part))]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._images)

    def get_example(self, i: int) -> Array:
        """Return image `i` of all archives together."""
        part, index = self._images[i]
        return part.get_example(index)

    def __repr__(self) -> str:
        return f'MultiZippedImageDataset({len(self._parts)} archives) of {len(self)} images'


class LabeledZippedImageDataset(DatasetMixin):
    """Images of a zip archive with integer labels: example i is the pair (image, label).

    Args:
        zipfilename: zip archive.
        labelfilename: text file with lines `file label`, with names of files in the archive.
        dtype: dtype of the images; None is `config.dtype`.
        label_dtype: dtype of the labels.

    Raises:
        OSError: when a file cannot be opened.
        ValueError: when a line of the text file does not have this form.

    Example:
        >>> from chaingrad.datasets import LabeledZippedImageDataset
        >>> LabeledZippedImageDataset('no.zip', 'no.txt')
        Traceback (most recent call last):
        FileNotFoundError: [Errno 2] No such file or directory: 'no.zip'
    """

    def __init__(
        self,
        zipfilename: str | os.PathLike[str],
        labelfilename: str | os.PathLike[str],
        dtype: Any = None,
        label_dtype: Any = np.int32,
    ) -> None:
        self._images = ZippedImageDataset(zipfilename, dtype)
        self._pairs = read_pairs('LabeledZippedImageDataset', labelfilename)
        self._label_dtype = label_dtype

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self._pairs)

    def get_example(self, i: int) -> tuple[Array, Array]:
        """Return image `i` and its label, an array of shape ()."""
        name, label = self._pairs[i]
        return self._images.get_example(name), np.array(label, self._label_dtype)

    def __repr__(self) -> str:
        return f'LabeledZippedImageDataset({self._images!r}, {len(self._pairs)} labels)'
