"""The boxes of a picture: functions and links of a graph, folded to a depth.

Every call of a link is a box of its own. No box holds functions between which the graph leaves the box: the picture
has no cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaingrad.autograd.drawing.locating import Location, functions_of, locate
from chaingrad.autograd.drawing.naming import Names, Path, find_names
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.node import Node
from chaingrad.autograd.parameter import Parameter

MOST_BOXES = 30
"""How many boxes a picture has when nobody says how deep it shall go; more where the outermost links are more."""


NEWEST = 8
"""How many of the calls of a link a function may belong to: the newest ones."""


class Piece:
    """One box: a call of a link, a function outside of the links shown, a leaf or an output.

    Attributes:
        kind: 'link', 'function', 'leaf' or 'output'.
        path: the link; of a function the one around it.
        functions: the functions in it.
        params: the parameters, Variables by path within the piece.
        nodes: the nodes whose arrays leave it.
        sources: numbers of the pieces that lead to it.
    """

    def __init__(self, kind: str, path: Path = ()) -> None:
        self.kind = kind
        self.path = path
        self.functions: list[FunctionNode] = []
        self.params: dict[str, Any] = {}
        self.nodes: list[Node] = []
        self.sources: dict[int, None] = {}  # a set that keeps its order


class Folded:
    """A graph, and what is needed to fold it to any depth.

    Args:
        outputs: Variables.
        model: see `find_names`.
    """

    def __init__(self, outputs: Sequence[Any], model: Any = None) -> None:
        self.outputs = list(outputs)
        self.starts = [y._get_node() for y in outputs]
        self.functions = functions_of(self.starts)
        leaves = [node for f in self.functions for node in f._node_edges if node._node_creator is None]
        variables = [node._node_variable() for node in dict.fromkeys(leaves)]
        params = [v for v in variables if isinstance(v, Parameter)]
        self.names = find_names(params, model) if params or model is not None else Names()
        self.locations = locate(self.functions, self.names)
        self._has_children = {path: self.names.has_children(path) for path in self.names.kinds}

    @property
    def deepest(self) -> int:
        """The depth at which nothing is folded but links without children."""
        return max([len(location.path) for location in self.locations.values()], default=0)

    def pieces(self, depth: int | None = None) -> list[Piece]:
        """Return the boxes, sources first.

        Args:
            depth: down to how many names of a path links are opened: at 1 `/predictor` is one box. None takes the
                deepest with at most `MOST_BOXES` boxes.
        """
        if depth is not None:
            return _Folding(self, depth).pieces
        for depth in range(max(self.deepest, 1), 0, -1):
            pieces = _Folding(self, depth).pieces
            if len(pieces) <= MOST_BOXES:
                break
        return pieces

    def link_at(self, location: Location, depth: int) -> Path | None:
        """Return the link into which a function is folded, or None."""
        path = location.path
        if len(path) >= depth:
            return path[:depth] or None
        return None if self._has_children.get(path, True) or not path else path


class _Folding:
    """The pieces at one depth."""

    def __init__(self, graph: Folded, depth: int) -> None:
        self.graph = graph
        self.depth = depth
        self.pieces: list[Piece] = []
        self.piece_of: dict[Node, int] = {}  # of a function, or of a leaf
        self.calls: dict[Path, list[int]] = {}  # the pieces of a link
        for function in graph.functions:
            self.add(function)
        for y, node in zip(graph.outputs, graph.starts):
            self.add_output(y, node)
        self.pieces = _sorted(self.pieces)

    def add(self, function: FunctionNode) -> None:
        """Put a function into a piece, and its edges."""
        location = self.graph.locations[function]
        path = self.graph.link_at(location, self.depth)
        number = None if path is None else self.call_for(function, path, location.params)
        if number is None:
            number = len(self.pieces)
            self.pieces.append(Piece('function', location.path) if path is None else Piece('link', path))
            if path is not None:
                self.calls.setdefault(path, []).append(number)
        self.piece_of[function] = number
        piece = self.pieces[number]
        piece.functions.append(function)
        for node in function._node_edges:
            variable = node._node_variable()
            if id(variable) in self.graph.names.params:
                owner, name = self.graph.names.params[id(variable)]
                piece.params['/'.join((*owner[len(path or ()) :], name))] = variable
            elif path is None or not self.is_state(function, node):
                self.connect(node, number)

    def is_state(self, function: FunctionNode, node: Node) -> bool:
        """Say whether an input is an array that the link holds, such as a running mean, and no data."""
        if node._node_creator is not None or getattr(node, 'requires_grad', False):
            return False
        edges = function._node_edges
        return edges[0] is not node or any(other._node_creator is not None for other in edges)

    def connect(self, node: Node, target: int) -> None:
        """Add the edge from a node to a piece."""
        made_by = node._node_creator or node
        source = self.piece_of.get(made_by)
        if source is None:
            source = self.piece_of[made_by] = len(self.pieces)
            self.pieces.append(Piece('leaf'))
        if source != target:
            self.pieces[target].sources[source] = None
            if node not in self.pieces[source].nodes:
                self.pieces[source].nodes.append(node)

    def add_output(self, y: Any, node: Node) -> None:
        """Add the box of an output of the graph."""
        piece = Piece('output')
        piece.nodes.append(node)
        self.pieces.append(piece)
        self.connect(node, len(self.pieces) - 1)

    def call_for(self, function: FunctionNode, path: Path, params: Sequence[int]) -> int | None:
        """Return the piece of the call of a link to which a function belongs; None for a new call."""
        sources = [self.piece_of[source] for source in self.graph.locations[function].sources]
        calls = self.calls.get(path, [])[: -NEWEST - 1 : -1]
        if not params:  # the newest first, but what stands next to the function before it stays there
            calls.sort(key=lambda number: number not in sources)
        for number in calls:
            used = {param for f in self.pieces[number].functions for param in self.graph.locations[f].params}
            if used.isdisjoint(params) and not self.leads_to(number, [s for s in sources if s != number]):
                return number
        return None

    def leads_to(self, start: int, ends: list[int]) -> bool:
        """Say whether a path goes from one piece to one of the others."""
        seen = set(ends)
        stack = list(ends)
        while stack:
            number = stack.pop()
            if number == start:
                return True
            for source in self.pieces[number].sources:
                if source not in seen:
                    seen.add(source)
                    stack.append(source)
        return False


def _sorted(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with sources first, and number the sources anew."""
    order: dict[int, int] = {}
    for end in range(len(pieces)):
        stack = [end]
        while stack:
            number = stack[-1]
            waiting = [s for s in pieces[number].sources if s not in order] if number not in order else []
            if waiting:
                stack += waiting[::-1]
                continue
            stack.pop()
            order.setdefault(number, len(order))
    for piece in pieces:
        piece.sources = {order[source]: None for source in piece.sources}
    return [pieces[number] for number in order]
