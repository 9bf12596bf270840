"""The extension that plots statistics of parameters and gradients over the training."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.backends import cuda
from chaingrad.autograd.variable import Variable
from chaingrad.links.link import Link
from chaingrad.links.serializers.serializer import Serializer
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.output import write_file
from chaingrad.training.extensions.plot_report import matplotlib_available, new_figure
from chaingrad.training.triggers.interval import get_trigger, optional


class _Figures:
    """What of pyplot is needed to make figures, without its global state."""

    @staticmethod
    def subplots(rows: int, columns: int, **options: Any) -> tuple[Any, Any]:
        figsize = options.pop('figsize', None)
        figure = new_figure('VariableStatisticsPlot', figsize=figsize)
        return figure, figure.subplots(rows, columns, **options)


class VariableStatisticsPlot(Extension):
    """Plot mean, standard deviation and percentiles of Variables and their gradients against iterations.

    All elements of all targets are taken together. When there are more points than `max_sample_size`, every second
    one is dropped and from then on only every second iteration is looked at, and so on.

    Args:
        targets: A Variable, a link, or several of them.
        max_sample_size: How many points are kept.
        report_data: Whether to plot the values.
        report_grad: Whether to plot the gradients.
        plot_mean: Whether to plot the mean.
        plot_std: Whether to plot the standard deviation.
        percentile_sigmas: Percentiles to plot, a number or several; none if empty.
        trigger: When the picture is saved; a trigger or a tuple.
        filename: Name of the picture in the trainer's folder. Default: `statistics.png`.
        figsize: Width and height in inches.
        marker: Matplotlib's marker of the points.
        grid: Whether to draw a grid.
        file_name: Old name of `filename`.

    Raises:
        ValueError: Nothing is to be plotted, or a target is no Variable and no link.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.training import extensions
        >>> extensions.VariableStatisticsPlot(L.Linear(3, 2))
        VariableStatisticsPlot(2 variables, filename='statistics.png')
    """

    def __init__(
        self,
        targets: Any,
        max_sample_size: int = 1000,
        report_data: bool = True,
        report_grad: bool = True,
        plot_mean: bool = True,
        plot_std: bool = True,
        percentile_sigmas: float | Sequence[float] = (0, 0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87, 100),
        trigger: Any = (1, 'epoch'),
        filename: str | None = None,
        figsize: tuple[float, float] | None = None,
        marker: str | None = None,
        grid: bool = True,
        *,
        file_name: str = 'statistics.png',
    ) -> None:
        self._variables = list(_variables_of(targets))
        self._attrs = ['data'] * report_data + ['grad'] * report_grad
        self._sigmas = [float(s) for s in np.atleast_1d(percentile_sigmas)]
        self._plots_mean, self._plots_std = plot_mean, plot_std
        if not self._variables or not self._attrs or not (plot_mean or plot_std or self._sigmas):
            raise ValueError(
                'VariableStatisticsPlot: nothing is to be plotted: it needs targets, report_data or report_grad, and '
                f'plot_mean, plot_std or percentile_sigmas, but it got {len(self._variables)} variables.'
            )
        self._max_sample_size = max_sample_size
        self._every = 1  # iterations from one point to the next
        self._points: list[list[Any]] = []  # [iteration, [[mean, std, *percentiles] per attribute]]
        self._trigger = get_trigger(trigger)
        self._filename = file_name if filename is None else filename
        self._figsize, self._marker, self._grid = figsize, marker, grid

    @staticmethod
    def available() -> bool:
        """Return whether pictures can be made: whether matplotlib is there."""
        return matplotlib_available()

    def initialize(self, trainer: Any) -> None:
        """See that pictures can be made, before training begins."""
        new_figure('VariableStatisticsPlot')

    def __call__(self, trainer: Any) -> None:
        """Add a point; when the trigger fires save the picture."""
        iteration = trainer.updater.iteration
        if iteration % self._every == 0:
            self._points.append([iteration, [self._measure(attr) for attr in self._attrs]])
            if len(self._points) > self._max_sample_size:
                self._every *= 2
                self._points = [point for point in self._points if point[0] % self._every == 0]
        if self._trigger(trainer) and self._points:
            self.save_plot_using_module(os.path.join(trainer.out, self._filename), _Figures)

    def _measure(self, attr: str) -> list[float]:
        arrays = [getattr(v, attr) for v in self._variables if v.array is not None]
        flat = [cuda.to_cpu(array).ravel() for array in arrays if array is not None]
        if not flat:
            return [float('nan')] * (2 + len(self._sigmas))
        x = np.concatenate(flat)
        return [
            float(x.mean(dtype=np.float64)),
            float(x.std(dtype=np.float64)),
            *np.percentile(x, self._sigmas).tolist(),
        ]

    def save_plot_using_module(self, file_path: str, plt: Any) -> None:
        """Draw the points and save the picture.

        Args:
            file_path: The picture's path.
            plt: Something with `subplots`, such as `matplotlib.pyplot`.
        """
        heights = [bool(self._plots_mean or self._plots_std), bool(self._sigmas)]
        figure, grid = plt.subplots(sum(heights), len(self._attrs), figsize=self._figsize, sharex=True, squeeze=False)
        x = [iteration for iteration, _ in self._points]
        y = np.array([values for _, values in self._points])
        for column, attr in enumerate(self._attrs):
            axes = list(grid[:, column])
            axes[0].set_title(attr)
            axes[-1].set_xlabel('iteration')
            if heights[0]:
                top = axes.pop(0)
                mean, std = y[:, column, 0], y[:, column, 1]
                if self._plots_mean:
                    top.errorbar(x, mean, std if self._plots_std else None, marker=self._marker, label='mean')
                else:
                    top.plot(x, std, marker=self._marker, label='std')
                top.legend()
                top.grid(self._grid)
            if heights[1]:
                for i, sigma in enumerate(self._sigmas):
                    axes[0].plot(x, y[:, column, 2 + i], marker=self._marker, label=f'{sigma:g} %')
                axes[0].legend(fontsize='small')
                axes[0].grid(self._grid)
        write_file(file_path, lambda name: figure.savefig(name, bbox_inches='tight'))
        if hasattr(plt, 'close'):
            plt.close(figure)

    def serialize(self, serializer: Any) -> None:
        """Save or load the points; a file of the reference has none of them."""
        ours = serializer['chaingrad']
        if hasattr(self._trigger, 'serialize'):
            self._trigger.serialize(ours['_trigger'])
        points = optional(ours, 'points', json.dumps(self._points), '[]')
        if not isinstance(serializer, Serializer):
            self._points = json.loads(points)
        self._every = int(optional(ours, 'every', self._every, 1))

    def __repr__(self) -> str:
        return f'VariableStatisticsPlot({len(self._variables)} variables, filename={self._filename!r})'


def _variables_of(targets: Any) -> Iterable[Variable]:
    if isinstance(targets, Variable):
        yield targets
    elif isinstance(targets, Link):
        yield from targets.params()
    elif isinstance(targets, (str, bytes)) or not isinstance(targets, Iterable):
        raise ValueError(f'VariableStatisticsPlot: targets must be Variables or links, but one is {targets!r}.')
    else:
        for target in targets:
            yield from _variables_of(target)
