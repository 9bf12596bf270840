"""Functions that draw random numbers: dropout."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.configuration import config
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import as_variable
from chaingrad.functions.elementwise.base import not_floating


class Dropout(FunctionNode):
    """y = x * mask, where the mask is 0 or 1 / (1 - ratio)."""

    def __init__(self, ratio: float, mask: Any = None) -> None:
        self.dropout_ratio = ratio
        self.mask = mask

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        if x.dtype.kind != 'f':
            raise not_floating(self, x)
        if self.mask is None:
            kept = as_variable(x).xp.random.rand(*x.shape) >= self.dropout_ratio
            self.mask = kept * x.dtype.type(1 / (1 - self.dropout_ratio))
        return (x * self.mask,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (grad_outputs[0] * self.mask,)


def dropout(x: Any, ratio: float = 0.5, *, mask: Any = None, return_mask: bool = False, **kwargs: Any) -> Any:
    """Set elements to zero at random while training, and scale the others so that the mean stays.

    y = x * mask, mask = 0 with probability ratio, else 1 / (1 - ratio). Does nothing where `config.train` is False.

    Args:
        x: Variable or array of any shape, floating dtype.
        ratio: probability in [0, 1).
        mask: array of x's shape to use instead of a random one.
        return_mask: whether to return the mask too.

    Returns:
        Variable of the same shape; with return_mask a tuple of it and the mask, which is None while not training.

    Raises:
        ValueError: when ratio is not in [0, 1), the mask has another shape, or `train=` of old programs is given.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> F.dropout(np.ones(2), mask=np.array([0.0, 2.0]))
        variable([0., 2.])
        >>> with chaingrad.using_config('train', False):
        ...     F.dropout(np.ones(2))
        variable([1., 1.])

    Source:
        N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, JMLR 15, 2014.
    """
    if 'train' in kwargs:
        raise ValueError("dropout: train argument is not supported anymore. Use chaingrad.using_config('train', ...).")
    if kwargs:
        raise TypeError(f'dropout: unexpected keyword {sorted(kwargs)[0]!r}. It takes mask and return_mask.')
    if not 0 <= ratio < 1:
        raise ValueError(f'dropout: ratio must be in [0, 1), but it is {ratio}.')
    if mask is not None and mask.shape != x.shape:
        raise ValueError(f'dropout: mask must have the shape of x, {x.shape}, but it is {mask.shape}.')
    if not config.train:
        return (as_variable(x), None) if return_mask else as_variable(x)
    function = Dropout(ratio, mask)
    (y,) = function.apply((x,))
    return (y, function.mask) if return_mask else y
