"""Compare whole models with PyTorch: `python -m benchmarks.workloads [--threads 1 2] [--rounds N] [--only W4 ...]`.

The contenders are chaingrad on NumPy alone, chaingrad with the extra `fast`, and PyTorch, each with one and with two
threads, each in a process of its own. They take turns within a round, and the least of the rounds counts. The losses
of the first five steps must agree, or the contenders did different work. What other processes took of the machine
meanwhile is printed: such figures are too high, and not equally for all. `--write` puts the table into
docs/performance.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import pathlib
import subprocess
import sys
import time
from typing import Any

from benchmarks.workloads import report
from benchmarks.workloads.data import WORKLOADS
from benchmarks.workloads.machine import Load, count_processors
from chaingrad.functions.kernels.twins import find_onednn, has_numba

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARIES = ('OMP', 'OPENBLAS', 'MKL', 'NUMBA', 'NUMEXPR', 'VECLIB_MAXIMUM')
MODULES = {'NumPy': 'chaingrad', 'fast': 'chaingrad', 'PyTorch': 'torch', 'bfloat16': 'chaingrad', 'autocast': 'torch'}
USUAL = ['NumPy', 'fast', 'PyTorch']
ROUNDED = ('bfloat16', 'autocast')  # `fast` and PyTorch with products in bfloat16
PAUSE_S = 0.05  # before a turn: the threads of the turn before spin for a while
TOLERANCE, ROUNDED_TOLERANCE = 1e-3, 0.1  # of losses; those of Adam differ by where eps is added


class Contender:
    """A worker process with a number of threads."""

    def __init__(self, name: str, threads: int, by_processor: bool = False) -> None:
        self.name = name
        self.by_processor = by_processor
        environment = {**os.environ, **{f'{library}_NUM_THREADS': str(threads) for library in LIBRARIES}}
        environment['CHAINGRAD_USE_IDEEP'] = 'never' if name == 'NumPy' else 'auto'
        precision = 'bfloat16' if name in ROUNDED else 'float32'
        command = [sys.executable, '-m', 'benchmarks.workloads.worker', MODULES[name], str(threads), precision]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)
        self._answer()

    def _answer(self) -> Any:
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            status = self.process.wait()
            raise SystemExit(f'The process of {self.name} ended with status {status}; its error is printed above.')
        return json.loads(line)

    def measure(self, workload: str) -> dict[str, Any]:
        """Return what the worker measured, and the share of the processors that others took meanwhile."""
        time.sleep(PAUSE_S)
        load = Load(self.process.pid)
        print(workload, file=self.process.stdin, flush=True)
        found = self._answer()
        if self.by_processor:
            return {**found, 'step': found['cpu step'], 'others': 0.0}
        return {**found, 'others': load.of_others()}

    def close(self) -> None:
        self.process.stdin.close()  # type: ignore[union-attr]
        self.process.wait()


def run(
    names: list[str], threads: list[int], workloads: list[str], rounds: int, by_processor: bool = False
) -> report.Results:
    """Return what every contender measured in every round, by workload and by (contender, threads)."""
    results: report.Results = {}
    for workload in workloads:
        # New processes: what an earlier workload has imported would make the garbage collector of this one slower.
        contenders = {(name, n): Contender(name, n, by_processor) for n in threads for name in names}
        found: dict[report.Key, list[dict[str, Any]]] = {key: [] for key in contenders}
        keys = list(contenders)
        for i in range(rounds):
            for key in keys[i % len(keys) :] + keys[: i % len(keys)]:
                found[key].append(contenders[key].measure(workload))
        results[workload] = found
        print(f'{workload} measured', file=sys.stderr, flush=True)
        for contender in contenders.values():
            contender.close()
    return results


def differing(found: dict[report.Key, list[dict[str, Any]]]) -> list[str]:
    """Return a sentence for each contender whose first losses are not those of the first contender."""
    (name, _), *_ = found
    right = next(iter(found.values()))[0]['losses']
    sentences = []
    for key, measured in found.items():
        tolerance = ROUNDED_TOLERANCE if key[0] in ROUNDED or name in ROUNDED else TOLERANCE
        for losses in [m['losses'] for m in measured]:
            if not all(math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-6) for a, b in zip(losses, right)):
                sentences.append(f'{key[0]} with {key[1]} threads: losses {losses}, {name} has {right}')
                break
    return sentences


def installed(names: list[str]) -> list[str]:
    """Return the contenders that can compute here, and print what the others need."""
    lacks = {}
    if importlib.util.find_spec('torch') is None:
        lacks['torch'] = 'PyTorch is not installed: nothing to compare with. pip install torch==2.13.0'
    if find_onednn() is None or not has_numba():
        lacks['fast'] = 'oneDNN or numba is not installed: NumPy computes alone. pip install chaingrad[fast]'
    needs = {name: 'fast' if name in ('fast', 'bfloat16') else MODULES[name] for name in names}
    for need, text in lacks.items():
        if need in needs.values():
            print(text)
    return [name for name in names if needs[name] not in lacks]


def main() -> int:
    parser = argparse.ArgumentParser(prog='benchmarks.workloads', description='Whole models compared with PyTorch.')
    parser.add_argument('--rounds', type=int, default=5, help='measurements of each workload by each contender (5)')
    parser.add_argument('--threads', type=int, nargs='+', default=[1, 2], help='numbers of threads (1 2)')
    parser.add_argument('--only', nargs='+', choices=WORKLOADS, default=list(WORKLOADS), metavar='WORKLOAD')
    parser.add_argument('--contenders', nargs='+', choices=MODULES, default=USUAL, metavar='NAME')
    parser.add_argument(
        '--cpu', action='store_true', help='compare the time of the processor, with one thread: for a busy machine'
    )
    parser.add_argument('--write', action='store_true', help='put the table into docs/performance.md as well')
    parser.add_argument('--strict', action='store_true', help='exit with status 1 when a goal is missed')
    options = parser.parse_args()
    names = installed(options.contenders)
    threads = [1] if options.cpu else [n for n in options.threads if n <= count_processors()]
    results = run(names, threads, options.only, options.rounds, options.cpu)
    missed = report.show(results, options.cpu)
    if options.write:
        report.write(report.markdown(results, options.cpu), 'the table')
    wrong = [f'{workload}: {text}' for workload, found in results.items() for text in differing(found)]
    if wrong:
        print('\nThe losses differ:', *wrong, sep='\n')
    return int(bool(wrong) or options.strict and bool(missed))


if __name__ == '__main__':
    raise SystemExit(main())
