"""The small modules of the front door lead to the names of the rooms."""

import importlib
import pkgutil
import warnings

import numpy as np
import pytest

import chaingrad
from chaingrad import utils
from chaingrad.utils.argument import assert_kwargs_empty, check_unexpected_kwargs, parse_kwargs
from tests.source import ROOMS

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
