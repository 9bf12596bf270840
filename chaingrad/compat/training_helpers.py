"""Private helpers of the reference's datasets, iterators and extensions that programs import or copy.

`alias_names.py` says under which paths they are found. Nothing in chaingrad calls them.
"""

from __future__ import annotations

import datetime
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.links.serializers.npz import save_npz
from chaingrad.training.dataset.convert import _stack
from chaingrad.training.dataset.download import cache_or_load_file, cached_download, get_dataset_directory
from chaingrad.training.datasets.combined import TupleDataset
from chaingrad.training.datasets.embedded_data import shape_images
from chaingrad.training.datasets.images import read_image
from chaingrad.training.datasets.mnist import read_idx
from chaingrad.training.extensions.snapshots import _saved_files, snapshot_object

# Datasets


def _concat_arrays(arrays: Sequence[Any], padding: Any = None) -> Array:
    """Stack arrays or numbers, with padding if it is given."""
    return _stack(arrays, 'the array', padding)


def _read_image_as_array(path: Any, dtype: Any) -> Array:
    """Return an image (height, width) or (height, width, channels)."""
    image = read_image('_read_image_as_array', path, str(path), dtype)
    return image[0] if len(image) == 1 else image.transpose(1, 2, 0)


def preprocess_mnist(
    raw: Any, withlabel: bool, ndim: int, scale: float, image_dtype: Any, label_dtype: Any, rgb_format: bool
) -> Any:
    """Return the images x (n, 784), as shaped floats, and the labels y of a dict or npz file."""
    images = shape_images('preprocess_mnist', raw['x'].reshape(-1, 28, 28), ndim, scale, 255.0, image_dtype, rgb_format)
    return TupleDataset(images, raw['y'].astype(label_dtype)) if withlabel else images


def make_npz(path: str, urls: Sequence[str]) -> dict[str, Array]:
    """Download the files of images and labels, write them to one npz file, and return both."""
    images, labels = [read_idx(cached_download(url)) for url in urls]
    arrays = {'x': images.reshape(len(images), -1), 'y': labels}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    return arrays


def retrieve_mnist(name: str, urls: Sequence[str]) -> Any:
    """Return the images and labels from the cache; download them first if they are not there."""
    path = os.path.join(get_dataset_directory('pfnet/chainer/mnist'), name)
    return cache_or_load_file(path, lambda p: make_npz(p, urls), lambda p: np.load(p, allow_pickle=False))


# Iterators


class IteratorState(NamedTuple):
    """The position of an iterator."""

    current_position: int
    epoch: int
    is_new_epoch: bool
    order: Array | None


def iterator_statemachine(
    state: IteratorState, batch_size: int, repeat: bool, order_sampler: Any, dataset_len: int
) -> tuple[IteratorState, Array | None]:
    """Return the state after a batch, and the indices of the batch; None after the last."""
    position, epoch, _, order = state
    if not repeat and epoch > 0:
        return state, None
    size = dataset_len if order is None else len(order)
    end = position + batch_size
    indices = np.arange(position, min(end, size)) if order is None else order[position:end]
    if end < size:
        return IteratorState(end, epoch, False, order), indices
    if order is not None:
        order = order_sampler(order, position)
    rest = end - size if repeat else 0
    if rest:
        indices = np.concatenate([indices, np.arange(rest) if order is None else order[:rest]])
    return IteratorState(rest, epoch + 1, True, order), indices


# Snapshots


def _find_snapshot_files(fmt: str, path: str) -> list[tuple[float, str]]:
    """Return the times and names of a folder's files whose names a format makes, the oldest first."""
    return [(os.path.getmtime(file), os.path.basename(file)) for file in reversed(_saved_files(path, fmt))]


def _find_latest_snapshot(fmt: str, path: str) -> str | None:
    """Return the name of the newest of these files; None if there is none."""
    files = _find_snapshot_files(fmt, path)
    return files[-1][1] if files else None


def _find_stale_snapshots(fmt: str, path: str, n_retains: int, **kwargs: Any) -> Iterator[str]:
    """Yield the names of these files without the newest `n_retains`."""
    files = _find_snapshot_files(fmt, path)
    return (name for _, name in files[: max(len(files) - n_retains, 0)])


def _snapshot_object(trainer: Any, target: Any, filename: Any, savefun: Callable[..., Any] = save_npz) -> None:
    """Save an object in the trainer's folder."""
    extension = snapshot_object(target, filename, savefun)
    extension(trainer)
    extension.finalize()


# The terminal


def erase_console(x: int, y: int, mode: int = 0) -> None:
    """Clear the terminal below the cursor."""
    sys.stdout.write('\033[J')


def set_console_cursor_position(x: int, y: int) -> None:
    """Move the cursor of the terminal by x columns and y lines."""
    sys.stdout.write((f'\033[{abs(y)}{"B" if y > 0 else "A"}' if y else '') + (f'\033[{x}C' if x > 0 else '\r'))


class ProgressBar:
    """The base of progress bars on a terminal; a subclass defines `get_lines()`, which returns their lines."""

    def __init__(self, out: Any = None) -> None:
        self._out = sys.stdout if out is None else out
        self._recent_timing: list[tuple[int, float, float]] = []

    def update_speed(self, iteration: int, epoch_detail: float) -> tuple[float, float]:
        """Return the iterations and the epochs per second, from the last calls."""
        now = time.time()
        first = (self._recent_timing or [(0, 0.0, now - 1e-9)])[0]
        self._recent_timing = [*self._recent_timing[-99:], (iteration, epoch_detail, now)]
        seconds = max(now - first[2], 1e-9)
        return (iteration - first[0]) / seconds, (epoch_detail - first[1]) / seconds

    def get_lines(self) -> list[str]:
        """Return the lines to print, each with its end of line."""
        raise NotImplementedError(f'{type(self).__name__} must define get_lines().')

    def update(self) -> None:
        """Print the lines over those printed before."""
        lines = self.get_lines()
        self._out.write('\033[J' + ''.join(lines) + f'\033[{len(lines)}A')
        self.flush()

    def close(self) -> None:
        """Clear the lines."""
        self._out.write('\033[J')
        self.flush()

    def flush(self) -> None:
        """Flush the output."""
        if hasattr(self._out, 'flush'):
            self._out.flush()


class _IteratorProgressBar(ProgressBar):
    """Shows how far an iterator has come."""

    def __init__(self, iterator: Any, bar_length: int | None = None, title: str | None = None, out: Any = None) -> None:
        super().__init__(out)
        self._iterator = iterator
        self._bar_length = bar_length or 50
        self._title = title or 'validation'
        self._iteration = 0

    def get_lines(self) -> list[str]:
        self._iteration += 1
        done = max(float(self._iterator.epoch_detail), 1e-9)
        speed, epochs = self.update_speed(self._iteration, done)
        left = datetime.timedelta(seconds=round((1 - done) / max(epochs, 1e-9)))
        marks = '#' * int(done * self._bar_length)
        return [
            f'{self._title} [{marks:.<{self._bar_length}}] {done:6.2%}\n',
            f'{self._iteration:10} iterations\n',
            f'{speed:10.5g} iters/sec. Estimated time to finish: {left}.\n',
        ]
