"""The table of converters: from the class of a function to what writes it with the operators of ONNX.

One file per family of functions. A converter gets a `Call` and adds operators; a subclass is converted as its parent.
"""

from __future__ import annotations

from chaingrad.onnx.converters import (
    activation,
    array,
    convolution,
    elementwise,
    indexing,
    joining,
    linear,
    loss,
    normalization,
    reduction,
    rnn,
)
from chaingrad.onnx.converters.elementwise import Converter

__all__ = ['CONVERTERS', 'find_converter']

CONVERTERS: dict[type, Converter] = {
    **elementwise.CONVERTERS,
    **array.CONVERTERS,
    **indexing.CONVERTERS,
    **joining.CONVERTERS,
    **reduction.CONVERTERS,
    **linear.CONVERTERS,
    **convolution.CONVERTERS,
    **activation.CONVERTERS,
    **normalization.CONVERTERS,
    **loss.CONVERTERS,
    **rnn.CONVERTERS,
}


def find_converter(function: type) -> Converter | None:
    """Return the converter of a class of functions, of its nearest parent that has one; None where there is none.

    A class of a user that derives from one of ours may compute something else: it has no converter.
    """
    if not function.__module__.startswith('chaingrad.'):
        return None
    return next((CONVERTERS[parent] for parent in function.__mro__ if parent in CONVERTERS), None)
