"""Extensions that watch over values: parameters that are no numbers, averages over samples, statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from chaingrad.autograd.backends import get_array_module
from chaingrad.autograd.variable import as_array
from chaingrad.links.link import Link
from chaingrad.links.reporter import report
from chaingrad.training.extension import PRIORITY_EDITOR, PRIORITY_WRITER, Extension
from chaingrad.training.triggers.interval import get_trigger

SIGMAS = (0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87)


class FailOnNonNumber(Extension):
    """Stop with an error when a parameter holds NaN or infinity.

    Raises:
        RuntimeError: When called, names the parameters.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.FailOnNonNumber().trigger
        (1, 'iteration')
    """

    def __call__(self, trainer: Any) -> None:
        """Look at all parameters of all optimizers."""
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

    Averages of batches of different sizes come out right so: report the number of correct answers and of samples.

    Args:
        numerator_key: Name of the value to sum up.
        denominator_key: Name of the value to divide by.
        result_key: Name under which the quotient is reported.
        trigger: The interval; a trigger or a tuple.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.MicroAverage('main/correct', 'main/size', 'main/accuracy')
        MicroAverage('main/correct', 'main/size', 'main/accuracy')
    """

    priority = PRIORITY_EDITOR

    def __init__(self, numerator_key: str, denominator_key: str, result_key: str, trigger: Any = (1, 'epoch')) -> None:
        self._keys = numerator_key, denominator_key, result_key
        self._trigger = get_trigger(trigger)
        self._numerator = 0.0
        self._denominator = 0.0

    def __call__(self, trainer: Any) -> None:
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
            self._numerator = self._denominator = 0.0

    def serialize(self, serializer: Any) -> None:
        """Save or load the sums."""
        if hasattr(self._trigger, 'serialize'):
            self._trigger.serialize(serializer['_trigger'])
        self._numerator = float(serializer('_numerator', self._numerator))
        self._denominator = float(serializer('_denominator', self._denominator))

    def __repr__(self) -> str:
        return f'MicroAverage({", ".join(map(repr, self._keys))})'


def count_zeros(x: Any) -> int:
    """Return how many elements are zero."""
    return int((x == 0).sum())


def percentiles(x: Any) -> Any:
    """Return the percentiles at -3, -2, -1, 0, 1, 2 and 3 standard deviations of a normal distribution."""
    return get_array_module(x).percentile(x, SIGMAS)


class ParameterStatistics(Extension):
    """Report statistics of parameters and their gradients.

    The names are `prefix/link/path/data/mean` and so on; of a statistic with several values they end in `/0`, `/1`.
    A parameter without shape or gradient is left out.

    Args:
        links: The link, or several.
        statistics: `'default'`, None for none, or a dict from names to functions of a flat array.
        report_params: Whether to report on the parameters.
        report_grads: Whether to report on the gradients.
        prefix: Put before the names.
        trigger: When; a trigger or a tuple.
        skip_nan_params: Whether to report NaN, without calling the functions, for arrays that hold NaN.

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
        statistics: Any = 'default',
        report_params: bool = True,
        report_grads: bool = True,
        prefix: str | None = None,
        trigger: Any = (1, 'epoch'),
        skip_nan_params: bool = False,
    ) -> None:
        self._links = [links] if isinstance(links, Link) else list(links)
        self._statistics: dict[str, Callable] = dict(
            self.default_statistics if statistics == 'default' else statistics or {}
        )
        self._attrs = ['data'] * report_params + ['grad'] * report_grads
        self._prefix = '' if prefix is None else f'{prefix}/'
        self._skip_nan_params = skip_nan_params
        self.trigger = trigger

    def register_statistics(self, name: str, function: Callable) -> None:
        """Add a statistic.

        Args:
            name: Its name.
            function: Called with a flat array; returns a number or several.
        """
        self._statistics[name] = function

    def __call__(self, trainer: Any) -> None:
        """Report all statistics of all links."""
        found: dict[str, Any] = {}
        for link in self._links:
            for path, param in link.namedparams():
                for attr in self._attrs:
                    if param.array is None or getattr(param, attr) is None:
                        continue
                    names = {'prefix': self._prefix, 'link': link.name, 'param': path, 'attr': attr}
                    for name, values in self._statistics_of(getattr(param, attr).ravel()):
                        key = self.report_key_template.format(function=name, **names)
                        if np.size(values) == 1:
                            found[key] = values.reshape(())[()] if hasattr(values, 'reshape') else values
                        else:
                            found.update({f'{key}/{i}': value for i, value in enumerate(values)})
        report(found)

    def _statistics_of(self, array: Any) -> Iterable[tuple[str, Any]]:
        skips = self._skip_nan_params and bool(get_array_module(array).isnan(array).any())
        for name, function in self._statistics.items():
            yield name, np.float64('nan') if skips else function(array)

    def __repr__(self) -> str:
        links = ', '.join(type(link).__name__ for link in self._links)
        return f'ParameterStatistics({links}, statistics={list(self._statistics)})'
