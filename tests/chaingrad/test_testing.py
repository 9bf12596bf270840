"""Helpers for tests: parameters, repetition, random numbers, requirements, files, trainers."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import types
import unittest
import warnings

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import testing
from chaingrad.backends import intel64
from chaingrad.testing import attr, condition
from tests.source import ROOT


@pytest.fixture
def module(monkeypatch):
    """Return a module for classes to be made in; `made` gives one of its classes the decorators' results."""
    module = types.ModuleType('module_of_tests')
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def in_module(module, **members):
    return type('TestIt', (unittest.TestCase,), {'__module__': module.__name__, **members})


def outcome(cls, name):
    result = cls(name).run()
    return 'skipped' if result.skipped else 'passed' if result.wasSuccessful() else 'failed'


# Parameters


def test_parameterize_makes_classes_in_the_module(module):
    seen = []
    bundle = testing.parameterize({'a': 1}, {'a': 2})(in_module(module, test=lambda self: seen.append(self.a)))
    names = ['TestIt_param_0_{a=1}', 'TestIt_param_1_{a=2}']
    assert [cls.__name__ for cls in bundle.classes] == names
    assert [getattr(module, name) for name in names] == bundle.classes
    assert unittest.defaultTestLoader.loadTestsFromModule(module).countTestCases() == 2
    assert [outcome(cls, 'test') for cls in bundle.classes] == ['passed'] * 2 and seen == [1, 2]


def test_decorators_multiply(module):
    given = in_module(module, test=lambda self: None)
    bundle = testing.parameterize({'b': 'x'}, {'b': 'y'})(testing.parameterize({'a': 1}, {'a': 2})(given))
    assert sorted((cls.a, cls.b) for cls in bundle.classes) == [(1, 'x'), (1, 'y'), (2, 'x'), (2, 'y')]
    assert unittest.defaultTestLoader.loadTestsFromModule(module).countTestCases() == 4


def test_long_parameters_are_cut_and_classes_named(module):
    bundle = testing.parameterize({'dtype': np.float16, 'x': 'long' * 100})(in_module(module))
    name = bundle.classes[0].__name__
    assert name.startswith('TestIt_param_0_{dtype=float16, x=') and name.endswith('...}') and len(name) < 140


def test_parameters_must_be_dicts():
    with pytest.raises(TypeError, match=r'^parameterize: every set of parameters must be a dict, but one is \[1\]\.$'):
        testing.parameterize([1])


def test_products():
    assert testing.product({'b': [1, 2], 'a': [3]}) == [{'a': 3, 'b': 1}, {'a': 3, 'b': 2}]
    lists = [[{'a': 1, 'b': 2}, {'a': 3}], [{'b': 4}]]
    assert testing.product(lists) == testing.product_dict(*lists) == [{'a': 1, 'b': 4}, {'a': 3, 'b': 4}]
    assert testing.from_pytest_parameterize(['a'], [1, (2,)]) == [{'a': 1}, {'a': (2,)}]


# Backends


def test_inject_backend_tests(module):
    seen = []
    given = in_module(
        module,
        test_with=lambda self, backend_config: seen.append(backend_config),
        test_without=lambda self: seen.append(None),
    )
    params = [{'use_cudnn': 'always'}, {'use_cuda': True}, {'use_chainerx': True}, {'use_ideep': 'always'}]
    bundle = testing.inject_backend_tests(None, params)(given)
    skipped = [outcome(cls, 'test_with') for cls in bundle.classes]
    on_gpu, on_onednn = (
        'passed' if there else 'skipped' for there in (attr.is_available(), intel64.is_ideep_available())
    )
    assert skipped == ['passed', on_gpu, 'skipped', on_onednn]
    assert outcome(bundle.classes[0], 'test_without') == 'passed' and seen[-1] is None
    with seen[0] as config:
        assert chaingrad.config.use_cudnn == 'always'
        with config:
            assert chaingrad.config.use_cudnn == 'always'
    assert chaingrad.config.use_cudnn == 'never'
    assert config.xp is np and config.get_array(None) is None and config.get_func_str() == 'cpu'
    assert config.get_pytest_marks() == [] and repr(config) == "<BackendConfig use_cudnn='always'>"
    named = testing.inject_backend_tests(['test_with'], [{}])(in_module(module, test_with=lambda self, config: None))
    assert outcome(named.classes[0], 'test_with') == 'passed'


def test_unknown_backend_names_are_refused():
    with pytest.raises(ValueError, match=r"^BackendConfig: params must have names of .*, but it has \['use_gpu'\]"):
        testing.BackendConfig({'use_gpu': True})


# Repetition


@pytest.mark.parametrize(
    ('times', 'least', 'results', 'passes', 'runs'),
    [(3, 2, [1, 0, 1], True, 3), (3, 2, [1, 1, 0], True, 2), (3, 2, [0, 0, 1], False, 2), (1, 1, [0], False, 1)],
)
def test_repeat_with_success_at_least(times, least, results, passes, runs):
    left, around = list(results), []

    class Case(unittest.TestCase):
        def setUp(self):
            around.append('up')

        def tearDown(self):
            around.append('down')

        @condition.repeat_with_success_at_least(times, least)
        def test(self):
            assert left.pop(0)

    assert (outcome(Case, 'test') == 'passed') is passes
    assert len(results) - len(left) == runs and around.count('up') == around.count('down') == runs + 1


def test_the_first_failure_is_shown():
    @condition.retry(2)
    def fails():
        raise KeyError('what is wrong')

    with pytest.raises(
        AssertionError, match=r'^fails: 1 of 2 runs must succeed, but 0 did and 2 failed.*\n(.*\n)*.*what'
    ):
        fails()


def test_a_skip_is_no_failure():
    @condition.repeat(3)
    def skips():
        raise unittest.SkipTest('not here')

    with pytest.raises(unittest.SkipTest, match='not here'):
        skips()


def test_counts_must_fit():
    with pytest.raises(ValueError, match=r'min_success must be in \[1, times\], but it is 3 and times is 2'):
        condition.repeat_with_success_at_least(2, 3)


# Random numbers


def test_fix_random_of_functions_and_classes():
    draws = []

    @testing.fix_random()
    class Case(unittest.TestCase):
        def setUp(self):
            self.x = np.random.rand(), random.random(), testing.generate_seed()

        def test(self):
            draws.append(self.x)

    np.random.seed(5)
    before = np.random.get_state()[1].tolist()
    assert [outcome(Case, 'test') for _ in range(2)] == ['passed'] * 2
    assert draws[0] == draws[1]
    assert np.random.get_state()[1].tolist() == before
    testing.random.do_setup(deterministic=False)
    testing.random.do_teardown()
    assert np.random.get_state()[1].tolist() == before
    with pytest.raises(RuntimeError, match='^generate_seed: there are no fixed random numbers'):
        testing.generate_seed()


@pytest.mark.parametrize('dtype', [np.float32, np.complex128])
def test_generate_matrix(dtype):
    a = testing.generate_matrix((5, 3, 4), dtype=dtype, singular_values=[3, 2, 0.5])
    assert a.shape == (5, 3, 4) and a.dtype == dtype
    assert np.allclose(np.linalg.svd(a)[1], [3, 2, 0.5], atol=1e-5)


@pytest.mark.parametrize(
    ('arguments', 'error', 'text'),
    [
        ({'shape': (3,), 'singular_values': 1}, ValueError, r'two axes or more, but it is \(3,\)'),
        ({'shape': (3, 3), 'dtype': int, 'singular_values': 1}, ValueError, 'floating or complex, but it is int64'),
        ({'shape': (3, 3)}, TypeError, 'singular_values is missing'),
        ({'shape': (3, 3), 'singular_values': -1}, ValueError, 'must not be negative'),
    ],
)
def test_generate_matrix_refuses(arguments, error, text):
    with pytest.raises(error, match=f'^generate_matrix: .*{text}'):
        testing.generate_matrix(**arguments)


# Warnings, requirements, marks


def test_assert_warns():
    with testing.assert_warns(UserWarning):
        warnings.warn('yes', UserWarning, stacklevel=1)
    with pytest.raises(AssertionError, match='a UserWarning was expected, but there was none at all'):
        with testing.assert_warns(UserWarning):
            pass
    with pytest.warns(FutureWarning), pytest.raises(AssertionError, match='but there was FutureWarning'):
        with testing.assert_warns(UserWarning):
            warnings.warn('another', FutureWarning, stacklevel=1)


@pytest.mark.parametrize(
    ('requirement', 'met'),
    [
        ('numpy', True),
        ('numpy>=1.0,!=1.9', True),
        ('numpy[extra] >= 1.0', True),
        ('numpy<2', False),
        ('numpy==0.1.0rc1', False),
        ('no-such-package>=1', False),
    ],
)
def test_requirements(requirement, met):
    ran = []
    for decorator in (testing.with_requires(requirement), testing.without_requires(requirement)):
        try:
            decorator(lambda: ran.append(1))()
            ran.append('ran')
        except unittest.SkipTest:
            ran.append('skipped')
    assert [r for r in ran if r != 1] == (['ran', 'skipped'] if met else ['skipped', 'ran'])


def test_a_requirement_must_be_readable():
    with pytest.raises(ValueError, match="must look like 'numpy>=2.0,<3', but it is 'numpy=>1'"):
        testing.with_requires('numpy=>1')


def test_marks():
    def run(test):
        try:
            return test()
        except unittest.SkipTest:
            return 'skipped'

    on_gpu = 'ran' if attr.is_available() else 'skipped'
    assert run(attr.gpu(lambda: 'ran')) == run(attr.cudnn(lambda: 'ran')) == on_gpu
    assert run(attr.multi_gpu(64)(lambda: 'ran')) == 'skipped' and run(attr.multi_gpu(0)(lambda: 'ran')) == 'ran'
    assert run(attr.ideep(lambda: 'ran')) == ('ran' if intel64.is_ideep_available() else 'skipped')
    assert run(attr.chainerx()(lambda: 'ran')) == 'skipped'
    assert run(attr.slow()(lambda: 'ran')) == 'ran'
    assert (attr.get_error() is None) is attr.is_available()
    if not attr.is_available():
        with pytest.raises(type(attr.get_error())):
            attr.check_available()


# Files, trainers, programs


@pytest.mark.parametrize('save_and_load', [testing.save_and_load_npz, testing.save_and_load_hdf5])
def test_save_and_load(save_and_load):
    if save_and_load is testing.save_and_load_hdf5:
        pytest.importorskip('h5py')
    a, b = L.Linear(3, 2), L.Linear(3, 2)
    save_and_load(a, b)
    assert np.array_equal(a.W.array, b.W.array)


def test_a_trainer_that_only_counts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    epochs = []
    note = lambda trainer: epochs.append((trainer.updater.iteration, trainer.updater.is_new_epoch))
    note.trigger, note.priority, note.name = (1, 'iteration'), 100, 'note'
    trainer = testing.get_trainer_with_mock_updater((5, 'iteration'), iter_per_epoch=2.5, extensions=[note])
    trainer.run()
    assert epochs == [(1, False), (2, False), (3, True), (4, False), (5, True)]
    assert trainer.updater.epoch == 2 and trainer.updater.epoch_detail == 2.0
    assert trainer.updater.previous_epoch_detail == pytest.approx(1.6)
    with pytest.raises(KeyError, match="no optimizer 'main'"):
        trainer.updater.get_optimizer('main')
    other = testing.get_trainer_with_mock_updater((9, 'iteration'), iter_per_epoch=2.5)
    testing.save_and_load_npz(trainer.updater, other.updater)
    assert other.updater.iteration == 5 and other.updater.epoch == 2


@pytest.mark.parametrize(('value', 'status'), [(1, 0), (2, 1)])
def test_run_module(value, status, tmp_path):
    text = f'from chaingrad import testing\ndef test_it(): assert {value} == 1\n'
    text += 'testing.run_module(__name__, __file__)\n'
    (tmp_path / 'test_file.py').write_text(text, encoding='utf-8')
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    done = subprocess.run([sys.executable, 'test_file.py'], cwd=tmp_path, env=environment, capture_output=True)
    assert done.returncode == status


def test_patch():
    with testing.patch('chaingrad.functions.relu', return_value=5):
        assert F.relu(np.ones(2)) == 5
