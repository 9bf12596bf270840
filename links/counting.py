"""Multiply-adds of functions, and the arrays that a graph keeps for the backward pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from chaingrad.autograd.matmul import MatMul
from chaingrad.functions.connection import LinearFunction
from chaingrad.functions.convolution.nodes import ConvolutionND, DeconvolutionND


def multiply_adds(function: Any, inputs: Sequence[Any], outputs: Sequence[Any]) -> int:
    """Return the multiplications, each with its addition, of a matrix product or a convolution; 0 of other functions.

    Args:
        function: a FunctionNode.
        inputs: its input arrays.
        outputs: its output arrays.
    """
    if isinstance(function, LinearFunction):
        x, W = inputs[:2]
        return int(x.size * W.shape[0])
    if isinstance(function, ConvolutionND):  # W (out, in / groups, ...)
        return int(outputs[0].size * prod(inputs[1].shape[1:]))
    if isinstance(function, DeconvolutionND):  # W (in, out / groups, ...)
        return int(inputs[0].size * prod(inputs[1].shape[1:]))
    if isinstance(function, MatMul):
        a, b = inputs
        inner = a.shape[-2] if getattr(function, 'transa', False) and a.ndim > 1 else a.shape[-1]
        return int(outputs[0].size * inner)
    return 0


def kept_bytes(functions: Iterable[Any], params: Iterable[Any]) -> int:
    """Return the bytes of the arrays that functions keep for the backward pass, each array once.

    Args:
        functions: FunctionNodes that were applied.
        params: parameters, whose arrays are not counted: they stay anyway.
    """
    kept: dict[int, Any] = {}
    for function in functions:
        values = [*function._input_arrays, *function._output_arrays]
        for value in vars(function).values():
            values += value if isinstance(value, list | tuple) else [value]
        for value in values:
            if isinstance(value, np.ndarray):
                owner = _owner(value)
                kept[id(owner)] = owner
    for param in params:
        if isinstance(param.array, np.ndarray):
            kept.pop(id(_owner(param.array)), None)
    return sum([array.nbytes for array in kept.values()])


def _owner(array: Any) -> Any:
    """Return the array whose memory a view shows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
