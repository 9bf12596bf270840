"""The rules of this repository that no linter knows: sizes, one direction of imports, names that must not appear."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import textwrap

import pytest

from tests.source import (
    ROOMS,
    ROOT,
    all_files,
    code_lines,
    identifiers,
    import_cycles,
    import_graph,
    imported_names,
    module_level,
    module_name,
    package_files,
)

OPTIONAL = set(
    'IPython PIL cupy cupyx h5py matplotlib mpi4py numba onnx safetensors scipy tensorboardX threadpoolctl torch '
    'tqdm'.split()
)
# Modules of the standard library that take milliseconds to import and that few programs need.
SLOW = {'html', 'tempfile', 'urllib'}
FILES = package_files()


def name_of(path):
    return str(path.relative_to(ROOT))


def run_python(code, folder):
    command = [sys.executable, '-c', textwrap.dedent(code)]
    environment = {**os.environ, 'PYTHONPATH': str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# Sizes


def test_code_lines_counts_code_only():
    text = '"""Doc.\n\nMore."""\n\n# comment\nx = 1  # one\n\n\ndef f():\n    """Doc."""\n    return """a\n    b"""\n'
    assert code_lines(text) == 4


def test_no_file_is_longer_than_400_lines():
    long = {name_of(p): n for p in all_files() if (n := len(p.read_text(encoding='utf-8').splitlines())) > 400}
    assert not {name: n for name, n in long.items() if not name.startswith(os.path.join('tests', 'cases'))}


def test_no_function_is_longer_than_40_lines_of_code():
    long = {}
    for path in all_files():
        text = path.read_text(encoding='utf-8')
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = code_lines(textwrap.dedent(ast.get_source_segment(text, node, padded=True)))
                if lines > 40:
                    long[f'{name_of(path)}:{node.lineno} {node.name}'] = lines
    assert long == {}


def test_the_reading_list_is_short():
    """The files that the README says to read first can be read in one sitting."""
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    (paragraph,) = re.findall(r'^Read the engine first, in this order:(.*?)\n\n', text, re.MULTILINE | re.DOTALL)
    paths = re.findall(r'\]\((autograd/\w+\.py)\)', paragraph)
    assert len(paths) >= 5
    assert sum(code_lines((ROOT / path).read_text(encoding='utf-8')) for path in paths) <= 1200


def test_the_traversal_knows_no_device():
    text = (ROOT / 'autograd' / 'backprop.py').read_text(encoding='utf-8')
    (loop,) = (node for node in ast.parse(text).body if getattr(node, 'name', '') == 'visit')
    assert not {'cupy', 'cuda', 'xp', 'device'} & set(identifiers(loop))


# Imports


def test_no_import_cycle():
    assert import_cycles(import_graph()) == []


def test_type_checkers_see_one_import_cycle_at_most():
    """Variable and FunctionNode name each other in annotations; no other modules do."""
    pair = ['chaingrad.autograd.function_node', 'chaingrad.autograd.variable']
    assert [cycle for cycle in import_cycles(import_graph(type_checking=True)) if cycle != pair] == []


def test_import_cycles_finds_groups():
    graph = {'a': {'b'}, 'b': {'c'}, 'c': {'b'}, 'd': {'a', 'e'}, 'e': {'f'}, 'f': {'g'}, 'g': {'e'}}
    assert import_cycles(graph) == [['b', 'c'], ['e', 'f', 'g']]


# The drawing in autograd/__init__.py


def drawn_boxes():
    """Return the boxes of the drawing: for each row, from the top, a list of lists of modules."""
    lines = ast.get_docstring(ast.parse((ROOT / 'autograd' / '__init__.py').read_text(encoding='utf-8'))).splitlines()
    return [[box.split() for box in re.findall(r'\[([^]]*)\]', line)] for line in lines if line.startswith('    [')]


def ground_floor_imports():
    """Return the imports between the modules and folders of autograd, as pairs of names."""
    parts = {module: module.split('.')[2:3] for module in import_graph()}
    return {
        (*parts[module], *parts[name])
        for module, imports in import_graph().items()
        for name in imports
        if module.startswith('chaingrad.autograd.') and name.startswith('chaingrad.autograd.')
        if parts[module] != parts[name]
    }


def test_the_drawing_shows_every_module_once():
    drawn = sorted(name for row in drawn_boxes() for box in row for name in box)
    found = [
        path.stem for path in (ROOT / 'autograd').iterdir() if path.suffix == '.py' or (path / '__init__.py').exists()
    ]
    assert drawn == sorted(set(found) - {'__init__'})


def test_imports_follow_the_arrows_of_the_drawing():
    """A module imports from boxes on its right and from rows below; every arrow stands for an import."""
    rows = drawn_boxes()
    position = {name: (y, x) for y, row in enumerate(rows) for x, box in enumerate(row) for name in box}
    imports = ground_floor_imports()
    assert [pair for pair in sorted(imports) if position[pair[0]] >= position[pair[1]]] == []
    steps = {(position[a], position[b]) for a, b in imports}
    for y, row in enumerate(rows):
        for x in range(len(row) - 1):
            assert ((y, x), (y, x + 1)) in steps, f'no import from {row[x]} to {row[x + 1]}'
        below = {b[0] for a, b in steps if a[0] == y}
        assert y == len(rows) - 1 or y + 1 in below, f'no import from row {y} to the next'


def test_left_never_imports_right():
    """A room sees itself and the rooms on its left, and never the front door."""
    wrong = []
    for module, imports in import_graph().items():
        room = module.split('.')[1] if '.' in module else ''
        if room in ROOMS:
            allowed = ROOMS[: ROOMS.index(room) + 1]
            wrong += [f'{module} imports {name}' for name in imports if (*name.split('.'), '')[1] not in allowed]
    assert wrong == []


@pytest.mark.parametrize('path', FILES, ids=name_of)
def test_imports_stand_at_the_top(path):
    """Functions import only optional packages, and modules that would make every import of the package slow."""
    tree = ast.parse(path.read_text(encoding='utf-8'))
    at_top = set(module_level(tree))
    for_type_checkers = set(module_level(tree, type_checking=True)) - at_top
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = list(imported_names(node, module_name(path), path.name == '__init__.py'))
            roots = {name.partition('.')[0] for name in names}
            assert not roots & set(ROOMS), f'line {node.lineno}: write chaingrad.<room>'
            if node not in at_top | for_type_checkers:
                assert roots <= OPTIONAL | SLOW, f'line {node.lineno}: imports {names[0]} inside a function'
            if node in at_top:
                assert not roots & OPTIONAL, f'line {node.lineno}: imports {names[0]} for everyone'


def test_import_loads_only_what_it_needs():
    loaded = run_python(
        'import sys, chaingrad, chaingrad.training, chaingrad.datasets; print(*sys.modules)', ROOT
    ).split()
    assert not {name.partition('.')[0] for name in loaded} & (OPTIONAL | {'pytest', 'hypothesis', 'unittest'})
    assert 'urllib.request' not in loaded
    assert not set(loaded) & set(ROOMS), 'a room was imported as a top-level module'


# Names that must not appear


@pytest.mark.parametrize('path', FILES, ids=name_of)
def test_nothing_is_unpickled_or_evaluated(path):
    tree = ast.parse(path.read_text(encoding='utf-8'))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            assert node.id not in {'eval', 'exec', '__import__'} - defined, f'line {node.lineno}: {node.id}'
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = set(imported_names(node, module_name(path), path.name == '__init__.py'))
            assert not names & {'pickle.load', 'pickle.loads', 'pickle.Unpickler', 'marshal', 'shelve', 'dill'}
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == 'pickle':
            assert node.attr not in {'load', 'loads', 'Unpickler'}, f'line {node.lineno}: pickle.{node.attr}'
        if isinstance(node, ast.keyword) and node.arg == 'allow_pickle':
            assert ast.dump(node.value) == ast.dump(ast.Constant(False)), f'line {node.value.lineno}: allow_pickle'


# Words that were replaced by the field's own, and the files where such a word is the right one: a public argument, or a
# term of another field.
ABOLISHED = {
    'slope': (
        'functions/activation/rectifier.py',
        'functions/activation/piecewise.py',
        'links/activation/prelu.py',
        'chaingrad/onnx/converters/activation.py',
    ),
    'sweep': ('autograd/drawing/layout.py',),  # the passes that reduce crossings when a graph is drawn
    'spread': ('functions/distributions/',),  # of a random variable
    **dict.fromkeys('widen narrow kin earned toll wall came watcher watched'.split(), ()),
}
ABOLISHED_NAMES = {'_carried', '_ours', '_on_arrays', 'add_up', 'FunctionPlace'}


def words_of(name):
    """Return the words of an identifier in lower case, plurals as singulars."""
    words = re.findall(r'[A-Z]?[a-z]+|[A-Z]+(?![a-z])', name)
    return {word.lower() for word in words} | {word.lower().removesuffix('s') for word in words}


def test_names_use_the_words_of_the_field():
    wrong = {}
    for path in FILES:
        file = path.relative_to(ROOT).as_posix()
        words = {word for word, allowed in ABOLISHED.items() if not file.startswith(allowed)}
        names = set(identifiers(ast.parse(path.read_text(encoding='utf-8'))))
        found = {n for n in names if n in ABOLISHED_NAMES or n.startswith('place_') or words & words_of(n)}
        if found:
            wrong[file] = sorted(found)
    assert wrong == {}


def test_words_of_names():
    assert words_of('_came_from2') == {'came', 'from'}
    assert words_of('ROISpread2D') == {'roi', 'spread', 'd'}
    assert words_of('SWEEPS') == {'sweep', 'sweeps'}


# What is installed


def test_every_package_is_installed():
    setup = configparser.ConfigParser()
    setup.read(ROOT / 'setup.cfg', encoding='utf-8')
    listed = set(setup['options']['packages'].split())
    folders = {module_name(path.with_name('__init__.py')) for path in FILES}
    assert listed == folders


def _needs_of_docstrings():
    """Return the packages without which conftest.py leaves files out."""
    spec = importlib.util.spec_from_file_location('root_conftest', ROOT / 'conftest.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.NEEDS.keys()


def test_no_test_is_skipped_for_lack_of_a_package():
    """The extra `test` has every package without which a test or a docstring's example is skipped."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / 'setup.cfg', encoding='utf-8')
    installed = {*setup['options']['install_requires'].split(), *setup['options.extras_require']['test'].split()}
    tests = ''.join(path.read_text(encoding='utf-8') for path in sorted((ROOT / 'tests').rglob('*.py')))
    needed = {name.split('.')[0] for name in re.findall(r"importorskip\('([\w.]+)'", tests)} | _needs_of_docstrings()
    assert {'pillow' if name == 'PIL' else name for name in needed} <= installed


def test_a_checkout_without_symlinks_works(tmp_path):
    """A clone on a system without symlinks holds text files in their place."""
    for folder in (*ROOMS, 'chaingrad'):
        shutil.copytree(ROOT / folder, tmp_path / folder, symlinks=True, ignore=shutil.ignore_patterns('__pycache__'))
    for room in ROOMS:
        link = tmp_path / 'chaingrad' / room
        link.unlink()
        link.write_text(f'../{room}', encoding='utf-8')
    code = """
        import sys
        import numpy as np
        import chaingrad
        import chaingrad.functions as F
        from chaingrad.training.extensions import LogReport
        x = chaingrad.Variable(np.array([3.0]))
        F.sum(x * x).backward()
        names = [name for name in sys.modules if name.partition('.')[0] in {rooms}]
        print(x.grad[0], names, F.__file__)
    """.replace('{rooms}', repr(ROOMS))
    assert run_python(code, tmp_path) == f'6.0 [] {tmp_path / "functions" / "__init__.py"}'
