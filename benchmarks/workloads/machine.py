"""What the machine is, and how much of it other processes take."""

from __future__ import annotations

import importlib.metadata
import os
import pathlib
import platform
import time

_STAT = pathlib.Path('/proc/stat')


def count_processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1


def _busy_seconds() -> float | None:
    """Return for how long all processors have worked for anybody, None where that is not known (only Linux tells)."""
    if not _STAT.exists():
        return None
    user, nice, system, _, _, irq, softirq, steal, *_ = map(int, _STAT.read_text().splitlines()[0].split()[1:])
    return (user + nice + system + irq + softirq + steal) / os.sysconf('SC_CLK_TCK')


def _process_seconds(pid: int) -> float:
    """Return for how long the processors have worked for a process; 0 where that is not known."""
    if not _STAT.exists():
        return 0.0
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


class Load:
    """The work of the processors from now on, and that which they do for one process."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._start = time.perf_counter()
        self._busy = _busy_seconds()
        self._own = _process_seconds(pid)

    def of_others(self) -> float:
        """Return the share of the processors that other processes than this one took, 0 where that is not known."""
        busy = _busy_seconds()
        if busy is None or self._busy is None:
            return 0.0
        own = _process_seconds(self._pid) - self._own
        wall = time.perf_counter() - self._start
        return max(0.0, busy - self._busy - own) / (wall * (os.cpu_count() or 1))


def processor() -> str:
    """Return the name of the processor."""
    cpuinfo = pathlib.Path('/proc/cpuinfo')
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith('model name'):
                return line.partition(':')[2].strip()
    return platform.processor() or platform.machine()


def versions(packages: tuple[str, ...]) -> str:
    """Return names and versions of Python and of the packages that are installed."""
    found = [f'Python {platform.python_version()}']
    for package in packages:
        try:
            found.append(f'{package} {importlib.metadata.version(package)}')
        except importlib.metadata.PackageNotFoundError:
            continue
    return ', '.join(found)
