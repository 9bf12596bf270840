"""A table of the layers of a model, with the shapes of their outputs and their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.configuration import force_backprop_mode, get_dtype, using_config
from chaingrad.autograd.function_hook import FunctionHook
from chaingrad.links.counting import kept_bytes, multiply_adds
from chaingrad.links.link import Link
from chaingrad.links.link_hook import ForwardPostprocessArgs, ForwardPreprocessArgs, LinkHook

COLUMNS = ('layer', 'kind', 'output shape', 'parameters', 'memory', 'multiply-adds')


class Row(NamedTuple):
    """A call of a link, or of a function outside of the layers.

    `n_params` and `n_bytes` count the parameters that no row above has counted, `n_frozen` those of them that the
    optimizer does not update; `n_multiply_adds` those of matrix products and convolutions.
    """

    path: str
    kind: str
    shapes: tuple[Shape, ...]
    n_params: int = 0
    n_bytes: int = 0
    n_frozen: int = 0
    n_multiply_adds: int = 0
    is_function: bool = False


class ModelSummary:
    """The table that `summary` makes: shown as text at a prompt and by `print`, as HTML in a notebook.

    Attributes:
        rows: one `Row` per layer called, and per function called outside of the layers, in the order of the calls.
        layers: those of the layers.
        n_params: number of parameters of the whole model, those of layers that were not called included.
        parameter_bytes: their memory.
        n_frozen: how many of them the optimizer does not update, because of `disable_update()`.
        n_multiply_adds: multiply-adds of the matrix products and convolutions of a forward pass.
        output_bytes: memory of the outputs of the layers.
        backward_bytes: memory that the graph keeps for the backward pass, the data included.
    """

    def __init__(self, model: Link, rows: list[Row], output_bytes: int, backward_bytes: int) -> None:
        self.name = type(model).__name__
        self.rows = rows
        self.layers = [row for row in rows if not row.is_function]
        self.output_bytes = output_bytes
        self.backward_bytes = backward_bytes
        self.n_multiply_adds = sum(row.n_multiply_adds for row in rows)
        params = [param for param in model.params() if param.is_initialized]
        self.n_params = sum(param.size for param in params)
        self.n_frozen = sum(param.size for param in params if is_frozen(param))
        self.parameter_bytes = sum(param.array.nbytes for param in params)
        self.not_called = self.n_params - sum(row.n_params for row in rows)

    def _cells(self) -> list[list[str]]:
        cells = []
        for row in self.rows:
            shapes = ' '.join([str(shape) for shape in row.shapes])
            params = ['', ''] if row.is_function else [f'{row.n_params:,}', bytes_text(row.n_bytes)]
            if row.n_frozen:
                params[0] += ' (frozen)' if row.n_frozen == row.n_params else f' ({row.n_frozen:,} frozen)'
            cells.append(
                [row.path, row.kind, shapes, *params, f'{row.n_multiply_adds:,}' if row.n_multiply_adds else '']
            )
        return cells

    def _totals(self) -> str:
        lines = [
            f'{self.name}: {self.n_params:,} parameters, {bytes_text(self.parameter_bytes)}; '
            f'outputs {bytes_text(self.output_bytes)}',
            f'{self.n_multiply_adds:,} multiply-adds; kept for the backward pass {bytes_text(self.backward_bytes)}',
        ]
        if self.n_frozen:
            lines.append(f'{self.n_params - self.n_frozen:,} parameters are trainable, {self.n_frozen:,} are frozen')
        if self.not_called:
            lines.append(f'{self.not_called:,} parameters belong to links that were not called')
        return '\n'.join(lines)

    def __str__(self) -> str:
        return text_table(COLUMNS, self._cells(), 3, self._totals())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(COLUMNS, self._cells(), self._totals())


def text_table(columns: Sequence[str], rows: Iterable[Sequence[str]], n_texts: int, note: str) -> str:
    """Return a table for a terminal and a note below: the first columns are texts, the others numbers."""
    table = [list(columns), *rows]
    widths = [max([len(cell) for cell in column]) for column in zip(*table)]
    lines = []
    for cells in table:
        texts = [f'{cell:<{width}}' for cell, width in zip(cells[:n_texts], widths)]
        numbers = [f'{cell:>{width}}' for cell, width in zip(cells[n_texts:], widths[n_texts:])]
        lines.append('  '.join(texts + numbers).rstrip())
    rule = '-' * len(lines[0])
    return '\n'.join([lines[0], rule, *lines[1:], rule, note])


def html_table(columns: Sequence[str], rows: Iterable[Sequence[str]], note: str = '') -> str:
    """Return an HTML table for notebooks, and a note after it; the texts are escaped."""
    from html import escape  # takes 2 ms

    lines = ['<table>']
    for tag, row in [('th', columns), *[('td', row) for row in rows]]:
        lines.append('<tr>' + ''.join([f'<{tag}>{escape(cell)}</{tag}>' for cell in row]) + '</tr>')
    lines.append('</table>')
    if note:
        lines.append(f'<p>{escape(note)}</p>')
    return '\n'.join(lines)


def summary(model: Link, *args: Any, **kwargs: Any) -> ModelSummary:
    """Call a copy of a model once and return a table of its layers and functions.

    The model stays as it is: parameters without shape get none, and no random number is drawn. The copy is called with
    `config.train` False. A layer that is called twice has two rows; its parameters count once.

    Args:
        model: the link, such as a Chain.
        *args: arguments of the call: arrays, or their shapes: `(32, 784)` stands for zeros of `config.dtype`,
            `((32,), 'i')` for zeros of another dtype.
        **kwargs: keyword arguments of the call; shapes here too.

    Returns:
        ModelSummary, which prints as a table.

    Raises:
        TypeError: model is no link.

    Example:
        >>> import chaingrad, chaingrad.functions as F, chaingrad.links as L
        >>> model = chaingrad.Sequential(L.Linear(None, 100), F.relu, L.Linear(None, 10))
        >>> chaingrad.summary(model, (32, 784))
        layer  kind    output shape  parameters    memory  multiply-adds
        ----------------------------------------------------------------
        /0     Linear  (32, 100)         78,500  306.6 kB      2,508,800
        /      ReLU    (32, 100)
        /1     Linear  (32, 10)           1,010    3.9 kB         32,000
        ----------------------------------------------------------------
        Sequential: 79,510 parameters, 310.6 kB; outputs 13.8 kB
        2,540,800 multiply-adds; kept for the backward pass 110.5 kB
    """
    if not isinstance(model, Link):
        raise TypeError(f'summary: model must be a Link, but it is a {type(model).__name__}.')
    state = np.random.get_state()
    try:
        copied = model.copy('copy')
        recorder = _Recorder(copied)
        with recorder, recorder.functions, force_backprop_mode(), using_config('train', False):
            copied(*map(_data, args), **{key: _data(value) for key, value in kwargs.items()})
    finally:
        np.random.set_state(state)
    backward_bytes = kept_bytes(recorder.functions.applied, copied.params())
    return ModelSummary(copied, recorder.rows, recorder.output_bytes, backward_bytes)


def _data(argument: Any) -> Any:
    """Return zeros for a shape, or for a pair of shape and dtype; anything else as it is."""
    if _is_shape(argument):
        return np.zeros(argument, get_dtype())
    if isinstance(argument, tuple) and len(argument) == 2 and _is_shape(argument[0]):
        return np.zeros(*argument)
    return argument


def _is_shape(argument: Any) -> bool:
    return isinstance(argument, tuple) and bool(argument) and all(type(n) is int for n in argument)


def is_frozen(param: Any) -> bool:
    """Say whether an optimizer was told to leave a parameter as it is."""
    return param.update_rule is not None and not param.update_rule.enabled


class _Recorder(LinkHook):
    """Make a row for every call of a link that calls no other link, and of a function outside of those."""

    name = 'summary'

    def __init__(self, model: Link) -> None:
        self.rows: list[Row] = []
        self.output_bytes = 0
        self.functions = _FunctionRecorder(self)
        self.running: list[Link] = []
        self._paths = {id(link): path for path, link in model.namedlinks()}
        self._called: list[bool] = []  # for each link that is running: True once it has called another one
        self._sums: list[int] = []  # and its multiply-adds so far
        self._counted: set[int] = set()

    def path_of(self, link: Link) -> str:
        """Return the path of a link."""
        return self._paths.get(id(link), '(not of the model)')

    def add_function(self, function: Any, outputs: Sequence[Any], n_multiply_adds: int) -> None:
        """Count a function in the layer around it, or make a row."""
        if not self.running:
            return
        link = self.running[-1]
        if next(link.children(), None) is None:
            self._sums[-1] += n_multiply_adds
            return
        shapes = tuple([y.shape for y in outputs])
        row = Row(self.path_of(link), function.label, shapes, n_multiply_adds=n_multiply_adds, is_function=True)
        self.rows.append(row)

    def forward_preprocess(self, args: ForwardPreprocessArgs) -> None:
        if self._called:
            self._called[-1] = True
        self._called.append(False)
        self._sums.append(0)
        self.running.append(args.link)

    def forward_postprocess(self, args: ForwardPostprocessArgs) -> None:
        link = self.running.pop()
        has_called = self._called.pop()
        n_multiply_adds = self._sums.pop()
        own = [param for param in link.params() if id(param) not in self._counted and param.is_initialized]
        outputs = list(_arrays(args.out))
        if has_called:  # only its own parameters count here, not those of the links that it has called
            below = {id(param) for child in link.children() for param in child.params()}
            own = [param for param in own if id(param) not in below]
            if not own:
                return
        else:
            self.output_bytes += sum([array.nbytes for array in outputs])
        self._counted.update([id(param) for param in own])
        shapes = tuple([array.shape for array in outputs])
        n_params = sum([param.size for param in own])
        n_bytes = sum([param.array.nbytes for param in own])
        n_frozen = sum([param.size for param in own if is_frozen(param)])
        kind = type(link).__name__
        self.rows.append(Row(self.path_of(link), kind, shapes, n_params, n_bytes, n_frozen, n_multiply_adds))


class _FunctionRecorder(FunctionHook):
    """Tells a recorder of links which functions run."""

    name = 'summary'

    def __init__(self, recorder: _Recorder) -> None:
        self.recorder = recorder
        self.applied: list[Any] = []
        self._inputs: list[Sequence[Any]] = []

    def forward_preprocess(self, function: Any, in_data: Sequence[Any]) -> None:
        self._inputs.append(in_data)

    def forward_outputs(self, function: Any, outputs: Sequence[Any]) -> None:
        self.applied.append(function)
        self.recorder.add_function(function, outputs, multiply_adds(function, self._inputs.pop(), outputs))


def _arrays(out: Any) -> Iterator[Array]:
    """Yield the arrays in the value that a link returned."""
    if isinstance(out, (tuple, list)):
        for item in out:
            yield from _arrays(item)
    elif isinstance(out, dict):
        for item in out.values():
            yield from _arrays(item)
    elif hasattr(out, 'shape') and hasattr(out, 'dtype'):
        yield getattr(out, 'array', out)


def bytes_text(n: int) -> str:
    """Return a size with its unit."""
    size = float(n)
    for unit in ('B', 'kB', 'MB'):
        if size < 1024:
            return f'{size:.0f} B' if unit == 'B' else f'{size:.1f} {unit}'
        size /= 1024
    return f'{size:.1f} GB'
