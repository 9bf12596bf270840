"""Files of datasets: where they are kept, how they are downloaded, and how they are checked.

A file appears under its name only when it is whole: it is written beside it, compared with its length and digest, and
renamed. Nothing here unpacks an archive to disk.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

VARIABLE = 'CHAINGRAD_DATASET_ROOT'
BLOCK = 1 << 20

_root: list[str] = []


def get_dataset_root() -> str:
    """Return the folder where datasets are kept.

    `CHAINGRAD_DATASET_ROOT`, or else `~/.chaingrad/dataset`, unless `set_dataset_root` has set another.

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
        path: the folder; it is made when something is written.

    Example:
        >>> from chaingrad.dataset import get_dataset_root, set_dataset_root
        >>> set_dataset_root(get_dataset_root())
    """
    _root[:] = [os.fspath(path)]


def get_dataset_directory(dataset_name: str, create_directory: bool = True) -> str:
    """Return the folder of one dataset inside the dataset root.

    Args:
        dataset_name: name, which may hold slashes.
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
def whole_file(path: str) -> Iterator[str]:
    """Give the name of a temporary file beside `path`, which becomes `path` if all goes well and is removed if not."""
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
    """Return the digest of a file as hexadecimal text; `sha256-unpacked` is that of what a .gz file holds."""
    name, _, unpacked = algorithm.partition('-')
    opener: Any = gzip.open if unpacked and path.endswith('.gz') else open
    total = hashlib.new(name, usedforsecurity=False)
    with opener(path, 'rb') as file:
        while block := file.read(BLOCK):
            total.update(block)
    return total.hexdigest()


def check_digest(who: str, path: str, digest: str, shown: str | None = None) -> None:
    """Raise ValueError unless the file has the digest: `sha256:<hex>`, `md5:<hex>` or `sha256-unpacked:<hex>`."""
    algorithm, _, expected = digest.partition(':')
    if algorithm not in ('sha256', 'sha256-unpacked', 'md5') or not expected:
        raise ValueError(f"{who}: a digest must be written 'sha256:<hex>' or 'md5:<hex>', but {digest!r} was given.")
    try:
        found = digest_of(path, algorithm)
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise
        raise ValueError(f'{who}: {shown or path} is damaged or cut off ({error}). Get it again.') from error
    if found != expected.lower():
        raise ValueError(
            f'{who}: {shown or path} must have the {algorithm} digest {expected}, but it has {found}. '
            'It is damaged, cut off or another file. Get it again.'
        )


def cached_download(url: str, *, digest: str | None = None) -> str:
    """Download a file into the cache, or find it there.

    Args:
        url: where the file is.
        digest: what the file must be, as `'sha256:<hex>'` or `'md5:<hex>'`; None checks only the length that the server
            announces.

    Returns:
        Path of the file in the cache, the folder `_dl_cache` of the dataset root.

    Raises:
        OSError: the download failed or was cut off.
        ValueError: the file has another digest. In both cases nothing is left in the cache.

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
    with whole_file(path) as temporary:
        _fetch(url, temporary)
        if digest is not None:
            check_digest('cached_download', temporary, digest, url)
    return path


def _fetch(url: str, path: str) -> None:
    """Copy what is at `url` into a file and check that all of it came."""
    import urllib.request  # 20 ms to import, a third of what the whole package may take

    try:
        with urllib.request.urlopen(url, timeout=60) as answer, open(path, 'wb') as file:
            announced, size = answer.headers.get('Content-Length'), 0
            while block := answer.read(BLOCK):
                file.write(block)
                size += len(block)
            file.flush()
            os.fsync(file.fileno())
    except (ValueError, OSError) as error:
        raise OSError(f'{url} could not be downloaded: {error}. Check the network, or get the file by hand.') from error
    if announced is not None and int(announced) != size:
        raise OSError(f'{url} was cut off: {size} of {announced} bytes came. Try again.')


def cache_or_load_file(
    path: str | os.PathLike[str], creator: Callable[[str], Any], loader: Callable[[str], Any]
) -> Any:
    """Load a file, or make it first when it does not exist.

    Args:
        path: the file.
        creator: called with the name of a temporary file, which it writes; returns the content.
        loader: called with `path` when the file exists; returns the content.

    Returns:
        What `creator` or `loader` returned.

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
    with whole_file(name) as temporary:
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
        dataset_name: such as `mnist`; `CHAINGRAD_MNIST_DIR` may name a folder that holds the files.
        names: names under which the file is looked for; the last is that of the download.
        url: the folder on the web.
        published: digests by name of file.
        folder: a folder that holds the files; None looks at the environment variable, then into the cache.
        digests: digests of the user's, by name of file, which replace the published ones.

    Raises:
        FileNotFoundError: the folder lacks the file.
        ValueError: the file is damaged or cut off, or there is no digest to check it with.
        OSError: the download failed.
    """
    digests = {**published, **(digests or {})}
    variable = f'CHAINGRAD_{dataset_name.upper()}_DIR'
    local = folder if folder is not None else os.environ.get(variable) or None
    for place in [local] if local is not None else [get_dataset_directory(f'chaingrad/{dataset_name}', False)]:
        for name in names:
            path = os.path.join(os.fspath(place), name)
            if os.path.exists(path):
                check_digest(who, path, _wanted(who, name, digests))
                return path
    if local is not None:
        raise FileNotFoundError(
            f'{who}: {" or ".join(names)} must be in {os.fspath(local)!r} (folder= or {variable}), but it is not there.'
        )
    name = names[-1]
    path = os.path.join(get_dataset_directory(f'chaingrad/{dataset_name}'), name)
    digest = _wanted(who, name, digests)
    with whole_file(path) as temporary:
        _fetch(url + name, temporary)
        # The temporary name ends like the file's own, so that .gz is seen.
        check_digest(who, temporary, digest, url + name)
    return path


def _wanted(who: str, name: str, digests: Mapping[str, str]) -> str:
    if name not in digests:
        raise ValueError(
            f'{who}: no digest is published for {name}, so it cannot be checked. Pass digests={{{name!r}: '
            f"'sha256:<hex>'}} if you trust it, or use one of {', '.join(sorted(digests)) or 'none'}."
        )
    return digests[name]
