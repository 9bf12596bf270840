"""The extension that draws the graph of the loss, and the one that releases graphs."""

from __future__ import annotations

import os

from chaingrad.autograd.configuration import config
from chaingrad.autograd.drawing.computational_graph import build_computational_graph
from chaingrad.autograd.variable import Variable
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.output import write_text
from chaingrad.training.trainer import Trainer

# The DumpGraphs that need graphs to be kept, by id, with the value of `config.keep_graph_on_report` before the first.
_waiting: dict[int, bool] = {}


class DumpGraph(Extension):
    """Save the graph of a reported Variable, once, after the first iteration.

    Two files are written: the graph as text for the program `dot` of Graphviz, and a picture of it (`cg.svg` beside
    `cg.dot`), which needs no other program. With a file name that ends in `.svg` only the picture is written.

    Args:
        root_name (str): name of the Variable, as reported: `'main/loss'`.
        filename (str): name of the file in the trainer's folder. Default: `cg.dot`.
        variable_style (dict): attributes of variables in the language of `dot`.
        function_style (dict): attributes of functions in the language of `dot`.
        out_name (str): old name of `filename`.

    Raises:
        KeyError: when it is called and nothing was reported under that name.
        TypeError: when it is called and the reported value is not a Variable.

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
        self._flag = False  # whether the trigger has fired

    def initialize(self, trainer: Trainer) -> None:
        """Let reported Variables keep their graphs until the picture is drawn."""
        if self._flag:
            return
        original = next(iter(_waiting.values())) if _waiting else config.keep_graph_on_report
        _waiting[id(self)] = original
        config.keep_graph_on_report = True

    def trigger(self, trainer: Trainer) -> bool:
        """Return True at the first call."""
        fires = not self._flag
        self._flag = True
        return fires

    def __call__(self, trainer: Trainer) -> None:
        """Write the graph."""
        self._restore_configuration()
        observation = trainer.observation
        name = self._root_name
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

    def _restore_configuration(self) -> None:
        """Restore the configuration, unless another DumpGraph waits for its graph."""
        original = _waiting.pop(id(self), None)
        if original is not None and not _waiting:
            config.keep_graph_on_report = original

    def finalize(self) -> None:
        """Restore the configuration, if the graph was never written."""
        self._restore_configuration()

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load whether the trigger has fired."""
        self._flag = bool(serializer('_flag', self._flag))

    def __repr__(self) -> str:
        return f'DumpGraph({self._root_name!r}, filename={self._filename!r})'


dump_graph = DumpGraph


class unchain_variables(Extension):
    """Release the graphs of all reported Variables when `config.keep_graph_on_report` has changed from True to False.

    It is for extensions that set the flag and do not release the graphs that they have used.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.unchain_variables().priority
        -1
    """

    priority = -1

    def __init__(self) -> None:
        self._prev_flag = False

    def initialize(self, _: Trainer) -> None:
        """Note the flag."""
        self._prev_flag = config.keep_graph_on_report

    def trigger(self, _: Trainer) -> bool:
        """Return whether the flag has changed from True to False since the last call."""
        previous = self._prev_flag
        self._prev_flag = config.keep_graph_on_report
        return bool(previous and not self._prev_flag)

    def __call__(self, trainer: Trainer) -> None:
        """Release the graphs of the reported Variables."""
        for value in trainer.observation.values():
            if isinstance(value, Variable):
                value.unchain_backward()
