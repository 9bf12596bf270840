"""The training loop.

The updater knows the batch, the trainer the schedule, the extensions the rest.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
import types
import warnings
from collections.abc import Iterable
from typing import Any, NamedTuple

from chaingrad.links.reporter import Reporter
from chaingrad.links.serializers.serializer import Serializer
from chaingrad.training import random_state, run_state
from chaingrad.training.extension import Extension, refuse_old_keywords
from chaingrad.training.stopping import StopRequest, StopSignals
from chaingrad.training.triggers.interval import get_trigger

_PLAIN = types.FunctionType, types.BuiltinFunctionType, types.MethodType
FIRED, TO_ASK = 'fired', 'to ask'  # of an extension that a resumed run must still call


class Entry(NamedTuple):
    """An extension and how the trainer calls it."""

    name: str
    extension: Any
    priority: int
    trigger: Any
    call_before_training: bool


class Trainer:
    """Run a training loop: update the parameters until a trigger fires, call extensions in between.

    After every iteration the extensions whose triggers fire are called, those of higher priority first. What links and
    extensions report in an iteration is in `observation`, a dict from name to value. SIGINT (Ctrl-C) and SIGTERM end
    the loop after the iteration, once the run's `snapshot` extensions have saved; then KeyboardInterrupt or
    SystemExit(143) is raised.

    Args:
        updater: Makes the iterations; a `StandardUpdater` or another `Updater`.
        stop_trigger: When training ends; a trigger or a tuple such as `(20, 'epoch')`. Default: never.
        out: Folder for the files of extensions; made by `run`.
        extensions: Extensions to add with `extend`.

    Raises:
        ValueError: An optimizer of the updater has no target, or a trigger is wrong.

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

    def __init__(
        self,
        updater: Any,
        stop_trigger: Any = None,
        out: str | os.PathLike[str] = 'result',
        extensions: Iterable[Any] | None = None,
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
        self._entries: dict[str, Entry] = {}
        self._hyperparameters = run_state.Hyperparameters(optimizers)
        self._order: list[Entry] = []  # of the run: by priority
        self._position = -1  # in _order, of the extension that was asked last in this iteration
        self.is_interrupted = False  # whether a signal has stopped that one half way
        self._unfinished: list[Any] = []  # what the resumed run left of its last iteration
        self._random_states: Any = None  # those of the resumed run
        self._start_at: float | None = None
        self._elapsed_before = 0.0
        self._final_elapsed_time: float | None = None
        for extension in extensions or ():
            self.extend(extension)

    @property
    def elapsed_time(self) -> float:
        """Return the seconds of training so far, those before a resume included.

        Raises:
            RuntimeError: Training has not begun.
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
        extension: Any,
        name: str | None = None,
        trigger: Any = None,
        priority: int | None = None,
        *,
        call_before_training: bool = False,
        **kwargs: Any,
    ) -> None:
        """Add an extension.

        Args:
            extension: An `Extension` or any callable that takes the trainer.
            name: Its name. Default: its own `name`, `default_name` or `__name__`. A name that is taken gets `_1`, `_2`.
            trigger: When it is called; a trigger or a tuple. Default: its own, or after every iteration.
            priority: Extensions of higher priority are called first. Default: its own, or `PRIORITY_READER`.
            call_before_training: Whether it is called once more before the first iteration.

        Raises:
            ValueError: The name is `training`, or a trigger is wrong, or `invoke_before_training` is given.
            TypeError: The extension is not callable.
        """
        refuse_old_keywords('Trainer.extend', kwargs)
        if not callable(extension):
            raise TypeError(f'Trainer.extend: an extension must be callable, but it is {extension!r}.')
        if isinstance(extension, type):
            raise TypeError(
                f'Trainer.extend: {extension.__name__} is a class. Pass an instance: {extension.__name__}(...).'
            )
        wanted = name or next(
            (n for a in ('name', 'default_name', '__name__') if (n := getattr(extension, a, None))),
            type(extension).__name__,
        )
        if wanted == 'training':
            raise ValueError(
                'Trainer.extend: the name "training" is prohibited as an extension name. Pass another name=.'
            )
        unique, count = wanted, 0
        while unique in self._entries:
            count += 1
            unique = f'{wanted}_{count}'
        if trigger is None:
            trigger = getattr(extension, 'trigger', Extension.trigger)
        if priority is None:
            priority = getattr(extension, 'priority', Extension.priority)
        if not isinstance(extension, _PLAIN):  # a plain function may serve several trainers
            extension.name = unique
        self._entries[unique] = Entry(unique, extension, priority, get_trigger(trigger), call_before_training)

    def get_extension(self, name: str) -> Any:
        """Return the extension of this name.

        Raises:
            ValueError: There is none.
        """
        if name not in self._entries:
            known = ', '.join(self._entries) or 'none'
            raise ValueError(f'Trainer.get_extension: no extension is named {name!r}; there are: {known}.')
        return self._entries[name].extension

    def run(self, show_loop_exception_msg: bool = True) -> None:
        """Train until the stop trigger fires.

        Args:
            show_loop_exception_msg: Whether to print an exception of the loop to stderr before the extensions are
                finalized, so that it is seen even if one of them hangs.

        Raises:
            RuntimeError: This trainer has run already.
            OSError: The folder `out` cannot be made.
            KeyboardInterrupt: SIGINT came; the run's snapshot extensions have saved.
            SystemExit: SIGTERM came, with code 143; the run's snapshot extensions have saved.
        """
        if self._final_elapsed_time is not None:
            raise RuntimeError('Trainer.run: cannot run training loop multiple times. Make a new Trainer.')
        self._make_out_folder()
        extensions = self._order = sorted(self._entries.values(), key=lambda entry: -entry.priority)
        update, stop_trigger, scope = self.updater.update, self.stop_trigger, self.reporter.scope
        failure = None
        self._start_at = time.perf_counter()
        with StopSignals() as signals:
            try:
                self._prepare()
                while not stop_trigger(self):
                    self.observation, self._position = {}, -1
                    with scope(self.observation):
                        update()
                        for self._position, entry in enumerate(extensions):
                            if entry.trigger(self):
                                entry.extension(self)
                    signals.stop(interrupted=False)
                if getattr(stop_trigger, 'saves_run', False):  # out of time, to be resumed
                    self._save_on_stop(interrupted=False)
            except StopRequest as request:
                self._save_on_stop(request.interrupted)
                signals.leave()
            except Exception as error:
                failure = error
                self._tell(error, show_loop_exception_msg)
                raise
            finally:
                self._final_elapsed_time = self.elapsed_time
                self._finalize(failure)

    def _make_out_folder(self) -> None:
        try:
            os.makedirs(self.out, exist_ok=True)
        except OSError as error:
            message = (
                f'Trainer: the folder out={os.fspath(self.out)!r} cannot be made: {error.strerror}. Pass another out=.'
            )
            raise type(error)(error.errno, message) from error

    def _prepare(self) -> None:
        """Initialize the extensions, and do what a resumed run has left of its last iteration."""
        self._hyperparameters.remember_initial()
        # Those that load a snapshot come first: the others start from what it holds.
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
            unfinished, self._unfinished = dict(self._unfinished), []
            for position, entry in enumerate(self._order):
                if entry.name in unfinished:
                    self._position = position
                    if unfinished[entry.name] == FIRED or entry.trigger(self):
                        entry.extension(self)

    def _save_on_stop(self, interrupted: bool) -> None:
        """Save through the run's snapshot extensions, under their usual names."""
        # Interrupted inside an extension, it is called again after the resume; inside the update, position is -1.
        self.is_interrupted = interrupted and self._position >= 0
        savers = [(getattr(entry.extension, 'save_on_stop', None), entry.trigger) for entry in self._order]
        saved = [save(self, trigger) for save, trigger in savers if save is not None]
        if not any(saved):
            warnings.warn(
                'Trainer: the run was stopped before its end and nothing was saved, since no snapshot extension of it '
                'saves regularly. Add one: trainer.extend(extensions.snapshot()).',
                stacklevel=3,
            )

    def _tell(self, error: Exception, show: bool) -> None:
        """Print an exception of the loop and tell the extensions of it."""
        trace = error.__traceback__
        if show:
            # Now, as it looks as if the program hung if an extension blocks while it is finalized.
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
        """Finalize every extension and the updater, also when one of them fails; then raise what failed first."""
        finalizers = [getattr(entry.extension, 'finalize', None) for entry in self._order]
        late = None
        for finalize in [*finalizers, self.updater.finalize]:
            try:
                if finalize is not None:
                    finalize()
            except Exception as error:
                if failure is not None:
                    sys.stderr.write(f'Exception in finalizer: {error}\n')
                late = late or error
        if late is not None and failure is None:
            raise late

    def _left_to_do(self) -> list[tuple[str, str]]:
        """Return which extensions are still to be called in this iteration, seen from the one that saves."""
        if self._position < 0:
            return []
        here, later = self._order[self._position], self._order[self._position + 1 :]
        return [(here.name, FIRED)] * self.is_interrupted + [(entry.name, TO_ASK) for entry in later]

    def serialize(self, serializer: Any) -> None:
        """Save or load the whole run: updater, triggers, extensions, and what `run_state` adds."""
        writing = isinstance(serializer, Serializer)
        if not writing:
            run_state.check_file(serializer)
        self.updater.serialize(serializer['updater'])
        if hasattr(self.stop_trigger, 'serialize'):
            self.stop_trigger.serialize(serializer['stop_trigger'])
        for name, entry in self._entries.items():
            for part, group in ((entry.extension, 'extensions'), (entry.trigger, 'extension_triggers')):
                if hasattr(part, 'serialize'):
                    known = writing or run_state.holds(serializer, f'{group}/{name}/')
                    with contextlib.nullcontext() if known else run_state.beginning_here():
                        part.serialize(serializer[group][name])
        if writing:
            elapsed = self._elapsed_before if self._start_at is None else self.elapsed_time
            serializer('_snapshot_elapsed_time', elapsed)
            run_state.save(serializer['chaingrad'], self._hyperparameters, self.observation, self._left_to_do())
            run_state.seal(serializer)
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
