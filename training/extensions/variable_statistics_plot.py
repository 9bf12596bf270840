"""The extension that plots statistics of parameters and gradients during training."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.backends import cuda
from chaingrad.autograd.variable import Variable
from chaingrad.links.link import Link
from chaingrad.links.serializer import AbstractSerializer, Serializer
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.output import write_file
from chaingrad.training.plotting import matplotlib_available, new_figure, small_legend
from chaingrad.training.trainer import Trainer
from chaingrad.training.triggers.interval import TriggerLike, get_trigger, optional


class _Figures:
    """A stand-in for `matplotlib.pyplot` that makes figures without its global state."""

    @staticmethod
    def subplots(rows: int, columns: int, **options: Any) -> tuple[Any, Any]:
        figsize = options.pop('figsize', None)
        figure = new_figure('VariableStatisticsPlot', figsize=figsize)
        return figure, figure.subplots(rows, columns, **options)


class VariableStatisticsPlot(Extension):
    """Plot mean, standard deviation and percentiles of Variables and their gradients against iterations.

    The statistics are over all elements of all targets. When there are more points than `max_sample_size`, every second
    one is dropped, and from then on only every second iteration gives a point, and so on.

    Args:
        targets (Variable, Link or iterable): a Variable, a link, or several of them.
        max_sample_size (int): largest number of points.
        report_data (bool): whether to plot the values.
        report_grad (bool): whether to plot the gradients.
        plot_mean (bool): whether to plot the mean.
        plot_std (bool): whether to plot the standard deviation.
        percentile_sigmas (float or sequence): one or several percentiles to plot; none if it is empty.
        trigger (trigger or tuple): when the picture is saved.
        filename (str): name of the picture in the trainer's folder. Default: `statistics.png`.
        figsize (tuple): width and height in inches.
        marker (str): matplotlib's marker of the points.
        grid (bool): whether to draw a grid.
        file_name (str): old name of `filename`.

    Raises:
        ValueError: when nothing is to be plotted, or a target is neither a Variable nor a link.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.training import extensions
        >>> extensions.VariableStatisticsPlot(L.Linear(3, 2))
        VariableStatisticsPlot(2 variables, filename='statistics.png')
    """

    def __init__(
        self,
        targets: Variable | Link | Iterable[Variable | Link],
        max_sample_size: int = 1000,
        report_data: bool = True,
        report_grad: bool = True,
        plot_mean: bool = True,
        plot_std: bool = True,
        percentile_sigmas: float | Sequence[float] = (0, 0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87, 100),
        trigger: TriggerLike = (1, 'epoch'),
        filename: str | None = None,
        figsize: tuple[float, float] | None = None,
        marker: str | None = None,
        grid: bool = True,
        *,
        file_name: str = 'statistics.png',
    ) -> None:
        self._variables = list(_collect_variables(targets))
        self._attrs = []
        if report_data:
            self._attrs.append('data')
        if report_grad:
            self._attrs.append('grad')
        self._sigmas = [float(sigma) for sigma in np.atleast_1d(percentile_sigmas)]
        self._plots_mean = plot_mean
        self._plots_std = plot_std
        if not self._variables or not self._attrs or not (plot_mean or plot_std or self._sigmas):
            raise ValueError(
                'VariableStatisticsPlot: nothing is to be plotted: it needs targets, report_data or report_grad, and '
                f'plot_mean, plot_std or percentile_sigmas, but it got {len(self._variables)} variables.'
            )
        self._max_sample_size = max_sample_size
        self._interval = 1  # number of iterations from one point to the next
        self._points: list[list[Any]] = []  # [iteration, [[mean, std, *percentiles] per attribute]]
        self._trigger = get_trigger(trigger)
        self._filename = file_name if filename is None else filename
        self._figsize = figsize
        self._marker = marker
        self._grid = grid

    @staticmethod
    def available() -> bool:
        """Return whether matplotlib is installed."""
        return matplotlib_available()

    def initialize(self, trainer: Trainer) -> None:
        """Check that matplotlib is installed, before training starts."""
        new_figure('VariableStatisticsPlot')

    def __call__(self, trainer: Trainer) -> None:
        """Add a point; when the trigger fires save the picture."""
        iteration = trainer.updater.iteration
        if iteration % self._interval == 0:
            self._points.append([iteration, [self._measure(attr) for attr in self._attrs]])
            if len(self._points) > self._max_sample_size:
                self._interval *= 2
                self._points = [point for point in self._points if point[0] % self._interval == 0]
        if self._trigger(trainer) and self._points:
            self.save_plot_using_module(os.path.join(trainer.out, self._filename), _Figures)

    def _measure(self, attr: str) -> list[float]:
        """Return mean, standard deviation and percentiles of all arrays or gradients; NaN when there are none."""
        arrays = [getattr(variable, attr) for variable in self._variables if variable.array is not None]
        flat = [cuda.to_cpu(array).ravel() for array in arrays if array is not None]
        if not flat:
            return [float('nan')] * (2 + len(self._sigmas))
        x = np.concatenate(flat)
        mean = float(x.mean(dtype=np.float64))
        std = float(x.std(dtype=np.float64))
        return [mean, std, *np.percentile(x, self._sigmas).tolist()]

    def save_plot_using_module(self, file_path: str, plt: Any) -> None:
        """Draw the points and save the picture.

        Args:
            file_path (str): the picture's path.
            plt: an object with a function `subplots`, such as `matplotlib.pyplot`.
        """
        has_top = bool(self._plots_mean or self._plots_std)  # mean and standard deviation above, percentiles below
        n_rows = int(has_top) + int(bool(self._sigmas))
        figure, grid = plt.subplots(n_rows, len(self._attrs), figsize=self._figsize, sharex=True, squeeze=False)
        x = [iteration for iteration, _ in self._points]
        y = np.array([values for _, values in self._points])
        for column, attr in enumerate(self._attrs):
            top = grid[0, column]
            bottom = grid[-1, column]
            top.set_title(attr)
            bottom.set_xlabel('iteration')
            if has_top:
                mean = y[:, column, 0]
                std = y[:, column, 1]
                if self._plots_mean:
                    top.errorbar(x, mean, std if self._plots_std else None, marker=self._marker, label='mean')
                else:
                    top.plot(x, std, marker=self._marker, label='std')
                small_legend(top)
                top.grid(self._grid)
            if self._sigmas:
                for i, sigma in enumerate(self._sigmas):
                    bottom.plot(x, y[:, column, 2 + i], marker=self._marker, label=f'{sigma:g} %')
                small_legend(bottom)
                bottom.grid(self._grid)
        write_file(file_path, lambda name: figure.savefig(name, bbox_inches='tight'))
        if hasattr(plt, 'close'):
            plt.close(figure)

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the points; a file written by Chainer has none."""
        child = serializer['chaingrad']
        if hasattr(self._trigger, 'serialize'):
            self._trigger.serialize(child['_trigger'])
        points = optional(child, 'points', json.dumps(self._points), '[]')
        if not isinstance(serializer, Serializer):
            self._points = json.loads(points)
        self._interval = int(optional(child, 'every', self._interval, 1))

    def __repr__(self) -> str:
        return f'VariableStatisticsPlot({len(self._variables)} variables, filename={self._filename!r})'


def _collect_variables(targets: Any) -> Iterator[Variable]:
    if isinstance(targets, Variable):
        yield targets
    elif isinstance(targets, Link):
        yield from targets.params()
    elif isinstance(targets, (str, bytes)) or not isinstance(targets, Iterable):
        raise ValueError(f'VariableStatisticsPlot: targets must be Variables or links, but one is {targets!r}.')
    else:
        for target in targets:
            yield from _collect_variables(target)
