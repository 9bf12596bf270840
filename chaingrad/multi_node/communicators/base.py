"""CommunicatorBase: what a communicator can do. Programs are written against it; `MpiCommunicator` does it."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

__all__ = ['CommunicatorBase']


class CommunicatorBase:
    """The ranks of a run, and the ways in which they exchange arrays, objects and gradients.

    Every rank calls the same collective methods in the same order. `create_communicator` makes one.

    Methods whose names end in `_obj` send any object that can be pickled; the others send NumPy arrays, or tuples of
    them, without pickling.

    Example:
        >>> from chaingrad import multi_node
        >>> comm = multi_node.create_communicator()
        >>> comm.rank, comm.size
        (0, 1)
    """

    _within_config_scope = False

    def __deepcopy__(self, memo: dict[int, Any]) -> CommunicatorBase:
        """Copies of links and extensions share their communicator."""
        return self

    def _missing(self, name: str) -> Any:
        raise NotImplementedError(f'{type(self).__name__} must define {name}.')

    @property
    def rank(self) -> int:
        """The number of this rank, from 0."""
        return self._missing('rank')

    @property
    def size(self) -> int:
        """The number of ranks."""
        return self._missing('size')

    @property
    def intra_rank(self) -> int:
        """The number of this rank on its machine."""
        return self._missing('intra_rank')

    @property
    def intra_size(self) -> int:
        """The number of ranks on this machine."""
        return self._missing('intra_size')

    @property
    def inter_rank(self) -> int:
        """The number of this machine."""
        return self._missing('inter_rank')

    @property
    def inter_size(self) -> int:
        """The number of machines."""
        return self._missing('inter_size')

    # Options

    def set_config(self, name: str, **kwargs: Any) -> None:
        """Set an option; a communicator names those that it has."""
        raise ValueError(f'{type(self).__name__}.set_config: there is no option {name!r}.')

    def get_config(self, name: str | None = None) -> Any:
        """Return an option."""
        raise ValueError(f'{type(self).__name__}.get_config: there is no option {name!r}.')

    @contextlib.contextmanager
    def config_scope(self) -> Iterator[None]:
        """Mark a block in which attributes are options."""
        before = self._within_config_scope
        self._within_config_scope = True
        try:
            yield
        finally:
            self._within_config_scope = before

    @property
    def within_config_scope(self) -> bool:
        """Whether the program is inside `config_scope()`."""
        return self._within_config_scope

    def split(self, color: int, key: int) -> CommunicatorBase:
        """Return a communicator of the ranks that give the same color, in the order of their keys."""
        return self._missing('split(color, key)')

    def finalize(self) -> None:
        """End the use of this communicator."""

    # Arrays

    def send(self, data: Any, dest: int, tag: int) -> None:
        """Send an array, or a tuple of arrays, to a rank."""
        self._missing('send(data, dest, tag)')

    def recv(self, source: int, tag: int) -> Any:
        """Return what a rank has sent: an array, or a tuple of arrays."""
        return self._missing('recv(source, tag)')

    def bcast(self, data: Any, max_buf_len: int | None = None, root: int = 0) -> Any:
        """Return the array of the root."""
        return self._missing('bcast(data, max_buf_len, root)')

    def gather(self, data: Any, root: int = 0) -> tuple[Any, ...] | None:
        """Return the arrays of all ranks at the root; None elsewhere."""
        return self._missing('gather(data, root)')

    def allgather(self, x: Any) -> tuple[Any, ...]:
        """Return the arrays of all ranks, in the order of the ranks."""
        return self._missing('allgather(x)')

    def alltoall(self, xs: Any) -> tuple[Any, ...]:
        """Send array i of a tuple to rank i, and return what came, in the order of the ranks."""
        return self._missing('alltoall(xs)')

    def scatter(self, xs: Any, root: int = 0) -> Any:
        """Return the array that the root's tuple has for this rank."""
        return self._missing('scatter(xs, root)')

    def allreduce(self, data: Any) -> Any:
        """Return the sum of the arrays of all ranks."""
        return self._missing('allreduce(data)')

    # Objects

    def send_obj(self, obj: Any, dest: int, tag: int) -> None:
        """Send an object to a rank."""
        self._missing('send_obj(obj, dest, tag)')

    def recv_obj(self, source: int, tag: int) -> Any:
        """Return the object that a rank has sent."""
        return self._missing('recv_obj(source, tag)')

    def bcast_obj(self, obj: Any, max_buf_len: int | None = None, root: int = 0) -> Any:
        """Return the object of the root."""
        return self._missing('bcast_obj(obj, max_buf_len, root)')

    def gather_obj(self, obj: Any, root: int = 0) -> list[Any] | None:
        """Return the objects of all ranks at the root; None elsewhere."""
        return self._missing('gather_obj(obj, root)')

    def allreduce_obj(self, obj: Any) -> Any:
        """Return the sum of the objects of all ranks."""
        return self._missing('allreduce_obj(obj)')

    # Models

    def bcast_data(self, model: Any) -> None:
        """Give the parameters of a model the values of rank 0."""
        self._missing('bcast_data(model)')

    def broadcast_data(self, model: Any) -> None:
        """Give the parameters the values of rank 0; deprecated, use `bcast_data`."""
        warnings.warn('broadcast_data is deprecated. Use bcast_data instead.', DeprecationWarning, stacklevel=2)
        self.bcast_data(model)

    def multi_node_mean_grad(self, model: Any, zero_fill: bool = False) -> None:
        """Replace the gradients of a model's parameters by their means over the ranks."""
        self._missing('multi_node_mean_grad(model, zero_fill)')

    def allreduce_grad(self, model: Any, zero_fill: bool = False) -> None:
        """Replace the gradients by their means; deprecated, use `multi_node_mean_grad`."""
        warnings.warn(
            'allreduce_grad is deprecated. Use multi_node_mean_grad instead.', DeprecationWarning, stacklevel=2
        )
        self.multi_node_mean_grad(model, zero_fill)
