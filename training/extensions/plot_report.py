"""The extension that plots reported values."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from chaingrad.autograd.advice import habits
from chaingrad.autograd.warning import warn
from chaingrad.links.reporter import DictSummary
from chaingrad.links.serializer import AbstractSerializer, Serializer
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.output import STDOUT, Displayed, Output, write_file
from chaingrad.training.plotting import matplotlib_available, new_figure, small_legend
from chaingrad.training.trainer import Trainer
from chaingrad.training.triggers.interval import TriggerLike, get_trigger, optional


class PlotReport(Extension):
    """Plot reported values against iterations or epochs, and save the picture after every interval.

    In a notebook the picture is shown too, and each new one takes the place of the last.

    Args:
        y_keys (str or iterable): names of the values to plot, one line each.
        x_key (str): `'iteration'`, `'epoch'`, or the name of a reported value.
        trigger (trigger or tuple): the interval over which the values of a point are averaged.
        postprocess (callable): called with the figure, its axes and the summary before the picture is saved.
        filename (str): name of the picture in the trainer's folder; its suffix is the format. Default: `plot.png`.
        marker (str): matplotlib's marker of the points, or None.
        grid (bool): whether to draw a grid.
        file_name (str): old name of `filename`.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.PlotReport(['main/loss', 'validation/main/loss'], 'epoch', filename='loss.png')
        PlotReport(['main/loss', 'validation/main/loss'], x_key='epoch', filename='loss.png')
    """

    def __init__(
        self,
        y_keys: str | Iterable[str],
        x_key: str = 'iteration',
        trigger: TriggerLike = (1, 'epoch'),
        postprocess: Callable[[Any, Any, Any], Any] | None = None,
        filename: str | None = None,
        marker: str | None = 'x',
        grid: bool = True,
        *,
        file_name: str = 'plot.png',
    ) -> None:
        self._y_keys = [y_keys] if isinstance(y_keys, str) else list(y_keys)
        self._x_key = x_key
        self._trigger = get_trigger(trigger)
        self._postprocess = postprocess
        self._file_name = file_name if filename is None else filename
        self._marker = marker
        self._grid = grid
        self._summary = DictSummary()
        self._displayed = Displayed()
        self._data: dict[str, list[list[float]]] = {key: [] for key in self._y_keys}
        self._seen: set[str] = set()
        self._has_plotted = False  # whether an interval has ended, in which all values should have been reported

    @staticmethod
    def available() -> bool:
        """Return whether matplotlib is installed."""
        return matplotlib_available()

    def initialize(self, trainer: Trainer) -> None:
        """Check that matplotlib is installed, before training starts."""
        new_figure('PlotReport')

    def __call__(self, trainer: Trainer) -> None:
        """Add the reported values to the means; at the end of an interval add a point and save the picture."""
        observation = trainer.observation
        keys = [*self._y_keys, self._x_key]
        self._seen.update(observation)
        self._summary.add({key: observation[key] for key in keys if key in observation})
        if not (self._trigger(trainer) or trainer.is_before_training):
            return
        self._has_plotted = True
        means = {key: float(mean) for key, mean in self._summary.compute_mean().items()}
        means['epoch'] = trainer.updater.epoch
        means['iteration'] = trainer.updater.iteration
        if self._x_key in means:
            for key in self._y_keys:
                if key in means:
                    self._data[key].append([means[self._x_key], means[key]])
        self._plot(os.path.join(trainer.out, self._file_name))
        self._summary = DictSummary()

    def _plot(self, path: str) -> None:
        if not any(self._data.values()):
            return
        figure = new_figure('PlotReport')
        axes = figure.add_subplot(111)
        names = ', '.join(dict.fromkeys(key.rpartition('/')[2] for key in self._y_keys))
        axes.set(xlabel=self._x_key, ylabel=names, title=f'{names} by {self._x_key}')
        if self._grid:
            axes.grid(alpha=0.3)
        if self._x_key in ('epoch', 'iteration'):
            axes.xaxis.get_major_locator().set_params(integer=True)
        for key, points in self._data.items():
            if points:
                x = [point[0] for point in points]
                y = [point[1] for point in points]
                axes.plot(x, y, marker=self._marker, label=key)
        if self._postprocess is not None:
            self._postprocess(figure, axes, self._summary)
        small_legend(axes)
        write_file(path, lambda name: figure.savefig(name, bbox_inches='tight'))
        notebook = Output(STDOUT).notebook
        if notebook is not None:
            picture = io.BytesIO()
            figure.savefig(picture, format='png', bbox_inches='tight')
            self._displayed.show(notebook, notebook.Image(picture.getvalue(), width=500))

    def finalize(self) -> None:
        """Warn about values that were never reported."""
        never = [key for key, points in self._data.items() if not points and key not in self._seen]
        if never and self._has_plotted:
            known = ', '.join(map(repr, sorted(self._seen)))
            warn(
                f'PlotReport: {", ".join(map(repr, never))} was never reported, so {self._file_name} lacks it. '
                f'Reported were: {known}.{habits().did_you_mean(never[0], self._seen)}',
            )

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the points so far and the sums of the unfinished interval."""
        key = f'_plot_{self._file_name}'
        if isinstance(serializer, Serializer):
            serializer(key, json.dumps(self._data))
        else:
            saved = json.loads(optional(serializer, key, '', '{}') or '{}')
            self._data = {name: saved.get(name, []) for name in self._y_keys}
        child = serializer['chaingrad']
        if hasattr(self._trigger, 'serialize'):
            self._trigger.serialize(child['_trigger'])
        # A file written by Chainer does not have the unfinished interval.
        if optional(child, 'has_summary', True, False):
            self._summary.serialize(child['_summary'])

    def __repr__(self) -> str:
        return f'PlotReport({self._y_keys!r}, x_key={self._x_key!r}, filename={self._file_name!r})'
