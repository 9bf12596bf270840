"""Files of datasets: where they are kept, how they are downloaded, and how they are checked.

A file appears under its name only when it is complete: it is written under a temporary name, compared with its length
and digest, and renamed. Nothing here unpacks an archive to disk.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

VARIABLE = 'CHAINGRAD_DATASET_ROOT'
BLOCK = 1 << 20

_root: list[str] = []


def get_dataset_root() -> str:
    """Return the folder where datasets are kept.

    It is `CHAINGRAD_DATASET_ROOT`, or else `~/.chaingrad/dataset`, unless `set_dataset_root` has set another.

    Returns:
        Path of the folder.

    Example:
        >>> from chaingrad.dataset import get_dataset_root, set_dataset_root
        >>> before = get_dataset_root()
        >>> set_dataset_root('elsewhere')
        >>> get_dataset_root()
        'elsewhere'
        >>> set_dataset_root(before)
    """
    if _root:
        return _root[0]
    return os.environ.get(VARIABLE) or os.path.join(os.path.expanduser('~'), '.chaingrad', 'dataset')


def set_dataset_root(path: str | os.PathLike[str]) -> None:
    """Set the folder where datasets are kept, for this process.

    Args:
        path: the folder; it is made when a file is written into it.

    Example:
        >>> from chaingrad.dataset import get_dataset_root, set_dataset_root
        >>> set_dataset_root(get_dataset_root())
    """
    _root[:] = [os.fspath(path)]


def get_dataset_directory(dataset_name: str, create_directory: bool = True) -> str:
    """Return the folder of one dataset inside the dataset root.

    Args:
        dataset_name: name, which may contain slashes.
        create_directory: whether to make the folder.

    Returns:
        Path of the folder.

    Example:
        >>> import os
        >>> from chaingrad.dataset import get_dataset_directory, get_dataset_root
        >>> path = get_dataset_directory('my/data', create_directory=False)
        >>> os.path.relpath(path, get_dataset_root()) == os.path.join('my', 'data')
        True
    """
    path = os.path.join(get_dataset_root(), *dataset_name.split('/'))
    if create_directory:
        os.makedirs(path, exist_ok=True)
    return path


@contextlib.contextmanager
def complete_file(path: str) -> Iterator[str]:
    """Give the name of a temporary file in the folder of `path`, which is renamed to `path` unless an error occurs."""
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix='.part-', suffix='-' + os.path.basename(path)[-60:], dir=folder)
    os.close(handle)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def digest_of(path: str, algorithm: str) -> str:
    """Return the digest of a file as hexadecimal text; `sha256-unpacked` is that of the content of a .gz file."""
    name, _, unpacked = algorithm.partition('-')
    opener: Any = gzip.open if unpacked and path.endswith('.gz') else open
    digest = hashlib.new(name, usedforsecurity=False)
    with opener(path, 'rb') as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def check_digest(who: str, path: str, digest: str, shown: str | None = None) -> None:
    """Raise ValueError unless a file has the digest: `sha256:<hex>`, `md5:<hex>` or `sha256-unpacked:<hex>`.

    Args:
        who: the public function, for messages.
        path: the file.
        digest: the digest that it must have.
        shown: name of the file in messages; None is `path`.

    Raises:
        ValueError: when the digest differs, the file is no complete .gz file, or `digest` is not of these forms.
        OSError: when the file cannot be read.
    """
    algorithm, _, expected = digest.partition(':')
    if algorithm not in ('sha256', 'sha256-unpacked', 'md5') or not expected:
        raise ValueError(f"{who}: a digest must be written 'sha256:<hex>' or 'md5:<hex>', but {digest!r} was given.")
    try:
        found = digest_of(path, algorithm)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f'{who}: {shown or path} is damaged or cut off ({error}). Get it again.') from error
    if found != expected.lower():
        raise ValueError(
            f'{who}: {shown or path} must have the {algorithm} digest {expected}, but it has {found}. '
            'It is damaged, cut off or another file. Get it again.'
        )


def cached_download(url: str, *, digest: str | None = None) -> str:
    """Download a file into the cache, unless it is there already.

    Args:
        url: address of the file.
        digest: digest that the file must have, as `'sha256:<hex>'` or `'md5:<hex>'`; None checks only the length that
            the server announces.

    Returns:
        Path of the file in the cache, the folder `_dl_cache` of the dataset root.

    Raises:
        OSError: when the download fails or is cut off.
        ValueError: when the file has another digest. In both cases nothing is left in the cache.

    Example:
        >>> from chaingrad.dataset import cached_download
        >>> cached_download('ftp://example.org/a')
        Traceback (most recent call last):
        ValueError: cached_download: url must begin with http://, https:// or file://, but it is 'ftp://example.org/a'.
    """
    if not url.startswith(('http://', 'https://', 'file://')):
        raise ValueError(f'cached_download: url must begin with http://, https:// or file://, but it is {url!r}.')
    name = hashlib.sha256(url.encode()).hexdigest()[:32]
    path = os.path.join(get_dataset_root(), '_dl_cache', name)
    if os.path.exists(path):
        if digest is not None:
            check_digest('cached_download', path, digest)
        return path
    with complete_file(path) as temporary:
        _fetch(url, temporary)
        if digest is not None:
            check_digest('cached_download', temporary, digest, url)
    return path


def _fetch(url: str, path: str) -> None:
    """Copy the content of `url` into a file and check its length."""
    import urllib.request  # takes 20 ms, a third of the time in which the package must be imported

    try:
        with urllib.request.urlopen(url, timeout=60) as answer, open(path, 'wb') as file:
            announced = answer.headers.get('Content-Length')
            size = 0
            while block := answer.read(BLOCK):
                file.write(block)
                size += len(block)
            file.flush()
            os.fsync(file.fileno())
    except (ValueError, OSError) as error:
        raise OSError(f'{url} could not be downloaded: {error}. Check the network, or get the file by hand.') from error
    if announced is not None and int(announced) != size:
        raise OSError(f'{url} was cut off: {size} of {announced} bytes arrived. Try again.')


def cache_or_load_file(
    path: str | os.PathLike[str], creator: Callable[[str], Any], loader: Callable[[str], Any]
) -> Any:
    """Load a file, or create it when it does not exist.

    Args:
        path: the file.
        creator: function that writes a file of the given temporary name and returns its content.
        loader: function that returns the content of the file; called with `path` when it exists.

    Returns:
        The result of `creator` or `loader`.

    Example:
        >>> import os, tempfile
        >>> import numpy as np
        >>> from chaingrad.dataset import cache_or_load_file
        >>> def make(path):
        ...     with open(path, 'wb') as file:
        ...         np.save(file, np.arange(3))
        ...     return np.arange(3)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, 'a.npy')
        ...     cache_or_load_file(path, make, np.load), cache_or_load_file(path, make, np.load)
        (array([0, 1, 2]), array([0, 1, 2]))
    """
    name = os.fspath(path)
    if os.path.exists(name):
        return loader(name)
    with complete_file(name) as temporary:
        return creator(temporary)


def find_file(
    who: str,
    dataset_name: str,
    names: tuple[str, ...],
    url: str,
    published: Mapping[str, str],
    folder: str | os.PathLike[str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> str:
    """Return the path of a checked file of a published dataset: from a local folder, the cache, or a download.

    Args:
        who: the public function, for messages.
        dataset_name: such as `mnist`; then `CHAINGRAD_MNIST_DIR` may name a folder that contains the files.
        names: names under which the file is looked for; the last one is downloaded.
        url: address of the folder of the file.
        published: digests by name of file.
        folder: a folder that contains the files; None is the one that the environment variable names, or the cache.
        digests: digests given by the user, by name of file, which replace the published ones.

    Raises:
        FileNotFoundError: when the folder lacks the file.
        ValueError: when the file is damaged or cut off, or there is no digest to check it with.
        OSError: when the download fails.
    """
    digests = {**published, **(digests or {})}
    variable = f'CHAINGRAD_{dataset_name.upper()}_DIR'
    local = folder if folder is not None else os.environ.get(variable) or None
    searched = local if local is not None else get_dataset_directory(f'chaingrad/{dataset_name}', False)
    for name in names:
        path = os.path.join(os.fspath(searched), name)
        if os.path.exists(path):
            check_digest(who, path, _known_digest(who, name, digests))
            return path
    if local is not None:
        raise FileNotFoundError(
            f'{who}: {" or ".join(names)} must be in {os.fspath(local)!r} (folder= or {variable}), but it is not there.'
        )
    name = names[-1]
    path = os.path.join(get_dataset_directory(f'chaingrad/{dataset_name}'), name)
    digest = _known_digest(who, name, digests)
    with complete_file(path) as temporary:
        _fetch(url + name, temporary)
        # The temporary name ends like the file's own, so that .gz is recognized.
        check_digest(who, temporary, digest, url + name)
    return path


def _known_digest(who: str, name: str, digests: Mapping[str, str]) -> str:
    if name not in digests:
        raise ValueError(
            f'{who}: no digest is published for {name}, so it cannot be checked. Pass digests={{{name!r}: '
            f"'sha256:<hex>'}} if you trust it, or use one of {', '.join(sorted(digests)) or 'none'}."
        )
    return digests[name]
