"""Extensions that check and summarize values: NaN in parameters, averages over samples, statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import get_array_module
from chaingrad.autograd.variable import as_array
from chaingrad.links.link import Link
from chaingrad.links.reporter import report
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.training.extension import PRIORITY_EDITOR, PRIORITY_WRITER, Extension
from chaingrad.training.trainer import Trainer
from chaingrad.training.triggers.interval import TriggerLike, get_trigger

SIGMAS = (0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87)


class FailOnNonNumber(Extension):
    """Stop with an error when a parameter holds NaN or infinity.

    Raises:
        RuntimeError: when it is called and a parameter holds NaN or infinity; names the parameters.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.FailOnNonNumber().trigger
        (1, 'iteration')
    """

    def __call__(self, trainer: Trainer) -> None:
        """Check all parameters of all optimizers."""
        for name, optimizer in trainer.updater.get_all_optimizers().items():
            bad = [
                path
                for path, param in optimizer.target.namedparams()
                if param.array is not None and not get_array_module(param.array).isfinite(param.array).all()
            ]
            if bad:
                raise RuntimeError(
                    f'FailOnNonNumber: NaN or infinity in {", ".join(bad)} of optimizer {name!r} after iteration '
                    f'{trainer.updater.iteration}. Lower the learning rate, or clip the gradients.'
                )


class MicroAverage(Extension):
    """Report the sum of one reported value divided by the sum of another, over an interval.

    With the numbers of correct answers and of samples it gives the right average over batches of different sizes.

    Args:
        numerator_key (str): name of the value to sum up.
        denominator_key (str): name of the value to divide by.
        result_key (str): name under which the quotient is reported.
        trigger (trigger or tuple): the interval.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.MicroAverage('main/correct', 'main/size', 'main/accuracy')
        MicroAverage('main/correct', 'main/size', 'main/accuracy')
    """

    priority = PRIORITY_EDITOR

    def __init__(
        self, numerator_key: str, denominator_key: str, result_key: str, trigger: TriggerLike = (1, 'epoch')
    ) -> None:
        self._keys = (numerator_key, denominator_key, result_key)
        self._trigger = get_trigger(trigger)
        self._numerator = 0.0
        self._denominator = 0.0

    def __call__(self, trainer: Trainer) -> None:
        """Add the values of this iteration; at the end of an interval report."""
        numerator, denominator, result = self._keys
        observation = trainer.observation
        if numerator in observation:
            if denominator not in observation:
                raise KeyError(f'MicroAverage: {numerator!r} was reported without {denominator!r}.')
            self._numerator += float(as_array(observation[numerator]))
            self._denominator += float(as_array(observation[denominator]))
        if self._trigger(trainer):
            report({result: self._numerator / self._denominator if self._denominator else float('nan')})
            self._numerator = 0.0
            self._denominator = 0.0

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the sums."""
        if hasattr(self._trigger, 'serialize'):
            self._trigger.serialize(serializer['_trigger'])
        self._numerator = float(serializer('_numerator', self._numerator))
        self._denominator = float(serializer('_denominator', self._denominator))

    def __repr__(self) -> str:
        return f'MicroAverage({", ".join(map(repr, self._keys))})'


def count_zeros(x: Array) -> int:
    """Return the number of elements that are zero."""
    return int((x == 0).sum())


def percentiles(x: Array) -> Array:
    """Return the percentiles at -3, -2, -1, 0, 1, 2 and 3 standard deviations of a normal distribution."""
    return get_array_module(x).percentile(x, SIGMAS)


class ParameterStatistics(Extension):
    """Report statistics of parameters and their gradients.

    The names are `prefix/link/path/data/mean` and so on; of a statistic with several values they end in `/0`, `/1`.
    A parameter without shape or gradient is left out.

    Args:
        links (Link or iterable): the link, or several.
        statistics (dict): functions of a flat array, by name; `'default'` for `default_statistics`, None for none.
        report_params (bool): whether to report statistics of the parameters.
        report_grads (bool): whether to report statistics of the gradients.
        prefix (str): prefix of the names.
        trigger (trigger or tuple): when it is called.
        skip_nan_params (bool): whether to report NaN, without calling the functions, for arrays that hold NaN.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.training import extensions
        >>> extensions.ParameterStatistics(L.Linear(3, 2), {'norm': lambda x: (x * x).sum() ** 0.5}, prefix='l1')
        ParameterStatistics(Linear, statistics=['norm'])
    """

    default_name = 'parameter_statistics'
    priority = PRIORITY_WRITER
    report_key_template = '{prefix}{link}{param}/{attr}/{function}'
    default_statistics = {
        'mean': lambda x: x.mean(),
        'std': lambda x: x.std(),
        'min': lambda x: x.min(),
        'max': lambda x: x.max(),
        'zeros': count_zeros,
        'percentile': percentiles,
    }

    def __init__(
        self,
        links: Link | Iterable[Link],
        statistics: dict[str, Callable[[Array], Any]] | Literal['default'] | None = 'default',
        report_params: bool = True,
        report_grads: bool = True,
        prefix: str | None = None,
        trigger: TriggerLike = (1, 'epoch'),
        skip_nan_params: bool = False,
    ) -> None:
        self._links = [links] if isinstance(links, Link) else list(links)
        self._statistics: dict[str, Callable[[Array], Any]] = {}
        if statistics == 'default':
            self._statistics.update(self.default_statistics)
        elif statistics is not None:
            self._statistics.update(statistics)
        self._attrs = []
        if report_params:
            self._attrs.append('data')
        if report_grads:
            self._attrs.append('grad')
        self._prefix = '' if prefix is None else f'{prefix}/'
        self._skip_nan_params = skip_nan_params
        self.trigger = trigger

    def register_statistics(self, name: str, function: Callable[[Array], Any]) -> None:
        """Add a statistic.

        Args:
            name (str): its name.
            function (callable): called with a flat array; returns one or several numbers.
        """
        self._statistics[name] = function

    def __call__(self, trainer: Trainer) -> None:
        """Report all statistics of all links."""
        found: dict[str, Any] = {}
        for link in self._links:
            for path, param in link.namedparams():
                for attr in self._attrs:
                    if param.array is None or getattr(param, attr) is None:
                        continue
                    names = {'prefix': self._prefix, 'link': link.name, 'param': path, 'attr': attr}
                    for name, values in self._compute_statistics(getattr(param, attr).ravel()):
                        key = self.report_key_template.format(function=name, **names)
                        if np.size(values) == 1:
                            found[key] = values.reshape(())[()] if hasattr(values, 'reshape') else values
                        else:
                            found.update({f'{key}/{i}': value for i, value in enumerate(values)})
        report(found)

    def _compute_statistics(self, array: Array) -> Iterator[tuple[str, Any]]:
        skips = self._skip_nan_params and bool(get_array_module(array).isnan(array).any())
        for name, function in self._statistics.items():
            if skips:
                yield name, np.float64('nan')
            else:
                yield name, function(array)

    def __repr__(self) -> str:
        links = ', '.join(type(link).__name__ for link in self._links)
        return f'ParameterStatistics({links}, statistics={list(self._statistics)})'
