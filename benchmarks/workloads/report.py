"""The table of the workloads, for a terminal or for docs/performance.md."""

from __future__ import annotations

import pathlib
from typing import Any

from benchmarks.workloads.data import WORKLOADS
from benchmarks.workloads.machine import count_processors, processor, versions

Key = tuple[str, int]  # contender, threads
Results = dict[str, dict[Key, list[dict[str, Any]]]]  # of every round, by workload

PACKAGES = ('numpy', 'onednn-cpu-gomp', 'numba', 'torch')
BUSY = 0.05  # share of the machine that others may take in the fastest round
PAGE = pathlib.Path(__file__).parents[2] / 'docs' / 'performance.md'
_GOALS: dict[Key, int] = {('NumPy', 1): 0, ('fast', 1): 1, ('fast', 2): 2}


def _least(measured: list[dict[str, Any]]) -> dict[str, Any]:
    return min(measured, key=lambda m: m['step'])


def _ratio(found: dict[Key, list[dict[str, Any]]], key: Key) -> float | None:
    name, threads = key
    theirs = found.get(('autocast' if name == 'bfloat16' else 'PyTorch', threads))
    if theirs is None or name in ('PyTorch', 'autocast'):
        return None
    return _least(found[key])['step'] / _least(theirs)['step']


def _cell(found: dict[Key, list[dict[str, Any]]], key: Key, goal: float | None) -> tuple[str, bool]:
    """Return milliseconds, the ratio to PyTorch's and a mark, and whether a goal is missed."""
    best = _least(found[key])
    text = f'{1e3 * best["step"]:.3g} ms'
    ratio = _ratio(found, key)
    is_missed = ratio is not None and goal is not None and round(ratio, 2) > goal
    if ratio is not None:
        text += f', {ratio:.2f}'
        text += f' (goal {goal:g}{", missed" if is_missed else ""})' if goal is not None else ''
    return text + (' *' if best['others'] > BUSY else ''), is_missed


def rows(results: Results) -> tuple[list[list[str]], list[str]]:
    """Return the cells of the table, the head first, and the names of what missed its goal."""
    keys = list(next(iter(results.values())))
    heads = [f'{name}, {threads} thread{"s" * (threads > 1)}' for name, threads in keys]
    table, missed = [['', 'step', *heads]], []
    for workload, found in results.items():
        cells = [workload, WORKLOADS[workload].title]
        for key in keys:
            goal = WORKLOADS[workload].goals[_GOALS[key]] if key in _GOALS else None
            cell, is_missed = _cell(found, key, goal)
            cells.append(cell)
            if is_missed:
                missed.append(f'{workload}: {key[0]}, {key[1]}')
        table.append(cells)
    return table, missed


def notes(results: Results, by_processor: bool = False) -> list[str]:
    """Return sentences about the machine and how busy it was."""
    found = [m for by_key in results.values() for measured in by_key.values() for m in measured]
    share = sum(m['others'] * m['wall'] for m in found) / sum(m['wall'] for m in found)
    rounds = max(len(measured) for by_key in results.values() for measured in by_key.values())
    least = f"the least of {rounds} rounds in turn, and the ratio to PyTorch's on as many threads."
    texts = [f'{processor()}, {count_processors()} processors; {versions(PACKAGES)}.']
    if by_processor:
        return [*texts, f'Milliseconds of a step that the processor has worked (the machine was busy), {least}']
    texts += [f'Milliseconds of a step, {least}', f'Other processes took {share:.0%} of the machine meanwhile.']
    if share > BUSY:
        texts.append('THE MACHINE WAS BUSY: measure again when it is quiet.')
    if any(_least(measured)['others'] > BUSY for by_key in results.values() for measured in by_key.values()):
        texts.append(f'* others took more than {BUSY:.0%} also in the fastest round.')
    return texts


def markdown(results: Results, by_processor: bool = False) -> list[str]:
    """Return the lines of the table and of the notes for docs/performance.md."""
    table, missed = rows(results)
    lines = []
    for i, cells in enumerate(table):
        lines.append('| ' + ' | '.join(cells).replace('*', r'\*') + ' |')
        if not i:
            lines.append('|' + '---|' * len(cells))
    said = [note.replace('*', r'\*') for note in notes(results, by_processor)]
    return [*lines, '', *said, *_missed(missed)]


def _missed(missed: list[str]) -> list[str]:
    return ['Not reached: ' + '; '.join(missed) + '.'] if missed else []


def write(lines: list[str], what: str, path: pathlib.Path = PAGE) -> None:
    """Put lines between the marks of the page that name `what`."""
    begin, end = f'<!-- begin of {what} -->', f'<!-- end of {what} -->'
    before, rest = path.read_text(encoding='utf-8').split(begin)
    after = rest.split(end)[1]
    path.write_text('\n'.join([before + begin, '', *lines, '', end + after]), encoding='utf-8')


def show(results: Results, by_processor: bool = False) -> list[str]:
    """Print the table; return the names of what missed its goal."""
    table, missed = rows(results)
    widths = [max(map(len, column)) for column in zip(*table)]
    for cells in table:
        print('  '.join([cell.ljust(width) for cell, width in zip(cells, widths)]).rstrip())
    print(*['', *notes(results, by_processor), *_missed(missed)], sep='\n')
    return missed
