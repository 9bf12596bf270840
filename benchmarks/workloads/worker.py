"""One contender in its own process: it reads names of workloads, one per line, and writes what it measured as JSON."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

FIRST_LOSSES = 5
LEAST_SECONDS, LEAST_STEPS = 0.3, 3


def measure(build: Callable[[], Callable[[], Any]], least_seconds: float = LEAST_SECONDS) -> dict[str, Any]:
    """Build a model; return its first losses, the seconds of a step after them, and the seconds of the processors."""
    step = build()
    losses = [float(step()) for _ in range(FIRST_LOSSES)]
    steps = 0
    busy = time.process_time()
    start = time.perf_counter()
    while steps < LEAST_STEPS or time.perf_counter() - start < least_seconds:
        step()
        steps += 1
    end = time.perf_counter()
    return {'losses': losses, 'step': (end - start) / steps, 'wall': end - start, 'cpu': time.process_time() - busy}


def main() -> None:
    module, threads = sys.argv[1], int(sys.argv[2])
    build = importlib.import_module(f'benchmarks.workloads.with_{module}').BUILD
    if module == 'torch':
        importlib.import_module('torch').set_num_threads(threads)
    print(json.dumps('ready'), flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(build[line.strip()])), flush=True)


if __name__ == '__main__':
    main()
