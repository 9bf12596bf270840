"""Memory that a step has freed is kept for the next one, which needs as much: `keep_freed_memory`.

glibc, the C library of most Linux systems, hands free memory at the end of its heap back to the system once there are
some megabytes of it. The next step takes it again, page by page, and the system fills each page with zeros: a third of
the time of a step where arrays are large and steps are short.
"""

from __future__ import annotations

import ctypes
import functools
import os

KEPT = 512 * 2**20  # bytes at the end of the heap that stay with the process
IN_HEAP = 32 * 2**20  # larger blocks go back to the system at once; glibc allows no more
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # from malloc.h
# Environment variables of glibc: who sets one decides.
VARIABLES = ('MALLOC_TRIM_THRESHOLD_', 'MALLOC_MMAP_THRESHOLD_', 'MALLOC_TOP_PAD_')


@functools.cache
def keep_freed_memory() -> bool:
    """Let this process keep up to 512 MiB of the memory that it frees; an optimizer that is set up calls it.

    Returns:
        Whether it does: False where the C library is another than glibc, or the user has set its limits.
    """
    if any(os.environ.get(name) for name in VARIABLES) or 'glibc.malloc' in os.environ.get('GLIBC_TUNABLES', ''):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_M_TRIM_THRESHOLD, KEPT) and mallopt(_M_MMAP_THRESHOLD, IN_HEAP))
