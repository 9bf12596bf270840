"""Attributes of objects, beyond the documented ones, that programs of the reference read, set or override.

They are given to the classes when the alias is installed, each class when its module is loaded. What a program
overrides with a call of super's (`Linear._initialize_params`, `LogReport._init_summary`) stands in the class itself.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from chaingrad.autograd.backends.cpu import CPU
from chaingrad.autograd.backends.cuda import GpuDevice, current_gpu
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.old_function import Function
from chaingrad.compat import chainerx, version1


class _Derived:
    """An attribute that is computed from ours, until the object of a program's subclass sets one of its own."""

    def __init__(self, get: Callable[[Any], Any]) -> None:
        self._get = get

    def __get__(self, obj: Any, owner: type | None = None) -> Any:
        return self if obj is None else self._get(obj)


class _OfCursor(property):
    """An attribute of an iterator's position; an iterator without position (its own `__init__` made none) keeps it."""

    def __init__(self, name: str, get: Callable[[Any], Any], set: Callable[[Any, Any], None]) -> None:
        super().__init__(
            lambda obj: get(obj) if '_cursor' in vars(obj) else vars(obj)[name],
            lambda obj, value: set(obj, value) if '_cursor' in vars(obj) else vars(obj).update({name: value}),
        )


# Links and Variables


def _device_id(link: Any) -> int | None:
    return link.device.device.id if isinstance(link.device, GpuDevice) else None


def _set_device_id(link: Any, number: int | None) -> None:
    link._device = CPU if number is None or number < 0 else GpuDevice.from_device_id(number)


def _set_cpu(link: Any, is_cpu: bool) -> None:
    link._device = CPU if is_cpu else GpuDevice(current_gpu())


class _Data(list[Any]):
    """The list of one array that `Variable._data` was; what is set in it is set in the Variable."""

    def __init__(self, variable: Any) -> None:
        super().__init__([variable._array])
        self._variable = variable

    def __setitem__(self, index: Any, array: Any) -> None:
        super().__setitem__(index, array)
        self._variable.array = self[0]


def _refuse_volatile(variable: Any) -> Any:
    raise RuntimeError('Variable.volatile is not supported anymore. Use chaingrad.no_backprop_mode().')


def _refuse_chainerx(resident: Any) -> Any:
    raise chainerx.missing(f'{type(resident).__name__}.to_chx')


def _itself(resident: Any) -> Any:
    return resident


class _CheckedWhenSet:
    """`check_type_forward` of a base class: a function that is set on one object is called before its forward."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function

    def __call__(self, *args: Any) -> None:
        self._function(*args)

    def __get__(self, node: Any, owner: type | None = None) -> Any:
        if node is None:
            return self._function
        return vars(node).get('check_type_forward') or self._function.__get__(node)

    def __set__(self, node: Any, function: Callable[..., Any]) -> None:
        vars(node)['check_type_forward'] = function
        getattr(node, 'node', node)._checks_types = True


# Training


def _set_order(iterator: Any, order: Any) -> None:
    iterator._cursor.order = order


def _set_shuffle(iterator: Any, shuffle: bool) -> None:
    if shuffle and iterator.order_sampler is None:
        raise ValueError(f'{type(iterator).__name__}._shuffle: it cannot be switched on. Make one with shuffle=True.')
    if not shuffle:
        iterator.order_sampler = iterator._cursor.sampler = iterator._cursor.order = None


def _set_repeat(iterator: Any, repeat: bool) -> None:
    iterator._cursor.repeat = repeat


def _pushed_position(iterator: Any) -> int:
    """Return the position up to which examples have been given to the workers."""
    if not iterator._pending:
        return iterator.current_position  # type: ignore[no-any-return]
    piece = iterator._pending[-1][0]
    return (piece.start + len(piece.indices)) % iterator._cursor.size  # type: ignore[no-any-return]


def _set_done(trainer: Any, is_done: bool) -> None:
    trainer._final_elapsed_time = trainer.elapsed_time if is_done else None


def _set_log_name(report: Any, name: str | None) -> None:
    report._filename = name


# Options of function nodes


def _axis_added(node: Any) -> int:
    """Return the axis that ExpandDims has added to its input's shape."""
    before = node.inputs[0].shape
    return next(i for i in range(len(node.shape)) if node.shape[:i] + node.shape[i + 1 :] == before)


def _axes_removed(node: Any) -> tuple[int, ...] | None:
    """Return axes of length 1 without which the input of Squeeze has its output's shape."""
    axes = []
    wanted = list(node.shape)
    for i, n in enumerate(node.inputs[0].shape):
        if wanted and n == wanted[0]:
            wanted.pop(0)
        else:
            axes.append(i)
    return tuple(axes)


def _swapped(node: Any) -> list[int]:
    """Return the two axes that change places."""
    return [i for i, axis in enumerate(node.axes) if i != axis]


def _at(path: str, *names: str) -> dict[str, Any]:
    """Return an attribute for each entry of a tuple, by name."""
    get = attrgetter(path)
    return {name: _Derived(lambda node, i=i: get(node)[i]) for i, name in enumerate(names)}  # type: ignore[misc]


def _same(**names: str) -> dict[str, Any]:
    """Return an attribute for each that has another name here."""
    return {name: _Derived(attrgetter(path)) for name, path in names.items()}


_WINDOW = {
    **_at('geometry.k', 'kh', 'kw'),
    **_at('geometry.s', 'sy', 'sx'),
    **_at('geometry.p', 'ph', 'pw'),
    **_same(ksize='geometry.k', stride='geometry.s', pad='geometry.p'),
}
_LOSS = _same(normalize='_normalize', reduce='_reduce')
_TABLE: dict[str, dict[str, Any]] = {
    'autograd.backends.device:DeviceResident': {
        'to_intel64': _itself,
        'from_chx': _itself,
        'to_chx': _refuse_chainerx,
    },
    'links.link:Link': {
        '_device_id': property(_device_id, _set_device_id),
        '_cpu': property(lambda link: not isinstance(link.device, GpuDevice), _set_cpu),
    },
    'autograd.variable:Variable': {
        '_data': property(_Data, lambda variable, data: setattr(variable, 'array', data[0])),
        '_has_chainerx_array': False,
        'layout': None,
        'volatile': property(_refuse_volatile),
        'to_intel64': lambda variable: None,
        'from_chx': lambda variable: None,
        'to_chx': _refuse_chainerx,
    },
    'autograd.function_node:FunctionNode': {
        '_has_chainerx_array': False,
        'chainerx_device': None,
        'check_type_forward': _CheckedWhenSet(FunctionNode.check_type_forward),
    },
    'autograd.old_function:Function': {'check_type_forward': _CheckedWhenSet(Function.check_type_forward)},
    'autograd.old_function:FunctionAdapter': _same(_function='_old_function'),
    'optimizers.update_rule:UpdateRule': {'update_core_chainerx': lambda rule, param: rule.update_core_cpu(param)},
    'optimizers.optimizer:Optimizer': {
        name: getattr(version1, name)
        for name in ('accumulate_grads', 'clip_grads', 'compute_grads_norm', 'weight_decay', 'zero_grads')
    },
    'training.iterators.cursor:EpochIterator': {
        '_order': _OfCursor('_order', attrgetter('_cursor.order'), _set_order),
        '_repeat': _OfCursor('_repeat', attrgetter('repeat'), _set_repeat),
        '_shuffle': _OfCursor('_shuffle', lambda iterator: iterator.order_sampler is not None, _set_shuffle),
        '_epoch_size': _Derived(attrgetter('_cursor.size')),
    },
    'training.iterators.prefetching:PrefetchingIterator': {'_pushed_position': _Derived(_pushed_position)},
    'training.trainer:Trainer': {
        '_done': property(lambda trainer: trainer._final_elapsed_time is not None, _set_done),
        '_extensions': _Derived(attrgetter('_entries')),
    },
    'training.extensions.log_report:LogReport': {'_log_name': property(attrgetter('_filename'), _set_log_name)},
    'training.datasets.splits:SubDataset': {'_size': _Derived(len)},
    # Options of function nodes, under the reference's names where ours are others.
    'functions.convolution.nodes:_ConvolutionNode': {
        **_at('stride', 'sy', 'sx'),
        **_at('pad', 'ph', 'pw'),
        **_at('dilate', 'dy', 'dx'),
    },
    'functions.convolution.nodes:DeconvolutionND': {
        'outh': _Derived(lambda node: node._node_shape[2]),
        'outw': _Derived(lambda node: node._node_shape[3]),
    },
    'functions.convolution.windows:Im2Col': _WINDOW | _at('geometry.d', 'dy', 'dx'),
    'functions.pooling.nodes:PoolingND': _WINDOW,
    'functions.pooling.nodes:UnpoolingND': _WINDOW | _at('size', 'outh', 'outw'),
    'functions.pooling.nodes:Upsampling2D': _WINDOW | _at('size', 'outh', 'outw'),
    'functions.array.shape:ExpandDims': {'axis': _Derived(_axis_added)},
    'functions.array.shape:Squeeze': {'axis': _Derived(_axes_removed)},
    'functions.activation.rectifier:LeakyReLU': {'slope': _Derived(attrgetter('_slope'))},
    'functions.normalization.batch:BatchNormalization': _same(inv_std='inverse'),
    'functions.array.order:Swapaxes': _at('_swapped', 'axis1', 'axis2') | {'_swapped': _Derived(_swapped)},
    'functions.array.order:Flip': {'axis': _Derived(lambda node: len(node.slices) - 1)},
    'functions.normalization.local:LocalResponseNormalization': {'n': _Derived(lambda node: 2 * node.half + 1)},
    'functions.loss.cross_entropy:SoftmaxCrossEntropy': {
        **_LOSS,
        **_same(class_weight='_class_weight', ignore_label='_ignore_label'),
    },
    'functions.loss.cross_entropy:SigmoidCrossEntropy': _LOSS,
    'autograd.array_ops:BroadcastTo': _same(_shape='shape'),
    'autograd.array_ops:SumTo': _same(_shape='shape'),
}


_waiting = dict(_TABLE)


def install() -> None:
    """Give the attributes to the classes whose modules are loaded and that do not have them yet."""
    for path in list(_waiting):
        module, _, name = path.partition(':')
        cls = getattr(sys.modules.get(f'chaingrad.{module}'), name, None)
        if cls is not None:
            for attribute, value in _waiting.pop(path).items():
                setattr(cls, attribute, value)
