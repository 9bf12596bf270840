"""Every public name of the reference that we promise exists, with its parameters and members, and is documented.

`tools/make_api.py` writes `data/api.json`. `test_functions.py` tests that every function has a row.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pathlib
import subprocess
import sys
import types

import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L

HERE = pathlib.Path(__file__).resolve().parent
API = {row['name']: row for row in json.loads((HERE / 'data' / 'api.json').read_text(encoding='utf-8'))}
CALLABLES = [name for name, row in API.items() if row['parameters'] is not None]
ANY, NAMED, STARS = ('any', 'positional'), ('any', 'positional', 'keyword'), [('*', 'args'), ('**', 'kwargs')]
# Keywords with a default that we add to a signature of the reference.
FROM_FILES = 'cifar10 cifar100 fashion_mnist kuzushiji_mnist mnist ptb_words ptb_words_vocabulary svhn'.split()
OURS = {
    'dataset.cached_download': {'digest'},
    'training.StandardUpdater': {'accumulate'},
    **{f'datasets.get_{name}': {'folder', 'digests'} for name in FROM_FILES},
}
# Keywords that stay behind **kwargs, because a Variable is made too often for a longer signature.
BEHIND_KWARGS = {'Variable'}
# Classes whose objects only the engine makes.
NOT_CALLED = {'configuration.LocalConfig', 'variable.VariableNode'}


def find(name):
    module, _, attribute = name.rpartition('.')
    return getattr(importlib.import_module(f'chaingrad.{module}' if module else 'chaingrad'), attribute)


def same_default(text, given):
    """Return whether a default equals that of the reference; where that is not a literal, any default will do."""
    if given is inspect.Parameter.empty:
        return False
    try:
        wanted = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return True
    return given is wanted or (type(given) is type(wanted) and given == wanted)


def differences(name, obj, reference, keywords):
    """Yield the differences that a call written for the reference would run into."""
    try:
        parameters = list(inspect.signature(obj).parameters.values())
    except ValueError:  # a class without __init__ over one written in C
        assert not reference
        return
    if reference and reference[0][0] in ('self', 'cls') and not (parameters and parameters[0].name in ('self', 'cls')):
        reference = reference[1:]
    stars = {kind for _, kind, _ in reference if kind in ('*', '**')}
    if [(kind, n) for n, kind, _ in reference] == STARS and not keywords:
        return  # a wrapper in the reference: its signature says nothing
    ours = {p.name: p for p in parameters}
    ordered = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    wanted = [n for n, kind, _ in reference if kind in ANY]
    if ordered[: len(wanted)] != wanted:
        yield f'takes {ordered}, not {wanted}'
    named = [(n, default) for n, kind, default in reference if kind in NAMED]
    extra = ours.keys() - {n for n, _ in named} - keywords.keys() - OURS.get(name, set())
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL and '*' not in stars or p.kind is p.VAR_KEYWORD and '**' not in stars:
            yield f'takes {p}'
        elif p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name in extra:
            yield f'takes {p}, which the reference does not take'
    if '*' in stars and not any(p.kind is p.VAR_POSITIONAL for p in parameters):
        yield 'takes no *args'
    if '**' in stars and not keywords and not any(p.kind is p.VAR_KEYWORD for p in parameters):
        yield 'takes no **kwargs'
    for n, default in named:
        if n not in ours:
            yield f'lacks {n}'
        elif default is None and ours[n].default is not inspect.Parameter.empty:
            yield f'{n} has a default'
        elif default is not None and not same_default(default, ours[n].default):
            yield f'{n} defaults to {ours[n].default!r}, not {default}'
    for n, default in keywords.items() if name not in BEHIND_KWARGS else ():
        if n not in ours or ours[n].kind is not inspect.Parameter.KEYWORD_ONLY:
            yield f'lacks the keyword {n}'
        elif default is not None and not same_default(default, ours[n].default):
            yield f'{n} defaults to {ours[n].default!r}, not {default}'


@pytest.mark.parametrize('name', API)
def test_is_there(name):
    find(name)


@pytest.mark.parametrize('name', [name for name in CALLABLES if name not in NOT_CALLED])
def test_signature(name):
    row = API[name]
    keywords = row.get('keywords', {}).get(name, {})
    assert not list(differences(name, find(name), row['parameters'], keywords))


def has_member(cls, member):
    """Return whether instances have a member: from the class, or because a method of it or of a parent sets it."""
    if hasattr(cls, member) or cls is type(chaingrad.global_config) and hasattr(chaingrad.global_config, member):
        return True
    parents = [base for base in cls.__mro__ if base.__module__.startswith('chaingrad.')]
    return any(f'self.{member} =' in inspect.getsource(base) for base in parents)


@pytest.mark.parametrize('name', [name for name, row in API.items() if row.get('members')])
def test_members(name):
    cls, problems = find(name), []
    for member, reference in API[name]['members'].items():
        if not has_member(cls, member):
            problems.append(f'lacks {member}')
        elif isinstance(reference, list) and (member == '__call__' or not member.startswith('__')):
            keywords = API[name].get('keywords', {}).get(f'{name}.{member}', {})
            static = inspect.getattr_static(cls, member)
            if isinstance(static, type):
                continue  # a dtype, whose signature is NumPy's
            function = static.__func__ if isinstance(static, (classmethod, staticmethod)) else static
            found = differences(f'{name}.{member}', function, reference, keywords)
            problems += [f'{member} {problem}' for problem in found]
    assert not problems


@pytest.mark.parametrize('name', CALLABLES)
def test_docstring(name):
    text = inspect.getdoc(find(name))
    assert text, 'no docstring'
    assert text.splitlines()[0].endswith('.'), 'the first line is no sentence'
    if name.partition('.')[0] in ('functions', 'links', 'optimizers'):
        assert '>>>' in text, 'no example'


@pytest.mark.parametrize(
    'module', [chaingrad, F, L, chaingrad.optimizers, chaingrad.training], ids=lambda m: m.__name__
)
def test_dir_shows_public_names_only(module):
    names = [name for name in dir(module) if not name.startswith('__')]
    assert sorted(names) == sorted(name for name in module.__all__ if not name.startswith('__'))
    assert not [name for name in names if name.startswith('_')]
    assert not [name for name in names if not hasattr(module, name)]
    if module in (F, L):
        assert not [name for name in names if isinstance(getattr(module, name), types.ModuleType)]


def test_what_the_reference_has_for_other_arrays_is_absent():
    """Programs that import chainer find some of it, so this asks a process without the alias."""
    code = """
import re, chaingrad
for cls in (chaingrad.Variable, chaingrad.Parameter, chaingrad.Link, chaingrad.FunctionNode):
    assert not [name for name in dir(cls) if re.search('chx|chainerx|intel64|layout', name)]
"""
    subprocess.run([sys.executable, '-c', code], cwd=HERE.parent, check=True)


def test_package_is_typed():
    assert pathlib.Path(chaingrad.__file__).with_name('py.typed').exists()
