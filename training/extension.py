"""The base of extensions, which a Trainer calls between iterations, and the decorator for plain functions.

Not here: the extensions themselves (`chaingrad.training.extensions`).
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from chaingrad.functions.checks import refuse
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.training.triggers.interval import TriggerLike

ExtensionFunction = TypeVar('ExtensionFunction', bound=Callable[..., Any])

PRIORITY_WRITER = 300
PRIORITY_EDITOR = 200
PRIORITY_READER = 100

_NO_INVOKE_BEFORE_TRAINING = (
    'invoke_before_training has been removed since Chainer v2.0.0. '
    'Use initializer= of make_extension, Extension.initialize or Trainer.extend(call_before_training=True) instead.'
)


class Extension:
    """Add behaviour to a training loop.

    Subclass it, override the methods that you need and pass an instance to `Trainer.extend`. Any callable that takes
    the trainer is an extension as well; the attributes below then have their defaults.

    `trigger` says when it is called (a trigger or a tuple such as `(1, 'epoch')`), `priority` in which order: writers
    of observations (`PRIORITY_WRITER`, 300) come before those that edit them (`PRIORITY_EDITOR`, 200) and those that
    read them (`PRIORITY_READER`, 100). `name` is set by `Trainer.extend`, to `default_name` if no other is given.

    Example:
        >>> from chaingrad.training import Extension
        >>> class Hello(Extension):
        ...     trigger = (1, 'epoch')
        ...     def __call__(self, trainer):
        ...         print('epoch', trainer.updater.epoch)
        >>> Hello().default_name
        'Hello'
    """

    trigger: TriggerLike = (1, 'iteration')
    priority: int = PRIORITY_READER
    name: str | None = None

    @property
    def default_name(self) -> str:
        """Return the name used when `Trainer.extend` gets none: that of the class."""
        return type(self).__name__

    def __call__(self, trainer: Any) -> Any:
        """Do the extension's work; called whenever its trigger fires."""
        raise NotImplementedError(f'{type(self).__name__}: an extension must define __call__(self, trainer).')

    def initialize(self, trainer: Any) -> None:
        """Prepare for a run; called once, before the first iteration of `Trainer.run`."""

    def finalize(self) -> None:
        """Release resources; called once at the end of `Trainer.run`, also after an error or a signal."""

    def on_error(self, trainer: Any, exc: BaseException, tb: TracebackType | None) -> None:
        """React to an exception in the training loop; called before the extensions are finalized."""

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the extension's state, in a snapshot of the trainer."""

    def __repr__(self) -> str:
        return f'<{type(self).__name__} extension{_format_trigger(self)}>'


def _format_trigger(extension: Extension) -> str:
    trigger = extension.trigger
    if isinstance(trigger, tuple) or type(trigger).__name__.endswith('Trigger'):
        return f', trigger={trigger!r}'
    return ''


def make_extension(
    trigger: TriggerLike = None,
    default_name: str | None = None,
    priority: int | None = None,
    finalizer: Callable[[], Any] | None = None,
    initializer: Callable[[Any], Any] | None = None,
    on_error: Callable[[Any, BaseException, TracebackType | None], Any] | None = None,
    **kwargs: Any,
) -> Callable[[ExtensionFunction], ExtensionFunction]:
    """Decorate a function of the trainer to make it an extension.

    Args:
        trigger (trigger or tuple): when it is called. Default: after every iteration.
        default_name (str): its name. Default: the function's.
        priority (int): its priority. Default: `PRIORITY_READER`.
        finalizer (callable): called without arguments when the run ends.
        initializer (callable): called with the trainer before the first iteration.
        on_error (callable): called with the trainer, the exception and the traceback when the loop fails.

    Returns:
        The decorator. It sets attributes on the function and returns the same function.

    Raises:
        ValueError: when `invoke_before_training` is given, a keyword that was removed.

    Example:
        >>> from chaingrad.training import make_extension
        >>> @make_extension(trigger=(10, 'iteration'))
        ... def progress(trainer):
        ...     print(trainer.updater.iteration)
        >>> progress.trigger, progress.default_name
        ((10, 'iteration'), 'progress')
    """
    refuse_old_keywords('make_extension', kwargs)

    def decorator(function: ExtensionFunction) -> ExtensionFunction:
        function.trigger = Extension.trigger if trigger is None else trigger
        function.default_name = default_name or function.__name__
        function.priority = Extension.priority if priority is None else priority
        function.finalize = finalizer
        function.initialize = initializer
        function.on_error = on_error
        return function

    return decorator


def refuse_old_keywords(who: str, kwargs: dict[str, Any]) -> None:
    """Raise for `invoke_before_training`, a keyword of old programs, and for any unknown keyword."""
    refuse(who, kwargs, invoke_before_training=_NO_INVOKE_BEFORE_TRAINING)
