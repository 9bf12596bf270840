"""Compare the speed of chaingrad with PyTorch (where it is installed) and with NumPy code written by hand.

    python -m benchmarks [--rounds N] [--only linear spiral ...] [--against FOLDER] [--strict]

Each contender runs in its own process, with one thread. In every round each contender measures each problem once, in
turn, so that a machine that slows down slows all of them. The table shows medians over the rounds, and medians of the
ratios within a round. The losses must agree, or the contenders did different work. `--against` adds another checkout of
chaingrad, such as the commit before a change.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
from typing import Any, TypeAlias

from benchmarks.problems import GROWTH, IMPORT_MS, PROBLEMS

ROOT = pathlib.Path(__file__).resolve().parent.parent
ONE_THREAD = {f'{library}_NUM_THREADS': '1' for library in ('OMP', 'OPENBLAS', 'MKL', 'NUMEXPR', 'VECLIB_MAXIMUM')}
ENVIRONMENT = {**os.environ, **ONE_THREAD}
ENVIRONMENT.pop('PYTHONDONTWRITEBYTECODE', None)  # the import is timed as it runs after the first time
IMPORT = 'import numpy, time; t = time.perf_counter(); import chaingrad; print(time.perf_counter() - t)'

BEFORE = 'before'  # the contender in another checkout

Seconds: TypeAlias = dict[str, dict[str, list[float]]]  # of every round, by problem and contender
Losses: TypeAlias = dict[str, dict[str, float]]  # by problem and contender


class Contender:
    """A worker process, in this checkout or in another one."""

    def __init__(self, name: str, folder: pathlib.Path = ROOT) -> None:
        command = [sys.executable, '-m', 'benchmarks.worker', name]
        environment = {**ENVIRONMENT, 'PYTHONPATH': str(folder)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=pipe, stdout=pipe, text=True)
        self._answer()

    def _answer(self) -> Any:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(
                f'The benchmark process ended with status {self.process.wait()}; its error is printed above.'
            )
        return json.loads(line)

    def measure(self, problem: str) -> tuple[float, float]:
        """Return the seconds of one step and the last loss."""
        self.process.stdin.write(problem + '\n')
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def run(contenders: dict[str, Contender], problems: list[str], rounds: int) -> tuple[Seconds, Losses]:
    """Return the seconds of every round and the loss, by problem and contender."""
    names = list(contenders)
    seconds: Seconds = {p: {name: [] for name in names} for p in problems}
    losses: Losses = {p: {} for p in problems}
    for i in range(rounds):
        order = names[i % len(names) :] + names[: i % len(names)]
        for problem in problems:
            for name in order:
                second, losses[problem][name] = contenders[name].measure(problem)
                seconds[problem][name].append(second)
    for contender in contenders.values():
        contender.close()
    return seconds, losses


def import_ms(rounds: int) -> float:
    """Return the median milliseconds of `import chaingrad` when NumPy is loaded already."""
    command = [sys.executable, '-c', IMPORT]
    runs = [subprocess.check_output(command, cwd=ROOT, env=ENVIRONMENT, text=True) for _ in range(rounds + 1)]
    return 1000 * statistics.median(float(text) for text in runs[1:])


def agree(losses: dict[str, float]) -> bool:
    """Return whether the losses of all contenders are nearly equal."""
    our_loss = losses['chaingrad']
    return all(math.isclose(our_loss, loss, rel_tol=1e-3, abs_tol=1e-7) for loss in losses.values())


def verdict(value: float, limit: float | None) -> str:
    if limit is None:
        return ''
    return 'ok' if value <= limit else 'MISSED'


def show(seconds: Seconds, losses: Losses, names: list[str]) -> list[str]:
    """Print the table; return the list of failures."""
    failed = []
    columns = ''.join(f'{name + " us":>14}' for name in names)
    print(f'{"problem":<12}{columns}{"/ numpy":>9}{"/ torch":>9}{"target":>8}        loss')
    for problem, times in seconds.items():
        target = PROBLEMS[problem].target
        ratio = {name: statistics.median(a / b for a, b in zip(times['chaingrad'], times[name])) for name in times}
        row = ''.join(f'{1e6 * statistics.median(times[name]):14,.1f}' for name in names)
        torch_ratio = f'{"-":>9}'
        word = ''
        if 'torch' in ratio:
            torch_ratio = f'{ratio["torch"]:9.2f}'
            word = verdict(ratio['torch'], target)
        same = agree(losses[problem])
        loss = f'{losses[problem]["chaingrad"]:.6g}' + ('' if same else f' differs: {losses[problem]}')
        if BEFORE in times:
            loss += f'   {ratio[BEFORE]:.3f} of the time before'
        print(f'{problem:<12}{row}{ratio["numpy"]:9.2f}{torch_ratio}{target or "-":>8} {word:<7}{loss}')
        if word == 'MISSED':
            failed.append(f'{problem}: time')
        if not same:
            failed.append(f'{problem}: losses differ')
    return failed


def show_limits(seconds: Seconds, rounds: int) -> list[str]:
    """Print the limits that need no contender; return those that were missed."""
    limits = []
    for kind in ('sin', 'mul'):
        short = seconds.get(f'{kind}_2000', {}).get('chaingrad')
        long = seconds.get(f'{kind}_20000', {}).get('chaingrad')
        if short and long:
            growth = statistics.median(b / a for a, b in zip(short, long))
            limits.append((f'{kind}: time of 20,000 nodes over 2,000', growth, GROWTH))
    limits.append(('import chaingrad beyond numpy, ms', import_ms(rounds), IMPORT_MS))
    for text, value, limit in limits:
        print(f'{text:<42}{value:8.1f}   at most {limit:>3}  {verdict(value, limit)}')
    return [text for text, value, limit in limits if value > limit]


def main() -> int:
    parser = argparse.ArgumentParser(prog='benchmarks', description=__doc__.splitlines()[0])
    parser.add_argument('--rounds', type=int, default=9, help='measurements of each problem (9)')
    parser.add_argument('--only', nargs='+', choices=PROBLEMS, default=list(PROBLEMS), metavar='PROBLEM')
    parser.add_argument('--against', type=pathlib.Path, metavar='FOLDER', help='another checkout to compare with')
    parser.add_argument('--strict', action='store_true', help='exit with status 1 when a target is missed')
    options = parser.parse_args()
    names = ['chaingrad', 'numpy']
    if importlib.util.find_spec('torch') is not None:
        names.append('torch')
    contenders = {name: Contender(name) for name in names}
    if options.against is not None:
        contenders[BEFORE] = Contender('chaingrad', options.against.resolve())
    for problem in options.only:
        print(f'{problem:<12}{PROBLEMS[problem].title}')
    print(f'\nPython {platform.python_version()}, {options.rounds} rounds, one thread; microseconds of one step\n')
    seconds, losses = run(contenders, options.only, options.rounds)
    failed = show(seconds, losses, list(contenders))
    print()
    failed += show_limits(seconds, options.rounds)
    if 'torch' not in names:
        print('PyTorch is not installed: nothing to compare with. pip install torch==2.13.0')
    if failed:
        print('\nNot reached:', '; '.join(failed))
    return int(any('losses' in text for text in failed) or options.strict and bool(failed))


if __name__ == '__main__':
    raise SystemExit(main())
