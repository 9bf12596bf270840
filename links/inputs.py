"""What layers say about arguments that do not fit."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.configuration import get_dtype
from chaingrad.autograd.type_checking.type_check import InvalidType

OLD_KEYWORDS = {
    'deterministic': "Use using_config('cudnn_deterministic', value), value True or False.",
    'test': "Use using_config('train', value), value True or False.",
    'train': "Use using_config('train', value), value True or False.",
    'volatile': 'Use no_backprop_mode() for what shall not be differentiated.',
}


def refuse_keywords(who: str, keywords: dict[str, Any], *old: str) -> None:
    """Raise for keywords that a link does not take.

    Args:
        who: the link, for messages.
        keywords: what was given beyond the arguments it has.
        old: keywords of the reference's first version, which get a ValueError with advice.

    Raises:
        ValueError: for an old keyword.
        TypeError: for an unknown one.
    """
    for name in keywords:
        if name in old:
            raise ValueError(f'{who}: {name} argument is not supported anymore. {OLD_KEYWORDS[name]}')
        raise TypeError(f'{who}: unexpected keyword argument {name!r}.')


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


def check_first_input(who: str, x: Any, ndim: int, param: Any = None) -> None:
    """Refuse an input before a parameter gets its shape from it.

    Args:
        who: the link, for messages.
        x: the input: array or Variable.
        ndim: the least number of axes.
        param: the parameter without array, if x must have its dtype.

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
    dtype = get_dtype(param.dtype)
    if x.dtype != dtype:
        raise InvalidType(
            f'{who}: x.dtype == {param.name}.dtype must hold, but {given} and {param.name} is {dtype}. '
            f"Use x.astype('{dtype}'), or set config.dtype before the link is made."
        )
