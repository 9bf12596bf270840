"""The base of hooks around functions; ready-made ones are in `chaingrad.function_hooks`."""

from chaingrad.autograd.function_hook import FunctionHook, get_function_hooks

__all__ = ['FunctionHook', 'get_function_hooks']
