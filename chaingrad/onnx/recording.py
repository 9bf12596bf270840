"""One forward pass of a model, recorded: the functions in their order, their inputs, and the links that called them.

What the exporter compares between two passes of other batch sizes and other rows is also here: a size that grows with
the batch, and a value that a program computed outside the graph, are found by their difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.array_ops import GetItem
from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.function_hook import FunctionHook
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.old_function import FunctionAdapter
from chaingrad.autograd.variable import Variable
from chaingrad.links.link_hook import ForwardPostprocessArgs, ForwardPreprocessArgs, LinkHook

__all__ = ['Recording', 'Step', 'hidden_arrays', 'named_outputs', 'output_shapes', 'record', 'row_steps']


@dataclass
class Step:
    """One application of a function: its node, its input arrays, and the path of the link that called it."""

    function: FunctionNode
    arrays: tuple[Array, ...]
    path: str
    sources: dict[int, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The name of the function: that of its class, or the one that a piece of code was given."""
        function: Any = self.function
        if isinstance(function, FunctionAdapter):
            function = function.function
        return getattr(function, 'custom_function_name', type(function).__name__)

    @property
    def label(self) -> str:
        """The name of the function and where it was called, as messages and node names show it."""
        return f'{self.path}/{self.kind}'


def output_shapes(function: FunctionNode) -> list[Shape | None]:
    """Return the shapes of a function's outputs; None for one that nobody used."""
    if not function._node_outputs:
        return [function._node_shape]
    return [None if (node := reference()) is None else node._node_shape for reference in function._node_outputs]


class _Functions(FunctionHook):
    """Keep every function that is applied."""

    name = '_OnnxFunctions'

    def __init__(self, paths: _Paths) -> None:
        self.steps: list[Step] = []
        self._paths = paths

    def forward_preprocess(self, function: Any, in_data: Sequence[Any]) -> None:
        step = Step(function, tuple(in_data), self._paths.current)
        # Some functions hold integers or booleans as state: find the Variable that they came from while it is alive.
        hidden = [value for value in hidden_arrays(function) if value is not None]
        for value in hidden:
            source = self._source(value)
            if source is not None:
                step.sources[id(value)] = source
        self.steps.append(step)

    def _source(self, array: Array) -> Any:
        """Return the node whose Variable holds this very array, None where no function made it."""
        for step in reversed(self.steps):
            references = step.function._node_outputs or (lambda function=step.function: function,)
            for reference in references:
                node = reference()
                variable = None if node is None else node._node_variable()
                if variable is not None and variable.array is array:
                    return node
        return None


def hidden_arrays(function: Any) -> tuple[Any, ...]:
    """Return the arrays that a function holds as state and that may be inputs of the model."""
    found = [getattr(function, name, None) for name in ('given_ids', '_first', 'indices', '_t')]
    slices = getattr(function, 'slices', None)
    found += slices if isinstance(slices, tuple) else [slices]
    return tuple(value for value in found if hasattr(value, 'dtype'))


class _Paths(LinkHook):
    """Know the path of the link that is running."""

    name = '_OnnxPaths'

    def __init__(self, model: Any) -> None:
        self._names = {id(link): name for name, link in model.namedlinks()} if hasattr(model, 'namedlinks') else {}
        self._stack: list[str] = []

    @property
    def current(self) -> str:
        """The path of the innermost link; '' for the model itself."""
        return self._stack[-1].rstrip('/') if self._stack else ''

    def forward_preprocess(self, args: ForwardPreprocessArgs) -> None:
        self._stack.append(self._names.get(id(args.link), self.current))

    def forward_postprocess(self, args: ForwardPostprocessArgs) -> None:
        self._stack.pop()

    def forward_failed(self, args: ForwardPreprocessArgs) -> None:
        self._stack.pop()


@dataclass
class Recording:
    """A forward pass: the inputs and outputs as Variables by name, and the functions between them."""

    inputs: dict[str, Variable]
    outputs: dict[str, Variable]
    steps: list[Step]

    def needed(self) -> list[int]:
        """Return the positions of the steps that the outputs depend on, in their order."""
        position = {id(step.function): i for i, step in enumerate(self.steps)}
        seen: set[int] = set()
        todo = [y._get_node() for y in self.outputs.values()]
        while todo:
            node = todo.pop()
            function = node._node_creator if not isinstance(node, FunctionNode) else _applied(node)
            if function is not None and id(function) in position and position[id(function)] not in seen:
                i = position[id(function)]
                seen.add(i)
                todo.extend(function._node_edges)
                todo.extend(self.steps[i].sources.values())
        return sorted(seen)


def row_steps(
    first: Recording, second: Recording, needed: tuple[Sequence[int], Sequence[int]], batch: tuple[int, int]
) -> tuple[dict[int, int], set[int]]:
    """Find the steps that take single rows of a batch, all of them, as `list(x)` does.

    Returns:
        The steps of the first recording, with the row that each takes, and those of the second.
    """
    ones, twos = _items(first, needed[0]), _items(second, needed[1])
    found: dict[int, int] = {}
    twins: set[int] = set()
    if not batch[0] or len(ones) != len(twos):
        return found, twins
    for one, two in zip(ones, twos):
        if all(sorted(group) == list(range(n)) == list(range(group.n)) for group, n in zip((one, two), batch)):
            found.update({i: item for item, i in one.items()})
            twins.update(two.values())
    return found, twins


class _Items(dict[int, int]):
    """The steps that take one element of an array along its first axis, by the index that they take."""

    n: int  # the length of the axis


def _items(recording: Recording, positions: Sequence[int]) -> list[_Items]:
    """Return the steps that take single elements, grouped by the array that they take them from."""
    found: dict[int, _Items] = {}
    for i in positions:
        step = recording.steps[i]
        item = getattr(step.function, 'slices', None)
        item = item[0] if isinstance(item, tuple) and len(item) == 1 else item
        if isinstance(step.function, GetItem) and isinstance(item, int):
            group = found.setdefault(id(step.function._node_edges[0]), _Items())
            group.n = len(step.arrays[0])
            group[item] = i
    return list(found.values())


def _applied(function: FunctionNode) -> FunctionNode | None:
    """Return the function, None where it was unchained."""
    return None if function._node_is_leaf else function


def record(
    model: Callable[..., Any],
    call: Callable[[Callable[..., Any], Mapping[str, Variable]], Any],
    inputs: dict[str, Variable],
    train: bool,
) -> Recording:
    """Run the model once and keep what it did."""
    paths = _Paths(model)
    functions = _Functions(paths)
    with using_config('train', train), using_config('enable_backprop', True), paths, functions:
        outputs = named_outputs(call(model, inputs))
    return Recording(inputs, outputs, functions.steps)


def named_outputs(returned: Any) -> dict[str, Variable]:
    """Return the outputs of a model by name: Variables, in tuples, lists or dicts."""
    found: list[tuple[str | None, Any]] = []

    def visit(value: Any, name: str | None) -> None:
        if isinstance(value, Mapping):
            for key, part in value.items():
                visit(part, str(key))
        elif isinstance(value, tuple | list):
            for part in value:
                visit(part, None)
        elif isinstance(value, Variable):
            found.append((name, value))
        else:
            raise TypeError(
                f'onnx.export: the model must return Variables, in tuples, lists or dicts, but it returned '
                f'{type(value).__name__}. Return the Variable, not its array.'
            )

    visit(returned, None)
    return {name or f'Output_{i}': y for i, (name, y) in enumerate(found)}
