"""Reads the package's own source for the tests of its structure."""

from __future__ import annotations

import ast
import io
import pathlib
import sys
import tokenize
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = ('autograd', 'functions', 'links', 'optimizers', 'training')
SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def package_files() -> list[pathlib.Path]:
    """Return every Python file that is installed, without following the symlinks."""
    return [
        path
        for folder in (*ROOMS, 'chaingrad')
        for path in sorted((ROOT / folder).rglob('*.py'))
        if not (folder == 'chaingrad' and path.relative_to(ROOT / folder).parts[0] in ROOMS)
    ]


def all_files() -> list[pathlib.Path]:
    others = [path for folder in ('tests', 'examples', 'benchmarks') for path in sorted((ROOT / folder).rglob('*.py'))]
    return [*package_files(), *others, *sorted(ROOT.glob('*.py'))]


def module_name(path: pathlib.Path) -> str:
    parts = path.relative_to(ROOT).with_suffix('').parts
    parts = parts if parts[0] == 'chaingrad' else ('chaingrad', *parts)
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def code_lines(text: str) -> int:
    """Count the lines of code: no docstrings, comments and blanks."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                lines.difference_update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return len(lines)


def module_level(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run when a module is imported: not those in functions, not those for type checkers."""
    todo: list[ast.AST] = [tree]
    while todo:
        for node in ast.iter_child_nodes(todo.pop()):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node
            elif isinstance(node, ast.If) and 'TYPE_CHECKING' in ast.dump(node.test):
                todo += node.orelse
            elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                todo.append(node)


def imported_names(node: ast.Import | ast.ImportFrom, module: str, is_package: bool) -> Iterator[str]:
    """Yield the full dotted paths that an import names; of `from a import b` both a and a.b."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ''
    if node.level:
        parts = module.split('.')
        parts = parts[: len(parts) - node.level + is_package]
        base = '.'.join([*parts, base] if base else parts)
    yield base
    yield from (f'{base}.{alias.name}' for alias in node.names)


def import_graph() -> dict[str, set[str]]:
    """Return which of the package's modules each imports at module level.

    That importing a.b runs a/__init__.py first is left out: every package would depend on itself.
    """
    paths = {module_name(path): path for path in package_files()}
    graph: dict[str, set[str]] = {}
    for module, path in paths.items():
        tree = ast.parse(path.read_text(encoding='utf-8'))
        found: set[str] = set()
        for node in module_level(tree):
            names = list(imported_names(node, module, path.name == '__init__.py'))
            parts = names[1:] if isinstance(node, ast.ImportFrom) else names
            whole = [name for name in parts if name in paths]
            # `from package import submodule` needs the submodule, `from module import name` the module.
            found.update(whole)
            if len(whole) < len(parts) and names[0] in paths:
                found.add(names[0])
        graph[module] = found - {module}
    return graph


def find_cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one cycle, or an empty list."""
    done: set[str] = set()
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 10 * len(graph) + 1000))

    def visit(module: str, path: list[str]) -> list[str]:
        if module in path:
            return path[path.index(module) :]
        if module in done:
            return []
        for other in sorted(graph[module]):
            if cycle := visit(other, [*path, module]):
                return cycle
        done.add(module)
        return []

    for module in sorted(graph):
        if cycle := visit(module, []):
            return cycle
    return []
