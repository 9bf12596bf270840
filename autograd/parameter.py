"""Parameter, a Variable that an optimizer updates and that may get its shape later."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from weakref import ref

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import device as devices
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.configuration import config, get_dtype
from chaingrad.autograd.initializer import generate_array, get_initializer
from chaingrad.autograd.variable import Variable


class _Copies:
    """The copies of one parameter without array, itself among them: they all get the array that one of them gets.

    The references are weak, so that a copy may die. Parameters that are deep-copied or unpickled together meet in a new
    group, apart from the originals.
    """

    def __init__(self) -> None:
        self._references: list[ref[Parameter]] = []

    def __reduce__(self) -> Any:
        return _Copies, ()

    def add(self, parameter: Parameter) -> None:
        """Take a parameter in."""
        parameter._copies = self
        self._references.append(ref(parameter))

    def members(self) -> list[Parameter]:
        """Return the parameters that still wait for their array."""
        living = [reference() for reference in self._references]
        return [parameter for parameter in living if parameter is not None and parameter._copies is self]


class Parameter(Variable):
    """A Variable that a link holds and an optimizer updates.

    Without a shape it stays uninitialized until `initialize(shape)` is called, as links do when they see their first
    input; shallow copies that were made before share what it gets. The gradient of a new parameter is NaN until it is
    cleared, so that a forgotten `cleargrads()` shows.

    Args:
        initializer: initializer, number or array (which is copied nowhere: it becomes the parameter's array). None
            leaves NaN.
        shape: shape of the array; None to leave it open.
        name (str): name of the parameter.

    Example:
        >>> import numpy as np, chaingrad
        >>> W = chaingrad.Parameter(np.array([[1.0, 2.0]], dtype=np.float32), name='W')
        >>> W
        variable W([[1., 2.]])
        >>> lazy = chaingrad.Parameter(0)
        >>> lazy.is_initialized
        False
        >>> lazy.initialize((2,))
        >>> lazy
        variable([0., 0.])
    """

    update_rule: Any = None
    initializer: Any = None
    _first_gradient: Any = float('nan')  # of a parameter without array: what its gradient will be filled with, or None
    _target_device: Any = None
    _copies: _Copies | None = None  # of a parameter without array: those that get the same one

    def __init__(self, initializer: Any = None, shape: Any = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self.initializer = get_initializer(initializer, float('nan'))
        if shape is not None:
            self.initialize(shape)
        elif is_array(initializer):
            self._start(initializer)

    def _set_array(self, array: Any) -> None:
        waiting = self._leave_copies() if self._copies is not None and array is not None else ()
        super()._set_array(array)
        for parameter in waiting:
            parameter._leave_copies()
            parameter.array = array

    array: Array = property(attrgetter('_array'), _set_array, doc='The array.')  # type: ignore[assignment]

    data = array

    def _sharing(self) -> list[Parameter]:
        """Return the parameters without array that get the same array as this one, itself among them."""
        return [self] if self._copies is None else self._copies.members()

    def _leave_copies(self) -> list[Parameter]:
        """Get another array than the copies will get; return them."""
        copies, self._copies = self._copies, None
        return [] if copies is None else copies.members()

    @property
    def is_initialized(self) -> bool:
        """Whether the parameter has its array."""
        return self._array is not None

    @property
    def dtype(self) -> Any:
        """Type of the elements; of a parameter without array, the one that its initializer was given.

        RuntimeError is raised where that is open.
        """
        if self._array is not None:
            return self._array.dtype
        of_initializer = getattr(self.initializer, 'dtype', None)
        if of_initializer is None:
            raise RuntimeError(
                f'Parameter.dtype of {self.name or "parameter"}: it has no array yet and its initializer has no dtype. '
                'Call initialize(shape), or give the initializer a dtype.'
            )
        return get_dtype(of_initializer)

    def initialize(self, shape: int | Sequence[int]) -> None:
        """Make the array.

        Args:
            shape: shape of the array.
        """
        device = self._target_device
        self._start(generate_array(self.initializer, shape, self.xp if device is None else device.xp, device=device))

    def _start(self, array: Any) -> None:
        started = self._sharing()
        self.array = array
        for parameter in started:
            parameter._fill_gradient()

    def _fill_gradient(self) -> None:
        if self._grad is None and self._grad_variable is None and self._first_gradient is not None:
            first = self.xp.full_like(self._array, self._first_gradient)
            self._set_grad(first)
            self._never_cleared = self._first_gradient != 0

    def _initialize_like(self, array: Any) -> None:
        self.initialize(array.shape)

    def cleargrad(self) -> None:
        """Forget the gradient (set it to None)."""
        super().cleargrad()
        if self._array is None:
            self._first_gradient = None

    def _fill_grad_with_zeros(self) -> None:
        super()._fill_grad_with_zeros()
        if self._array is None:
            self._first_gradient = 0.0

    def update(self) -> None:
        """Let the update rule that an optimizer has set change the array."""
        if self.update_rule is not None:
            self.update_rule.update(self)

    def to_device(self, device: Any) -> None:
        """Move array and gradient; a parameter without array will be made there."""
        device = devices.get_device(device)
        if device != (self._target_device or devices.CPU):
            self._leave_copies()
        self._target_device = device
        super().to_device(device)

    def _warn_never_cleared(self) -> None:
        if config.in_optimizer_update:
            return
        self._never_cleared = False
        warnings.warn(
            f'backward: the gradient of parameter {self.name or "without a name"} was never cleared and stays NaN. '
            'Call model.cleargrads() before backward().',
            RuntimeWarning,
            stacklevel=6,
        )

    def __copy__(self) -> Variable:
        """Copy the parameter: both have one array, also where they get it later."""
        copied = super().__copy__()
        if self._array is None:
            if self._copies is None:
                _Copies().add(self)
            self._copies.add(copied)  # type: ignore[union-attr, arg-type]
        return copied

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what deepcopy and pickling kept; enter the group of copies that were kept with it."""
        self.__dict__.update(state)
        if self._copies is not None:
            self._copies.add(self)
