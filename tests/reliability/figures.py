"""Whether the long forms are asked for, and what the tests have measured, for the summary at the end of `make soak`."""

from __future__ import annotations

import os

SOAK = os.environ.get('CHAINGRAD_SOAK') == '1'
FIGURES: list[str] = []


def times(short: int, long: int) -> int:
    """Return how often to try: `long` in a soak."""
    return long if SOAK else short


def note(text: str) -> None:
    """Take note of a figure."""
    FIGURES.append(text)
