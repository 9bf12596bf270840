"""The extension that evaluates a model on data that it is not trained on."""

from __future__ import annotations

import copy
import datetime
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from chaingrad.autograd.backends import get_device
from chaingrad.autograd.configuration import no_backprop_mode, using_config
from chaingrad.links.link import Link
from chaingrad.links.reporter import DictSummary, Reporter, report, report_scope
from chaingrad.training.dataset.convert import call_converter, concat_examples
from chaingrad.training.extension import PRIORITY_WRITER, Extension
from chaingrad.training.iterators import iterator as iterators
from chaingrad.training.stopping import interruptible
from chaingrad.training.trainer import Trainer
from chaingrad.training.updaters.calling import call_with, name_main


class Evaluator(Extension):
    """Call a model on all batches of an iterator and report the means of what it reports.

    The model runs with `config.train` False and without a graph; both settings are restored afterwards. The names of
    the values begin with the extension's name: `validation/main/loss`. Every batch has the same weight, also a smaller
    last one. A signal that stops the training ends an evaluation at once; the resumed run starts it again.

    Subclass it and override `evaluate` for other kinds of evaluations.

    Args:
        iterator (Iterator or dict): a dataset iterator that ends (`repeat=False`), or a dict of them with `'main'`.
        target (Link or dict): the model, or a dict of models with `'main'`.
        converter (callable): makes arrays of a batch; called with the batch and the device.
        device: device that batches are sent to. Default: they stay where they are.
        eval_hook (callable): called with the evaluator before every evaluation.
        eval_func (callable): called instead of the main model, which is then not needed.
        progress_bar (bool): whether to show the progress of the evaluation, when standard output is a terminal.

    Raises:
        ValueError: when an iterator repeats forever, or a dict lacks a `'main'` that is needed.

    Example:
        >>> import numpy as np
        >>> import chaingrad
        >>> import chaingrad.links as L
        >>> from chaingrad import iterators
        >>> from chaingrad.datasets import TupleDataset
        >>> from chaingrad.training import extensions
        >>> data = TupleDataset(np.eye(3, dtype='f'), np.arange(3, dtype='i'))
        >>> model = L.Classifier(lambda x: chaingrad.Variable(10 * x))
        >>> evaluator = extensions.Evaluator(iterators.SerialIterator(data, 2, repeat=False, shuffle=False), model)
        >>> {name: round(float(value), 3) for name, value in evaluator().items()}
        {'main/loss': 0.0, 'main/accuracy': 1.0}
    """

    trigger = (1, 'epoch')
    default_name = 'validation'
    priority = PRIORITY_WRITER
    name = None

    def __init__(
        self,
        iterator: iterators.Iterator | dict[str, iterators.Iterator],
        target: Link | dict[str, Link],
        converter: Callable[..., Any] = concat_examples,
        device: Any = None,
        eval_hook: Callable[[Evaluator], Any] | None = None,
        eval_func: Callable[..., Any] | None = None,
        *,
        progress_bar: bool = False,
    ) -> None:
        self._iterators = name_main('Evaluator', 'iterator', iterator, iterators.Iterator)
        self._targets = name_main('Evaluator', 'target', target, Link, required=eval_func is None)
        for name, each in self._iterators.items():
            if getattr(each, 'repeat', getattr(each, '_repeat', False)):
                raise ValueError(
                    f'Evaluator: the iterator {name!r} ({type(each).__name__}) has repeat=True, so an evaluation would '
                    'never end. Make it with repeat=False.'
                )
        self.converter = converter
        self.device = None if device is None else get_device(device)
        self.eval_hook = eval_hook
        self.eval_func = eval_func
        self._progress_bar = progress_bar

    def get_iterator(self, name: str) -> iterators.Iterator:
        """Return the iterator of this name."""
        return self._iterators[name]

    def get_all_iterators(self) -> dict[str, iterators.Iterator]:
        """Return all iterators by name, as a new dict."""
        return dict(self._iterators)

    def get_target(self, name: str) -> Any:
        """Return the target of this name."""
        return self._targets[name]

    def get_all_targets(self) -> dict[str, Any]:
        """Return all targets by name, as a new dict."""
        return dict(self._targets)

    def __call__(self, trainer: Trainer | None = None) -> dict[str, Any]:
        """Evaluate, report the result to the trainer's reporter and return it.

        Args:
            trainer (Trainer): the trainer, which is not used: None will do.

        Returns:
            The means by name, as a dict.
        """
        reporter = Reporter()
        prefix = '' if self.name is None else f'{self.name}/'
        for name, target in self._targets.items():
            reporter.add_observer(prefix + name, target)
            reporter.add_observers(prefix + name, target.namedlinks(skipself=True))
        with interruptible(), reporter, using_config('train', False):
            result = self.evaluate()
        report(result)
        return result

    def evaluate(self) -> dict[str, Any]:
        """Run the main target on all batches of the main iterator and return the means of the values it reports."""
        iterator = self._iterators['main']
        function = self.eval_func or self._targets['main']
        if self.eval_hook:
            self.eval_hook(self)
        if hasattr(iterator, 'reset'):
            iterator.reset()
        else:  # an iterator of a user that cannot start again: a copy of it is used up
            iterator = copy.copy(iterator)
        summary = DictSummary()
        for batch in _with_bar(iterator) if self._progress_bar else iterator:
            observation: dict[str, Any] = {}
            with report_scope(observation):
                arrays = call_converter(self.converter, batch, self.device)
                with no_backprop_mode():
                    call_with(arrays, function)
            summary.add(observation)
        return summary.compute_mean()

    def finalize(self) -> None:
        """Finalize the iterators."""
        for iterator in self._iterators.values():
            iterator.finalize()

    def __repr__(self) -> str:
        targets = ''.join(f'{name}={type(target).__name__}, ' for name, target in self._targets.items())
        return f'{type(self).__name__}({targets}iterator={self._iterators["main"]!r})'


def _with_bar(iterator: Any, bar_length: int = 50) -> Iterator[Any]:
    """Yield the batches and show a progress bar on a terminal."""
    is_terminal = sys.stdout.isatty()
    start = time.perf_counter()
    for batch in iterator:
        yield batch
        if is_terminal:
            done = min(1.0, max(float(iterator.epoch_detail), 1e-9))
            seconds = time.perf_counter() - start
            left = datetime.timedelta(seconds=round(seconds * (1 - done) / done))
            marks = '#' * int(done * bar_length)
            sys.stdout.write(f'\033[Jvalidation [{marks:.<{bar_length}}] {done:6.2%}, {left} left\r')
            sys.stdout.flush()
    if is_terminal:
        sys.stdout.write('\033[J')
