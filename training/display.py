"""What notebooks show of the Trainer."""

from __future__ import annotations

from html import escape
from typing import Any

from chaingrad.autograd.drawing.html import card
from chaingrad.links.summary import html_table
from chaingrad.optimizers.display import optimizer_html


def trainer_html(trainer: Any) -> str:
    """Return how far training is, the last observation, the extensions and the optimizers.

    Args:
        trainer: a Trainer.
    """
    updater = trainer.updater
    rows = [('iteration', str(updater.iteration))]
    if hasattr(updater, 'epoch_detail'):
        rows.append(('epoch', f'{updater.epoch_detail:.2f}'))
    rows += [('stops', escape(repr(trainer.stop_trigger))), ('out', escape(str(trainer.out)))]
    for name, value in trainer.observation.items():
        value = getattr(value, 'array', value)
        rows.append((name, escape(f'{float(value):g}' if getattr(value, 'size', 1) == 1 else str(value))))
    entries = [[entry.name, repr(entry.trigger), str(entry.priority)] for entry in trainer._entries.values()]
    below = html_table(('extension', 'trigger', 'priority'), entries) if entries else ''
    below += ''.join([optimizer_html(optimizer) for optimizer in updater.get_all_optimizers().values()])
    return card(type(trainer).__name__, rows, below)
