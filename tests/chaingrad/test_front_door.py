"""The small modules of the front door lead to the names of the rooms."""

import ast
import importlib
import pathlib
import pkgutil
import warnings

import numpy as np
import pytest

import chaingrad
from chaingrad import utils
from chaingrad.utils.argument import assert_kwargs_empty, check_unexpected_kwargs, parse_kwargs
from tests.source import ROOMS, package_files

MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(chaingrad.__path__, 'chaingrad.')
    if info.name.split('.')[1] not in (*ROOMS, 'compat') and not info.name.split('.')[-1].startswith('_')
)


@pytest.mark.parametrize('name', MODULES)
def test_module_has_what_it_lists(name):
    module = importlib.import_module(name)
    assert module.__doc__
    assert len(set(module.__all__)) == len(module.__all__)
    assert not [attribute for attribute in module.__all__ if not hasattr(module, attribute)]


def test_top_level_names_are_those_of_the_modules():
    for module, name in [
        (chaingrad.variable, 'Variable'),
        (chaingrad.function_node, 'FunctionNode'),
        (chaingrad.link, 'Chain'),
        (chaingrad.optimizer, 'Optimizer'),
        (chaingrad.reporter, 'report'),
        (chaingrad.serializer, 'Serializer'),
    ]:
        assert getattr(chaingrad, name) is getattr(module, name)


def test_every_public_name_is_imported_for_type_checkers():
    """What is imported when first asked for stands under `if TYPE_CHECKING`, and no second list names it."""
    tree = ast.parse(pathlib.Path(chaingrad.__file__).read_text(encoding='utf-8'))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {alias.asname or alias.name for node in imports for alias in node.names}
    assert {name for name in names if not name.startswith('_') or name == '__version__'} == set(chaingrad.__all__)


def is_list_that_editors_read(node):
    """Whether `__all__` is assigned or extended in one of the forms that type checkers understand."""
    if isinstance(node, ast.AugAssign) and isinstance(node.value, ast.Attribute):
        return isinstance(node.value.value, ast.Name) and node.value.attr == '__all__'
    return isinstance(node.value, ast.List) and all(isinstance(name, ast.Constant) for name in node.value.elts)


def test_editors_can_read_the_lists_of_public_names():
    wrong = []
    for path in package_files():
        for node in ast.parse(path.read_text(encoding='utf-8')).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, 'target', None)]
            if any(isinstance(target, ast.Name) and target.id == '__all__' for target in targets):
                wrong += [f'{path}:{node.lineno}'] * (not is_list_that_editors_read(node))
    assert not wrong


def test_cuda_has_two_paths_and_looks_for_cupy_late():
    for module in (chaingrad.cuda, chaingrad.backends.cuda):
        assert module.available in (True, False)
        assert module.get_array_module(np.ones(1)) is np
        with pytest.raises(AttributeError, match='no attribute'):
            _ = module.nonsense


def test_version_is_a_version():
    assert [part.isdigit() for part in chaingrad.__version__.split('.')[:2]] == [True, True]


def test_experimental_can_be_silenced(monkeypatch):
    with pytest.warns(FutureWarning, match='^layer is experimental'):
        utils.experimental('layer')
    monkeypatch.setattr(chaingrad, 'disable_experimental_feature_warning', True)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        utils.experimental('layer')


def test_force_array():
    x = np.arange(3)
    assert utils.force_array(x) is x
    assert utils.force_array(x, np.float32).dtype == np.float32
    assert isinstance(utils.force_array(np.float32(1)), np.ndarray)


def test_parse_kwargs():
    kwargs = {'b': 3}
    assert parse_kwargs(kwargs, ('a', 1), ('b', 2)) == (1, 3)
    assert kwargs == {'b': 3}
    with pytest.raises(ValueError, match='^use that$'):
        parse_kwargs({'train': True}, ('a', 1), train='use that')
    check_unexpected_kwargs(kwargs, train='use that')


def test_unknown_keywords_name_the_function():
    def layer(**kwargs):
        return parse_kwargs(kwargs, ('a', 1))

    with pytest.raises(TypeError, match="^layer: unexpected keywords 'x', 'y'.$"):
        layer(y=1, x=2)
    with pytest.raises(TypeError, match="unexpected keyword 'x'"):
        assert_kwargs_empty({'x': 1})
    assert_kwargs_empty({})
