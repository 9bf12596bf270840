"""The configurations that a test runs with: which arrays, and which settings of the GPU libraries."""

from __future__ import annotations

import contextlib
import functools
import inspect
import unittest
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.backends import Device, cuda, get_device
from chaingrad.autograd.configuration import using_config
from chaingrad.testing.parameterized import Bundle, make_classes

__all__ = ['BackendConfig', 'inject_backend_tests']

_SETTINGS = {
    'use_cudnn': 'never',
    'use_cudnn_tensor_core': 'never',
    'use_ideep': 'never',
    'cudnn_deterministic': False,
    'cudnn_fast_batch_normalization': False,
    'autotune': False,
}
_CHOICES = {'use_cuda': False, 'cuda_device': None, 'use_chainerx': False, 'chainerx_device': None}


class BackendConfig:
    """Arrays and settings that a test runs with. In a `with` block the settings are those of the configuration.

    Args:
        params (dict): `use_cuda` (bool) and `cuda_device` (int) choose the device; `use_cudnn`,
            `use_cudnn_tensor_core`, `use_ideep`, `cudnn_deterministic`, `cudnn_fast_batch_normalization` and
            `autotune` are set in the configuration. A test with `use_chainerx` is skipped.

    Raises:
        ValueError: when a name is unknown.

    Example:
        >>> import numpy as np
        >>> from chaingrad.testing import BackendConfig
        >>> config = BackendConfig({'use_cuda': False})
        >>> config.device
        <CpuDevice @numpy>
        >>> config.get_array(np.arange(3))
        array([0, 1, 2])
    """

    def __init__(self, params: Mapping[str, Any]) -> None:
        known = {**_CHOICES, **_SETTINGS}
        if unknown := sorted(params.keys() - known):
            raise ValueError(f'BackendConfig: params must have names of {sorted(known)}, but it has {unknown}.')
        self.params = dict(params)
        for name, default in known.items():
            setattr(self, name, params.get(name, default))
        self._blocks: list[contextlib.ExitStack] = []

    @property
    def device(self) -> Device:
        """Return the device of the arrays."""
        return get_device((cuda.cupy, self.cuda_device or 0) if self.use_cuda else '@numpy')

    @property
    def xp(self) -> Any:
        """Return the array module."""
        return cuda.cupy if self.use_cuda else np

    def get_array(self, np_array: Any) -> Any:
        """Return a NumPy array on the device; None stays None.

        Args:
            np_array: NumPy array or None.
        """
        return None if np_array is None else self.device.send(np_array)

    def get_func_str(self) -> str:
        """Return a word for the names of tests."""
        return 'gpu' if self.use_cuda else 'cpu'

    def get_pytest_marks(self) -> list[Any]:
        """Return no marks: what cannot run here is skipped by `unittest.skip`."""
        return []

    def missing(self) -> str | None:
        """Return what keeps a test with this configuration from running here; None if nothing does."""
        if self.use_chainerx:
            return 'chaingrad has no ChainerX arrays'
        if self.use_ideep != 'never':
            return 'chaingrad does not use iDeep'
        return 'needs a GPU' if self.use_cuda and not cuda.available else None

    def __enter__(self) -> BackendConfig:
        with contextlib.ExitStack() as block:
            for name in _SETTINGS:
                block.enter_context(using_config(name, getattr(self, name)))
            block.enter_context(self.device.create_context())
            self._blocks.append(block.pop_all())
        return self

    def __exit__(self, *error: Any) -> None:
        self._blocks.pop().__exit__(*error)

    def __repr__(self) -> str:
        shown = ', '.join(f'{name}={value!r}' for name, value in self.params.items())
        return f'<BackendConfig {shown or "numpy"}>'


def inject_backend_tests(
    method_names: Iterable[str] | None, params: Sequence[Mapping[str, Any]]
) -> Callable[[Any], Bundle]:
    """Make a test class for each backend configuration, whose tests get the configuration as first argument.

    Args:
        method_names: the tests that take a configuration; None for all whose first argument is `backend_config`.
        params: dicts that `BackendConfig` takes.

    Returns:
        A class decorator. The decorated name is no test class any more.

    Example:
        >>> import unittest
        >>> from chaingrad import testing
        >>> @testing.inject_backend_tests(None, [{}, {'use_cuda': True}])
        ... class TestOnes(unittest.TestCase):
        ...     def test_ones(self, backend_config):
        ...         self.assertEqual(backend_config.xp.ones(3).sum(), 3)
        >>> on_cpu = TestOnes.classes[0]
        >>> on_cpu('test_ones').run().wasSuccessful()
        True
    """
    names = None if method_names is None else list(method_names)

    def variants(base: type) -> Iterable[tuple[str, dict[str, Any]]]:
        chosen = _takers(base) if names is None else names
        for i, given in enumerate(params):
            config = BackendConfig(given)
            methods = {name: _with_config(getattr(base, name), config) for name in chosen}
            yield f'backend_{i}_{config.get_func_str()}', methods

    return lambda given: make_classes(given, variants)


def _takers(base: type) -> list[str]:
    """Return the names of the tests whose first argument is `backend_config`."""
    tests = [name for name in dir(base) if name.startswith('test') and inspect.isfunction(getattr(base, name))]
    return [
        name for name in tests if list(inspect.signature(getattr(base, name)).parameters)[1:2] == ['backend_config']
    ]


def _with_config(test: Any, config: BackendConfig) -> Any:
    @functools.wraps(test)
    def run(self: Any) -> Any:
        return test(self, config)

    del run.__wrapped__  # pytest would look there for arguments
    reason = config.missing()
    return run if reason is None else unittest.skip(reason)(run)
