"""One contender in its own process: it reads names of workloads, one per line, and writes what it measured as JSON."""

from __future__ import annotations

import contextlib
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


def in_bfloat16(module: str) -> Any:
    """Return a context in which products are computed in bfloat16."""
    if module == 'torch':
        torch = importlib.import_module('torch')
        return torch.autocast('cpu', torch.bfloat16)
    return importlib.import_module('chaingrad').using_config('matmul_precision', 'bfloat16')


def main() -> None:
    module, threads, precision = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    build = importlib.import_module(f'benchmarks.workloads.with_{module}').BUILD
    if module == 'torch':
        importlib.import_module('torch').set_num_threads(threads)
    print(json.dumps('ready'), flush=True)
    for line in sys.stdin:
        with contextlib.nullcontext() if precision == 'float32' else in_bfloat16(module):
            print(json.dumps(measure(build[line.strip()])), flush=True)


if __name__ == '__main__':
    main()
