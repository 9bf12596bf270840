"""Buckets: flat buffers in which gradients travel, several parameters of one dtype in each.

A gradient is copied into its bucket, the bucket's sum over the ranks is computed without waiting (Iallreduce), and the
sum, divided by the number of ranks, is written back over the gradient. A large gradient is a bucket of its own, and is
not copied: half of the cost on one machine was copying. All ranks have the same buckets and send them in
the same order, so results are the same bits from run to run and on all ranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.multi_node.safety.waiting import Waiting

__all__ = ['Bucket', 'Layout', 'Wire']

_LARGE = 1 << 18


class Wire:
    """How sums travel: an mpi4py communicator, and the dtype on the wire."""

    def __init__(self, mpi_comm: Any, mpi: Any, dtype: np.dtype[Any] | None) -> None:
        self.mpi_comm = mpi_comm
        self.dtype = dtype
        self.size = mpi_comm.size
        self._mpi = mpi
        self._half_sum: Any = None

    def start(self, buffer: Array) -> Any:
        """Begin to sum a buffer in place, and return the request."""
        if buffer.dtype != np.float16:
            return self.mpi_comm.Iallreduce(self._mpi.IN_PLACE, buffer)
        if self._half_sum is None:  # MPI has no sum of float16
            self._half_sum = self._mpi.Op.Create(_add_half, commute=True)
        return self.mpi_comm.Iallreduce(
            self._mpi.IN_PLACE, [buffer.view(np.uint16), self._mpi.UINT16_T], self._half_sum
        )


def _add_half(a: Any, b: Any, datatype: Any) -> None:
    y = np.frombuffer(b, np.float16)
    np.add(np.frombuffer(a, np.float16), y, out=y)


class Bucket:
    """A flat buffer and the parameters whose gradients it holds.

    Args:
        wire: how it travels.
        params: the parameters, of one dtype.
        number: its number, for messages.
        is_direct: whether the only gradient travels as it is, without being copied.
    """

    def __init__(self, wire: Wire, params: Sequence[Any], number: int, is_direct: bool) -> None:
        self.wire = wire
        self.params = list(params)
        self.number = number
        self.is_direct = is_direct
        self.missing = len(params)  # gradients that are not complete yet
        self.request: Any = None
        self.views: list[Array] = []
        size = 0 if is_direct else sum(p.array.size for p in params)
        self.buffer = np.zeros(size, wire.dtype or params[0].array.dtype)
        start = 0
        for param in () if is_direct else params:
            self.views.append(self.buffer[start : start + param.array.size].reshape(param.array.shape))
            start += param.array.size

    def pack(self) -> None:
        """Copy the gradients into the buffer; zeros where there is none."""
        if self.is_direct:
            grad = self.params[0].grad
            x = np.zeros_like(self.params[0].array, order='C') if grad is None else np.ascontiguousarray(grad)
            if grad is not None and x is not grad:
                self.params[0].grad = x
            self.views = [x]
            self.buffer = x.reshape(-1)
            return
        for view, param in zip(self.views, self.params):
            grad = param.grad
            if grad is None:
                view.fill(0)
            else:
                np.copyto(view, grad, casting='same_kind')

    def start(self) -> None:
        """Begin to sum over the ranks."""
        self.request = self.wire.start(self.buffer)

    def finish(self) -> None:
        """Wait for the sums."""
        if self.request is not None:
            with Waiting(f'the sum of gradients, bucket {self.number}'):
                self.request.Wait()
            self.request = None

    def unpack(self, zero_fill: bool, factor: float) -> None:
        """Write the sums, times a factor, over the gradients."""
        for view, param in zip(self.views, self.params):
            if param.grad is None:
                if not zero_fill:
                    continue
                param.grad = view if self.is_direct else np.empty_like(param.array)
            if param.grad is view:
                if factor != 1:
                    view *= factor
            elif factor == 1:
                np.copyto(param.grad, view)
            else:
                np.multiply(view, factor, out=param.grad, dtype=param.grad.dtype)


class Layout:
    """The buckets of some parameters.

    Args:
        wire: how they travel.
        params: the parameters, in the order in which their gradients are expected; those without an array are left out.
        bucket_bytes: a bucket that has reached this size is closed.
        copies: whether also large gradients are copied, because others are needed while they travel.
    """

    def __init__(self, wire: Wire, params: Sequence[Any], bucket_bytes: int, copies: bool = False) -> None:
        self.params = [p for p in params if p.array is not None]
        self._described = [(id(p), p.array.shape, p.array.dtype) for p in self.params]
        self._wire = wire
        self.buckets: list[Bucket] = []
        self._large = np.inf if copies else max(_LARGE, bucket_bytes // 8)
        open_ones: dict[Any, list[Any]] = {}
        for param in self.params:
            if self._is_large(param):
                self._close([param])
                continue
            waiting = open_ones.setdefault(param.array.dtype, [])
            waiting.append(param)
            if sum(p.array.nbytes for p in waiting) >= bucket_bytes:
                self._close(open_ones.pop(param.array.dtype))
        for waiting in open_ones.values():
            self._close(waiting)

    def _is_large(self, param: Any) -> bool:
        """Return whether a gradient is so large that to copy it takes longer than a message of its own."""
        same_dtype = self._wire.dtype in (None, param.array.dtype)
        return same_dtype and param.array.nbytes >= self._large

    def _close(self, params: list[Any]) -> None:
        is_direct = len(params) == 1 and self._is_large(params[0])
        self.buckets.append(Bucket(self._wire, params, len(self.buckets) + 1, is_direct))

    @property
    def n_ranks(self) -> int:
        """The number of ranks."""
        return int(self._wire.size)

    def fits(self, params: Sequence[Any]) -> bool:
        """Return whether the buckets are those of these parameters, in any order."""
        described = [(id(p), p.array.shape, p.array.dtype) for p in params if p.array is not None]
        return described == self._described or set(described) == set(self._described)

    def mean(self, zero_fill: bool) -> None:
        """Replace all gradients by their means: send all buckets, then take them back in the same order."""
        if not zero_fill:
            self.check_missing()
        for bucket in self.buckets:
            bucket.pack()
            bucket.start()
        self.finish(zero_fill, 1 / self._wire.size)

    def finish(self, zero_fill: bool, factor: float) -> None:
        """Wait for all buckets, and write the sums, times a factor, over the gradients."""
        for bucket in self.buckets:
            bucket.finish()
            bucket.unpack(zero_fill, factor)

    def check_missing(self) -> None:
        """Raise RuntimeError when a gradient is there on some ranks only."""
        has_gradient = np.array([p.grad is not None for p in self.params], np.int64)
        with Waiting('the count of gradients'):
            request = self._wire.start(total := has_gradient.copy())
            request.Wait()
        wrong = [p.name for p, n in zip(self.params, total.tolist()) if n % self._wire.size]
        if wrong:
            raise RuntimeError(
                f'multi_node_mean_grad: on some ranks, but not on all, these parameters have no gradient: '
                f'{", ".join(map(str, wrong[:5]))}. With zero_fill=True they count as zeros.'
            )
