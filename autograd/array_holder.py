"""The array that a Variable holds: its shape, dtype and device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaingrad.autograd.backends import device as devices
from chaingrad.autograd.prompt import not_an_array

if TYPE_CHECKING:
    from chaingrad.autograd.variable_node import VariableNode


class ArrayHolder:
    """The part of Variable that speaks of its array."""

    _array: Any
    _node: VariableNode | None
    grad: Any

    def _set_grad(self, g: Any) -> None:
        """Variable sets its gradient."""

    @property
    def array(self) -> Any:
        """The array."""
        return self._array

    @array.setter
    def array(self, array: Any) -> None:
        if array is not None and not devices.is_array(array):
            raise TypeError(not_an_array(array))
        self._array = array
        if self._node is not None:
            self._node._renew(array)

    data = array

    @property
    def raw_array(self) -> Any:
        """The array; the reference's name for it without a copy between devices."""
        return self._array

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self._array.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._array.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._array.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> Any:
        """Type of the elements."""
        return self._array.dtype

    def item(self) -> Any:
        """Return the only element as a Python number.

        Raises:
            ValueError: when there is not exactly one element.
        """
        if self._array.size != 1:
            raise ValueError(f'item: the Variable must have one element, but its shape is {self.shape}.')
        return self._array.item()

    @property
    def xp(self) -> Any:
        """The array module: numpy, or cupy for an array on a GPU."""
        return devices.get_array_module(self._array)

    @property
    def device(self) -> Any:
        """The device that holds the array."""
        return devices.get_device_from_array(self._array)

    def to_cpu(self) -> None:
        """Move the array and the gradient to NumPy."""
        self.to_device('@numpy')

    def to_gpu(self, device: Any = None) -> None:
        """Move the array and the gradient to a GPU.

        Args:
            device (int): number of the GPU; the current one when None.
        """
        self.to_device(('@cupy', 0 if device is None else int(device)))

    def to_device(self, device: Any) -> None:
        """Move the array and the gradient to a device, such as `'@numpy'` or `'@cupy:0'`."""
        device = devices.get_device(device)
        if self._array is not None:
            self.array = device.send(self._array)
        if self.grad is not None:
            self._set_grad(device.send(self.grad))
