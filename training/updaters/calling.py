"""How updaters and evaluators pass a converted batch to a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def call_with(arrays: Any, function: Callable[..., Any], *first: Any) -> Any:
    """Call a function with the arguments `first`, then a converted batch: a tuple, a dict of keywords, or one array."""
    if isinstance(arrays, tuple):
        return function(*first, *arrays)
    if isinstance(arrays, dict):
        return function(*first, **arrays)
    return function(*first, arrays)


def optimizers_of(updater: Any) -> dict[str, Any]:
    """Return the optimizers of the updater that a Trainer is given, or raise TypeError when it is none."""
    if not hasattr(updater, 'get_all_optimizers'):
        raise TypeError(
            f'Trainer: updater must be an updater, but it is a {type(updater).__name__}. '
            'Write training.StandardUpdater(iterator, optimizer).'
        )
    return updater.get_all_optimizers()


def name_main(who: str, kind: str, given: Any, single: type, required: bool = True) -> dict[str, Any]:
    """Return iterators or targets by name: a dict as it is, which must have a `'main'` if that is required, one of type
    `single` as `'main'`.

    An object may be both, such as a link that is a dict: the type decides.
    """
    if isinstance(given, single) or not isinstance(given, dict):
        if kind == 'iterator' and not hasattr(given, '__next__') and not hasattr(given, 'next'):
            raise TypeError(
                f'{who}: iterator must be an iterator over batches, but it is a {type(given).__name__}. '
                'Write iterators.SerialIterator(dataset, batch_size).'
            )
        return {'main': given}
    if required and 'main' not in given:
        raise ValueError(f"{who}: a dict of {kind}s needs one named 'main', but it has {sorted(given)}.")
    return given
