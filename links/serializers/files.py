"""Write files in one step: a reader finds the old file or the complete new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections.abc import Iterator
from typing import IO, Any

TEMPORARY_PREFIX = '.tmp-chaingrad-'
"""Prefix of the names of temporary files, so that those of a killed process can be found and removed."""


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces `path` when the block ends without an error.

    The file is in the same folder, is written through to the disk and then renamed, so that after a crash there is
    either the old file or the new one. When the block raises, the old file stays and the temporary one is removed.
    A symbolic link is followed; a file that is not regular (a device, a pipe) is written to directly.

    Args:
        path: the file to write.

    Returns:
        A context manager that yields the binary file to write to.

    Example:
        >>> import pathlib
        >>> from chaingrad.links.serializers.files import replacing
        >>> with replacing('numbers.bin') as f:
        ...     _ = f.write(b'123')
        >>> pathlib.Path('numbers.bin').read_bytes()
        b'123'
    """
    target = os.path.realpath(os.fsdecode(path))
    if os.path.exists(target) and not stat.S_ISREG(os.stat(target).st_mode):
        buffer = io.BytesIO()  # not every device can seek
        yield buffer
        with open(target, 'wb') as f:
            f.write(buffer.getvalue())
        return
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        advice = 'The folder to write in does not exist; make it with os.makedirs'
        raise FileNotFoundError(errno.ENOENT, advice, folder)
    temporary = os.path.join(folder, f'{TEMPORARY_PREFIX}{os.getpid()}-{os.urandom(4).hex()}')
    try:
        with open(temporary, 'x+b') as f:
            yield f
            f.flush()
            os.fsync(f.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    sync_folder(folder)


def open_to_write(file: str | os.PathLike[str] | IO[bytes]) -> contextlib.AbstractContextManager[IO[bytes]]:
    """Return a context manager that yields the file to write to: `replacing(file)` for a path, else the file itself."""
    if isinstance(file, (str, os.PathLike)):
        return replacing(file)
    return contextlib.nullcontext(file)


def sync_folder(folder: str) -> None:
    """Write a folder's entries through to the disk, where the system can."""
    if not hasattr(os, 'O_DIRECTORY'):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError:  # some network file systems have no fsync for folders
        pass
    finally:
        os.close(descriptor)


def name_of(file: Any) -> str:
    """Return the name of a path or file object for a message."""
    if isinstance(file, (str, os.PathLike)):
        return os.fspath(file)
    name = getattr(file, 'name', None)
    return name if isinstance(name, str) else 'the file'
