"""UpdateRule, which changes one parameter by its gradient, and the base of the rules that work element by element."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import device as devices
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.node import clock
from chaingrad.autograd.variable import Variable
from chaingrad.functions.kernels.updates import update
from chaingrad.links.serializer import AbstractSerializer, Deserializer
from chaingrad.optimizers.hookable import Hookable
from chaingrad.optimizers.hyperparameter import Hyperparameter

AT_ONCE = 32_768
"""Number of elements up to which a parameter is updated in one go."""

BLOCK = 131_072
"""Number of elements that are updated at a time: few enough for the intermediate results to stay in the cache."""


class UpdateRule(Hookable):
    """Base of the rules that change a parameter by its gradient.

    Every parameter has a rule of its own, `param.update_rule`, which holds the parameter's state (such as its momentum)
    and hyperparameters. A subclass defines `init_state`, which fills the dict `state`, and `update_core`, or
    `update_core_cpu` and `update_core_gpu`.

    Attributes:
        hyperparam (Hyperparameter): the rule's values; those that are not set here are the optimizer's.
        enabled (bool): whether `update` does anything. `link.disable_update()` sets it to False.
        t (int): number of updates so far.

    Args:
        parent_hyperparam (Hyperparameter): values that the rule inherits, usually its optimizer's.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import optimizers
        >>> model = L.Linear(3, 2)
        >>> optimizer = optimizers.SGD(lr=0.1).setup(model)
        >>> model.b.update_rule.hyperparam.lr = 0.5
        >>> model.W.update_rule.hyperparam.lr, model.b.update_rule.hyperparam.lr
        (0.1, 0.5)
    """

    is_elementwise = False
    """True when each element of a parameter depends on its own gradient only, so that the state has its shape."""

    def __init__(self, parent_hyperparam: Hyperparameter | None = None) -> None:
        super().__init__()
        self.hyperparam = Hyperparameter(parent_hyperparam)
        self.enabled = True
        self.t = 0
        self._state: dict[str, Any] | None = None
        self._prepared_for: type | None = None  # array type that the state was made or last checked for
        self._use_fp32_update = False
        self._fp32_param: Variable | None = None

    @property
    def state(self) -> dict[str, Any] | None:
        """The arrays that the rule keeps from one update to the next, by name; None before the first update."""
        return self._state

    def init_state(self, param: Variable) -> None:
        """Fill `state` for a parameter; called at the first update.

        Args:
            param (Variable): the parameter.
        """

    def update(self, param: Variable) -> None:
        """Change a parameter by its gradient; one that has no gradient is left alone.

        For a parameter that has no array yet, `update_core` and the hooks are called too, but the update is not
        counted and there is no state; the rules of this package do nothing then.

        Args:
            param (Variable): the parameter.
        """
        # Here and below, fields are read to save calls of properties for every parameter at every step.
        x = param._array
        if x is None or not self.enabled or (param._grad is None and param.grad is None):
            if x is None and self.enabled:
                self._update_with_hooks(param)
            return
        leaf = param._node
        if leaf is not None:  # a graph made before it notices the update by this number (`in_place.py`)
            clock.updates = leaf._node_update = clock.updates + 1
        if self._use_fp32_update and x.dtype == np.float16:
            self._update_in_float32(param)
            return
        self.t += 1
        if type(x) is not self._prepared_for:
            self._prepare(param)
        if param._loss_scale is not None:
            unscale_grad(param)
        if self._pre_update_hooks or self._post_update_hooks:
            self._update_with_hooks(param)
        else:
            self.update_core(param)

    def _update_with_hooks(self, param: Variable) -> None:
        self._call_hooks('pre', param)
        self.update_core(param)
        self._call_hooks('post', param)

    def _call_hooks(self, timing: str, param: Variable) -> None:
        for hook in self._list_hooks(timing):
            hook(self, param)

    def _update_in_float32(self, param: Variable) -> None:
        """Update a float32 copy of a float16 parameter, and round it."""
        copied = self._fp32_param
        # Another float16 array than that of the last update: the parameter was loaded or changed in between.
        if copied is None or not np.array_equal(copied.array.astype(np.float16), param.array):
            copied = Variable(param.array.astype(np.float32), name=param.name)
            self._fp32_param = copied
        copied.grad = param.grad.astype(np.float32)
        copied._loss_scale = param._loss_scale
        param._loss_scale = None
        self.update(copied)
        copied.grad = None
        param.array[...] = copied.array

    def _prepare(self, param: Variable) -> None:
        """Make the state, or move an existing one to the parameter's device and check its shapes."""
        if self._state is None:
            self._state = {}
            self.init_state(param)
        device = devices.get_device_from_array(param.array)
        for name, value in self._state.items():
            if is_array(value):
                self._state[name] = device.send(value)
        self._check_shapes(param)
        # A GPU array may be on another GPU next time.
        self._prepared_for = np.ndarray if type(param.array) is np.ndarray else None

    def _check_shapes(self, param: Variable) -> None:
        if not self.is_elementwise or self._state is None:
            return
        for name, value in self._state.items():
            if is_array(value) and value.shape != param.shape:
                raise ValueError(
                    f'{type(self).__name__}: state {name} must have the shape of parameter {param.name}, '
                    f'{param.shape}, but it is {value.shape}. Was the optimizer loaded from the file of another model?'
                )

    def update_core(self, param: Variable) -> None:
        """Change a parameter: call `update_core_cpu` or `update_core_gpu`, as its array demands.

        It has a gradient, unless it has no array yet: then there is nothing to change.

        Args:
            param (Variable): the parameter.
        """
        if isinstance(param._array, np.ndarray) or param._array is None:
            self.update_core_cpu(param)
        else:
            self.update_core_gpu(param)

    def update_core_cpu(self, param: Variable) -> None:
        """Change a parameter whose array is a NumPy array.

        Args:
            param (Variable): the parameter.
        """
        raise NotImplementedError(f'{type(self).__name__} must define update_core(param) or update_core_cpu(param).')

    def update_core_gpu(self, param: Variable) -> None:
        """Change a parameter whose array is a CuPy array.

        Args:
            param (Variable): the parameter.
        """
        raise NotImplementedError(f'{type(self).__name__} must define update_core(param) or update_core_gpu(param).')

    def use_fp32_update(self, flag: bool = True) -> None:
        """Update a float16 parameter through a float32 copy, so that small steps are not rounded away.

        Args:
            flag (bool): whether to do so.
        """
        self._use_fp32_update = flag
        if not flag:
            self._fp32_param = None

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the number of updates and the state; a float32 copy has the key `chaingrad/fp32`.

        Args:
            serializer: the serializer or deserializer.
        """
        self.t = getattr(serializer, 'collect', serializer)('t', self.t)
        if isinstance(serializer, Deserializer):
            self._state = self._load_state(serializer) if self.t else None
            self._prepared_for = None
            self._fp32_param = None
        else:
            for name, value in (self._state or {}).items():
                serializer(name, value)
        if self._use_fp32_update:
            self._serialize_float32_copy(serializer['chaingrad'])

    def _load_state(self, serializer: Deserializer) -> dict[str, Any] | None:
        """Load the entries that `init_state` makes; None when one is missing, so that the next update makes them."""
        probe = copy.copy(self)
        probe._state = {}
        probe.init_state(Variable(np.zeros(1, np.float32), grad=np.zeros(1, np.float32)))
        load = getattr(serializer, 'collect', serializer) if self.enabled else serializer
        state = {}
        for name, value in probe._state.items():
            try:
                state[name] = load(name, None if is_array(value) else value)
            except KeyError:
                if self.enabled:
                    raise
                return None  # a disabled parameter that was never updated has no state in the file
        return None if any(value is None for value in state.values()) else state

    def _serialize_float32_copy(self, serializer: AbstractSerializer) -> None:
        if not isinstance(serializer, Deserializer):
            if self._fp32_param is not None:
                serializer('fp32', self._fp32_param.array)
            return
        try:
            array = serializer('fp32', None)
        except KeyError:  # a file of Chainer: the next update starts from the float16 parameter
            return
        self._fp32_param = None if array is None else Variable(array)

    def __repr__(self) -> str:
        values = [f'{name}={value!r}' for name, value in self.hyperparam.get_dict().items()]
        return f'{type(self).__name__}({", ".join([f"t={self.t}", *values])})'


class ElementwiseRule(UpdateRule):
    """Base of the rules of this package: a subclass writes its equation once, as `step`, for blocks of elements.

    `step(x, g, **state)` changes the parameter's elements `x` and the arrays of the state in place; it only reads the
    gradient `g`. Large parameters are passed in blocks of 131,072 elements, and float16 ones as float32.

    Args:
        parent_hyperparam (Hyperparameter): values that the rule inherits; None for the defaults of its optimizer.
        **values: hyperparameters of this rule alone; None for the inherited or default value.
    """

    is_elementwise = True
    defaults: ClassVar[Mapping[str, Any]] = MappingProxyType({})  # set by the optimizer class, from its signature
    state_names: tuple[str, ...] = ()
    uses_blocks = True  # whether it is faster in blocks, which stay in the cache, in spite of the loop over them
    loop = ''  # name of the same equation in kernels/loops.py, which takes what `numbers` returns

    def __init__(self, parent_hyperparam: Hyperparameter | None = None, **values: Any) -> None:
        for name in sorted(values):
            if name not in self.defaults:
                names = ', '.join(self.defaults)
                raise TypeError(f'{type(self).__name__}: there is no hyperparameter {name}. The names are: {names}.')
        super().__init__(parent_hyperparam)
        if parent_hyperparam is None:
            for name, value in self.defaults.items():
                setattr(self.hyperparam, name, value)
        for name, value in values.items():
            if value is not None:
                setattr(self.hyperparam, name, value)

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if 'step' in vars(cls) and 'loop' not in vars(cls):
            cls.loop = ''  # another equation

    def init_state(self, param: Variable) -> None:
        """Fill the state with arrays of zeros.

        Args:
            param (Variable): the parameter.
        """
        for name in self.state_names:
            self._state[name] = np.zeros_like(param.array)  # type: ignore[index]

    def step(self, x: Array, g: Array) -> None:
        """Change elements of the parameter by their gradients. Subclasses take the arrays of their state too."""
        raise NotImplementedError(f'{type(self).__name__} must define step(x, g, **state).')

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers that the loop takes after the arrays; None where it lacks an option that is set."""
        return None

    def update_core_cpu(self, param: Variable) -> None:
        """Change a parameter whose array is a NumPy array.

        Args:
            param (Variable): the parameter.
        """
        x = param._array
        g = param._grad
        if g is None:
            if x is None:  # not initialized yet
                return
            g = param.grad  # double backprop has left a Variable
        if x.size <= AT_ONCE and x.ndim and x.itemsize > 2:
            self.step(x, g, **self._state)  # type: ignore[arg-type]
        else:
            self._step_large(x, g, self._state)  # type: ignore[arg-type]

    update_core_gpu = update_core_cpu

    def _step_large(self, x: Array, g: Array, state: dict[str, Array]) -> None:
        numbers = self.numbers() if self.loop and len(state) == len(self.state_names) else None
        if numbers is not None and update(self.loop, x, g, tuple([state[n] for n in self.state_names]), numbers):
            return
        if self.uses_blocks or not x.ndim or x.itemsize == 2:
            self._step_in_blocks(x, g, state)
        else:
            self.step(x, g, **state)

    def _step_in_blocks(self, x: Array, g: Array, state: dict[str, Array]) -> None:
        arrays = [x, *state.values()]
        if all(array.flags.c_contiguous for array in arrays):
            flat_x, flat_g = x.reshape(-1), g.reshape(-1)
            flat_state = {name: array.reshape(-1) for name, array in state.items()}
            length = BLOCK if isinstance(x, np.ndarray) else max(x.size, 1)
        else:  # there is no flat view: one block, along an axis of length 1
            flat_x, flat_g = x[np.newaxis], g[np.newaxis]
            flat_state = {name: array[np.newaxis] for name, array in state.items()}
            length = 1
        for start in range(0, len(flat_x), length):
            block = slice(start, start + length)
            self._step_block(flat_x[block], flat_g[block], {name: a[block] for name, a in flat_state.items()})

    def _step_block(self, x: Array, g: Array, state: dict[str, Array]) -> None:
        if x.dtype != np.float16:
            self.step(x, g, **state)
            return
        upcast_x = x.astype(np.float32)
        upcast_state = {name: array.astype(np.float32) for name, array in state.items()}
        self.step(upcast_x, g.astype(np.float32), **upcast_state)
        x[...] = upcast_x
        for name, array in state.items():
            array[...] = upcast_state[name]


def unscale_grad(param: Variable) -> None:
    """Divide a gradient by the loss scale of the backward pass that computed it, once."""
    if param.grad is not None:
        param.grad[...] /= param._loss_scale
    param._loss_scale = None


def blend(average: Array, value: Array, rate: float | Array) -> None:
    """Move a running average towards a value, in place: average <- (1 - rate) average + rate value."""
    difference = value - average
    difference *= rate
    average += difference
