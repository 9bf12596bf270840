"""The configurations that a test runs with: the kind of arrays, and the settings of the GPU libraries."""

from __future__ import annotations

import contextlib
import functools
import inspect
import unittest
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import Device, cuda, get_device
from chaingrad.autograd.configuration import using_config
from chaingrad.backends import intel64
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
_DEFAULTS: dict[str, Any] = {**_CHOICES, **_SETTINGS}


class BackendConfig:
    """The arrays and settings that a test runs with. A `with` block applies the settings to the configuration.

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
        <CpuDevice (numpy)>
        >>> config.get_array(np.arange(3))
        array([0, 1, 2])
    """

    use_cuda: bool
    cuda_device: int | None
    use_chainerx: bool
    use_ideep: str

    def __init__(self, params: Mapping[str, Any]) -> None:
        unknown = sorted(params.keys() - _DEFAULTS.keys())
        if unknown:
            raise ValueError(f'BackendConfig: params must have names of {sorted(_DEFAULTS)}, but it has {unknown}.')
        self.params = dict(params)
        for name, default in _DEFAULTS.items():
            setattr(self, name, params.get(name, default))
        self._blocks: list[contextlib.ExitStack] = []

    @property
    def device(self) -> Device:
        """The device of the arrays."""
        if self.use_cuda:
            return get_device((cuda.cupy, self.cuda_device or 0))
        return get_device('@numpy')

    @property
    def xp(self) -> Any:
        """The array module."""
        return cuda.cupy if self.use_cuda else np

    def get_array(self, np_array: Array | None) -> Any:
        """Send a NumPy array to the device; None stays None.

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
        """Return the reason why a test with this configuration cannot run here; None if it can."""
        if self.use_chainerx:
            return 'chaingrad has no ChainerX arrays'
        if self.use_ideep != 'never' and not intel64.is_ideep_available():
            return 'needs oneDNN'
        if self.use_cuda and not cuda.available:
            return 'needs a GPU'
        return None

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
    """Make a test class for each backend configuration, whose tests get it as their first argument.

    Args:
        method_names: names of the tests that take a configuration; None for all tests whose first argument is
            `backend_config`.
        params: dicts for `BackendConfig`.

    Returns:
        A class decorator. The decorated name itself is no longer a test class.

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
        chosen = _find_tests(base) if names is None else names
        for i, given in enumerate(params):
            config = BackendConfig(given)
            methods = {name: _with_config(getattr(base, name), config) for name in chosen}
            yield f'backend_{i}_{config.get_func_str()}', methods

    return lambda given: make_classes(given, variants)


def _find_tests(base: type) -> list[str]:
    """Return the names of the tests whose first argument is `backend_config`."""
    found = []
    for name in dir(base):
        test = getattr(base, name)
        if name.startswith('test') and inspect.isfunction(test):
            arguments = list(inspect.signature(test).parameters)
            if arguments[1:2] == ['backend_config']:
                found.append(name)
    return found


def _with_config(test: Callable[..., Any], config: BackendConfig) -> Any:
    """Return a test without arguments that runs one with this configuration."""

    @functools.wraps(test)
    def run(self: Any) -> Any:
        return test(self, config)

    del run.__wrapped__  # pytest would look for arguments in it
    reason = config.missing()
    return run if reason is None else unittest.skip(reason)(run)
