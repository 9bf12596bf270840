"""A table of the layers of a model, with the shapes of their outputs and their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.configuration import no_backprop_mode, using_config
from chaingrad.links.link import Link
from chaingrad.links.link_hook import ForwardPostprocessArgs, ForwardPreprocessArgs, LinkHook

COLUMNS = ('layer', 'kind', 'output shape', 'parameters', 'memory')


class Row(NamedTuple):
    """A call of a link: `n_params` and `n_bytes` count the parameters that no row above has counted."""

    path: str
    kind: str
    shapes: tuple[Shape, ...]
    n_params: int
    n_bytes: int


class ModelSummary:
    """The table that `summary` makes: shown as text at a prompt and by `print`, as HTML in a notebook.

    Attributes:
        rows: one `Row` per layer called, in the order of the calls.
        n_params: number of parameters of the whole model, those of layers that were not called included.
        parameter_bytes: their memory.
        output_bytes: memory of the outputs of the layers, the most that is kept for a backward pass.
    """

    def __init__(self, model: Link, rows: list[Row], output_bytes: int) -> None:
        self.name = type(model).__name__
        self.rows = rows
        self.output_bytes = output_bytes
        params = [param for param in model.params() if param.is_initialized]
        self.n_params = sum(param.size for param in params)
        self.parameter_bytes = sum(param.array.nbytes for param in params)
        self.not_called = self.n_params - sum(row.n_params for row in rows)

    def _cells(self) -> list[list[str]]:
        cells = []
        for row in self.rows:
            shapes = ' '.join([str(shape) for shape in row.shapes])
            cells.append([row.path, row.kind, shapes, f'{row.n_params:,}', _bytes(row.n_bytes)])
        return cells

    def _totals(self) -> str:
        lines = [
            f'{self.name}: {self.n_params:,} parameters, {_bytes(self.parameter_bytes)}; '
            f'outputs {_bytes(self.output_bytes)}'
        ]
        if self.not_called:
            lines.append(f'{self.not_called:,} parameters belong to links that were not called')
        return '\n'.join(lines)

    def __str__(self) -> str:
        table = [list(COLUMNS), *self._cells()]
        widths = [max([len(cell) for cell in column]) for column in zip(*table)]
        lines = []
        for cells in table:
            texts = [f'{cell:<{width}}' for cell, width in zip(cells[:3], widths[:3])]
            numbers = [f'{cell:>{width}}' for cell, width in zip(cells[3:], widths[3:])]
            lines.append('  '.join(texts + numbers))
        rule = '-' * len(lines[0])
        return '\n'.join([lines[0], rule, *lines[1:], rule, self._totals()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(COLUMNS, self._cells(), self._totals())


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
    """Call a copy of a model once and return a table of its layers.

    The model stays as it is: parameters without shape get none, and no random number is drawn. The copy is called with
    `config.train` False and without a graph. A layer that is called twice has two rows; its parameters count once.

    Args:
        model: the link, such as a Chain.
        *args: arguments of the call: arrays of the shapes of interest.
        **kwargs: keyword arguments of the call.

    Returns:
        ModelSummary, which prints as a table.

    Raises:
        TypeError: model is no link.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F, chaingrad.links as L
        >>> model = chaingrad.Sequential(L.Linear(None, 100), F.relu, L.Linear(None, 10))
        >>> chaingrad.summary(model, np.zeros((32, 784), dtype=np.float32))
        layer  kind    output shape  parameters    memory
        -------------------------------------------------
        /0     Linear  (32, 100)         78,500  306.6 kB
        /1     Linear  (32, 10)           1,010    3.9 kB
        -------------------------------------------------
        Sequential: 79,510 parameters, 310.6 kB; outputs 13.8 kB
    """
    if not isinstance(model, Link):
        raise TypeError(f'summary: model must be a Link, but it is a {type(model).__name__}.')
    state = np.random.get_state()
    try:
        copied = model.copy('copy')
        recorder = _Recorder(copied)
        with recorder, no_backprop_mode(), using_config('train', False):
            copied(*args, **kwargs)
    finally:
        np.random.set_state(state)
    return ModelSummary(copied, recorder.rows, recorder.output_bytes)


class _Recorder(LinkHook):
    """Make a row for every call of a link that calls no other link."""

    name = 'summary'

    def __init__(self, model: Link) -> None:
        self.rows: list[Row] = []
        self.output_bytes = 0
        self._paths = {id(link): path for path, link in model.namedlinks()}
        self._called: list[bool] = []  # for each link that is running: True once it has called another one
        self._counted: set[int] = set()

    def forward_preprocess(self, args: ForwardPreprocessArgs) -> None:
        if self._called:
            self._called[-1] = True
        self._called.append(False)

    def forward_postprocess(self, args: ForwardPostprocessArgs) -> None:
        link = args.link
        has_called = self._called.pop()
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
        path = self._paths.get(id(link), '(not of the model)')
        shapes = tuple([array.shape for array in outputs])
        n_params = sum([param.size for param in own])
        n_bytes = sum([param.array.nbytes for param in own])
        self.rows.append(Row(path, type(link).__name__, shapes, n_params, n_bytes))


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


def _bytes(n: int) -> str:
    size = float(n)
    for unit in ('B', 'kB', 'MB'):
        if size < 1024:
            return f'{size:.0f} B' if unit == 'B' else f'{size:.1f} {unit}'
        size /= 1024
    return f'{size:.1f} GB'
