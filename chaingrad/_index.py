"""The index of public names by topic: `python -m chaingrad find` and the reference on the site read it.

Names are collected from the modules of the front door, entries are the first lines of docstrings, and the topic is that
of the module in which an object lives. So a new name needs no line here, only a new module needs one in `TOPICS`.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

# Topics in the order of reading, and the modules, without `chaingrad.`, whose names belong to each. The longest module
# that fits decides: `autograd.matmul` before `autograd`.
TOPICS: dict[str, str] = {
    'Variables and gradients': 'autograd functions.checkpointing',
    'Functions of your own': 'autograd.function_node autograd.old_function',
    'Configuration': 'autograd.configuration functions.kernels.threads training.random_state',
    'Elementwise functions': 'autograd.arithmetic functions.elementwise',
    'Activation functions': 'functions.activation links.activation',
    'Arrays: shape, order, selection': 'autograd.array_ops functions.array',
    'Reductions': 'autograd.reduction functions.reduction',
    'Linear algebra': 'autograd.matmul functions.linalg',
    'Layers': 'functions.connection links.connection',
    'Convolution': """functions.convolution links.connection.convolution_2d links.connection.convolution_nd
        links.connection.deconvolution links.connection.deformable_convolution_2d links.connection.inception
        links.connection.depthwise_convolution_2d links.connection.dilated_convolution_2d
        links.connection.local_convolution_2d links.connection.mlp_convolution_2d functions.kernels.windows""",
    'Pooling': 'functions.pooling',
    'Normalization': 'functions.normalization links.normalization',
    'Dropout and noise': 'functions.noise',
    'Recurrent networks': 'functions.rnn links.rnn',
    'Losses': 'functions.loss links.loss',
    'Evaluation': 'functions.evaluation',
    'Distributions': 'functions.distributions',
    'Models and links': 'links links.model',
    'Initializers': 'autograd.initializer links.initializers',
    'Optimizers': 'optimizers',
    'Optimizer hooks': 'optimizers.hooks',
    'Hooks': 'autograd.function_hook functions.function_hooks links.link_hook links.hooks',
    'Trainer and updaters': 'training training.updaters training.trainer',
    'Extensions': 'training.extensions training.extension training.plotting',
    'Schedules': 'training.extensions.shifts training.extensions.cycles',
    'Triggers': 'training.triggers',
    'Reporter': 'links.reporter',
    'Iterators': 'training.iterators',
    'Datasets': 'training.datasets training.dataset',
    'Files': 'links.serializer links.serializers',
    'Snapshot writers': 'training.extensions.snapshot_writers',
    'ONNX': 'onnx',
    'Debugging and profiling': """autograd.gradient_checking autograd.drawing autograd.stepping links.summary
        links.profiling _runtime_info""",
    'Type checks': 'autograd.type_checking',
    'Devices': 'autograd.backends backends cuda',
    'Several machines': 'multi_node',
    'Testing': 'testing',
    'Utilities': 'utils',
    'Old programs': 'compat optimizer chaingrad',
}

# What has no docstring of its own.
CONSTANTS: dict[str, str] = {
    'chaingrad.backends.cuda.Device': "CuPy's device class; without CuPy it says what is missing.",
    'chaingrad.backends.cuda.DummyDevice': 'The device of arrays that are not on a GPU; entering it does nothing.',
    'chaingrad.backends.cuda.available': 'Whether CuPy and a GPU were found.',
    'chaingrad.backends.cuda.cudnn_enabled': 'Whether cuDNN was found.',
    'chaingrad.backends.cuda.cupy': 'The module CuPy; without it, an object that says what is missing.',
    'chaingrad.backends.cuda.ndarray': "CuPy's array class; without CuPy, a class that has no objects.",
    'chaingrad.disable_experimental_feature_warning': 'Whether `chainer.utils.experimental` keeps silent.',
    'chaingrad.onnx.MAXIMUM_OPSET_VERSION': 'The newest opset that `onnx.export` writes.',
    'chaingrad.onnx.MINIMUM_OPSET_VERSION': 'The oldest opset that `onnx.export` writes.',
    'chaingrad.training.PRIORITY_EDITOR': 'Priority of an extension that changes reported values.',
    'chaingrad.training.PRIORITY_READER': 'Priority of an extension that only reads reported values.',
    'chaingrad.training.plotting.COLORS': 'Eight colours that colour-blind people can tell apart.',
    'chaingrad.training.PRIORITY_WRITER': 'Priority of an extension that reports values.',
}

# Public names that no `__all__` lists: they are looked up late, or belong to a module that is seldom imported.
ALSO: dict[str, str] = {
    'chaingrad.backends.cuda': 'Device available cupy ndarray',
    'chaingrad.links.model.vision.resnet': 'ResNetLayers prepare',
}

# The second path of a module, whose names are named last.
OLD_PATH, PATH = 'chaingrad.cuda.', 'chaingrad.backends.cuda.'


class Entry(NamedTuple):
    """A public name: what to write, other ways to write it, its topic, its line in the index, and the object."""

    name: str
    others: tuple[str, ...]
    topic: str
    line: str
    value: Any


def modules() -> dict[str, ModuleType]:
    """Return the public modules by the paths that programs import."""
    found: dict[str, ModuleType] = {}
    todo = ['chaingrad', *ALSO]
    while todo:
        path = todo.pop(0)
        if path in found:
            continue
        found[path] = module = importlib.import_module(path)
        for name in getattr(module, '__all__', ()):
            value = getattr(module, name)
            if isinstance(value, ModuleType) and value.__name__.startswith('chaingrad.'):
                todo.append(f'{path}.{name}')
    return found


def names_of(path: str, module: ModuleType) -> Iterator[str]:
    """Yield the public names of a module; without `__all__` they are the classes and functions defined in it."""
    names = getattr(module, '__all__', None)
    if names is None:
        names = [name for name, value in vars(module).items() if getattr(value, '__module__', '') == module.__name__]
    for name in (*names, *ALSO.get(path, '').split()):
        if not name.startswith('_') and not isinstance(getattr(module, name), ModuleType):
            yield name
        elif name in ALSO.get(path, ''):
            yield name


def entries() -> list[Entry]:
    """Return an entry for every public object, by topic and name.

    An object with several names has one entry, under the shortest path.
    """
    values: dict[int | str, Any] = {}
    names: dict[int | str, set[str]] = {}
    for path, module in modules().items():
        for name in names_of(path, module):
            full, value = f'{path}.{name}', getattr(module, name)
            key = full.replace(OLD_PATH, PATH) if isinstance(value, int) else id(value)  # True is one object
            values[key] = value
            names.setdefault(key, set()).add(full)
    found = [_entry(value, names[key]) for key, value in values.items()]
    order = list(TOPICS)
    return sorted(found, key=lambda entry: (order.index(entry.topic), entry.name.casefold()))


def _entry(value: Any, names: set[str]) -> Entry:
    own = getattr(value, '__name__', '')

    def rank(name: str) -> tuple[bool, bool, int, int, str]:
        last = name.rpartition('.')[2]
        return name.startswith(OLD_PATH), last != own and callable(value), name.count('.'), -len(name), name

    name, *others = sorted(names, key=rank)
    return Entry(name, tuple(others), topic_of(home(name, value)), first_line(name, value), value)


def home(name: str, value: Any) -> str:
    """Return the module in which an object lives; that of a constant is where it is public."""
    if name in CONSTANTS:
        return name.rpartition('.')[0]
    return str(getattr(value, '__module__', None) or type(value).__module__)


def topic_of(module: str) -> str:
    """Return the topic of a module of the package.

    Raises:
        KeyError: when no topic has the module or a package around it.
    """
    by_module = {name: topic for topic, names in TOPICS.items() for name in names.split()}
    path = module.removeprefix('chaingrad.')
    while path not in by_module:
        if '.' not in path:
            raise KeyError(f'{module} belongs to no topic. Add it to TOPICS in chaingrad/_index.py.')
        path = path.rpartition('.')[0]
    return by_module[path]


def first_line(name: str, value: Any) -> str:
    """Return the line of a name in the index: the first of its docstring."""
    if name in CONSTANTS:
        return CONSTANTS[name]
    return ((inspect.getdoc(value) or '').splitlines() or [''])[0]
