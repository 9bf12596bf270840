"""The Python calls of one training step: `python -m benchmarks.trace` prints them, indented, with their files.

The step is the smallest one: forward, loss, backward and update of `Linear(2, 1)` with SGD. Somebody who steps through
it with a debugger sees these calls, in this order.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers

# The most that a step may be.
CALLS, FILES = 70, 14


class Call(NamedTuple):
    """A call of a function of the package: how deep it is, its name, and its file."""

    depth: int
    name: str
    file: str


def trace_step() -> list[Call]:
    """Return the calls of the second step: the first one sets up the optimizer's state."""
    x = np.array([[1.0, 2.0]], np.float32)
    t = np.array([[3.0]], np.float32)
    model = L.Linear(2, 1)
    optimizer = optimizers.SGD(0.1).setup(model)

    def step() -> None:
        loss = F.mean_squared_error(model(x), t)
        loss.backward()
        optimizer.update()

    model.cleargrads()
    step()
    model.cleargrads()
    return calls_of(step)


def calls_of(function: Any) -> list[Call]:
    """Run a function and return the calls of the package's Python functions, in order.

    Comprehensions, which are frames up to Python 3.11, do not count, and a generator counts once.
    """
    calls: list[Call] = []
    seen: list[FrameType] = []  # held, so that no two frames have the same address
    depth = 0

    def profile(frame: FrameType, event: str, _: Any) -> None:
        nonlocal depth
        room = frame.f_globals.get('__name__', '').split('.')
        if room[0] != 'chaingrad' or frame.f_code.co_name.startswith('<'):
            return
        if event == 'return':
            depth -= 1
        elif event == 'call':
            if not any(frame is other for other in seen):
                seen.append(frame)
                name = getattr(frame.f_code, 'co_qualname', frame.f_code.co_name)
                calls.append(Call(depth, name, '/'.join(room[1:]) + '.py'))
            depth += 1

    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


def main() -> int:
    """Print the calls; return 1 where they are more than they may be."""
    calls = trace_step()
    files = {call.file for call in calls}
    for call in calls:
        print(f'{"  " * call.depth + call.name:<72}{call.file}')
    print(f'{len(calls)} calls (at most {CALLS}) in {len(files)} files (at most {FILES})')
    return int(len(calls) > CALLS or len(files) > FILES)


if __name__ == '__main__':
    sys.exit(main())
