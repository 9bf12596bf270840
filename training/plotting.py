"""The style of all plots: figures with 150 dots per inch and colours that colour-blind people can tell apart.

Figures are made without matplotlib's global state: no backend is chosen, no window opened, no setting changed. What a
program has set itself (`matplotlib.rcParams`) is kept.
"""

from __future__ import annotations

import functools
from typing import Any

__all__ = ['COLORS', 'new_figure', 'small_legend']

# From M. Okabe, K. Ito, Color Universal Design (2008), the dark ones first.
COLORS = ('#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#f0e442')
DPI = 150


def matplotlib_available() -> bool:
    """Return whether matplotlib can be imported."""
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        return False
    return True


def new_figure(who: str = 'new_figure', **options: Any) -> Any:
    """Return an empty figure in the style of all plots, with a canvas of its own.

    Its subplots take the colours of `COLORS` in turn. Its methods are those of `matplotlib.figure.Figure`.

    Args:
        who (str): whose error it is when matplotlib is missing.
        options: arguments of `matplotlib.figure.Figure`, such as `figsize` in inches and `layout='constrained'`.

    Returns:
        matplotlib.figure.Figure.

    Raises:
        ImportError: when matplotlib is missing.

    Example:
        >>> from chaingrad.training.plotting import new_figure, small_legend
        >>> figure = new_figure(figsize=(6, 4))
        >>> axes = figure.subplots()
        >>> lines = axes.plot([0, 1, 2], [3, 2, 1], label='loss')
        >>> texts = axes.set(xlabel='epoch', ylabel='loss', title='loss by epoch')
        >>> legend = small_legend(axes)
        >>> figure.savefig('loss.png')
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        cls = _figure_class()
    except ImportError as error:
        raise ImportError(f'{who}: matplotlib is missing. Install it: pip install matplotlib') from error
    if _is_default('figure.dpi'):
        options.setdefault('dpi', DPI)
    figure = cls(**options)
    FigureCanvasAgg(figure)
    return figure


def small_legend(axes: Any, **options: Any) -> Any:
    """Add a legend in small type, half transparent, where it hides the least.

    Args:
        axes: the subplot.
        options: further arguments of its method `legend`.

    Returns:
        matplotlib.legend.Legend.

    Example:
        >>> from chaingrad.training.plotting import new_figure, small_legend
        >>> axes = new_figure().subplots()
        >>> lines = axes.plot([3, 2, 1], label='loss')
        >>> [text.get_text() for text in small_legend(axes).get_texts()]
        ['loss']
    """
    return axes.legend(**{'fontsize': 'small', 'framealpha': 0.7, **options})


@functools.cache
def _figure_class() -> Any:
    """Return the class of figures, which is made when matplotlib is first needed."""
    from matplotlib.figure import Figure

    class StyledFigure(Figure):
        def add_subplot(self, *args: Any, **kwargs: Any) -> Any:
            axes = super().add_subplot(*args, **kwargs)
            if _is_default('axes.prop_cycle'):
                axes.set_prop_cycle(color=COLORS)
            axes.set_axisbelow(True)
            return axes

    return StyledFigure


def _is_default(key: Any) -> bool:
    """Return whether a program has left a setting of matplotlib as it was."""
    from matplotlib import rcParams, rcParamsDefault

    return bool(rcParams[key] == rcParamsDefault[key])
