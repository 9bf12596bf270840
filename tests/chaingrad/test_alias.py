"""`import chainer` gives chaingrad, by every path of the table."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import types
from unittest import mock

import numpy as np
import pytest

import chaingrad
from chaingrad.compat.alias import AliasFinder, AliasModule
from chaingrad.compat.alias_paths import read_table
from tests.chaingrad.conftest import remove
from tests.source import ROOT

PATHS = read_table()
API = json.loads((ROOT / 'tests' / 'data' / 'api.json').read_text(encoding='utf-8'))
X = np.ones(1)


@pytest.mark.parametrize('path', PATHS)
def test_path(chainer, path):
    module = importlib.import_module(path)
    row = PATHS[path]
    assert module.__name__ == path
    assert sorted(set(row.files) - set(dir(module))) == []
    if row.called_after is not None:
        wanted = row.called_after.replace('_', '').lower()
        public = importlib.import_module(row.module)
        assert wanted in {name.replace('_', '').lower() for name in dir(public)}, f'{row.module} has no {wanted}'


# Parts of chaingrad that were packages beside the reference.
OTHER_ROOTS = {'onnx': 'onnx_chainer', 'multi_node': 'chainermn'}


def test_every_public_name_is_the_same_object(chainer):
    for row in API:
        module, _, name = row['name'].rpartition('.')
        ours = getattr(importlib.import_module(f'chaingrad.{module}' if module else 'chaingrad'), name)
        first, dot, rest = module.partition('.')
        path = OTHER_ROOTS[first] + dot + rest if first in OTHER_ROOTS else f'chainer.{module}'.rstrip('.')
        theirs = getattr(importlib.import_module(path), name)
        assert theirs is ours or row['name'] == 'backends.cuda.cupy', row['name']  # made anew where it is missing


def test_every_function_and_link_has_a_path_by_family(chainer):
    """Each public name is in one of the files of a family, as its home or by name."""
    for room in ('functions', 'links'):
        rows = [row['name'] for row in API if row['name'].startswith(f'{room}.') and row['name'].count('.') == 1]
        families = [path for path, row in PATHS.items() if row.is_family and path.startswith(f'chainer.{room}.')]
        files = [importlib.import_module(f'{path}.{file}') for path in families for file in PATHS[path].files]
        homes = {module._sources[0].__name__ for module in files if isinstance(module, AliasModule) and module._sources}
        lost = [name for name in rows if home_of(name) not in homes and name not in ELSEWHERE]
        assert lost == []


# Its home holds no function that a file of the reference is called after; it is public where `basic_math` looks next.
ELSEWHERE = {'functions.add'}


def home_of(name):
    return getattr(importlib.import_module('chaingrad.' + name.rpartition('.')[0]), name.rpartition('.')[2]).__module__


def test_versions(chainer):
    assert chainer.__version__ == '7.8.1'
    assert chaingrad.__version__ != chainer.__version__


def test_family_packages_hold_modules_and_no_functions(chainer):
    from chainer.functions.activation import relu
    from chainer.functions.math import average, basic_math

    assert isinstance(relu, types.ModuleType) and relu.relu is chaingrad.functions.relu
    assert average.average is chaingrad.functions.average
    assert basic_math.Add is type((chaingrad.Variable(X) + chaingrad.Variable(X)).creator)
    assert basic_math.add is chaingrad.functions.add
    assert chainer.functions.activation.relu is relu
    assert chainer.functions.relu is chaingrad.functions.relu
    with pytest.raises(ImportError, match='cannot import name'):
        from chainer.functions.activation import nonsense  # noqa: F401


def test_a_module_named_as_a_function_does_not_hide_it(chainer):
    importlib.import_module('chainer.utils.experimental')
    assert chainer.utils.experimental is chaingrad.utils.experimental


def test_setting_reaches_chaingrad(chainer, monkeypatch):
    monkeypatch.setattr(chaingrad, 'disable_experimental_feature_warning', False)
    chainer.disable_experimental_feature_warning = True
    assert chaingrad.disable_experimental_feature_warning
    relu = chaingrad.functions.relu
    assert chainer.functions.relu is relu
    with mock.patch('chainer.functions.relu') as patched:
        assert chainer.functions.relu is chaingrad.functions.relu is patched
    assert chainer.functions.relu is chaingrad.functions.relu is relu


def test_what_is_absent_is_named(chainer):
    with pytest.raises(AttributeError, match=r"^module 'chainer.links' \(chaingrad\) has no attribute 'Nonsense'$"):
        _ = chainer.links.Nonsense
    with pytest.raises(ModuleNotFoundError, match=r'^chainer.exporters.nonsense: .*docs/from-chainer.md') as caught:
        AliasFinder().find_spec('chainer.exporters.nonsense')
    assert caught.value.name == 'chainer.exporters.nonsense'
    assert not hasattr(chainer, '__wrapped__')


def test_star_import_and_dir(chainer):
    assert sorted(chainer.functions.__all__) == sorted(chaingrad.functions.__all__)
    assert {'activation', 'relu'} <= set(dir(chainer.functions))
    assert set(dir(chaingrad)) <= set(dir(chainer))
    assert chainer.functions.__doc__ == chaingrad.functions.__doc__
    assert 'chaingrad' in repr(chainer.functions)


def test_chainerx_is_not_available(chainer):
    chainerx = importlib.import_module('chainerx')
    assert not chainerx.is_available() and not isinstance(X, chainerx.ndarray)
    with pytest.raises(RuntimeError, match='no ChainerX arrays'):
        chainerx.ndarray((1,))


def test_installing_twice_is_once(chainer):
    chaingrad.install_as_chainer()
    assert sum(isinstance(finder, AliasFinder) for finder in sys.meta_path) == 1
    assert importlib.util.find_spec('chainer').origin == 'chaingrad'
    assert AliasFinder().find_spec('chainermn_like') is None


def test_another_chainer_is_not_replaced(monkeypatch):
    remove()
    monkeypatch.setitem(sys.modules, 'chainer', types.ModuleType('chainer'))
    with pytest.raises(RuntimeError, match='^install_as_chainer: another chainer is imported already'):
        chaingrad.install_as_chainer()


def test_without_the_alias_there_is_no_chainer():
    code = 'import chaingrad, sys; assert "chainer" not in sys.modules; import chainer'
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True)
    assert "No module named 'chainer'" in done.stderr
