"""The graph of Variables as text for the dot program, or as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from chaingrad.autograd.drawing.svg import Box, render_svg
from chaingrad.autograd.variable_node import VariableNode

Node: TypeAlias = Any
"""A VariableNode or a FunctionNode."""

Edge: TypeAlias = tuple[Node, Node]

Style: TypeAlias = Mapping[str, str] | str | None
"""Attributes of the dot language, or 'default'."""

_VARIABLE_STYLE = {'shape': 'octagon', 'fillcolor': '#E0E0E0', 'style': 'filled'}
_FUNCTION_STYLE = {'shape': 'record', 'fillcolor': '#6495ED', 'style': 'filled'}
_DOT_ESCAPES = str.maketrans({'\\': r'\\', '"': r'\"', '\n': r'\n'})
_RECORD_ESCAPES = str.maketrans({c: '\\' + c for c in '{}|<>'})


def _label(node: Any, show_name: bool) -> str:
    """Return `name: (2, 3), float32` for a variable, and its label for a function."""
    if not isinstance(node, VariableNode):
        return str(node.label)
    if node.dtype is None:
        text = 'not initialized'
    elif node.shape:
        text = f'({", ".join(map(str, node.shape))}), {node.dtype}'
    else:
        text = str(node.dtype)
    return f'{node.name}: {text}' if show_name and node.name else text


class DotNode:
    """One node of the graph as a statement of the dot language.

    Args:
        node: VariableNode or FunctionNode.
        attribute: attributes of the dot language, such as `{'shape': 'box'}`.
        show_name: whether a variable's name is shown.
    """

    def __init__(self, node: Node, attribute: Mapping[str, str] | None = None, show_name: bool = True) -> None:
        self.node = node
        self.id_ = id(node)
        self.attribute = {'label': _label(node, show_name)}
        if attribute is not None:
            self.attribute.update(attribute)
        self.attribute.setdefault('shape', 'oval' if isinstance(node, VariableNode) else 'box')

    @property
    def label(self) -> str:
        """The statement, with all attributes."""
        is_record = self.attribute['shape'] in ('record', 'Mrecord')
        parts = []
        for key, value in self.attribute.items():
            text = str(value).translate(_DOT_ESCAPES)
            if is_record and key == 'label':
                text = text.translate(_RECORD_ESCAPES)
            parts.append(f'{key}="{text}"')
        return f'{self.id_} [{",".join(parts)}];'


class ComputationalGraph:
    """The nodes and edges of a graph, ready to be written; made by `build_computational_graph`.

    Args:
        nodes: VariableNodes and FunctionNodes.
        edges: pairs of nodes, from input to output.
        variable_style: dot attributes of variables, or `'default'`.
        function_style: dot attributes of functions, or `'default'`.
        rankdir: the direction of the arrows: `'TB'` (top to bottom), `'BT'`, `'LR'` or `'RL'`.
        remove_variable: whether to show functions only.
        show_name: whether to show the names of variables.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        edges: Sequence[Edge],
        variable_style: Style = 'default',
        function_style: Style = 'default',
        rankdir: str = 'TB',
        remove_variable: bool = False,
        show_name: bool = True,
    ) -> None:
        if rankdir not in ('TB', 'BT', 'LR', 'RL'):
            raise ValueError(f"rankdir must be 'TB', 'BT', 'LR' or 'RL', but {rankdir!r} was given.")
        self.nodes = list(nodes)
        self.edges = list(edges)
        self.variable_style: Any = _VARIABLE_STYLE if variable_style == 'default' else variable_style
        self.function_style: Any = _FUNCTION_STYLE if function_style == 'default' else function_style
        self.rankdir = rankdir
        self.remove_variable = remove_variable
        self.show_name = show_name

    def _shown(self) -> tuple[list[DotNode], list[tuple[int, int]]]:
        """Return the nodes to draw, numbered from 0, and the edges between their numbers."""
        nodes, edges = self.nodes, self.edges
        if self.remove_variable:
            nodes, edges = _without_variables(nodes, edges)
        dots = []
        for i, node in enumerate(nodes):
            style = self.variable_style if isinstance(node, VariableNode) else self.function_style
            dot = DotNode(node, style, self.show_name)
            dot.id_ = i
            dots.append(dot)
        index = {node: i for i, node in enumerate(nodes)}
        return dots, [(index[u], index[v]) for u, v in edges]

    def dump(self, format: str = 'dot') -> str:
        """Return the graph as text.

        Args:
            format: `'dot'` for the language of the dot program, `'svg'` for a picture that needs no other program.

        Raises:
            NotImplementedError: when `format` is neither.
        """
        if format not in ('dot', 'svg'):
            raise NotImplementedError(f"dump: format must be 'dot' or 'svg', but {format!r} was given.")
        dots, edges = self._shown()
        if format == 'svg':
            return render_svg([Box(dot.attribute['label'], dot.attribute) for dot in dots], edges, self.rankdir)
        lines = [f'digraph graphname{{rankdir={self.rankdir};']
        lines += [dot.label for dot in dots]
        lines += [f'{u} -> {v};' for u, v in edges]
        lines.append('}')
        return '\n'.join(lines)

    def to_svg(self) -> str:
        """Return a picture of the graph as SVG."""
        return self.dump('svg')

    _repr_svg_ = to_svg  # notebooks show it


def _without_variables(nodes: Iterable[Node], edges: Iterable[Edge]) -> tuple[list[Node], list[Edge]]:
    """Return the functions, and an edge from each to those that take its outputs."""
    makers: dict[Node, Node] = {}
    users: dict[Node, list[Node]] = {}
    for u, v in edges:
        if isinstance(v, VariableNode):
            makers[v] = u
        else:
            users.setdefault(u, []).append(v)
    direct: dict[Edge, None] = {}  # a set that keeps its order
    for variable, maker in makers.items():
        for user in users.get(variable, ()):
            direct[maker, user] = None
    return [node for node in nodes if not isinstance(node, VariableNode)], list(direct)


def _sources(node: Node) -> tuple[Node, ...]:
    """Return the nodes that a node was computed from."""
    if isinstance(node, VariableNode):
        return () if node.creator_node is None else (node.creator_node,)
    return tuple(node.inputs)


def build_computational_graph(
    outputs: Any,
    remove_split: bool = True,
    variable_style: Style = 'default',
    function_style: Style = 'default',
    rankdir: str = 'TB',
    remove_variable: bool = False,
    show_name: bool = True,
) -> ComputationalGraph:
    """Collect the graph that the outputs were computed with.

    Args:
        outputs: a Variable or a list of Variables or nodes.
        remove_split: must be True; it is an argument for old programs only.
        variable_style: dict of dot attributes for variables, such as `{'fillcolor': 'white'}`, or `'default'`.
        function_style: dict of dot attributes for functions, or `'default'`.
        rankdir: the direction of the arrows: `'TB'` (top to bottom), `'BT'`, `'LR'` or `'RL'`.
        remove_variable: whether to show functions only.
        show_name: whether to show the names of variables.

    Returns:
        ComputationalGraph, whose text `dump('dot')` and `dump('svg')` return.

    Raises:
        ValueError: when `remove_split` is False or `rankdir` is not known.

    Example:
        >>> import numpy as np
        >>> from chaingrad import Variable
        >>> from chaingrad.autograd.drawing.computational_graph import build_computational_graph
        >>> x = Variable(np.ones((2, 3)), name='x')
        >>> print(build_computational_graph([x + 1]).dump())
        digraph graphname{rankdir=TB;
        0 [label="x: (2, 3), float64",shape="octagon",fillcolor="#E0E0E0",style="filled"];
        1 [label="_ + 1",shape="record",fillcolor="#6495ED",style="filled"];
        2 [label="(2, 3), float64",shape="octagon",fillcolor="#E0E0E0",style="filled"];
        0 -> 1;
        1 -> 2;
        }
    """
    if not remove_split:
        raise ValueError('build_computational_graph: remove_split=False is not supported. Leave the argument out.')
    starts = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    order: dict[Node, None] = {}  # sets that keep their order
    edges: dict[Edge, None] = {}
    stack: list[Node] = [getattr(output, 'node', output) for output in reversed(starts)]
    while stack:  # the sources of a node come before it, in the order of its inputs
        node = stack[-1]
        sources = () if node in order else _sources(node)
        waiting = [source for source in sources if source not in order]
        if waiting:
            stack += reversed(waiting)
            continue
        stack.pop()
        for source in sources:
            edges[source, node] = None
        order[node] = None
    return ComputationalGraph(
        list(order), list(edges), variable_style, function_style, rankdir, remove_variable, show_name
    )
