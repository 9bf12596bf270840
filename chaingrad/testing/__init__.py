"""Helpers for tests of functions, links and programs, for unittest and pytest alike."""

from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose
from chaingrad.testing import attr, condition, random
from chaingrad.testing.backend import BackendConfig, inject_backend_tests
from chaingrad.testing.distribution import distribution_unittest
from chaingrad.testing.function import FunctionTestCase, FunctionTestError
from chaingrad.testing.helper import assert_warns, patch, with_requires, without_requires
from chaingrad.testing.link import InitializerArgument, LinkInitializersTestCase, LinkTestCase, LinkTestError
from chaingrad.testing.matrix import generate_matrix
from chaingrad.testing.parameterized import (
    from_pytest_parameterize,
    parameterize,
    parameterize_pytest,
    product,
    product_dict,
)
from chaingrad.testing.random import fix_random, generate_seed
from chaingrad.testing.runner import run_module
from chaingrad.testing.serializer import save_and_load, save_and_load_hdf5, save_and_load_npz
from chaingrad.testing.training import get_trainer_with_mock_updater
from chaingrad.testing.unary_math import unary_math_function_unittest

__all__ = [
    'BackendConfig',
    'FunctionTestCase',
    'FunctionTestError',
    'InitializerArgument',
    'LinkInitializersTestCase',
    'LinkTestCase',
    'LinkTestError',
    'assert_allclose',
    'assert_warns',
    'attr',
    'condition',
    'distribution_unittest',
    'fix_random',
    'from_pytest_parameterize',
    'generate_matrix',
    'generate_seed',
    'get_trainer_with_mock_updater',
    'inject_backend_tests',
    'parameterize',
    'parameterize_pytest',
    'patch',
    'product',
    'product_dict',
    'random',
    'run_module',
    'save_and_load',
    'save_and_load_hdf5',
    'save_and_load_npz',
    'unary_math_function_unittest',
    'with_requires',
    'without_requires',
]
