"""The contract of FunctionNode.forward: checks of its results, and messages that explain its failures."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Arrays
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.configuration import config
from chaingrad.autograd.type_checking import type_check


def as_arrays(function: Any, outputs: Any) -> Arrays:
    """Return the outputs as arrays, where NumPy has made scalars of results without axes; refuse anything else."""
    must = f'{function.label}.forward must return a tuple of arrays'
    if not isinstance(outputs, tuple):
        raise TypeError(f'{must}, but it returned {type(outputs).__name__}.')
    arrays = []
    for y in outputs:
        if isinstance(y, np.generic):
            y = np.asarray(y)
        if not is_array(y):
            raise TypeError(f'{must}, but a {type(y).__name__} is in it.')
        arrays.append(y)
    return tuple(arrays)


def explain_failure(function: Any, arrays: Arrays, error: Exception) -> None:
    """Raise what tells the user why `forward` failed; return where `error` says it all."""
    for i, x in enumerate(arrays):
        if x is None:
            raise RuntimeError(
                f'{public_name(function)}: input {i} has no array yet (a parameter before its first use?).'
            )
        if not is_array(x):
            what = f'input {i} must be a Variable or an array, but it is a {type(x).__name__}'
            raise TypeError(f'{public_name(function)}: {what}. Convert it with np.asarray(..., dtype=np.float32).')
    if config.type_check and function._builtin and isinstance(error, ValueError | TypeError):
        given = ', '.join(f'input {i} is {x.dtype} {x.shape}' for i, x in enumerate(arrays))
        raise type_check.InvalidType(f'{public_name(function)}: {error}. Given: {given}.') from error


def public_name(function: Any) -> str:
    """Return the name of the function that users call: leaky_relu for a node of class LeakyReLU."""
    return re.sub('(?<=[a-z])(?=[A-Z])', '_', function.label.replace('ReLU', 'Relu')).lower()
