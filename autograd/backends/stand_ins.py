"""What `cuda.ndarray`, `cuda.Device` and `cuda.Stream` are while CuPy is absent.

They keep `isinstance(x, cuda.ndarray)` working (it is False) and say what is missing when one is made.
"""

from __future__ import annotations

from typing import Any


def missing_cupy(who: str, found: bool = False) -> RuntimeError:
    """Return the error for a request that needs a GPU."""
    cause = 'CuPy is installed but finds no GPU' if found else 'CuPy is not installed'
    return RuntimeError(
        f'{who}: a GPU is needed, but {cause}. '
        "Install the extra `gpu` (pip install 'chaingrad[gpu]') on a machine with CUDA, or stay on the CPU with NumPy."
    )


class ndarray:
    """The type of arrays on a GPU. Without CuPy no object is of this type."""

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
    """A GPU. Without CuPy none can be made."""

    def __init__(self, device: int | None = None) -> None:
        raise missing_cupy('cuda.Device')


class Stream:
    """A stream of GPU work. Without CuPy none can be made."""

    def __init__(self) -> None:
        raise missing_cupy('cuda.Stream')


class MissingCupy:
    """Stands for the module `cupy` while it is absent: the first use says what is missing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__'):
            raise AttributeError(name)
        raise missing_cupy(f'cuda.cupy.{name}')


class DummyDeviceType:
    """The device of arrays that are on no GPU: every method does nothing."""

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
