"""The front door: `import chaingrad`, and every public name of the rooms behind it.

The rooms lie at the top of the repository and are installed as `chaingrad.autograd`, `chaingrad.functions`, ...; in an
uninstalled checkout symlinks in this folder lead to them.
"""

import os.path as _path

if not _path.isdir(_path.join(_path.dirname(__file__), 'autograd')):
    # A clone on a system without symlinks has text files in their place: look for the rooms beside this folder.
    __path__.append(_path.dirname(_path.dirname(_path.abspath(__file__))))

from chaingrad import (
    backend,
    backends,
    computational_graph,
    configuration,
    cuda,
    dataset,
    datasets,
    device_resident,
    distribution,
    distributions,
    function,
    function_hook,
    function_hooks,
    function_node,
    functions,
    gradient_check,
    initializer,
    initializers,
    iterators,
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
    serializers,
    training,
    utils,
    variable,
)
from chaingrad._runtime_info import print_runtime_info
from chaingrad._version import __version__
from chaingrad.autograd import (
    DebugMode,
    Function,
    FunctionAdapter,
    FunctionHook,
    FunctionNode,
    Initializer,
    Parameter,
    Variable,
    as_array,
    as_variable,
    backward,
    config,
    force_backprop_mode,
    get_dtype,
    get_function_hooks,
    global_config,
    grad,
    is_debug,
    no_backprop_mode,
    set_debug,
    using_config,
)
from chaingrad.autograd.backends import (
    DeviceResident,
    get_array_types,
    get_cpu_array_types,
    get_device,
    is_arrays_compatible,
    using_device,
)
from chaingrad.distribution import Distribution, cross_entropy, kl_divergence, register_kl
from chaingrad.link import Chain, ChainList, Link
from chaingrad.link_hook import LinkHook
from chaingrad.links.summary import summary
from chaingrad.optimizer import GradientMethod, Optimizer, UpdateRule
from chaingrad.reporter import DictSummary, Reporter, Summary, get_current_reporter, report, report_scope
from chaingrad.sequential import Sequential
from chaingrad.serializer import AbstractSerializer, Deserializer, Serializer
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
    'is_arrays_compatible',
    'is_debug',
    'iterators',
    'kl_divergence',
    'link',
    'link_hook',
    'link_hooks',
    'links',
    'no_backprop_mode',
    'optimizer',
    'optimizer_hooks',
    'optimizers',
    'print_runtime_info',
    'register_kl',
    'report',
    'report_scope',
    'reporter',
    'sequential',
    'serializer',
    'serializers',
    'set_debug',
    'set_seed',
    'summary',
    'training',
    'using_config',
    'using_device',
    'utils',
    'variable',
]

disable_experimental_feature_warning = False
"""Whether `chaingrad.utils.experimental` keeps silent."""


def __dir__() -> list[str]:
    """The public names only."""
    return __all__
