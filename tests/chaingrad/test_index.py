"""The index of public names, and its search in a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import _index
from chaingrad.__main__ import main
from tests.source import ROOT, module_name, package_files


@pytest.fixture(scope='module')
def entries():
    return _index.entries()


def by_name(entries):
    return {name: entry for entry in entries for name in (entry.name, *entry.others)}


# The index


def test_every_public_name_has_an_entry(entries):
    """Those that are promised for the reference's sake, and all that modules of the front door list."""
    names = by_name(entries)
    promised = json.loads((ROOT / 'tests' / 'data' / 'api.json').read_text(encoding='utf-8'))
    assert [row['name'] for row in promised if f'chaingrad.{row["name"]}' not in names] == []
    for path, module in _index.modules().items():
        listed = [name for name in getattr(module, '__all__', ()) if not name.startswith('_')]
        values = {f'{path}.{name}': getattr(module, name) for name in listed}
        assert [n for n, value in values.items() if n not in names and not isinstance(value, type(sys))] == []


def test_every_public_module_is_walked():
    """A new module at the front door is reached from `chaingrad.__all__`, or is private, or serves old programs."""
    walked = {module.__name__ for module in _index.modules().values()}
    front = [module_name(path) for path in package_files() if path.parent == ROOT / 'chaingrad']
    assert [name for name in front if '._' not in name and name != 'chaingrad' and name not in walked] == []


def test_an_entry_is_the_object_of_its_names(entries):
    for name, entry in by_name(entries).items():
        path, _, last = name.rpartition('.')
        found = getattr(sys.modules[path], last)
        assert found is entry.value or name in _index.CONSTANTS and type(found) is type(entry.value), name


def test_every_entry_is_a_sentence(entries):
    assert [entry.name for entry in entries if not entry.line.endswith('.') or len(entry.line) > 140] == []


def test_names_have_one_entry(entries):
    names = [name for entry in entries for name in (entry.name, *entry.others)]
    assert len(names) == len(set(names))


def test_the_shortest_path_comes_first(entries):
    names = by_name(entries)
    assert names['chaingrad.variable.Variable'].name == 'chaingrad.Variable'
    assert names['chaingrad.cuda.to_cpu'].name == 'chaingrad.backends.cuda.to_cpu'
    assert names['chaingrad.functions.mean'].others == ('chaingrad.functions.mean',)


def test_every_topic_has_entries(entries):
    assert {entry.topic for entry in entries} == set(_index.TOPICS)


def test_modules_of_the_topics_exist():
    """A module that was moved or renamed takes its line of the table with it."""
    known = {module_name(path).removeprefix('chaingrad.') for path in package_files()}
    assert [name for names in _index.TOPICS.values() for name in names.split() if name not in known] == []


def test_a_module_belongs_to_one_topic():
    names = [name for names in _index.TOPICS.values() for name in names.split()]
    assert len(names) == len(set(names))


def test_the_longest_path_decides_the_topic():
    assert _index.topic_of('chaingrad.training.extensions.shifts') == 'Schedules'
    assert _index.topic_of('chaingrad.training.extensions.log_report') == 'Extensions'
    with pytest.raises(KeyError, match='TOPICS'):
        _index.topic_of('elsewhere.module')


def test_constants_are_public(entries):
    assert set(_index.CONSTANTS) <= {entry.name for entry in entries}


# The search


def found(capsys, *words):
    assert main(['find', *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [line.split()[0].removeprefix('chaingrad.') for line in lines], lines


def test_find_prints_name_and_line(capsys):
    names, lines = found(capsys, 'cosine')
    assert names[0] == 'training.extensions.CosineShift'
    assert {'functions.cos', 'functions.arccos'} <= set(names)
    assert lines[0].endswith(_index.first_line('', chaingrad.training.extensions.CosineShift))
    assert len({line.index('  ') for line in lines if len(line.split()[0]) == max(map(len, names)) + 10}) == 1


@pytest.mark.parametrize(
    'words', [['relu'], ['F.relu'], ['chainer.functions.relu'], ['RELU'], ['chaingrad.functions.relu']]
)
def test_an_exact_name_comes_first(capsys, words):
    names, lines = found(capsys, *words)
    assert names[0] == 'functions.relu'
    assert F.relu.__doc__.splitlines()[0] in lines[0]


def test_every_word_must_fit(capsys):
    assert found(capsys, 'early', 'stopping')[0][-1] == 'training.triggers.EarlyStoppingTrigger'
    assert found(capsys, 'pooling', 'average', '1d')[0] == ['functions.average_pooling_1d']


def test_methods_are_found(capsys):
    assert 'Link.cleargrads' in found(capsys, 'cleargrads')[0]


def test_another_name_of_an_object_is_found_as_it_is_written(capsys):
    assert found(capsys, 'functions.mean')[0][0] == 'functions.mean'


def test_docstrings_are_searched_last(capsys):
    assert 'functions.relu' in found(capsys, 'Nair')[0]


def test_nothing_found(capsys):
    assert main(['find', 'softmx']) == 1
    assert capsys.readouterr().err == (
        "python -m chaingrad find: no name has 'softmx'. Did you mean chaingrad.functions.softmax?\n"
    )
    assert main(['find', 'zzzzqqq']) == 1
    assert capsys.readouterr().err == "python -m chaingrad find: no name has 'zzzzqqq'.\n"


def test_find_needs_a_word(capsys):
    assert main(['find']) == 2
    assert 'usage' in capsys.readouterr().err


def test_find_runs_outside_the_repository_and_import_does_not_load_it(tmp_path):
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    done = subprocess.run(
        [sys.executable, '-m', 'chaingrad', 'find', 'cosine'], cwd=tmp_path, env=environment, capture_output=True
    )
    assert done.returncode == 0 and b'CosineShift' in done.stdout and not done.stderr
    code = "import sys, chaingrad; print({'chaingrad._find', 'chaingrad._index'} & {*sys.modules})"
    done = subprocess.run([sys.executable, '-c', code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == 'set()\n'
