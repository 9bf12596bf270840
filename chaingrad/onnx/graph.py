"""The graph that is being written, in plain Python: nodes, initializers and names. It needs no onnx.

`Graph` holds what the file will hold; `Call` is what a converter gets: one function, and the methods that add nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.onnx.recording import Step, output_shapes
from chaingrad.onnx.tracing import is_traced

__all__ = ['Call', 'Graph', 'NotExportable', 'Operator', 'Row']


class NotExportable(ValueError):
    """A function has no counterpart in ONNX, or the graph depends on values outside it."""


@dataclass
class Operator:
    """One node of the ONNX graph."""

    kind: str
    inputs: list[str]
    outputs: list[str]
    name: str
    attributes: dict[str, Any]


@dataclass
class Row:
    """A value that is row `index` of a batch: programs make lists of sequences so, as many as the batch has rows.

    A function that takes all rows of a batch in order is written for the batch; any other use of a row is refused.
    """

    base: str
    index: int
    call: Call


@dataclass
class Graph:
    """Operators in order and arrays by name; `batch` is the size of the batch in both passes."""

    opset: int
    batch: tuple[int, int]
    batch_input: str = ''
    operators: list[Any] = field(default_factory=list)  # Operators, and nodes of external converters
    arrays: dict[str, Array] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)  # the values that are one row of a batch
    calls: dict[str, Call] = field(default_factory=dict)  # the functions that were converted, by their outputs
    _names: dict[str, int] = field(default_factory=dict)
    _node_names: dict[str, int] = field(default_factory=dict)
    _known: dict[Any, str] = field(default_factory=dict)
    _batch_size: str = ''

    def unique(self, name: str) -> str:
        """Return the name for a value, with a number where it is taken."""
        return _unique(name, self._names)

    def add(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], name: str, **attributes: Any) -> None:
        """Add an operator."""
        given = {key: value for key, value in attributes.items() if value is not None}
        self.operators.append(Operator(kind, list(inputs), list(outputs), _unique(name, self._node_names), given))

    def constant(self, array: Array, name: str = 'constant') -> str:
        """Return the name of an initializer; equal small ones share one."""
        key = (array.dtype.str, array.shape, array.tobytes()) if array.size <= 64 else id(array)
        if key not in self._known:
            self._known[key] = self.unique(name)
            self.arrays[self._known[key]] = array
        return self._known[key]

    def sizes(self, values: Sequence[int], twin: Sequence[int], who: str) -> str:
        """Return the name of an integer vector; what differs between the passes is linear in the size of the batch."""
        first, second = np.array(values, np.int64).reshape(-1), np.array(twin, np.int64).reshape(-1)
        if (first == second).all():
            return self.constant(first, 'sizes')
        factor, rest = np.divmod(second - first, self.batch[1] - self.batch[0])
        start = first - factor * self.batch[0]
        if rest.any():
            raise NotExportable(f'{who}: a size is not linear in the batch size: {values} and {twin}.')
        scaled, total = self.unique('batch_scaled'), self.unique('batch_sizes')
        self.add('Mul', [self._batch(), self.constant(factor, 'sizes')], [scaled], 'batch_scaled')
        self.add('Add', [scaled, self.constant(start, 'sizes')], [total], 'batch_sizes')
        return total

    def prune(self, outputs: Sequence[str]) -> None:
        """Remove operators and arrays that no output needs; refuse what is left of single rows of the batch."""
        wanted = set(outputs)
        kept = []
        for operator in reversed(self.operators):
            if not isinstance(operator, Operator) or wanted.intersection(operator.outputs):
                kept.append(operator)
                wanted.update(operator.inputs if isinstance(operator, Operator) else operator.input)
        self.operators = kept[::-1]
        self.arrays = {name: x for name, x in self.arrays.items() if name in wanted}
        for name in wanted.intersection(self.rows):
            raise self.rows[name].call.fail('separates the batch axis into as many outputs as there are rows')

    def _batch(self) -> str:
        """Return the name of the vector of one element that holds the batch size."""
        if not self._batch_size:
            shape, self._batch_size = self.unique('batch_shape'), self.unique('batch_size')
            self.add('Shape', [self.batch_input], [shape], 'batch_shape')
            self.add('Gather', [shape, self.constant(np.zeros(1, np.int64), 'sizes')], [self._batch_size], 'batch_size')
        return self._batch_size


def _unique(name: str, used: dict[str, int]) -> str:
    """Return the name, with a number where it is used, and count it as used."""
    count = used.get(name, 0)
    used[name] = count + 1
    return _unique(f'{name}_{count}', used) if count else name


@dataclass
class Call:
    """One function to convert: what it is, the names of its inputs and outputs, and the graph to add nodes to.

    `func`, `opset_version`, `input_names`, `output_names` and `context` have the reference's names, for external
    converters.
    """

    graph: Graph
    step: Step
    twin_step: Step
    input_names: list[str]
    output_names: list[str]
    source_of: Callable[[Any, Any], str | None]

    @property
    def func(self) -> Any:
        """The node of the function."""
        return self.step.function

    @property
    def twin(self) -> Any:
        """The node of the same function in the second pass."""
        return self.twin_step.function

    @property
    def opset_version(self) -> int:
        """The opset that the file is written for."""
        return self.graph.opset

    @property
    def context(self) -> Graph:
        """The graph that is being written."""
        return self.graph

    @property
    def x(self) -> Array:
        """The first input array."""
        return self.step.arrays[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the first output."""
        return output_shapes(self.func)[0] or ()

    @property
    def twin_shape(self) -> tuple[int, ...]:
        """The shape of the first output in the second pass."""
        return output_shapes(self.twin)[0] or ()

    def maker(self, name: str) -> Call | None:
        """Return the function that an input comes from, None for inputs of the model and constants."""
        return self.graph.calls.get(name)

    def batch_of_rows(self) -> str | None:
        """Return the name of the batch whose rows are the inputs, all of them and in order; None for other inputs."""
        rows = [self.graph.rows.get(name) for name in self.input_names]
        n, m = self.graph.batch
        if not n or [row and row.index for row in rows] != list(range(n)) or len(self.twin_step.arrays) != m:
            return None
        bases = {row.base for row in rows if row is not None}
        return bases.pop() if len(bases) == 1 else None

    def end_with_rows(self, base: str) -> None:
        """Let the outputs be the rows of a batch."""
        for i, name in enumerate(self.output_names):
            self.add('Gather', base, self.number(i, np.int64), outputs=[name], axis=0)
            self.graph.rows[name] = Row(base, i, self)

    def fail(self, why: str, advice: str = '') -> NotExportable:
        """Return the error that names the function and the path of its link."""
        where = self.step.path or 'the model itself'
        kind = self.step.kind
        advice = advice or f"Give external_converters={{'{kind}': converter}}, or change the model."
        return NotExportable(f'onnx.export: {kind} (called in {where}) {why}. Nothing was written. {advice}')

    def fail_outside(self, what: str, more: str = '') -> NotExportable:
        """Return the error for a value that a program computed with NumPy or Python."""
        return self.fail(
            f'uses {what} that was computed from the input outside the graph{more}',
            'Compute it with functions of chaingrad, or make a function of that code with '
            'chaingrad.onnx.replace_func.as_funcnode.',
        )

    def add(self, kind: str, *inputs: str, outputs: Sequence[str] | None = None, **attributes: Any) -> str:
        """Add an operator and return the name of its first output."""
        names = [self.graph.unique(f'{self.step.label}/{kind}')] if outputs is None else list(outputs)
        self.graph.add(kind, inputs, names, f'{self.step.label}/{kind}', **attributes)
        return names[0]

    def end(self, kind: str, *inputs: str, **attributes: Any) -> None:
        """Add the operator that gives the outputs of the function."""
        self.add(kind, *inputs, outputs=self.output_names, **attributes)

    def new(self) -> str:
        """Return a name for an output."""
        return self.graph.unique(f'{self.step.label}/y')

    def number(self, value: Any, dtype: Any = None) -> str:
        """Return the name of a scalar, of the dtype of the first input unless another is given."""
        return self.graph.constant(np.array(value, dtype or self.x.dtype), 'number')

    def array(self, array: Array, name: str = 'array') -> str:
        """Return the name of an initializer for an array that does not depend on the input."""
        return self.graph.constant(np.asarray(array, order='C'), f'{self.step.label}/{name}')

    def sizes(self, values: Sequence[int], twin: Sequence[int] | None = None) -> str:
        """Return the name of an integer vector; `twin` holds the values in the second pass."""
        return self.graph.sizes(values, values if twin is None else twin, self.step.label)

    def hidden(self, array: Array, twin: Array) -> str:
        """Return the name of an array that the function holds as state: an input, a result, or a constant."""
        found = self.source_of(self.step.sources.get(id(array)), array)
        if found is not None:
            return found
        return self.settled(array, twin, 'state')

    def settled(self, array: Array, twin: Array, name: str) -> str:
        """Return the name of a constant; refuse one that depends on the values of the input.

        Where its shape grows with the batch, its rows must all be the same, and it is expanded to the batch; or it
        numbers the rows.
        """
        if array.shape == twin.shape:
            if not np.array_equal(array, twin, equal_nan=array.dtype.kind == 'f'):
                raise self.fail_outside('an array')
            return self.array(array, name)
        if is_traced(array):
            raise self.fail_outside('an array')
        if array.dtype.kind in 'iu' and all(x.ndim == 1 and (x == np.arange(len(x))).all() for x in (array, twin)):
            ends = [self.array(np.array(n, np.int64), name) for n in (0, 1)]
            stop = self.add('Squeeze', self.sizes([len(array)], [len(twin)]), self.sizes([0]))
            return self.add('Range', ends[0], stop, ends[1])
        if array.ndim == twin.ndim:
            grown = tuple(i for i, (n, m) in enumerate(zip(array.shape, twin.shape)) if n != m)
            small = array[tuple(slice(0, 1) if i in grown else slice(None) for i in range(array.ndim))]
            if (array == small).all() and (twin == small).all():
                return self.add('Expand', self.array(small, name), self.sizes(array.shape, twin.shape))
        raise self.fail_outside('an array', ', or differs from row to row')

    def reshape(self, x: str, shape: Sequence[int], twin: Sequence[int], outputs: Sequence[str] | None = None) -> str:
        """Reshape to a shape whose sizes may grow with the batch."""
        grown = [i for i, (n, m) in enumerate(zip(shape, twin)) if n != m]
        if len(grown) == 1 and 0 not in shape:
            shape = twin = [-1 if i == grown[0] else n for i, n in enumerate(shape)]
        # For ONNX the size 0 stands for that of x, unless allowzero says otherwise.
        allowzero = 1 if 0 in shape and self.opset_version >= 14 else None
        return self.add('Reshape', x, self.sizes(shape, twin), outputs=outputs, allowzero=allowzero)

    def reduce(
        self, kind: str, x: str, axes: Sequence[int], keepdims: bool, outputs: Sequence[str] | None = None
    ) -> str:
        """Add a reduction: its axes are an input from opset 18 on, for ReduceSum from 13 on."""
        if not axes:  # of an array without axes; for ONNX it would be all of them
            return self.add('Identity', x, outputs=outputs)
        if kind == 'ReduceSum' or self.opset_version >= 18:
            return self.add(kind, x, self.sizes(axes), outputs=outputs, keepdims=int(keepdims))
        return self.add(kind, x, outputs=outputs, axes=list(axes), keepdims=int(keepdims))
