"""UpdateRule, which changes one parameter by its gradient, and the base of the rules that work element by element."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from chaingrad.autograd.backends import device as devices
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.variable import Variable
from chaingrad.links.serializers.serializer import AbstractSerializer, Deserializer
from chaingrad.optimizers.hookable import Hookable
from chaingrad.optimizers.hyperparameter import Hyperparameter

BLOCK = 32_768
"""How many elements are updated at a time: few enough for the intermediate results to stay in the cache."""


class UpdateRule(Hookable):
    """Base of the rules that change a parameter by its gradient.

    Every parameter has a rule of its own, `param.update_rule`, which holds the parameter's state (such as its momentum)
    and hyperparameters. A subclass defines `init_state`, which fills the dict `state`, and `update_core`, or
    `update_core_cpu` and `update_core_gpu`.

    Attributes:
        hyperparam (Hyperparameter): the rule's values; what is not set here is the optimizer's.
        enabled (bool): whether `update` does anything. `link.disable_update()` clears it.
        t (int): number of updates so far.

    Args:
        parent_hyperparam (Hyperparameter): where values come from that are not set in the rule.

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
    """Whether every element of a parameter is changed by its own gradient alone."""

    def __init__(self, parent_hyperparam: Hyperparameter | None = None) -> None:
        super().__init__()
        self.hyperparam = Hyperparameter(parent_hyperparam)
        self.enabled = True
        self.t = 0
        self._state: dict[str, Any] | None = None
        self._prepared_for: type | None = None  # the array type that the state was last made or checked for
        self._use_fp32_update = False
        self._fp32_param: Variable | None = None

    @property
    def state(self) -> dict[str, Any] | None:
        """What the rule remembers of its parameter, arrays by name; None before the first update."""
        return self._state

    def init_state(self, param: Variable) -> None:
        """Fill `state` for a parameter; called at the first update.

        Args:
            param (Variable): the parameter.
        """

    def update(self, param: Variable) -> None:
        """Change a parameter by its gradient; without an array or a gradient it is left alone.

        Args:
            param (Variable): the parameter.
        """
        x = param.array
        if x is None or param.grad is None or not self.enabled:
            return
        if self._use_fp32_update and x.dtype == np.float16:
            self._update_in_float32(param)
            return
        self.t += 1
        if type(x) is not self._prepared_for:
            self._prepare(param)
        if param._loss_scale is not None:
            unscale_grad(param)
        if self._pre_update_hooks:
            self._call_hooks(self._pre_update_hooks, param)
        self.update_core(param)
        if self._post_update_hooks:
            self._call_hooks(self._post_update_hooks, param)

    def _call_hooks(self, hooks: dict[str, Any], param: Variable) -> None:
        for hook in tuple(hooks.values()):
            hook(self, param)

    def _update_in_float32(self, param: Variable) -> None:
        """Update a float32 twin of a float16 parameter, and round it."""
        twin = self._fp32_param
        if twin is None or not np.array_equal(twin.array.astype(np.float16), param.array):  # new, or loaded meanwhile
            twin = self._fp32_param = Variable(param.array.astype(np.float32), name=param.name)
        twin.grad = param.grad.astype(np.float32)
        twin._loss_scale, param._loss_scale = param._loss_scale, None
        self.update(twin)
        twin.grad = None
        param.array[...] = twin.array

    def _prepare(self, param: Variable) -> None:
        """Make the state, or see that the state there is fits the parameter's device and shape."""
        if self._state is None:
            self._state = {}
            self.init_state(param)
        device = devices.get_device_from_array(param.array)
        for name, value in self._state.items():
            if is_array(value):
                self._state[name] = device.send(value)
        self._check_shapes(param)
        # Only the CPU is sure to be the same device next time.
        self._prepared_for = np.ndarray if type(param.array) is np.ndarray else None

    def _check_shapes(self, param: Variable) -> None:
        for name, value in (self._state or {}).items():
            if self.is_elementwise and is_array(value) and value.shape != param.shape:
                raise ValueError(
                    f'{type(self).__name__}: state {name} must have the shape of parameter {param.name}, '
                    f'{param.shape}, but it is {value.shape}. Was the optimizer loaded from the file of another model?'
                )

    def update_core(self, param: Variable) -> None:
        """Change a parameter that has a gradient: by `update_core_cpu` or `update_core_gpu`, where its array is.

        Args:
            param (Variable): the parameter.
        """
        if isinstance(param.array, np.ndarray):
            self.update_core_cpu(param)
        else:
            self.update_core_gpu(param)

    def update_core_cpu(self, param: Variable) -> None:
        """Change a parameter whose array is NumPy's.

        Args:
            param (Variable): the parameter.
        """
        raise NotImplementedError(f'{type(self).__name__} must define update_core(param) or update_core_cpu(param).')

    def update_core_gpu(self, param: Variable) -> None:
        """Change a parameter whose array is CuPy's.

        Args:
            param (Variable): the parameter.
        """
        raise NotImplementedError(f'{type(self).__name__} must define update_core(param) or update_core_gpu(param).')

    def use_fp32_update(self, flag: bool = True) -> None:
        """Update a float16 parameter through a float32 twin, so that small steps are not rounded away.

        Args:
            flag (bool): whether to.
        """
        self._use_fp32_update = flag
        if not flag:
            self._fp32_param = None

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the number of updates and the state; a float32 twin goes to `chaingrad/fp32`.

        Args:
            serializer: the serializer or deserializer.
        """
        self.t = getattr(serializer, 'collect', serializer)('t', self.t)
        if isinstance(serializer, Deserializer):
            self._state = self._load_state(serializer) if self.t else None
            self._prepared_for = self._fp32_param = None
        else:
            for name, value in (self._state or {}).items():
                serializer(name, value)
        if self._use_fp32_update:
            self._serialize_twin(serializer['chaingrad'])

    def _load_state(self, serializer: Deserializer) -> dict[str, Any] | None:
        """Load the entries that `init_state` makes; None when they are not there, for the next update to make them."""
        probe = copy.copy(self)
        probe._state = {}
        probe.init_state(Variable(np.zeros(1, np.float32), grad=np.zeros(1, np.float32)))
        state = {}
        visit = getattr(serializer, 'collect', serializer) if self.enabled else serializer
        try:
            for name, value in probe._state.items():
                state[name] = visit(name, None if is_array(value) else value)
        except KeyError:
            if self.enabled:
                raise
        return None if len(state) < len(probe._state) or any(v is None for v in state.values()) else state

    def _serialize_twin(self, serializer: AbstractSerializer) -> None:
        twin = self._fp32_param
        if not isinstance(serializer, Deserializer):
            if twin is not None:
                serializer('fp32', twin.array)
            return
        try:
            array = serializer('fp32', None)
        except KeyError:  # a file of the reference: the next update rounds from float16
            return
        self._fp32_param = None if array is None else Variable(array)

    def __repr__(self) -> str:
        values = ''.join(f', {name}={value!r}' for name, value in self.hyperparam.get_dict().items())
        return f'{type(self).__name__}(t={self.t}{values})'


class ElementwiseRule(UpdateRule):
    """Base of the rules of this package: a subclass writes its equation once, as `step`, for blocks of elements.

    `step(x, g, **state)` changes the parameter's elements `x` and the arrays of the state in place; the gradient
    `g` it only reads. Large parameters come in blocks of 32,768 elements, and float16 ones as float32.

    Args:
        parent_hyperparam (Hyperparameter): where values come from that are not given; by default the values
            that the rule's optimizer has by default.
        **values: hyperparameters of this rule alone.
    """

    is_elementwise = True
    defaults: Mapping[str, Any] = MappingProxyType({})
    state_names: tuple[str, ...] = ()
    blocks_pay = True  # whether blocks, which stay in the cache, gain more than their loop costs

    def __init__(self, parent_hyperparam: Hyperparameter | None = None, **values: Any) -> None:
        if unknown := values.keys() - self.defaults.keys():
            who, names = type(self).__name__, ', '.join(self.defaults)
            raise TypeError(f'{who}: there is no hyperparameter {min(unknown)}. The names are: {names}.')
        values = {name: value for name, value in values.items() if value is not None}
        super().__init__(parent_hyperparam)
        for name, value in (values if parent_hyperparam is not None else {**self.defaults, **values}).items():
            setattr(self.hyperparam, name, value)

    def init_state(self, param: Variable) -> None:
        """Start every array of the state with zeros.

        Args:
            param (Variable): the parameter.
        """
        for name in self.state_names:
            self._state[name] = np.zeros_like(param.array)  # type: ignore[index]

    def step(self, x: Any, g: Any) -> None:
        """Change elements of the parameter by those of the gradient. Subclasses take their state as keywords."""
        raise NotImplementedError(f'{type(self).__name__} must define step(x, g, **state).')

    def update_core_cpu(self, param: Variable) -> None:
        """Change a parameter whose array is NumPy's.

        Args:
            param (Variable): the parameter.
        """
        x, g = param.array, param.grad
        if (x.size <= BLOCK or not self.blocks_pay) and x.ndim and x.itemsize > 2:
            self.step(x, g, **self._state)  # type: ignore[arg-type]
        else:
            self._step_in_blocks(x, g, self._state)  # type: ignore[arg-type]

    update_core_gpu = update_core_cpu

    def _step_in_blocks(self, x: Any, g: Any, state: dict[str, Any]) -> None:
        arrays = [x, g, *state.values()]
        if all(a.flags.c_contiguous for a in (x, *state.values())):
            flat = [a.reshape(-1) for a in arrays]
            length = BLOCK if isinstance(x, np.ndarray) else max(x.size, 1)
        else:  # there is no flat view: one block
            flat, length = [a[np.newaxis] for a in arrays], 1
        for start in range(0, len(flat[0]), length):
            blocks = [a[start : start + length] for a in flat]
            wide = [b.astype(np.float32) for b in blocks] if x.dtype == np.float16 else blocks
            self.step(wide[0], wide[1], **dict(zip(state, wide[2:])))
            if wide is not blocks:
                for block, result in zip(blocks, wide):
                    block[...] = result  # the gradient's too, which is as it was


def unscale_grad(param: Variable) -> None:
    """Divide a gradient by the loss scale of the backward pass that made it, once."""
    if param.grad is not None:
        param.grad[...] /= param._loss_scale
    param._loss_scale = None


def blend(average: Any, value: Any, rate: Any) -> None:
    """Move a running average towards a value, in place: average <- average + rate (value - average)."""
    difference = value - average
    difference *= rate
    average += difference
