"""Pictures of a graph in place: in a notebook, in a terminal, in a file; folded by link."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from chaingrad.autograd.drawing import statistics
from chaingrad.autograd.drawing.folding import Folded, Piece
from chaingrad.autograd.drawing.naming import text_of
from chaingrad.autograd.drawing.png import write_png
from chaingrad.autograd.drawing.statistics import describe, size_of
from chaingrad.autograd.drawing.svg import Box, render_svg
from chaingrad.autograd.drawing.tree import tree_of

STYLES: Mapping[str, Mapping[str, str]] = {
    'link': {'fillcolor': '#dbe9d8'},
    'function': {'fillcolor': '#d9e5f4'},
    'leaf': {'fillcolor': '#eeeeee', 'shape': 'octagon'},
    'output': {'fillcolor': '#ffe6a6', 'shape': 'octagon'},
}
MOST_PARAMS = 4
"""How many parameters a box lists by name."""


class Graph:
    """The graph that led to some Variables, folded by link: shown in a notebook, saved, printed.

    A link is one box with its path, class, parameters and output; functions outside of the links shown have boxes of
    their own. Made by `loss.graph()`.

    Args:
        outputs: Variables.
        model: the link that names the parameters, or a list or dict of links; None finds those that hold them.
        depth: down to how many names of a path links are opened; None opens as many as make a legible picture.
        values: whether arrays are shown: small ones in full, else mean, standard deviation, share of zeros and a
            histogram. NaN and infinity are red.
        grads: whether gradients are shown so; the stronger the colour, the larger the gradient. Those of
            intermediate Variables are there after `backward(retain_grad=True)`.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F, chaingrad.links as L
        >>> model = chaingrad.Sequential(L.Linear(3, 4), F.relu, L.Linear(4, 1))
        >>> loss = F.sum(model(np.ones((2, 3), np.float32)))
        >>> loss.graph().show()
        loss scalar
        Sum -> scalar
        /1 Linear: W (1, 4), b (1,) -> (2, 1)
        ReLU -> (2, 4)
        /0 Linear: W (4, 3), b (4,) -> (2, 4)
        array (2, 3)
    """

    def __init__(
        self, outputs: Sequence[Any], model: Any = None, depth: int | None = None, values: bool = False,
        grads: bool = False,
    ) -> None:  # fmt: skip
        if depth is not None and depth < 1:
            raise ValueError(f'graph: depth must be 1 or more, but it is {depth}. 1 shows only the outermost links.')
        self.values = values
        self.grads = grads
        self._folded = Folded(outputs, model)
        self.pieces = self._folded.pieces(depth)
        self._arrays = {id(y._get_node()): y for y in outputs}
        self._sizes = [self._gradient_size(piece) for piece in self.pieces] if grads else []

    # Text

    def _title(self, piece: Piece) -> str:
        """Return what the piece is."""
        if piece.kind == 'link':
            kind = self._folded.names.kinds.get(piece.path, '')
            several = f', {len(piece.functions)} functions' if len(piece.functions) > 1 else ''
            return f'{text_of(piece.path)} {kind}{several}'
        if piece.kind == 'function':
            return piece.functions[0].label
        (node,) = piece.nodes[:1]
        if piece.kind == 'output':
            return node._node_name or ('loss' if node._node_shape == () else 'output')
        variable = node._node_variable()
        return node._node_name or ('array' if variable is None or not variable.requires_grad else 'variable')

    def _parameters(self, piece: Piece) -> list[str]:
        """Return the parameters of a piece, or how many there are."""
        params = piece.params
        if len(params) > MOST_PARAMS:
            return [f'{sum([p.size for p in params.values() if p.array is not None]):,} parameters']
        return [f'{name} {size_of(p.shape, p.dtype)}' for name, p in params.items()]

    def _size(self, piece: Piece) -> str:
        """Return the shapes and dtypes of the arrays that leave a piece."""
        nodes = piece.nodes
        if not nodes and piece.functions:
            nodes = [piece.functions[-1]]  # whose output nobody holds
        return ', '.join([size_of(node._node_shape, node._node_dtype) for node in nodes])

    def _details(self, piece: Piece, bars: str) -> list[str]:
        """Return the lines that describe values and gradients."""
        lines = []
        for name, array, g in self._held(piece):
            if self.values and array is not None:
                lines.append(f'{name or "value"} = {describe(array, bars)}')
            if self.grads and g is not None:
                lines.append(f'{"g" + name if name else "gradient"} = {describe(g, bars)}')
        return lines

    def _held(self, piece: Piece) -> list[tuple[str, Any, Any]]:
        """Return name, array and gradient of the parameters and outputs of a piece."""
        params = piece.params if len(piece.params) <= MOST_PARAMS else {}
        held = [(name, p.array, p.grad) for name, p in params.items()]
        for node in piece.nodes:
            variable = node._node_variable()
            name = 'y' if piece.functions else ''
            array = _retained(node) if variable is None else variable.array
            held.append((name, array, None if variable is None else variable.grad))
        return held

    def lines(self, piece: Piece, bars: str = statistics.BARS) -> list[str]:
        """Return the text of a box, the title first."""
        title, size = self._title(piece), self._size(piece)
        if piece.kind in ('leaf', 'output'):
            return [f'{title} {size}', *self._details(piece, bars)]
        params = self._parameters(piece)
        return [title, *([', '.join(params)] if params else []), f'→ {size}', *self._details(piece, bars)]

    def one_line(self, piece: Piece) -> str:
        """Return the text of a piece in ASCII, for a terminal."""
        title, *others = self.lines(piece, statistics.ASCII_BARS)
        params = others.pop(0) if piece.functions and piece.params else ''
        size = f' {others.pop(0).replace("→", "->")}' if piece.functions else ''
        text = f'{title}{": " + params if params else ""}{size}{"".join(["; " + line for line in others])}'
        return text.encode('ascii', 'replace').decode()

    # Colours

    def _gradient_size(self, piece: Piece) -> float | None:
        gradients = [p.grad for p in piece.params.values()]
        gradients += [v.grad for v in (node._node_variable() for node in piece.nodes) if v is not None]
        return statistics.magnitude([g for g in gradients if g is not None])

    def _style(self, number: int) -> Mapping[str, str]:
        piece = self.pieces[number]
        style = {'color': '#666666', **STYLES[piece.kind]}
        if self.grads and piece.kind != 'output':
            style['fillcolor'] = statistics.colour(self._sizes[number], self._sizes)
        shown = [array for _, value, g in self._held(piece) for array in (self.values and value, self.grads and g)]
        if any(array is not None and array is not False and statistics.is_bad(array) for array in shown):
            style['fillcolor'] = statistics.RED
        if style['fillcolor'] == statistics.RED:
            style['fontcolor'] = 'white'
        return style

    # Pictures

    def _boxes(self) -> tuple[list[Box], list[tuple[int, int]]]:
        boxes = [Box('\n'.join(self.lines(piece)), self._style(i)) for i, piece in enumerate(self.pieces)]
        return boxes, [(source, i) for i, piece in enumerate(self.pieces) for source in piece.sources]

    def _groups(self) -> dict[str, list[int]]:
        """Return the boxes inside each link that is open, by its path and class."""
        groups: dict[str, list[int]] = {}
        kinds = self._folded.names.kinds
        for i, piece in enumerate(self.pieces):
            if piece.functions:
                inside = len(piece.path) - (piece.kind == 'link')
                for path in [piece.path[:n] for n in range(1, inside + 1)]:
                    groups.setdefault(f'{text_of(path)} {kinds.get(path, "")}', []).append(i)
        return {title: members for title, members in groups.items() if len(members) > 1}

    def to_svg(self) -> str:
        """Return the picture as SVG."""
        return render_svg(*self._boxes(), groups=self._groups())

    _repr_svg_ = to_svg  # notebooks show it

    def to_dot(self) -> str:
        """Return the graph in the language of the program dot."""
        boxes, edges = self._boxes()
        lines = ['digraph graphname{rankdir=TB;']
        for i, box in enumerate(boxes):
            label = box.label.replace('\\', r'\\').replace('"', r'\"').replace('\n', r'\n')
            style = ','.join([f'{key}="{value}"' for key, value in {'shape': 'box', **box.style}.items()])
            lines.append(f'{i} [label="{label}",style="filled",{style}];')
        return '\n'.join([*lines, *[f'{u} -> {v};' for u, v in edges], '}', ''])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file.

        Args:
            path: its name, which ends in `.svg`, `.png` or `.dot`.

        Raises:
            ValueError: when it ends otherwise.
        """
        kind = os.path.splitext(path)[1].lower()
        if kind not in ('.svg', '.png', '.dot'):
            raise ValueError(
                f'graph.save: the file name must end in .svg, .png or .dot, but it is {os.fspath(path)!r}.'
            )
        if kind == '.png':
            write_png(path, *self._boxes(), self._groups())
            return
        with open(path, 'w', encoding='utf-8') as file:
            file.write(self.to_svg() if kind == '.svg' else self.to_dot())

    def to_text(self) -> str:
        """Return the graph as lines, from the outputs to the leaves: a branch is indented, `see` names a line above."""
        return tree_of([self.one_line(piece) for piece in self.pieces], [list(piece.sources) for piece in self.pieces])

    def show(self, file: Any = None) -> None:
        """Print the graph as lines, from the outputs to the leaves.

        Args:
            file: where to; the terminal when None.
        """
        print(self.to_text(), file=file or sys.stdout)

    def __repr__(self) -> str:
        n = len(self._folded.functions)
        return f'<graph of {n} functions in {len(self.pieces)} boxes; .show() prints it, .save("graph.svg") draws it>'


def _retained(node: Any) -> Any:
    """Return the array of a function's only output where the function has kept it."""
    function = node._node_creator
    return function.output_data[0] if function is node and function is not None else None
