"""One contender in its own process: it reads names of problems, one per line, and writes seconds and loss as JSON."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.problems import PROBLEMS


def measure(build: Callable[[], Callable[[], Any]], warmup: int, steps: int) -> tuple[float, float]:
    """Return the seconds of one step and the loss of the last step of a new network."""
    step = build()
    for _ in range(warmup):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        loss = step()
    seconds = (time.perf_counter() - start) / steps
    return seconds, float(loss)


def main() -> None:
    build = importlib.import_module(f'benchmarks.contenders.with_{sys.argv[1]}').BUILD
    print(json.dumps('ready'), flush=True)
    for line in sys.stdin:
        name = line.strip()
        print(json.dumps(measure(build[name], PROBLEMS[name].warmup, PROBLEMS[name].steps)), flush=True)


if __name__ == '__main__':
    main()
