"""Functions that read the package's own source, for the tests of its structure."""

from __future__ import annotations

import ast
import io
import pathlib
import tokenize
from collections.abc import Iterator
from typing import TypeGuard

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
    """Return every Python file that is installed, each once: the symlinks in `chaingrad/` are not followed."""
    return [
        path
        for folder in (*ROOMS, 'chaingrad')
        for path in sorted((ROOT / folder).rglob('*.py'))
        if not (folder == 'chaingrad' and path.relative_to(ROOT / folder).parts[0] in ROOMS)
    ]


def all_files() -> list[pathlib.Path]:
    """Return every Python file of the repository."""
    folders = ('tests', 'tools', 'examples', 'benchmarks')
    others = [path for folder in folders for path in sorted((ROOT / folder).rglob('*.py'))]
    return [*package_files(), *others, *sorted(ROOT.glob('*.py'))]


def module_name(path: pathlib.Path) -> str:
    """Return the name by which a file of the package is imported."""
    parts = path.relative_to(ROOT).with_suffix('').parts
    parts = parts if parts[0] == 'chaingrad' else ('chaingrad', *parts)
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def code_lines(text: str) -> int:
    """Count the lines of code, without docstrings, comments and blank lines."""
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


def module_level(tree: ast.Module, type_checking: bool = False) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run when a module is imported, and with `type_checking` also those for type checkers."""
    todo: list[ast.AST] = [tree]
    while todo:
        for node in ast.iter_child_nodes(todo.pop()):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node
            elif is_for_type_checkers(node) and not type_checking:
                todo += node.orelse
            elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                todo.append(node)


def is_for_type_checkers(node: ast.AST) -> TypeGuard[ast.If]:
    """Return whether a statement is `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and 'TYPE_CHECKING' in ast.dump(node.test)


def imported_names(node: ast.Import | ast.ImportFrom, module: str, is_package: bool) -> Iterator[str]:
    """Yield the full dotted names in an import: for `from a import b` both a and a.b."""
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


def import_graph(type_checking: bool = False) -> dict[str, set[str]]:
    """Return which of the package's modules each imports at module level.

    That importing a.b runs a/__init__.py first is left out: every package would depend on itself.
    """
    paths = {module_name(path): path for path in package_files()}
    graph: dict[str, set[str]] = {}
    for module, path in paths.items():
        tree = ast.parse(path.read_text(encoding='utf-8'))
        found: set[str] = set()
        for node in module_level(tree, type_checking):
            names = list(imported_names(node, module, path.name == '__init__.py'))
            parts = names[1:] if isinstance(node, ast.ImportFrom) else names
            submodules = [name for name in parts if name in paths]
            # `from package import submodule` needs the submodule, `from module import name` the module.
            found.update(submodules)
            if len(submodules) < len(parts) and names[0] in paths:
                found.add(names[0])
        graph[module] = found - {module}
    return graph


def import_cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other, directly or through others of the group.

    These are the strongly connected components of the graph that have more than one module.
    """
    reached = {module: reachable(graph, module) for module in graph}
    groups = {frozenset(other for other in reached[module] if module in reached[other]) for module in graph}
    return sorted(sorted(group) for group in groups if group)


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """Return the modules that a module imports, directly or through others."""
    found: set[str] = set()
    todo = [start]
    while todo:
        for module in graph[todo.pop()] - found:
            found.add(module)
            todo.append(module)
    return found


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Yield the names in a piece of code: variables, attributes, arguments, definitions."""
    for node in ast.walk(tree):
        for field in ('id', 'attr', 'arg', 'name', 'asname'):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name
