"""The table of operators that `chaingrad.onnx.load` runs: those that `export` writes.

One file per family. What makes an operator ready takes a `Node` and returns the function of its inputs; an attribute
that it does not know, or a value of one, is refused when the file is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping

from chaingrad.onnx.operators import array, elementwise, layers, reduction, rnn, windows
from chaingrad.onnx.operators.node import Make

__all__ = ['OPERATORS']

OPERATORS: Mapping[str, Make] = {
    **elementwise.OPERATORS,
    **array.OPERATORS,
    **reduction.OPERATORS,
    **layers.OPERATORS,
    **windows.OPERATORS,
    **rnn.OPERATORS,
}
