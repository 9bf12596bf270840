"""`python -m chaingrad run` runs a program as `python` would; `info` tells what computes here."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys

import pytest

import chaingrad
from chaingrad import __main__ as command_line
from chaingrad import _info
from chaingrad.compat import python2
from chaingrad.compat.program import Program, ProgramFinder
from tests.source import ROOT


def run(folder, *arguments, options=('-m', 'chaingrad', 'run')):
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    command = [sys.executable, *options, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def write(folder, text, name='program.py'):
    (folder / name).write_text(text, encoding='utf-8')
    return name


def test_a_program_sees_what_python_would_show(tmp_path):
    text = """
import sys
print(sys.argv, sys.path[0], __file__, __name__, __package__, sys.modules['__main__'].__dict__ is globals())
sys.exit(7)
"""
    (tmp_path / 'folder').mkdir()
    name = os.path.join('folder', 'some program')  # no suffix, and a space
    write(tmp_path, text, name)
    by_python = run(tmp_path, name, '-a', '--help', options=())
    by_us = run(tmp_path, name, '-a', '--help')
    assert by_us.stdout == by_python.stdout and 'some program' in by_us.stdout
    assert by_us.returncode == by_python.returncode == 7
    assert os.listdir(tmp_path / 'folder') == ['some program']


def test_a_module_beside_the_program_may_import_chainer(tmp_path):
    write(tmp_path, 'from chainer import Chain\nclass Net(Chain): pass\n', 'net.py')
    write(tmp_path, 'import net, chainer\nassert issubclass(net.Net, chainer.Link)\nprint("fine")\n')
    (tmp_path / 'elsewhere').mkdir()
    assert run(tmp_path / 'elsewhere', os.path.join('..', 'program.py')).stdout == 'fine\n'


def test_the_traceback_begins_in_the_program(tmp_path):
    write(tmp_path, 'def f():\n    raise ValueError("wrong")\n\nf()\n')
    by_python, by_us = run(tmp_path, 'program.py', options=()), run(tmp_path, 'program.py')
    assert by_us.returncode == by_python.returncode == 1
    assert by_us.stderr.splitlines()[-1] == 'ValueError: wrong'
    assert by_us.stderr == by_python.stderr


def test_a_mistake_of_syntax_is_shown_as_python_does(tmp_path):
    write(tmp_path, 'x = 1\nif x\n    pass\n')
    by_python, by_us = run(tmp_path, 'program.py', options=()), run(tmp_path, 'program.py')
    assert by_us.stderr == by_python.stderr and by_us.returncode == 1


def explain(source):
    try:
        exec(compile(source, 'train.py', 'exec'), {})
    except Exception as error:
        return python2.explain(error)
    raise AssertionError('it ran')


@pytest.mark.parametrize(
    ('line', 'today'),
    [
        ('print "loss", 3', 'print("loss", 3)'),
        ('print loss', 'print(loss)'),
        ('print loss,', "print(loss, end=' ')"),
        ('print "%d <> 0777" % 3  # `so`', 'print("%d <> 0777" % 3)'),
        ('if 1: print "x"', 'if 1: print("x")'),
        ('print >>f, "x", 1L', 'print("x", 1, file=f)'),
        ('exec "x = 1"', 'exec("x = 1")'),
        ('exec code in ns', 'exec(code, ns)'),
        ('raise ValueError, "wrong"', 'raise ValueError("wrong")'),
        ('raise ValueError, "wrong", tb', 'raise ValueError("wrong").with_traceback(tb)'),
        ('x = `1`', 'x = repr(1)'),
        ('x = 1 <> 2', 'x = 1 != 2'),
        ('x = 0777', 'x = 0o777'),
        ('x = 10L', 'x = 10'),
        ('x = 0xFFL', 'x = 0xFF'),
        ('x = ur"a"', 'x = r"a"'),
        ('def f(a, (b, c)): pass', 'def f(a, pair): b, c = pair; pass'),
        ('f = sorted(d, key=lambda (a, b): g(b))', 'f = sorted(d, key=lambda pair: (lambda a, b: g(b))(*pair))'),
        ('print "a", \\\n  b', None),
    ],
)
def test_python_2_source_is_told(line, today):
    text = explain(f'a = 1\n{line}\n')
    cause = ' '.join(line.partition('\n')[0].split())
    reads = f'There it reads: {today}. ' if today else ''
    assert text == (
        f'train.py:2: this is Python 2 source ({cause}), and chaingrad needs Python 3. {reads}'
        'Convert the file and run it again.'
    )


@pytest.mark.parametrize(
    ('line', 'cause', 'today'),
    [
        ('import cPickle', 'import cPickle', 'import pickle'),
        ('import urllib2', 'import urllib2', 'import urllib.request'),
        ('import urllib; urllib.urlretrieve', 'urlretrieve', 'urllib.request.urlretrieve'),
        ('from itertools import izip', 'izip', 'zip'),
        ('import itertools; itertools.izip', 'izip', 'zip'),
        ('import sys; sys.maxint', 'maxint', 'sys.maxsize'),
        ('import sys; print >>sys.stderr, "x"', 'print >>', 'print(..., file=file)'),
        ('x = xrange(3)', 'xrange', 'range'),
        ('x = raw_input()', 'raw_input', 'input'),
        ('x = unicode("a")', 'unicode', 'str'),
        ('x = {}.iteritems()', '.iteritems', '.items()'),
        ('x = {}.has_key(1)', '.has_key', 'key in d'),
        ('{}.keys().sort()', '.keys().sort()', 'sorted(d)'),
        ('{1: 2}.keys()[0]', 'dict_keys as a list', 'list(...)'),
        ('len(map(str, [1]))', 'map as a list', 'list(...)'),
        ('(i for i in [1]).next()', '.next()', 'next(iterator)'),
        ('[1].sort(cmp=None)', 'cmp=', 'key=functools.cmp_to_key(cmp)'),
    ],
)
def test_names_of_python_2_are_told(line, cause, today):
    assert explain(f'a = 1\n{line}\n') == (
        f'train.py:2: this is Python 2 source ({cause}), and chaingrad needs Python 3. There it reads: {today}. '
        'Convert the file and run it again.'
    )


@pytest.mark.parametrize(
    ('old', 'today'),
    [
        ('try:\n    pass\nexcept ValueError, e:\n    pass', 'except ValueError as e:'),
        ('if 1:\n        x = 1\n\tx = 2', 'the same, indented with spaces only'),
    ],
)
def test_python_2_source_of_several_lines_is_told(old, today):
    text = explain(old)
    assert text.startswith('train.py:3: this is Python 2 source') and f'There it reads: {today}. ' in text


@pytest.mark.parametrize(
    'line',
    [
        'x = (1',
        'import no_such_module',
        'x = unknown',
        'x = None.iteritems',
        'x = 1abc',
        'from math import izip',
        'import math; math.izip',
        'x = None.next()',
        'x = None[0]',
        'x = "print x, 0777" +',
    ],
)
def test_other_errors_are_not_taken_for_python_2(line):
    try:
        exec(compile(f'a = 1\n{line}\n', 'train.py', 'exec'), {})
    except Exception as error:
        assert python2.explain(error) is None
    assert python2.explain(SyntaxError('made by hand')) is None


def test_python_2_source_ends_in_one_line(tmp_path):
    write(tmp_path, 'def f():\n    print "x"\n', 'old.py')
    write(tmp_path, 'import chainer\nimport old\n')
    done = run(tmp_path, 'program.py')
    assert done.returncode == 1 and done.stdout == ''
    assert done.stderr.splitlines() == [
        f'{os.path.join("old.py")}:2: this is Python 2 source (print "x"), and chaingrad needs Python 3. '
        'There it reads: print("x"). Convert the file and run it again.'
    ]


def test_a_child_finds_the_program_by_the_name_of_its_module(tmp_path):
    path = str(tmp_path / 'a b.c')
    write(tmp_path, 'x = 1', 'a b.c')
    spec = Program(path).spec()
    found = ProgramFinder.find_spec(spec.name)
    assert found.origin == path and found.loader.get_code(spec.name).co_filename == path
    assert ProgramFinder.find_spec('os.path') is None


@pytest.mark.parametrize(
    ('arguments', 'status', 'out', 'err'),
    [
        ([], 2, '', 'usage:'),
        (['run'], 2, '', 'usage:'),
        (['nonsense'], 2, '', 'usage:'),
        (['convert', 'a.npz'], 2, '', 'usage:'),
        (['convert', 'none.npz', 'b.h5'], 1, '', 'python -m chaingrad convert: [Errno 2] there is no such file in'),
        (
            ['convert', 'a.npz', 'b.txt'],
            1,
            '',
            'python -m chaingrad convert: the suffix of b.txt must be one',
        ),
        (['--help'], 0, 'usage:', ''),
        (['--version'], 0, f'chaingrad {chaingrad.__version__}', ''),
        (['run', 'no_such_file.py'], 2, '', "python -m chaingrad run: there is no file 'no_such_file.py'."),
    ],
)
def test_command_line(arguments, status, out, err, capsys):
    assert command_line.main(arguments) == status
    printed = capsys.readouterr()
    assert printed.out.startswith(out) and printed.err.startswith(err)
    assert bool(printed.out) == bool(out) and bool(printed.err) == bool(err)


def test_convert(tmp_path, capsys):
    paths = [str(tmp_path / f'model.{suffix}') for suffix in ('npz', 'safetensors')]
    chaingrad.serializers.save_npz(paths[0], chaingrad.links.Linear(3, 2))
    assert command_line.main(['convert', *paths]) == 0
    assert capsys.readouterr().out == f'{paths[1]}: 2 arrays\n'
    chaingrad.serializers.load_safetensors(paths[1], chaingrad.links.Linear(3, 2))


def test_info(capsys):
    assert command_line.main(['info']) == 0
    lines = dict(line.split(': ', 1) for line in capsys.readouterr().out.splitlines())
    assert lines['chaingrad'] == chaingrad.__version__
    assert {'Platform', 'Python', 'NumPy', 'BLAS', 'oneDNN', 'numba'} <= lines.keys()
    assert int(lines['BLAS threads']) >= 1
    assert {f'extra {name}' for name in _info.EXTRAS} <= lines.keys()


@pytest.mark.parametrize('present', [True, False])
def test_info_is_true_of_extras(present, capsys, monkeypatch):
    found = {'onnx': object(), 'safetensors': object()} if present else {}
    monkeypatch.setattr(_info.importlib.util, 'find_spec', found.get)
    monkeypatch.setattr(_info.importlib.metadata, 'version', lambda name: '1.2')
    command_line.main(['info'])
    lines = dict(line.split(': ', 1) for line in capsys.readouterr().out.splitlines())
    assert lines['extra onnx'] == ('onnx 1.2' if present else 'onnx is missing (pip install chaingrad[onnx])')
    text = 'safetensors 1.2' if present else 'safetensors is missing'
    assert lines['extra safetensors'] == f'{text}; not needed: chaingrad reads and writes these files itself'
    assert lines['numba'] == 'numba is missing (pip install chaingrad[fast])'


def test_info_knows_every_extra():
    settings = configparser.ConfigParser()
    settings.read(ROOT / 'setup.cfg', encoding='utf-8')
    listed = settings['options.extras_require']
    extras = {name: packages.split()[0].rstrip(';') for name, packages in listed.items()}
    for name in ('fast', 'test', 'lint', 'docs'):  # info names the libraries of fast one by one
        del extras[name]
    assert extras == _info.EXTRAS
