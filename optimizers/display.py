"""What notebooks show of optimizers and update rules."""

from __future__ import annotations

from html import escape
from typing import Any

from chaingrad.autograd.drawing.html import card
from chaingrad.links.display import title_of


def optimizer_html(optimizer: Any) -> str:
    """Return a table of hyperparameters, hooks, counts and target.

    Args:
        optimizer: an Optimizer or an UpdateRule.
    """
    values = optimizer.hyperparam.get_dict() if hasattr(optimizer, 'hyperparam') else {}
    rows = [(name, escape(repr(value))) for name, value in values.items()]
    hooks = [*optimizer._pre_update_hooks, *optimizer._post_update_hooks]
    rows += [('hooks', escape(', '.join(hooks)))] if hooks else []
    rows += [(name, str(getattr(optimizer, name))) for name in ('t', 'epoch', 'enabled') if hasattr(optimizer, name)]
    if hasattr(optimizer, 'target'):
        rows.append(('target', escape(title_of(optimizer.target))))
    state = getattr(optimizer, 'state', None) or {}
    rows += [(name, escape(f'{value.dtype} {value.shape}')) for name, value in state.items() if hasattr(value, 'dtype')]
    return card(type(optimizer).__name__, rows)
