"""The extension that draws the graph of the loss, and the one that lets graphs go."""

from __future__ import annotations

import os
from typing import Any

from chaingrad.autograd.configuration import config
from chaingrad.autograd.drawing.computational_graph import build_computational_graph
from chaingrad.autograd.variable import Variable
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.output import write_text

_waiting: dict[int, bool] = {}  # DumpGraphs that need graphs to be kept, and the flag as the first of them found it


class DumpGraph(Extension):
    """Save the graph of a reported Variable, once, after the first iteration.

    Two files are written: the graph as text for the program `dot` of Graphviz, and a picture of it (`cg.svg` beside
    `cg.dot`), which needs no program. Is the name of the file one of an `.svg`, only the picture is.

    Args:
        root_name: Name of the Variable, as reported: `'main/loss'`.
        filename: Name of the file in the trainer's folder. Default: `cg.dot`.
        variable_style: Dot attributes of variables.
        function_style: Dot attributes of functions.
        out_name: Old name of `filename`.

    Raises:
        KeyError: When called, nothing was reported under that name.
        TypeError: When called, what was reported is no Variable.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.DumpGraph('main/loss')
        DumpGraph('main/loss', filename='cg.dot')
    """

    default_name = 'dump_graph'

    def __init__(
        self,
        root_name: str,
        filename: str | None = None,
        variable_style: dict[str, str] | None = None,
        function_style: dict[str, str] | None = None,
        *,
        out_name: str = 'cg.dot',
    ) -> None:
        self._root_name = root_name
        self._filename = out_name if filename is None else filename
        self._variable_style = 'default' if variable_style is None else variable_style
        self._function_style = 'default' if function_style is None else function_style
        self._flag = False  # whether it was called

    def initialize(self, trainer: Any) -> None:
        """Let reported Variables keep their graphs until the picture is made."""
        if not self._flag:
            _waiting[id(self)] = next(iter(_waiting.values()), config.keep_graph_on_report)
            config.keep_graph_on_report = True

    def trigger(self, trainer: Any) -> bool:
        """Return True at the first call."""
        fires, self._flag = not self._flag, True
        return fires

    def __call__(self, trainer: Any) -> None:
        """Write the graph."""
        self._let_go()
        observation, name = trainer.observation, self._root_name
        if name not in observation:
            known = ', '.join(map(repr, observation)) or 'nothing'
            raise KeyError(f'DumpGraph: {name!r} was not reported; reported were: {known}.')
        root = observation[name]
        if not isinstance(root, Variable):
            raise TypeError(f'DumpGraph: {name!r} must be a Variable, but a {type(root).__name__} was reported.')
        graph = build_computational_graph(
            [root], variable_style=self._variable_style, function_style=self._function_style
        )
        path = os.path.join(trainer.out, self._filename)
        stem, suffix = os.path.splitext(path)
        if suffix != '.svg':
            write_text(path, graph.dump())
        write_text(stem + '.svg', graph.dump('svg'))
        if not config.keep_graph_on_report:
            root.unchain_backward()  # the observation outlives the iteration, the graph must not

    def _let_go(self) -> None:
        """Put the configuration back, when no other waits for a graph."""
        original = _waiting.pop(id(self), None)
        if original is not None and not _waiting:
            config.keep_graph_on_report = original

    def finalize(self) -> None:
        """Put the configuration back, if that is not done."""
        self._let_go()

    def serialize(self, serializer: Any) -> None:
        """Save or load whether it was called."""
        self._flag = bool(serializer('_flag', self._flag))

    def __repr__(self) -> str:
        return f'DumpGraph({self._root_name!r}, filename={self._filename!r})'


dump_graph = DumpGraph


class unchain_variables(Extension):
    """Let go of the graphs of all reported Variables, when `config.keep_graph_on_report` was on and is off again.

    A last resort for extensions that turn the flag on and do not release the graphs that they used.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.unchain_variables().priority
        -1
    """

    priority = -1

    def __init__(self) -> None:
        self._prev_flag = False

    def initialize(self, _: Any) -> None:
        """Take note of the flag."""
        self._prev_flag = config.keep_graph_on_report

    def trigger(self, _: Any) -> bool:
        """Return whether the flag was turned off since the last call."""
        before, self._prev_flag = self._prev_flag, config.keep_graph_on_report
        return bool(before and not self._prev_flag)

    def __call__(self, trainer: Any) -> None:
        """Cut the graphs of the observation off."""
        for value in trainer.observation.values():
            if isinstance(value, Variable):
                value.unchain_backward()
