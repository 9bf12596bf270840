"""Break backward rules one by one and count how many of them the rows of `tests/test_functions.py` notice.

    python -m tools.mutation [--count 50] [--seed 0] [--jobs 2]

The rules are drawn at random with a seed. In each, one sign is flipped, one term dropped or one transposition undone:
that is a mutant. The change is made in a copy of the tree in a temporary folder. There the rows run that reach the rule
(found beforehand by running every row once), then `tests/functions/test_stability.py`, `test_mixed_dtypes.py` and the
rule's own test file, until one fails: then the mutant is caught.

Mutants that would compute the same are left out: changes of what is not arithmetic of arrays (lengths, axes, indexes,
arguments of `max` and `len`), the sign of a product with 0 and of a name that is used several times (squares), terms
that only prevent a division by 0, and transpositions of symmetric matrices. A rule that no row reaches counts as not
caught.
"""

from __future__ import annotations

import argparse
import ast
import collections
import concurrent.futures
import dataclasses
import functools
import os
import pathlib
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chaingrad import Variable, grad
from tests import test_functions
from tests.source import ROOMS, ROOT, module_name

RULES = ('backward', 'partial', 'derivative', 'derivative_from_output')
FILES = ('autograd/arithmetic.py', 'autograd/array_ops.py', 'autograd/matmul.py', 'autograd/reduction.py')
NO_ARRAYS = {'shape', 'ndim', 'size', 'dtype', 'xp'}  # attributes of arrays that are not arrays themselves
COUNTING = {'max', 'min', 'len', 'range', 'int', 'sorted', 'enumerate', 'isinstance', 'set', 'slice'}
TUPLES = {'grad_outputs', 'indexes'}
GUARDS = {'zero', '_a_is_zero'}  # terms that prevent a division by 0
SYMMETRIC = {'Lyapunov'}  # rules whose matrices are symmetric wherever they are used
ROWS = 3
SECONDS = 100


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change of a rule: the text between two positions in a file is replaced."""

    path: str
    rule: str  # Class.method
    kind: str
    start: tuple[int, int]  # line and column (in UTF-8 bytes), as in ast
    end: tuple[int, int]
    text: str
    was: str

    def __str__(self) -> str:
        return f'{self.path}:{self.start[0]} {self.rule}, {self.kind}: {" ".join(self.was.split())} -> {self.text}'

    def applied(self, source: str) -> str:
        """Return the source with the change."""
        lines = source.encode().splitlines(keepends=True)
        (a, i), (b, j) = self.start, self.end
        changed = [lines[a - 1][:i] + self.text.encode() + lines[b - 1][j:]]
        return b''.join(lines[: a - 1] + changed + lines[b:]).decode()


class Arrays:
    """Tells which expressions of a rule hold arrays: those that use the gradients, the retained arrays or masks."""

    def __init__(self, rule: ast.FunctionDef) -> None:
        arguments = [a.arg for a in (*rule.args.args, rule.args.vararg) if a is not None]
        self.names = set(arguments) - {'self', 'indexes', 'i'}
        for _ in range(2):  # a nested function may read a name above the line that makes it an array
            for node in ast.walk(rule):
                if isinstance(node, ast.Assign | ast.NamedExpr) and self.has(node.value):
                    for target in getattr(node, 'targets', None) or [node.target]:
                        self.names |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
                elif isinstance(node, ast.comprehension | ast.For) and self.has(node.iter):
                    self.names |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)} - {'i'}

    def has(self, node: ast.AST) -> bool:
        """Return whether an expression contains an array."""
        if isinstance(node, ast.Name):
            return node.id in self.names
        if isinstance(node, ast.Attribute):
            of_self = isinstance(node.value, ast.Name) and node.value.id == 'self'
            return node.attr not in NO_ARRAYS and (of_self or self.has(node.value))
        if isinstance(node, ast.Call):
            name = getattr(node.func, 'id', getattr(node.func, 'attr', ''))
            if name in COUNTING:
                return False
            return name.startswith('get_retained') or any(map(self.has, [node.func, *node.args]))
        if isinstance(node, ast.Subscript):
            return self.has(node.value)
        return any(map(self.has, ast.iter_child_nodes(node)))


def changeable(node: ast.AST, arrays: Arrays) -> Iterator[ast.AST]:
    """Yield the sums, products, negations and transpositions of arrays within an expression or statement."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div) and arrays.has(node):
        sequences = ast.Tuple | ast.List | ast.ListComp
        if not any(isinstance(n, sequences) or getattr(n, 'id', '') in TUPLES for n in (node.left, node.right)):
            yield node
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and arrays.has(node):
        yield node
    elif isinstance(node, ast.Attribute) and node.attr == 'T':
        yield node
    elif isinstance(node, ast.keyword) and node.arg in ('transa', 'transb'):
        yield node
    elif isinstance(node, ast.Call) and getattr(node.func, 'attr', '') == 'of':
        yield node
    if isinstance(node, ast.Subscript):
        yield from changeable(node.value, arrays)
    elif isinstance(node, ast.Call):
        name = getattr(node.func, 'id', getattr(node.func, 'attr', ''))
        if name not in COUNTING:
            parts = [node.func] if name in ('reshape', 'transpose') else [node.func, *node.args, *node.keywords]
            for part in parts:
                yield from changeable(part, arrays)
    elif not isinstance(node, ast.Compare | ast.keyword):
        for part in ast.iter_child_nodes(node):
            yield from changeable(part, arrays)


def changes(node: Any, source: str) -> Iterator[tuple[str, str]]:
    """Yield the changes that an expression allows: the kind of each, and the new text."""

    def text(part: ast.AST) -> str:
        return ast.get_source_segment(source, part) or ''

    if isinstance(node, ast.keyword):
        yield 'transpose', f'{node.arg}=not ({text(node.value)})'
    elif isinstance(node, ast.Attribute):
        yield 'transpose', text(node.value)
    elif isinstance(node, ast.UnaryOp):
        yield 'sign', f'({text(node.operand)})'
    elif isinstance(node, ast.Call):
        yield 'sign', f'(-{text(node)})'
    elif isinstance(node.op, ast.Add | ast.Sub):
        names = {getattr(n, 'attr', getattr(n, 'id', '')) for n in (node.left, node.right)}
        if not names & GUARDS:
            other = '-' if isinstance(node.op, ast.Add) else '+'
            yield 'sign', f'({text(node.left)} {other} ({text(node.right)}))'
            yield 'drop', f'({text(node.left)})'
    else:
        if not any(isinstance(n, ast.Constant) and n.value == 0 for n in (node.left, node.right)):
            yield 'sign', f'(-({text(node)}))'
        yield 'drop', f'({text(node.left)})'


def rules(path: pathlib.Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the rules in a file with their names."""
    for cls in ast.parse(path.read_text(encoding='utf-8')).body:
        if isinstance(cls, ast.ClassDef):
            for method in cls.body:
                if isinstance(method, ast.FunctionDef) and method.name in RULES:
                    yield f'{cls.name}.{method.name}', method


def mutants_of(path: pathlib.Path, name: str, rule: ast.FunctionDef) -> list[Mutant]:
    """Return every change of one rule."""
    source = path.read_text(encoding='utf-8')
    arrays = Arrays(rule)
    without_sign = values_used_twice(rule)
    without_transposition = symmetric_terms(rule)
    found = []
    for statement in rule.body:
        for node in changeable(statement, arrays):
            for kind, text in changes(node, source):
                if kind == 'sign' and node in without_sign:
                    continue
                if kind == 'transpose' and (node in without_transposition or name.split('.')[0] in SYMMETRIC):
                    continue
                start = (node.lineno, node.col_offset)
                end = (node.end_lineno, node.end_col_offset)
                was = ast.get_source_segment(source, node)
                found.append(Mutant(path.relative_to(ROOT).as_posix(), name, kind, start, end, text, was))
    return found


def values_used_twice(rule: ast.FunctionDef) -> set[ast.AST]:
    """Return the values of names that are read several times: their sign may cancel."""
    found = set()
    for node in ast.walk(rule):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if sum(getattr(n, 'id', '') == name for n in ast.walk(rule)) > 2:
                found.add(node.value)
    return found


def symmetric_terms(rule: ast.FunctionDef) -> set[ast.AST]:
    """Return the second terms of sums like s + s.T: the transposition changes nothing once both are summed over."""
    found = set()
    for node in ast.walk(rule):
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Attribute):
            if ast.dump(node.left) == ast.dump(node.right.value):
                found.add(node.right)
    return found


def all_mutants() -> list[list[Mutant]]:
    """Return the mutants of each rule that has any."""
    paths = [*(ROOT / name for name in FILES), *sorted((ROOT / 'functions').rglob('*.py'))]
    mutants_by_rule = [mutants_of(path, name, rule) for path in paths for name, rule in rules(path)]
    return [mutants for mutants in mutants_by_rule if mutants]


def seeded(count: int, seed: int) -> list[Mutant]:
    """Draw `count` different rules, and one change of each."""
    rng = random.Random(seed)
    return [rng.choice(mutants) for mutants in rng.sample(all_mutants(), count)]


class Recorder:
    """Records which rows run which rules: `rows[path, rule]`."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[Any]] = {}
        self._case: Any = None

    def watch(self, path: str) -> None:
        """Wrap the rules of a file so that each call is recorded."""
        module = sys.modules[module_name(ROOT / path)]
        for name, _ in rules(ROOT / path):
            cls, method = name.split('.')
            owner = getattr(module, cls)
            rule = getattr(owner, method)
            recorded = self._recorded((path, name), rule)
            setattr(owner, method, recorded)
            if vars(owner).get('_derivative') is rule:  # an elementwise function calls its derivative by this name
                owner._derivative = recorded

    def _recorded(self, key: tuple[str, str], rule: Any) -> Any:
        @functools.wraps(rule)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            rows = self.rows.setdefault(key, [])
            if self._case not in rows:
                rows.append(self._case)
            return rule(*args, **kwargs)

        return recorded

    def run(self, case: Any) -> None:
        """Run passes of both orders on a few examples of a row."""
        self._case = case

        @settings(
            max_examples=4,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data())
        def passes(data: Any) -> None:
            problem = data.draw(test_functions.problems(case))
            leaves = [Variable(x) for x in problem.xs]
            ys = test_functions.floating(problem.apply(leaves))
            gys = [Variable(np.ones_like(y.array)) for y in ys]
            grad(ys, leaves, gys)
            gxs = [g for g in grad(ys, leaves, gys, enable_double_backprop=True) if g is not None]
            if case.order > 1:
                grad(gxs, [*leaves, *gys])

        passes()


def rows_for(mutants: list[Mutant]) -> dict[Mutant, list[Any]]:
    """Return the rows that reach the rule of each mutant, those that reach the fewest other rules first."""
    recorder = Recorder()
    for path in sorted({mutant.path for mutant in mutants}):
        recorder.watch(path)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for case in test_functions.CASES + test_functions.OPERATORS:
            if case.order:
                recorder.run(case)
    n_rules = collections.Counter(str(case) for rows in recorder.rows.values() for case in rows)
    found = {mutant: recorder.rows.get((mutant.path, mutant.rule), []) for mutant in mutants}
    return {mutant: sorted(rows, key=lambda case: n_rules[str(case)]) for mutant, rows in found.items()}


def copied_tree() -> pathlib.Path:
    """Copy the files that the rows need into a new temporary folder."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix='mutation-'))
    for name in (*ROOMS, 'chaingrad', 'tests'):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns('__pycache__'))
    for name in ('conftest.py', 'setup.cfg'):
        shutil.copy(ROOT / name, folder)
    return folder


def is_caught(mutant: Mutant, rows: list[Any], folder: pathlib.Path) -> bool:
    """Return whether a row fails in a copy of the tree with the change; a few rows run at a time, until one fails."""
    return any(fails(mutant, rows[i : i + ROWS], folder) for i in range(0, len(rows), ROWS))


def fails(mutant: Mutant, rows: list[Any], folder: pathlib.Path) -> bool:
    """Return whether one of the rows fails with the change; restore the file afterwards."""
    path = folder / mutant.path
    source = path.read_text(encoding='utf-8')
    tests = [f'tests/test_functions.py::test_gradient[{case}]' for case in rows]
    tests.append('tests/functions/test_stability.py')  # factors that keep exp from overflowing
    tests.append('tests/functions/test_mixed_dtypes.py')  # branches for inputs of two floating dtypes
    own_tests = pathlib.Path('tests', mutant.path).with_name(f'test_{pathlib.Path(mutant.path).name}')
    if (folder / own_tests).exists():  # the signs of a cast and of the cast back cancel in a row
        tests.append(str(own_tests))
    command = [sys.executable, '-B', '-m', 'pytest', '-x', '-q', '-p', 'no:cacheprovider', *tests]
    path.write_text(mutant.applied(source), encoding='utf-8')
    try:
        environment = {**os.environ, 'PYTHONPATH': str(folder), 'OMP_NUM_THREADS': '1'}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(source, encoding='utf-8')
    if done.returncode not in (0, 1):
        raise RuntimeError(f'{mutant}: the rows could not run.\n{done.stdout}\n{done.stderr}')
    return done.returncode == 1


def check_all(mutants: list[Mutant], rows: dict[Mutant, list[Any]], n_jobs: int) -> list[bool]:
    """Print for each mutant whether it is caught, and by which rows it may be; return the answers."""
    folders = [copied_tree() for _ in range(n_jobs)]
    free: queue.Queue[pathlib.Path] = queue.Queue()
    for folder in folders:
        free.put(folder)

    def check(mutant: Mutant) -> bool:
        folder = free.get()
        try:
            return is_caught(mutant, rows[mutant], folder)
        finally:
            free.put(folder)

    results = []
    try:
        with concurrent.futures.ThreadPoolExecutor(n_jobs) as pool:
            for mutant, caught in zip(mutants, pool.map(check, mutants)):
                results.append(caught)
                first_rows = ', '.join(map(str, rows[mutant][:ROWS]))
                print('caught  ' if caught else 'SURVIVED', mutant, f'({first_rows})', flush=True)
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--count', type=int, default=50, help='number of rules to break')
    parser.add_argument('--seed', type=int, default=0, help='seed of the choice')
    parser.add_argument('--jobs', type=int, default=2, help='number of processes')
    options = parser.parse_args()
    mutants = seeded(options.count, options.seed)
    results = check_all(mutants, rows_for(mutants), options.jobs)
    print(f'{sum(results)} of {len(results)} caught (seed {options.seed})')
    return int(not all(results))


if __name__ == '__main__':
    sys.exit(main())
