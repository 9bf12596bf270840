"""Function hooks: TimerHook measures time, PrintHook prints inputs and gradients."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any, ClassVar, TextIO

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_hook import FunctionHook
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable

_STDOUT = sys.stdout


def _stream(file: TextIO) -> TextIO:
    """Return the file to print to: for the default the present `sys.stdout`, which may have been redirected."""
    return sys.stdout if file is _STDOUT else file


def finish_gpu_work(arrays: Sequence[Array | None]) -> None:
    """Wait for the GPU, which computes while Python goes on."""
    xp = get_array_module(*arrays)
    if xp.__name__ == 'cupy':
        xp.cuda.get_current_stream().synchronize()


class CallTimes:
    """Base of the hooks that measure time: a clock for nested calls, and the table of the times.

    `call_history` lists pairs of a name and its seconds, in the order in which the calls ended.
    """

    table = {'sec': 1, 'ms': 10**3, 'us': 10**6, 'ns': 10**9}
    _column: ClassVar[str]  # heading of the names in the report

    def __init__(self) -> None:
        self.call_history: list[tuple[str, float]] = []
        self._starts: list[float] = []

    def _start(self) -> None:
        self._starts.append(time.perf_counter())

    def _stop(self, name: str) -> float:
        elapsed = time.perf_counter() - self._starts.pop()
        self.call_history.append((name, elapsed))
        return elapsed

    def deleted(self, owner: Any = None) -> None:
        """Forget calls that an exception interrupted."""
        self._starts.clear()

    def summary(self) -> dict[str, dict[str, Any]]:
        """Return for each name its `elapsed_time` in seconds and its `occurrence`, the number of calls."""
        table: dict[str, dict[str, Any]] = {}
        for name, seconds in self.call_history:
            row = table.setdefault(name, {'elapsed_time': 0.0, 'occurrence': 0})
            row['elapsed_time'] += seconds
            row['occurrence'] += 1
        return table

    def _unit_for(self, seconds: float) -> str:
        """Return the largest unit in which the time is at least 1."""
        for unit, factor in self.table.items():
            if seconds * factor >= 1:
                return unit
        return 'ns'

    def print_report(self, unit: str = 'auto', file: TextIO = sys.stdout) -> None:
        """Print the summary as a table.

        Args:
            unit (str): `'sec'`, `'ms'`, `'us'` or `'ns'`; `'auto'` chooses one for the table, `'auto_foreach'` one for
                each row.
            file: text file to print to.

        Raises:
            ValueError: when the unit is unknown.
        """
        if unit not in ('auto', 'auto_foreach', *self.table):
            raise ValueError(
                f"TimerHook.print_report: unit must be 'auto', 'auto_foreach', 'sec', 'ms', 'us' or 'ns', not {unit!r}."
            )
        summary = self.summary()
        if unit == 'auto':
            unit = self._unit_for(max((row['elapsed_time'] for row in summary.values()), default=1.0))
        lines = [(self._column, 'ElapsedTime', 'Occurrence')]
        for name, row in summary.items():
            seconds = row['elapsed_time']
            row_unit = self._unit_for(seconds) if unit == 'auto_foreach' else unit
            lines.append((name, f'{seconds * self.table[row_unit]:.2f}{row_unit}', str(row['occurrence'])))
        widths = [max([len(text) for text in column]) for column in zip(*lines)]
        for line in lines:
            print('  '.join([text.rjust(width) for text, width in zip(line, widths)]), file=_stream(file))


class TimerHook(CallTimes, FunctionHook):
    """Measure the time of every forward and backward computation.

    `call_history` lists pairs of a function's name and its seconds, in the order of the calls.

    Example:
        >>> import numpy as np
        >>> from chaingrad import Variable
        >>> from chaingrad.functions.function_hooks import TimerHook
        >>> x = Variable(np.ones((2, 3)))
        >>> with TimerHook() as hook:
        ...     y = x * x
        >>> [name for name, seconds in hook.call_history]
        ['Mul']
        >>> hook.summary()['Mul']['occurrence']
        1
    """

    name = 'TimerHook'
    _column = 'FunctionName'

    def forward_preprocess(self, function: FunctionNode, in_data: Sequence[Array | None]) -> None:
        finish_gpu_work(in_data)
        self._start()

    def forward_postprocess(self, function: FunctionNode, in_data: Sequence[Array | None]) -> None:
        finish_gpu_work(in_data)
        self._stop(_name_of(function))

    def backward_preprocess(
        self, function: FunctionNode, in_data: Sequence[Array | None], out_grad: Sequence[Array | None]
    ) -> None:
        self.forward_preprocess(function, (*in_data, *out_grad))

    def backward_postprocess(
        self, function: FunctionNode, in_data: Sequence[Array | None], out_grad: Sequence[Array | None]
    ) -> None:
        self.forward_postprocess(function, (*in_data, *out_grad))

    def total_time(self) -> float:
        """Return the total time of all calls in seconds."""
        return sum(seconds for _, seconds in self.call_history)


def _name_of(function: FunctionNode) -> str:
    """Return the name of the class of a function; for the node of an old-style Function that of the Function."""
    return type(getattr(function, 'function', function)).__name__


class PrintHook(FunctionHook):
    """Print each function's name, inputs and gradients before it computes.

    Args:
        sep (str): as in `print`.
        end (str): as in `print`.
        file: text file to print to.
        flush (bool): whether to flush the file after every line.

    Example:
        >>> import numpy as np
        >>> from chaingrad import Variable
        >>> from chaingrad.functions.function_hooks import PrintHook
        >>> x = Variable(np.ones((2, 3)))
        >>> with PrintHook():
        ...     y = x * x  # doctest: +ELLIPSIS, +NORMALIZE_WHITESPACE
        function _ * _
        input data
        ...
    """

    name = 'PrintHook'

    def __init__(self, sep: str | None = None, end: str = '\n', file: TextIO = sys.stdout, flush: bool = True) -> None:
        self.sep = sep
        self.end = end
        self.file = file
        self.flush = flush

    def _print(self, text: str) -> None:
        print(text, sep=self.sep, end=self.end, file=_stream(self.file), flush=self.flush)

    def _print_arrays(self, title: str, arrays: Sequence[Array | None]) -> None:
        self._print(title)
        for array in arrays:
            self._print('(removed)' if array is None else Variable(array).debug_print())

    def forward_preprocess(self, function: FunctionNode, in_data: Sequence[Array | None]) -> None:
        self._print(f'function\t{function.label}')
        self._print_arrays('input data', in_data)

    def backward_preprocess(
        self, function: FunctionNode, in_data: Sequence[Array | None], out_grad: Sequence[Array | None]
    ) -> None:
        self._print(f'function\t{function.label}')
        self._print_arrays('input data', in_data)
        self._print_arrays('output gradient', out_grad)
