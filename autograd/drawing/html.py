"""What notebooks show of Variables, and the pieces that links, optimizers and the Trainer are shown with."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

import numpy as np

from chaingrad.autograd.drawing import statistics
from chaingrad.autograd.variable import Variable

FULL = 100
"""Up to how many elements an array is shown in full."""


def card(title: str, rows: Iterable[tuple[str, str]], below: str = '') -> str:
    """Return a title and a table of names and values; the values are HTML, the rest is escaped.

    Args:
        title: what it is.
        rows: pairs of name and value.
        below: HTML that stands under the table.

    Example:
        >>> from chaingrad.autograd.drawing.html import card
        >>> card('SGD', [('lr', '0.1')])
        '<div><b>SGD</b><table><tr><th>lr</th><td>0.1</td></tr></table></div>'
    """
    cells = ''.join([f'<tr><th>{escape(name)}</th><td>{value}</td></tr>' for name, value in rows])
    return f'<div><b>{escape(title)}</b><table>{cells}</table>{below}</div>'


def array_html(array: Any) -> str:
    """Return a small array in full, else its statistics; NaN and infinity make it red."""
    if array is None:
        return 'None'
    numbers = statistics.numbers_of(array)
    if numbers.size <= FULL:
        text = f'<pre>{escape(np.array2string(numbers, separator=", "))}</pre>'
    else:
        text = escape(statistics.describe(numbers))
    if not statistics.is_bad(numbers):
        return text
    return f'<span style="color:{statistics.RED}">{text}</span>'


def variable_html(x: Variable) -> str:
    """Return what notebooks show of a Variable: dtype, shape, array, gradient and where it comes from.

    Args:
        x: the Variable.
    """
    title = f'{type(x).__name__} {x.name or ""}'.rstrip()
    if x.array is None:
        return card(title, [('array', 'not initialized')])
    rows = [('dtype', escape(str(x.dtype))), ('shape', escape(str(x.shape))), ('array', array_html(x.array))]
    creator = x.creator_node
    if x.requires_grad or x.grad is not None:
        rows.append(('gradient', array_html(x.grad)))
    if creator is not None:
        rows.append(('made by', f'{escape(creator.label)}, rank {creator.rank}'))
    elif not x.requires_grad:
        rows.append(('made by', 'nothing; gradients do not reach it'))
    rule = getattr(x, 'update_rule', None)
    if rule is not None:
        rows.append(('update rule', escape(type(rule).__name__) + ('' if rule.enabled else ' (frozen)')))
    return card(title, rows)
