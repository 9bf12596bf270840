"""Configuration: one value per name for all threads, which each thread may override for itself.

`global_config` holds the values of all threads, `config` what the current thread sees. Names that the reference knows
only for GPUs (`use_cudnn`, ...) exist so that old programs can set them; nothing here reads them.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

_DEBUG = os.environ.get('CHAINGRAD_DEBUG', '0') != '0'
active_hooks: list[str] = ['debug mode'] * _DEBUG
"""Names of the hooks and of debug mode, in any thread; while the list is empty, functions look for neither."""


def _notice(name: str, old: Any, new: Any) -> None:
    """Keep `active_hooks` in step with debug mode, which each thread and all of them together may switch on and off."""
    if name == 'debug' and bool(old) != bool(new):
        (active_hooks.append if new else active_hooks.remove)('debug mode')


class Mixed16:
    """What `config.dtype` is where arrays are float16, and what float16 is too coarse for is float32.

    NumPy takes it for float16. Parameters of normalization links are float32, and an optimizer that is set up while
    `config.dtype` is `mixed16` updates float16 parameters through float32 copies (see `use_fp32_update`).

    Example:
        >>> import numpy as np, chaingrad, chaingrad.links as L
        >>> with chaingrad.using_config('dtype', chaingrad.mixed16):
        ...     L.Linear(3, 2).W.dtype, L.BatchNormalization(2).gamma.dtype
        (dtype('float16'), dtype('float32'))
        >>> np.zeros(2, chaingrad.mixed16).dtype
        dtype('float16')

    Source:
        P. Micikevicius et al., Mixed Precision Training, ICLR 2018, section 3.1.
    """

    dtype = np.dtype(np.float16)

    def __repr__(self) -> str:
        return "dtype('mixed16')"

    def __str__(self) -> str:
        return 'mixed16'


mixed16 = Mixed16()


def _first_dtype() -> Any:
    """Return the dtype that CHAINGRAD_DTYPE names, or CHAINER_DTYPE as for the reference; float32 where neither does.

    Raises:
        TypeError: when it names another.
    """
    dtypes: dict[str, Any] = {name: np.dtype(name) for name in ('float16', 'float32', 'float64')}
    dtypes['mixed16'] = mixed16
    for variable in ('CHAINGRAD_DTYPE', 'CHAINER_DTYPE'):
        name = os.environ.get(variable, '')
        if name and name not in dtypes:
            raise TypeError(f'{variable}: it must be one of {", ".join(dtypes)}, but it is {name!r}.')
        if name:
            return dtypes[name]
    return dtypes['float32']


class LocalConfig(threading.local):
    """The configuration of the current thread: its own values where it has set any, else those of all threads.

    A class attribute of a `threading.local` is seen by every thread until that thread sets its own: the quickest way
    to read a value (a `__getattr__` that falls back to another object costs six times as much).

    Example:
        >>> from chaingrad import config, using_config
        >>> config.train
        True
        >>> with using_config('train', False):
        ...     config.train
        False
    """

    debug: Any = _DEBUG
    dtype: Any = _first_dtype()
    enable_backprop: Any = True
    train: Any = True
    type_check: Any = True
    use_ideep: Any = os.environ.get('CHAINGRAD_USE_IDEEP', 'auto')  # whether oneDNN computes; see kernels/twins.py
    matmul_precision: Any = 'float32'  # or 'bfloat16': what oneDNN rounds the factors of float32 products to
    in_recomputing: Any = False  # F.forget computes a second time
    # Old programs set these; nothing here reads them.
    autotune = compute_mode = cudnn_deterministic = cudnn_fast_batch_normalization = False
    in_optimizer_update = False
    schedule_func = None
    keep_graph_on_report = lazy_grad_sum = warn_nondeterministic = use_static_graph = False
    use_cudnn = use_cudnn_tensor_core = 'never'

    def __setattr__(self, name: str, value: Any) -> None:
        _notice(name, vars(self).get(name), value)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        _notice(name, vars(self).get(name), None)
        super().__delattr__(name)

    def show(self, file: Any = None) -> None:
        """Print every name with the value that this thread sees.

        Args:
            file: text stream; standard output when None.
        """
        _show({**_values(), **vars(self)}, file)


class _HasGlobalValues(type):
    """So that the class, too, is seen to have the values."""

    def __getattr__(cls, name: str) -> Any:
        return getattr(LocalConfig, name)


class GlobalConfig(metaclass=_HasGlobalValues):
    """The values that all threads see unless they have set their own.

    Example:
        >>> from chaingrad import config, global_config
        >>> global_config.answer = 42
        >>> config.answer
        42
        >>> del global_config.answer
    """

    def __getattr__(self, name: str) -> Any:
        if name not in _values():
            raise AttributeError(f'global_config has no value {name!r}. Set one first.')
        return _values()[name]

    def __setattr__(self, name: str, value: Any) -> None:
        _notice(name, getattr(LocalConfig, name, None), value)
        setattr(LocalConfig, name, value)

    def __delattr__(self, name: str) -> None:
        _notice(name, getattr(LocalConfig, name, None), None)
        delattr(LocalConfig, name)

    def show(self, file: Any = None) -> None:
        """Print every name with its value for all threads."""
        _show(_values(), file)


def _values() -> dict[str, Any]:
    """Return the values of all threads by name."""
    return {name: value for name, value in vars(LocalConfig).items() if not name.startswith('_') and name != 'show'}


def _show(values: dict[str, Any], file: Any) -> None:
    width = max(map(len, values))
    for name in sorted(values):
        print(f'{name:<{width}} {values[name]!r}', file=file or sys.stdout)


config = LocalConfig()
global_config = GlobalConfig()


@contextlib.contextmanager
def using_config(name: str, value: Any, config: LocalConfig = config) -> Iterator[None]:
    """Set a configuration value for the current thread inside a `with` block.

    Args:
        name: name of the value, such as `'train'`.
        value: what it shall be inside the block.
        config: the configuration to change; the current thread's by default.

    Example:
        >>> import chaingrad
        >>> with chaingrad.using_config('enable_backprop', False):
        ...     chaingrad.config.enable_backprop
        False
        >>> chaingrad.config.enable_backprop
        True
    """
    values = vars(config) if isinstance(config, LocalConfig) else vars(LocalConfig)
    had = name in values
    old = values.get(name)
    setattr(config, name, value)
    try:
        yield
    finally:
        if had:
            setattr(config, name, old)
        else:
            delattr(config, name)


def no_backprop_mode() -> contextlib.AbstractContextManager[None]:
    """Record no graph inside a `with` block: less memory and time where no gradient is wanted.

    Example:
        >>> import numpy as np, chaingrad
        >>> x = chaingrad.Variable(np.array([1.0]))
        >>> with chaingrad.no_backprop_mode():
        ...     y = x + 1
        >>> y.creator is None
        True
    """
    return using_config('enable_backprop', False)


def force_backprop_mode() -> contextlib.AbstractContextManager[None]:
    """Record the graph inside a `with` block, even within `no_backprop_mode`.

    Example:
        >>> import numpy as np, chaingrad
        >>> x = chaingrad.Variable(np.array([1.0]))
        >>> with chaingrad.no_backprop_mode(), chaingrad.force_backprop_mode():
        ...     y = x + 1
        >>> y.creator.label
        '_ + 1'
    """
    return using_config('enable_backprop', True)


def is_debug() -> bool:
    """Return whether debug mode is on, in which every NaN that a function makes is an error.

    Example:
        >>> import chaingrad
        >>> chaingrad.is_debug()
        False
    """
    return bool(config.debug)


def set_debug(debug: bool) -> None:
    """Switch debug mode on or off for the current thread.

    Args:
        debug: whether a function that makes a NaN shall raise.

    Example:
        >>> import chaingrad
        >>> chaingrad.set_debug(True)
        >>> chaingrad.is_debug()
        True
        >>> chaingrad.set_debug(False)
    """
    config.debug = debug


def DebugMode(debug: bool) -> contextlib.AbstractContextManager[None]:
    """Set debug mode inside a `with` block.

    Args:
        debug: whether a function that makes a NaN shall raise.

    Example:
        >>> import chaingrad
        >>> with chaingrad.DebugMode(True):
        ...     chaingrad.is_debug()
        True
    """
    return using_config('debug', debug)


def get_dtype(dtype: Any = None, map_mixed16: Any = None) -> np.dtype[Any]:
    """Return the dtype that new parameters get: the one given, else `config.dtype`.

    Args:
        dtype: a NumPy dtype, `mixed16` or None.
        map_mixed16: the dtype that `mixed16` stands for; float16 when None.

    Example:
        >>> import chaingrad
        >>> chaingrad.get_dtype()
        dtype('float32')
    """
    dtype = config.dtype if dtype is None else dtype
    if dtype is mixed16 and map_mixed16 is not None:
        dtype = map_mixed16
    try:
        return np.dtype(dtype)  # type: ignore[no-any-return]
    except TypeError:
        raise TypeError(
            f"get_dtype: config.dtype, or the dtype given, must be one of NumPy's, but it is {dtype!r}. Write "
            'np.float32, np.float64, np.float16 or chaingrad.mixed16.'
        ) from None
