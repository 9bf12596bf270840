"""One contender in its own process: it reads names of workloads, one per line, and writes what it measured as JSON."""

from __future__ import annotations

import functools
import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

FIRST_LOSSES = 5
LEAST_SECONDS, LEAST_STEPS = 0.3, 3


def measure(build: Callable[[], Callable[[], Any]], least_seconds: float = LEAST_SECONDS) -> dict[str, Any]:
    """Build a model; return its first losses, the seconds of a step after them, by the clock and of the processors."""
    step = build()
    losses = [float(step()) for _ in range(FIRST_LOSSES)]
    steps = 0
    busy = time.process_time()
    start = time.perf_counter()
    while steps < LEAST_STEPS or time.perf_counter() - start < least_seconds:
        step()
        steps += 1
    end = time.perf_counter()
    cpu = (time.process_time() - busy) / steps
    return {'losses': losses, 'step': (end - start) / steps, 'cpu step': cpu, 'wall': end - start}


def in_bfloat16(build: Callable[[], Callable[[], Any]], module: str) -> Callable[[], Callable[[], Any]]:
    """Return what builds a step whose products are computed in bfloat16.

    Each step has a context of its own: PyTorch's keeps rounded weights until it is left.
    """
    if module == 'torch':
        torch = importlib.import_module('torch')
        context = functools.partial(torch.autocast, 'cpu', torch.bfloat16)
    else:
        using_config = importlib.import_module('chaingrad').using_config
        context = functools.partial(using_config, 'matmul_precision', 'bfloat16')

    def build_rounded() -> Callable[[], Any]:
        step = build()

        def rounded() -> Any:
            with context():
                return step()

        return rounded

    return build_rounded


def main() -> None:
    module, threads, precision = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    build = importlib.import_module(f'benchmarks.workloads.with_{module}').BUILD
    if module == 'torch':
        importlib.import_module('torch').set_num_threads(threads)
    print(json.dumps('ready'), flush=True)
    for line in sys.stdin:
        built = build[line.strip()]
        print(json.dumps(measure(built if precision == 'float32' else in_bfloat16(built, module))), flush=True)


if __name__ == '__main__':
    main()
