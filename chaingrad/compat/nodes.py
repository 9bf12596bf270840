"""Classes of function nodes, for programs that ask for them: ours by their names, and stand-ins for some of the others.

`alias_names.py` says under which paths they are found.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import Any

import chaingrad.functions as F
from chaingrad.autograd.annotations import Array
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable
from chaingrad.functions.pooling.nodes import AveragePooling2D, MaxPooling2D, PoolingND


class AppliedFunction:
    """Stands for a node that chaingrad does not have, because the function is made of others or has no gradient."""

    function: Callable[..., Variable]

    def __init__(self, *args: Any, **options: Any) -> None:
        self.args = args
        self.options = options

    def apply(self, inputs: Sequence[Any]) -> tuple[Variable]:
        """Call the function."""
        return (type(self).function(*inputs, *self.args, **self.options),)

    def __call__(self, *inputs: Any) -> Variable:
        """Call the function."""
        return self.apply(inputs)[0]

    def forward(self, inputs: Sequence[Array]) -> tuple[Array]:
        """Call the function on arrays."""
        return (self.apply(inputs)[0].array,)


class Accuracy(AppliedFunction):
    """Calls `F.accuracy(y, t, ignore_label)`."""

    function = staticmethod(F.accuracy)

    def __init__(self, ignore_label: int | None = None) -> None:
        super().__init__(ignore_label=ignore_label)
        self.ignore_label = ignore_label


class ResizeImages(AppliedFunction):
    """Calls `F.resize_images(x, output_shape)`."""

    function = staticmethod(F.resize_images)


class Pooling2D(PoolingND, metaclass=abc.ABCMeta):
    """The base of poolings over two axes, for subclasses of a program; our own nodes count as its subclasses."""

    who = 'pooling_2d'

    def __init__(self, ksize: Any, stride: Any = None, pad: Any = 0, cover_all: bool = True, *args: Any) -> None:
        super().__init__(2, ksize, stride, pad, cover_all, *args)


Pooling2D.register(MaxPooling2D)
Pooling2D.register(AveragePooling2D)


def __getattr__(name: str) -> Any:
    """Find the class of a node of chaingrad by its name, such as 'ReLU'."""
    classes: list[Any] = [FunctionNode]
    for cls in classes:
        if cls.__name__ == name and cls.__module__.startswith('chaingrad.'):
            return cls
        classes += cls.__subclasses__()
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
