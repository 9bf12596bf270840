"""Stand-ins for `cuda.ndarray`, `cuda.Device`, `cuda.Event`, `cuda.Stream` and `cuda.cupy` where CuPy is absent.

`isinstance(x, cuda.ndarray)` works with them, and is False. Making one raises an error that says what is missing. So do
the devices of the reference that chaingrad does not have.
"""

from __future__ import annotations

from typing import Any, NoReturn

from chaingrad.autograd.backends.cpu import Device as BaseDevice


def missing_cupy(caller: str, found: bool = False) -> RuntimeError:
    """Return the error for a call that needs a GPU; `found` says whether CuPy itself is there."""
    cause = 'CuPy is installed but finds no GPU' if found else 'CuPy is not installed'
    return RuntimeError(
        f'{caller}: a GPU is needed, but {cause}. '
        "Install the extra `gpu` (pip install 'chaingrad[gpu]') on a machine with CUDA, or stay on the CPU with NumPy."
    )


class ndarray:
    """The type of arrays on a GPU. Without CuPy no object has this type."""

    def __init__(self) -> None:
        raise missing_cupy('cuda.ndarray')

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        raise missing_cupy('cuda.ndarray.shape')

    @property
    def device(self) -> Any:
        """The GPU that holds the array."""
        raise missing_cupy('cuda.ndarray.device')

    def get(self, stream: Any = None) -> Any:
        """Copy the array to a NumPy array."""
        raise missing_cupy('cuda.ndarray.get')

    def set(self, arr: Any, stream: Any = None) -> None:
        """Copy a NumPy array into this one."""
        raise missing_cupy('cuda.ndarray.set')


class Device:
    """A GPU. Without CuPy it cannot be made."""

    def __init__(self, device: int | None = None) -> None:
        raise missing_cupy('cuda.Device')


class Stream:
    """A stream of GPU work. Without CuPy it cannot be made."""

    def __init__(self) -> None:
        raise missing_cupy('cuda.Stream')


class Event:
    """A mark in a stream of GPU work. Without CuPy it cannot be made."""

    def __init__(self) -> None:
        raise missing_cupy('cuda.Event')


class MissingCupy:
    """The stand-in for the module `cupy`: using anything of it raises an error that says what is missing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__'):
            raise AttributeError(name)
        raise missing_cupy(f'cuda.cupy.{name}')


class DummyDeviceType:
    """The device of arrays that are not on a GPU: its methods do nothing."""

    id = -1

    def __int__(self) -> int:
        return -1

    def __enter__(self) -> DummyDeviceType:
        return self

    def __exit__(self, *exc: Any) -> None:
        pass

    def use(self) -> None:
        """Do nothing."""

    def synchronize(self) -> None:
        """Do nothing."""

    def __repr__(self) -> str:
        return '<DummyDevice>'


DummyDevice = DummyDeviceType()


class ChainerxDevice(BaseDevice):
    """A device of ChainerX, which chaingrad does not have: `isinstance(device, ChainerxDevice)` is False.

    Args:
        device: a device of ChainerX.
    """

    def __init__(self, device: Any) -> None:
        raise _missing_chainerx('ChainerxDevice')

    @staticmethod
    def from_array(array: Any) -> None:
        """Return None: no array is of ChainerX."""

    @staticmethod
    def from_fallback_device(device: BaseDevice) -> NoReturn:
        """Refuse to make a device of ChainerX."""
        raise _missing_chainerx('ChainerxDevice.from_fallback_device')

    @property
    def fallback_device(self) -> BaseDevice:
        """The device without ChainerX."""
        raise _missing_chainerx('ChainerxDevice.fallback_device')


def _missing_chainerx(caller: str) -> RuntimeError:
    return RuntimeError(f'{caller}: chaingrad has no ChainerX arrays. Use get_device with @numpy or @cupy:0.')


class Intel64Device(BaseDevice):
    """A CPU with iDeep arrays, which chaingrad does not have: `isinstance(device, Intel64Device)` is False."""

    def __init__(self) -> None:
        raise RuntimeError('Intel64Device: chaingrad has no iDeep arrays. Use get_device with @numpy.')

    @staticmethod
    def from_array(array: Any) -> None:
        """Return None: no array is of iDeep."""
