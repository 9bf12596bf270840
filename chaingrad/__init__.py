"""The front door: `import chaingrad` gives every public name of the rooms.

The rooms lie at the top of the repository and are installed as `chaingrad.autograd`, `chaingrad.functions`, ...; in an
uninstalled checkout symlinks in this folder lead to them.
"""

import importlib as _importlib
import os.path as _path
import typing as _typing

if not _path.isdir(_path.join(_path.dirname(__file__), 'autograd')):
    # A clone on a system without symlinks has text files in their place: look for the rooms beside this folder.
    __path__.append(_path.dirname(_path.dirname(_path.abspath(__file__))))

from chaingrad import (
    backend,
    backends,
    configuration,
    cuda,
    device_resident,
    function,
    function_hook,
    function_node,
    functions,
    initializer,
    initializers,
    link,
    link_hook,
    link_hooks,
    links,
    optimizer,
    optimizer_hooks,
    optimizers,
    reporter,
    sequential,
    serializer,
    utils,
    variable,
)
from chaingrad._runtime_info import print_runtime_info
from chaingrad._version import __version__
from chaingrad.autograd import (
    DebugMode,
    FunctionHook,
    FunctionNode,
    Initializer,
    Parameter,
    Variable,
    as_array,
    as_variable,
    backward,
    backward_steps,
    config,
    force_backprop_mode,
    get_dtype,
    get_function_hooks,
    global_config,
    grad,
    is_debug,
    mixed16,
    no_backprop_mode,
    set_debug,
    using_config,
)
from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.autograd.backends import (
    DeviceResident,
    get_array_types,
    get_cpu_array_types,
    get_device,
    is_arrays_compatible,
    using_device,
)
from chaingrad.autograd.backends.cuda import should_use_cudnn, should_use_cudnn_tensor_core
from chaingrad.compat.names import disable_experimental_feature_warning, static_code, static_graph
from chaingrad.function import Function, FunctionAdapter
from chaingrad.link import Chain, ChainList, Link
from chaingrad.link_hook import LinkHook
from chaingrad.links.summary import summary
from chaingrad.optimizer import GradientMethod, Optimizer, UpdateRule
from chaingrad.reporter import DictSummary, Reporter, Summary, get_current_reporter, report, report_scope
from chaingrad.sequential import Sequential
from chaingrad.serializer import AbstractSerializer, Deserializer, Serializer

if _typing.TYPE_CHECKING:
    # At run time `__getattr__` below imports these when they are first asked for, which halves the time of
    # `import chaingrad`.
    from chaingrad import (
        computational_graph,
        dataset,
        datasets,
        distribution,
        distributions,
        function_hooks,
        gradient_check,
        iterators,
        multi_node,
        onnx,
        serializers,
        testing,
        training,
    )
    from chaingrad.compat.alias import install_as_chainer
    from chaingrad.distribution import Distribution, cross_entropy, kl_divergence, register_kl
    from chaingrad.functions.kernels.threads import set_threads
    from chaingrad.links.profiling import profile
    from chaingrad.training.random_state import set_seed

__all__ = [
    'AbstractSerializer',
    'Chain',
    'ChainList',
    'DebugMode',
    'Deserializer',
    'DeviceResident',
    'DictSummary',
    'Distribution',
    'Function',
    'FunctionAdapter',
    'FunctionHook',
    'FunctionNode',
    'GradientMethod',
    'Initializer',
    'Link',
    'LinkHook',
    'Optimizer',
    'Parameter',
    'Reporter',
    'Sequential',
    'Serializer',
    'Summary',
    'UpdateRule',
    'Variable',
    '__version__',
    'as_array',
    'as_variable',
    'backend',
    'backends',
    'backward',
    'backward_steps',
    'computational_graph',
    'config',
    'configuration',
    'cross_entropy',
    'cuda',
    'dataset',
    'datasets',
    'device_resident',
    'disable_experimental_feature_warning',
    'distribution',
    'distributions',
    'force_backprop_mode',
    'function',
    'function_hook',
    'function_hooks',
    'function_node',
    'functions',
    'get_array_types',
    'get_cpu_array_types',
    'get_current_reporter',
    'get_device',
    'get_dtype',
    'get_function_hooks',
    'global_config',
    'grad',
    'gradient_check',
    'initializer',
    'initializers',
    'install_as_chainer',
    'is_arrays_compatible',
    'is_debug',
    'iterators',
    'kl_divergence',
    'link',
    'link_hook',
    'link_hooks',
    'links',
    'mixed16',
    'multi_node',
    'no_backprop_mode',
    'onnx',
    'optimizer',
    'optimizer_hooks',
    'optimizers',
    'print_runtime_info',
    'profile',
    'register_kl',
    'report',
    'report_scope',
    'reporter',
    'sequential',
    'serializer',
    'serializers',
    'set_debug',
    'set_seed',
    'set_threads',
    'should_use_cudnn',
    'should_use_cudnn_tensor_core',
    'static_code',
    'static_graph',
    'summary',
    'testing',
    'training',
    'using_config',
    'using_device',
    'utils',
    'variable',
]


def __dir__() -> list[str]:
    """The public names only."""
    return __all__


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    # The modules of the other names that are imported late.
    _MODULES = {
        'Distribution': 'chaingrad.distribution',
        'cross_entropy': 'chaingrad.distribution',
        'install_as_chainer': 'chaingrad.compat.alias',
        'kl_divergence': 'chaingrad.distribution',
        'profile': 'chaingrad.links.profiling',
        'register_kl': 'chaingrad.distribution',
        'set_seed': 'chaingrad.training.random_state',
        'set_threads': 'chaingrad.functions.kernels.threads',
    }

    _no_name = _module_getattr(__name__, __all__)

    def __getattr__(name):
        """Import a public module, or a name of one, when it is first asked for."""
        if name in _MODULES:
            value = getattr(_importlib.import_module(_MODULES[name]), name)
        elif name in __all__:
            value = _importlib.import_module(f'chaingrad.{name}')
        else:
            _no_name(name)
        globals()[name] = value
        return value
