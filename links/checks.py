"""Checks of the arguments of layers: keywords of old programs, numbers of channels, first inputs."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.configuration import get_dtype
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.type_checking.type_check import InvalidType, reject

_NOT_SUPPORTED = 'argument is not supported anymore.'
_USE_TRAIN = "Use using_config('train', value), value True or False."
DETERMINISTIC = f"deterministic {_NOT_SUPPORTED} Use using_config('cudnn_deterministic', value), value True or False."
TEST = f'test {_NOT_SUPPORTED} {_USE_TRAIN}'
TRAIN = f'train {_NOT_SUPPORTED} {_USE_TRAIN}'
VOLATILE = f'volatile {_NOT_SUPPORTED} Use no_backprop_mode() for what shall not be differentiated.'


def check_groups(who: str, groups: int, **channels: int | None) -> None:
    """Refuse numbers of channels that cannot be split into groups.

    Args:
        who: the link, for messages.
        groups: number of groups.
        channels: numbers of channels by argument name; None where not known yet.

    Raises:
        ValueError: when one is no multiple of groups.
    """
    for name, n in channels.items():
        if n is not None and n % groups:
            raise ValueError(f'{who}: {name} must be a multiple of groups, but it is {n} for {groups}.')


def check_first_input(who: str, x: Any, ndim: int, param: Parameter | None = None) -> None:
    """Refuse an input before a parameter gets its shape from it.

    Args:
        who: the link, for messages.
        x: the input: Variable or array.
        ndim: the least number of axes.
        param: a parameter whose dtype x must have, or None.

    Raises:
        TypeError: when x is no array.
        InvalidType: when it has too few axes or another dtype.
    """
    if not hasattr(x, 'dtype') or not hasattr(x, 'shape'):
        raise TypeError(
            f'{who}: x must be an array or a Variable, but it is {type(x).__name__}. '
            'Use numpy.asarray(x, numpy.float32).'
        )
    given = f'x is {x.dtype} {x.shape}'
    if len(x.shape) < ndim:
        advice = ' Give a batch: x[None] is a batch of one.' if len(x.shape) == ndim - 1 else ''
        raise InvalidType(f'{who}: x.ndim >= {ndim} must hold, but {given}.{advice}')
    if param is None:
        return
    dtype = get_dtype(getattr(param.initializer, 'dtype', None))
    if x.dtype != dtype:
        reject(
            f'{who}: x.dtype == {param.name}.dtype must hold, but {given} and {param.name} is {dtype}. '
            f"Use x.astype('{dtype}'), or set config.dtype before the link is made."
        )
