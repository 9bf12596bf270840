"""The training loop.

The updater makes an iteration from a batch, the trainer repeats it, and extensions do everything else.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from chaingrad.autograd.advice import KnownNames
from chaingrad.links.reporter import Reporter
from chaingrad.links.serializer import AbstractSerializer, Serializer
from chaingrad.training import random_state, run_state
from chaingrad.training.extension import Extension, refuse_old_keywords
from chaingrad.training.stopping import StopRequest, StopSignals
from chaingrad.training.thread_watch import ThreadWatch
from chaingrad.training.triggers.interval import Trigger, TriggerLike, get_trigger
from chaingrad.training.updaters.updater import Updater

_PLAIN_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)

# A snapshot has one of these words for each extension that its iteration has not finished.
FIRED = 'fired'  # its trigger has fired: the resumed run calls it
TO_ASK = 'to ask'  # its trigger was not called yet: the resumed run calls it if that fires


class Entry(NamedTuple):
    """An extension and how the trainer calls it."""

    name: str
    extension: Extension | Callable[[Trainer], Any]
    priority: int
    trigger: Trigger
    call_before_training: bool


class Trainer(KnownNames):
    """Run a training loop: update the parameters until a trigger fires, and call extensions in between.

    After every iteration the extensions whose triggers fire are called, those of higher priority first. The values that
    links and extensions report in an iteration are in `observation`, a dict by name. SIGINT (Ctrl-C) and SIGTERM end
    the loop after the iteration, once the run's `snapshot` extensions have saved; then KeyboardInterrupt or
    SystemExit(143) is raised.

    Args:
        updater (Updater): makes the iterations, usually a `StandardUpdater`.
        stop_trigger (trigger or tuple): when training ends, such as `(20, 'epoch')`. Default: never.
        out (str or path): folder for the files of extensions; made by `run`.
        extensions (iterable): extensions to add with `extend`.

    Raises:
        ValueError: when an optimizer of the updater has no target, or a trigger is wrong.

    Example:
        >>> import numpy as np
        >>> import chaingrad
        >>> import chaingrad.functions as F
        >>> import chaingrad.links as L
        >>> from chaingrad import iterators, training
        >>> from chaingrad.datasets import TupleDataset
        >>> x = np.arange(8, dtype='f').reshape(8, 1) / 8
        >>> model = L.Classifier(L.Linear(1, 1), lossfun=F.mean_squared_error)
        >>> model.compute_accuracy = False
        >>> optimizer = chaingrad.optimizers.SGD(lr=0.1).setup(model)
        >>> iterator = iterators.SerialIterator(TupleDataset(x, 2 * x), batch_size=4)
        >>> trainer = training.Trainer(training.StandardUpdater(iterator, optimizer), (50, 'epoch'))
        >>> trainer.run()
        >>> trainer.updater.iteration, float(trainer.observation['main/loss']) < 0.1
        (100, True)
    """

    _table = 'TRAINER'

    def __init__(
        self,
        updater: Updater,
        stop_trigger: TriggerLike = None,
        out: str | os.PathLike[str] = 'result',
        extensions: Iterable[Extension | Callable[[Trainer], Any]] | None = None,
    ) -> None:
        self.updater = updater
        self.stop_trigger = get_trigger(stop_trigger)
        self.out = out
        self.observation: dict[str, Any] = {}
        self.reporter = Reporter()
        optimizers = updater.get_all_optimizers()
        for name, optimizer in optimizers.items():
            if getattr(optimizer, 'target', None) is None:
                raise ValueError(
                    f'Trainer: optimizer {name!r} ({type(optimizer).__name__}) has no target. '
                    'Call optimizer.setup(model) before the updater is made.'
                )
            self.reporter.add_observer(name, optimizer.target)
            self.reporter.add_observers(name, optimizer.target.namedlinks(skipself=True))
        updater.connect_trainer(self)
        self._threads = ThreadWatch()  # it makes the iterations and times the first of them
        self._entries: dict[str, Entry] = {}
        self._hyperparameters = run_state.Hyperparameters(optimizers)
        self._order: list[Entry] = []  # the extensions of the run, by priority
        self._position = -1  # index in _order of the extension that this iteration has reached; -1 in the update
        self.is_interrupted = False  # whether a signal has stopped that extension half way
        self._unfinished: list[tuple[str, str]] = []  # what the saved run left to do: names, with FIRED or TO_ASK
        self._random_states: str | None = None  # those of the saved run
        self._start_at: float | None = None
        self._elapsed_before = 0.0
        self._final_elapsed_time: float | None = None
        for extension in extensions or ():
            self.extend(extension)

    @property
    def elapsed_time(self) -> float:
        """Return the number of seconds of training so far, including those before a resume.

        Raises:
            RuntimeError: when training has not started.
        """
        if self._final_elapsed_time is not None:
            return self._final_elapsed_time
        if self._start_at is None:
            raise RuntimeError('Trainer.elapsed_time: training has not been started yet. Call run() first.')
        return time.perf_counter() - self._start_at + self._elapsed_before

    @property
    def is_before_training(self) -> bool:
        """Return whether no iteration has been made yet."""
        return self.updater.iteration == 0

    def extend(
        self,
        extension: Extension | Callable[[Trainer], Any],
        name: str | None = None,
        trigger: TriggerLike = None,
        priority: int | None = None,
        *,
        call_before_training: bool = False,
        **kwargs: Any,
    ) -> None:
        """Add an extension.

        Args:
            extension (Extension or callable): an `Extension` or any callable that takes the trainer.
            name (str): its name. Default: its own `name`, `default_name` or `__name__`. When the name is in use,
                `_1`, `_2` and so on is appended.
            trigger (trigger or tuple): when it is called. Default: its own, or after every iteration.
            priority (int): extensions of higher priority are called first. Default: its own, or `PRIORITY_READER`.
            call_before_training (bool): whether it is also called once before the first iteration.

        Raises:
            ValueError: when the name is `training`, or a trigger is wrong, or `invoke_before_training` is given.
            TypeError: when the extension is not callable.
        """
        refuse_old_keywords('Trainer.extend', kwargs)
        if not callable(extension):
            raise TypeError(f'Trainer.extend: an extension must be callable, but it is {extension!r}.')
        if isinstance(extension, type):
            raise TypeError(
                f'Trainer.extend: {extension.__name__} is a class. Pass an instance: {extension.__name__}(...).'
            )
        name = self._unused_name(name or _own_name(extension))
        if trigger is None:
            trigger = getattr(extension, 'trigger', Extension.trigger)
        if priority is None:
            priority = getattr(extension, 'priority', Extension.priority)
        if not isinstance(extension, _PLAIN_FUNCTIONS):  # which may be extensions of several trainers
            named: Any = extension
            named.name = name
        self._entries[name] = Entry(name, extension, priority, get_trigger(trigger), call_before_training)

    def _unused_name(self, name: str) -> str:
        if name == 'training':
            raise ValueError(
                'Trainer.extend: the name "training" is prohibited as an extension name. Pass another name=.'
            )
        unused = name
        count = 0
        while unused in self._entries:
            count += 1
            unused = f'{name}_{count}'
        return unused

    def get_extension(self, name: str) -> Any:
        """Return the extension of this name.

        Args:
            name (str): its name.

        Raises:
            ValueError: when there is none.
        """
        if name not in self._entries:
            known = ', '.join(self._entries) or 'none'
            raise ValueError(f'Trainer.get_extension: no extension is named {name!r}; there are: {known}.')
        return self._entries[name].extension

    def run(self, show_loop_exception_msg: bool = True) -> None:
        """Train until the stop trigger fires.

        Args:
            show_loop_exception_msg (bool): whether to print an exception of the loop to stderr before the extensions
                are finalized, so that it is seen even if one of them hangs.

        Raises:
            RuntimeError: when this trainer has run already.
            OSError: when the folder `out` cannot be made.
            KeyboardInterrupt: when SIGINT was received; the run's snapshot extensions have saved.
            SystemExit: when SIGTERM was received, with code 143; the run's snapshot extensions have saved.
        """
        if self._final_elapsed_time is not None:
            raise RuntimeError('Trainer.run: cannot run training loop multiple times. Make a new Trainer.')
        self._make_out_folder()
        self._order = sorted(self._entries.values(), key=lambda entry: entry.priority, reverse=True)
        failure = None
        self._start_at = time.perf_counter()
        with StopSignals(getattr(self.updater, 'stop_agreement', None)) as signals:
            try:
                self._prepare()
                while not self.stop_trigger(self):
                    self._iterate()
                    signals.stop(interrupted=False)
                if getattr(self.stop_trigger, 'saves_run', False):  # out of time, to be resumed
                    self._save_on_stop(interrupted=False)
            except StopRequest as request:
                self._save_on_stop(request.interrupted)
                signals.leave()
            except Exception as error:
                failure = error
                self._report_failure(error, show_loop_exception_msg)
                raise
            finally:
                self._final_elapsed_time = self.elapsed_time
                self._finalize(failure)

    def _iterate(self) -> None:
        """Make one iteration: update the parameters, then call the extensions whose triggers fire."""
        self.observation = {}
        self._position = -1
        with self.reporter.scope(self.observation):
            self._threads.update(self.updater)
            for position, entry in enumerate(self._order):
                self._position = position
                if entry.trigger(self):
                    entry.extension(self)

    def _make_out_folder(self) -> None:
        try:
            os.makedirs(self.out, exist_ok=True)
        except OSError as error:
            message = (
                f'Trainer: the folder out={os.fspath(self.out)!r} cannot be made: {error.strerror}. Pass another out=.'
            )
            raise type(error)(error.errno, message) from error

    def _prepare(self) -> None:
        """Initialize the extensions; in a resumed run also finish the iteration in which it was saved."""
        self._hyperparameters.remember_initial()
        # Those that load a snapshot come first: the others start from the values that it holds.
        for entry in sorted(self._order, key=lambda entry: not getattr(entry.extension, 'autoload', False)):
            initialize = getattr(entry.extension, 'initialize', None)
            if initialize is not None and not getattr(entry.trigger, 'finished', False):
                initialize(self)
        with self.reporter.scope(self.observation):
            for entry in self._order:
                if entry.call_before_training and self.is_before_training:
                    entry.extension(self)
            if self._random_states is not None:
                random_state.restore(self._random_states)
                self._random_states = None
            unfinished = dict(self._unfinished)
            self._unfinished = []
            for position, entry in enumerate(self._order):
                if entry.name in unfinished:
                    self._position = position
                    if unfinished[entry.name] == FIRED or entry.trigger(self):
                        entry.extension(self)

    def _save_on_stop(self, interrupted: bool) -> None:
        """Save through the run's snapshot extensions, under their usual names."""
        # An extension that was interrupted is called again after the resume; in the update, the position is -1.
        self.is_interrupted = interrupted and self._position >= 0
        has_saved = False
        for entry in self._order:
            save_on_stop = getattr(entry.extension, 'save_on_stop', None)
            if save_on_stop is not None and save_on_stop(self, entry.trigger):
                has_saved = True
        if not has_saved:
            warnings.warn(
                'Trainer: the run was stopped before its end and nothing was saved, since no snapshot extension of it '
                'saves regularly. Add one: trainer.extend(extensions.snapshot()).',
                stacklevel=3,
            )

    def _report_failure(self, error: Exception, show: bool) -> None:
        """Print an exception of the loop and pass it to the extensions."""
        trace = error.__traceback__
        if show:
            # Before the extensions are finalized: if one of them hangs, the reason is on the screen.
            sys.stderr.write(f'Exception in main training loop: {error}\nTraceback (most recent call last):\n')
            traceback.print_tb(trace)
            sys.stderr.write('Will finalize trainer extensions and updater before reraising the exception.\n')
        for entry in self._order:
            handle = getattr(entry.extension, 'on_error', None)
            if handle is None:
                continue
            try:
                handle(self, error, trace)
            except Exception as another:
                sys.stderr.write(f'Exception in error handler of {entry.name}: {another}\n')
                traceback.print_tb(another.__traceback__)

    def _finalize(self, failure: Exception | None) -> None:
        """Finalize every extension and the updater, even when one of them fails; then raise the first error."""
        finalizers = [getattr(entry.extension, 'finalize', None) for entry in self._order]
        first_error = None
        for finalize in [*finalizers, self.updater.finalize]:
            if finalize is None:
                continue
            try:
                finalize()
            except Exception as error:
                if failure is not None:  # which is being raised already
                    sys.stderr.write(f'Exception in finalizer: {error}\n')
                if first_error is None:
                    first_error = error
        if first_error is not None and failure is None:
            raise first_error

    def _left_to_do(self) -> list[tuple[str, str]]:
        """Return the extensions that this iteration has yet to call, after the one that is saving."""
        if self._position < 0:
            return []
        left = [(entry.name, TO_ASK) for entry in self._order[self._position + 1 :]]
        if self.is_interrupted:
            left.insert(0, (self._order[self._position].name, FIRED))
        return left

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the whole run: updater, triggers, extensions, and the values that `run_state` adds."""
        writing = isinstance(serializer, Serializer)
        if not writing:
            run_state.check_file(serializer)
        self.updater.serialize(serializer['updater'])
        if hasattr(self.stop_trigger, 'serialize'):
            self.stop_trigger.serialize(serializer['stop_trigger'])
        for entry in self._entries.values():
            _serialize_part(entry.extension, serializer, 'extensions', entry.name)
            _serialize_part(entry.trigger, serializer, 'extension_triggers', entry.name)
        if writing:
            elapsed = self._elapsed_before if self._start_at is None else self.elapsed_time
            serializer('_snapshot_elapsed_time', elapsed)
            run_state.save(serializer['chaingrad'], self._hyperparameters, self.observation, self._left_to_do())
            run_state.add_digests(serializer)
            return
        self._elapsed_before = float(serializer('_snapshot_elapsed_time', 0.0))
        loaded = run_state.load(serializer['chaingrad'], self._hyperparameters)
        if loaded is not None:
            self._random_states, self.observation, self._unfinished = loaded

    def __repr__(self) -> str:
        return (
            f'Trainer({self.updater!r}, stop_trigger={self.stop_trigger!r}, out={os.fspath(self.out)!r}, '
            f'extensions=[{", ".join(self._entries)}])'
        )

    def _repr_html_(self) -> str:
        """Return what notebooks show: how far it is, the last observation, extensions and optimizers."""
        return importlib.import_module('chaingrad.training.display').trainer_html(self)  # few programs need it


def _own_name(extension: Any) -> str:
    """Return the name of an extension that is given none: its own, or that of its class."""
    for attribute in ('name', 'default_name', '__name__'):
        name = getattr(extension, attribute, None)
        if name:
            return name
    return type(extension).__name__


def _serialize_part(part: Any, serializer: AbstractSerializer, group: str, name: str) -> None:
    """Save or load an extension or a trigger, if it can be; one that the saved run did not have keeps its state."""
    if not hasattr(part, 'serialize'):
        return
    if isinstance(serializer, Serializer) or run_state.has_keys(serializer, f'{group}/{name}/'):
        part.serialize(serializer[group][name])
    else:
        with run_state.ignoring_missing_keys():
            part.serialize(serializer[group][name])
