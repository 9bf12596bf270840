"""The shared library of oneDNN: where it is looked for, which versions are taken, and what happens in a forked child.

Any libdnnl of version 3 will do. Looked for in this order: the file that the environment variable CHAINGRAD_ONEDNN
names, the wheel `onednn-cpu-gomp` (`sys.prefix/lib/libdnnl.so.3`), the system's. What cannot be loaded or has another
version is passed over; `python -m chaingrad info` says so.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading

VERSION = 3
VARIABLE = 'CHAINGRAD_ONEDNN'
_SYSTEM_NAMES = ('libdnnl.so.3', 'libdnnl.3.dylib', 'dnnl.dll')
SEQUENTIAL, OPENMP = 1, 2  # the runtimes by which a library makes its threads


class _Version(ctypes.Structure):
    _fields_ = [
        ('major', ctypes.c_int),
        ('minor', ctypes.c_int),
        ('patch', ctypes.c_int),
        ('hash', ctypes.c_char_p),
        ('cpu_runtime', ctypes.c_uint),
        ('gpu_runtime', ctypes.c_uint),
    ]


class Library:
    """A loaded library.

    Args:
        path: its file or name.

    Raises:
        OSError: when the file cannot be loaded.
        ValueError: when it is not oneDNN, or of another version.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.calls = ctypes.CDLL(path)  # without the interpreter's lock: for what computes
        self.quick = ctypes.PyDLL(path)  # with the lock, which costs less: for what only stores a pointer
        try:
            ask = self.calls.dnnl_version
        except AttributeError:
            raise ValueError('it is not oneDNN') from None
        ask.restype = ctypes.POINTER(_Version)
        found = ask().contents
        self.version = f'{found.major}.{found.minor}.{found.patch}'
        if found.major != VERSION:
            raise ValueError(f'it is oneDNN {self.version}, but version {VERSION} is needed')
        self.runtime = found.cpu_runtime
        self.engine = ctypes.c_void_p()
        if self.calls.dnnl_engine_create(ctypes.byref(self.engine), 1, ctypes.c_size_t(0)):
            raise ValueError('it has no engine for this processor')
        self.calls.dnnl_set_primitive_cache_capacity(0)  # `plans.py` keeps its own, bounded

    def set_threads(self, n: int) -> None:
        """Let n threads compute what the calling thread asks for."""
        if self.runtime == OPENMP and hasattr(self.calls, 'omp_set_num_threads'):
            self.calls.omp_set_num_threads(n)

    def threads(self) -> int | None:
        """Return the number of threads that compute what the calling thread asks for; None where it is not known."""
        if self.runtime == OPENMP and hasattr(self.calls, 'omp_get_max_threads'):
            return int(self.calls.omp_get_max_threads())
        return 1 if self.runtime == SEQUENTIAL else None

    def is_safe_after_fork(self) -> bool:
        """Let the calling thread of a forked child compute alone; return whether that can be done.

        The threads of the parent are not there in the child: the first parallel work would wait for them for ever.
        """
        if self.runtime == OPENMP:
            try:
                self.calls.omp_set_num_threads(1)
            except AttributeError:
                return False
        return self.runtime in (SEQUENTIAL, OPENMP)


class _Search:
    """The library of this process, once it was looked for."""

    done = False
    found: Library | None = None
    refused: tuple[str, ...] = ()  # what was passed over, and why
    lock = threading.Lock()


def _candidates() -> list[str]:
    """Return the files to try, in order; the last are names that the loader looks for in the system's folders."""
    given = os.environ.get(VARIABLE)
    wheel = os.path.join(sys.prefix, 'lib', 'libdnnl.so.3')
    return [*([given] if given else []), *([wheel] if os.path.exists(wheel) else []), *_SYSTEM_NAMES]


def find_library() -> Library | None:
    """Return the library, or None where there is none; it is looked for once."""
    with _Search.lock:
        if not _Search.done:
            for path in _candidates():
                try:
                    _Search.found = Library(path)
                    break
                except (OSError, ValueError) as error:
                    if path in _SYSTEM_NAMES and isinstance(error, OSError):
                        continue  # the usual case: it is not there
                    _Search.refused = (*_Search.refused, f'{path} was passed over: {error}')
            _Search.done = True
    return _Search.found


def refused() -> tuple[str, ...]:
    """Return a sentence for each file that was found but not taken."""
    find_library()
    return _Search.refused
