"""A primitive with its memory objects, ready to be called with addresses; kept for each thread, bounded in number.

Making one takes a millisecond, calling it some microseconds. A primitive whose memory objects two threads set at a time
gives wrong results, so every thread has plans of its own, and one block of working memory that all of them share.
"""

from __future__ import annotations

import collections
import ctypes
import functools
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from chaingrad.functions.kernels.onednn.descriptors import (
    SCRATCHPAD,
    ExecutionArgument,
    Owned,
    Unsupported,
    api,
    argument_description,
    same_description,
    size_of,
)
from chaingrad.functions.kernels.onednn.shared_object import find_library

CAPACITY = 256  # plans kept by a thread
ALIGNMENT = 64

Made = TypeVar('Made')


class _Thread(threading.local):
    """What a thread keeps: its plans, the last used at the end, and working memory for any one of them."""

    def __init__(self) -> None:
        self.plans: collections.OrderedDict[Any, Any] = collections.OrderedDict()
        self.stream: Owned | None = None
        self.memory = np.empty(0, np.uint8)
        self.address = 0

    def reserve(self, size: int) -> int:
        """Return the address of at least `size` bytes of working memory."""
        if size + ALIGNMENT > len(self.memory):
            self.memory = np.empty(size + ALIGNMENT, np.uint8)
            address = self.memory.ctypes.data
            self.address = address + -address % ALIGNMENT
        return self.address


_thread = _Thread()
_is_off = False  # in a forked child whose parent's library cannot be used


def _after_fork() -> None:
    """Forget the plans in a forked child, and compute with one thread or not at all."""
    global _is_off
    _thread.plans.clear()
    found = find_library()
    _is_off = found is not None and not found.is_safe_after_fork()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_after_fork)


def is_usable() -> bool:
    """Return whether this process may compute with the library."""
    return not _is_off


def kept(make: Callable[..., Made]) -> Callable[..., Made | None]:
    """Let `make` be called once in a thread for the same arguments; None where oneDNN cannot make it."""

    @functools.wraps(make)
    def get(*key: Any) -> Made | None:
        plans = _thread.plans
        entry = (make, key)
        try:
            plan = plans[entry]
            plans.move_to_end(entry)
        except KeyError:
            try:
                plan = None if _is_off else make(*key)
            except Unsupported:
                plan = None
            plans[entry] = plan
            if len(plans) > CAPACITY:
                plans.popitem(last=False)
        return plan

    return get


class Plan:
    """A primitive and the changes of memory order around it. Called with addresses: the inputs', then the outputs'.

    Args:
        primitive: what the primitive does.
        inputs, outputs: pairs of an argument's number and the description of the caller's array; None where the caller
            has the order that the primitive wants.
        zeroed: the arguments that the primitive adds to; callers give arrays of zeros for them.
    """

    def __init__(
        self,
        primitive: Owned,
        inputs: Sequence[tuple[int, Owned | None]],
        outputs: Sequence[tuple[int, Owned | None]],
        zeroed: Sequence[int] = (),
    ) -> None:
        self._set = api().quick.dnnl_memory_set_data_handle
        self._execute = api().calls.dnnl_primitive_execute
        self._given: list[int | None] = []  # the memories of the caller's arrays
        self._inner: list[tuple[int | None, int]] = []  # memories in the working memory, and where
        self._zeroed: list[tuple[int, int]] = []  # where in the working memory zeros are to be, and how many
        self._kept: list[Any] = []
        self._size = 0
        self._address = 0
        before: list[tuple[Any, ...]] = []
        after: list[tuple[Any, ...]] = []
        main: list[tuple[int, Owned]] = []
        for i, (argument, outer) in enumerate([*inputs, *outputs]):
            wanted = argument_description(primitive, argument)
            if outer is None or same_description(outer, wanted):
                memory = self._memory(wanted)
                self._given.append(memory.value)
            else:
                if argument in zeroed:
                    self._zeroed.append((self._size, size_of(wanted)))
                given, memory = self._memory(outer), self._working(wanted)
                self._given.append(given.value)
                if i < len(inputs):
                    before.append(self._reorder(outer, wanted, given, memory))
                else:
                    after.append(self._reorder(wanted, outer, memory, given))
            main.append((argument, memory))
        scratchpad = argument_description(primitive, SCRATCHPAD)
        if size_of(scratchpad):
            main.append((SCRATCHPAD, self._working(scratchpad)))
        self._steps = [*before, self._step(primitive, main), *after]

    def _memory(self, description: Any) -> Owned:
        memory = Owned('memory', api().calls.dnnl_memory_create, description, api().engine, None)
        self._kept.append(memory)
        return memory

    def _working(self, description: Any) -> Owned:
        memory = self._memory(description)
        self._inner.append((memory.value, self._size))
        size = size_of(description)
        self._size += size + -size % ALIGNMENT
        return memory

    def _step(self, description: Owned, arguments: list[tuple[int, Owned]]) -> tuple[Any, ...]:
        primitive = Owned('primitive', api().calls.dnnl_primitive_create, description)
        array = (ExecutionArgument * len(arguments))(*[ExecutionArgument(n, m.value) for n, m in arguments])
        self._kept += [primitive, array]
        return primitive.value, len(arguments), array

    def _reorder(self, source: Any, target: Any, source_memory: Owned, target_memory: Owned) -> tuple[Any, ...]:
        engine = api().engine
        create = api().calls.dnnl_reorder_primitive_desc_create
        description = Owned('primitive_desc', create, source, engine, target, engine, None)
        return self._step(description, [(1, source_memory), (17, target_memory)])

    def __call__(self, *addresses: int) -> None:
        address = _thread.reserve(self._size)
        if address != self._address:
            for memory, offset in self._inner:
                self._set(memory, address + offset)
            self._address = address
        for memory, given in zip(self._given, addresses, strict=True):
            self._set(memory, given)
        for offset, size in self._zeroed:
            ctypes.memset(address + offset, 0, size)
        stream = _thread.stream
        if stream is None:
            stream = _thread.stream = Owned('stream', api().calls.dnnl_stream_create, api().engine, 1)
        for primitive, count, arguments in self._steps:
            if self._execute(primitive, stream.value, count, arguments):
                raise RuntimeError('oneDNN failed to compute. Set config.use_ideep = "never" to do without it.')
