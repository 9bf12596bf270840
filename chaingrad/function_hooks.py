"""Ready-made hooks around functions."""

from chaingrad.functions.function_hooks import PrintHook, TimerHook

__all__ = ['PrintHook', 'TimerHook']
