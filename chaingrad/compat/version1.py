"""Names of version 1, of the books of 2015 to 2017, that take a line to serve.

What takes more is told by `ADVICE` in `alias_names.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.parameter import Parameter
from chaingrad.links.chain import Chain
from chaingrad.links.link import Link
from chaingrad.optimizers.hooks import GradientClipping, WeightDecay, squared_norm
from chaingrad.optimizers.optimizer import GradientMethod, Optimizer


class FunctionSet(Chain):
    """The model of version 1: a Chain whose links may also be set outside of `init_scope`."""

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Link) and not self.within_init_scope:
            with self.init_scope():
                setattr(self, name, value)
        else:
            super().__setattr__(name, value)

    def __getitem__(self, key: str) -> Any:
        return getattr(self, key)

    def collect_parameters(self) -> FunctionSet:
        """Return the model itself, for `optimizer.setup`."""
        return self

    def copy_parameters_from(self, params: Sequence[Array]) -> None:
        """Copy arrays, in the order of `parameters`, into the parameters."""
        for parameter, array in zip(self._sorted(), params, strict=True):
            parameter.array[...] = array

    @property
    def parameters(self) -> tuple[Array, ...]:
        """The arrays of the parameters, by path."""
        return tuple(parameter.array for parameter in self._sorted())

    @parameters.setter
    def parameters(self, params: Sequence[Array]) -> None:
        self.copy_parameters_from(params)

    @property
    def gradients(self) -> tuple[Array, ...]:
        """The gradients of the parameters, by path."""
        return tuple(parameter.grad for parameter in self._sorted())

    def _sorted(self) -> list[Parameter]:
        return [parameter for _, parameter in sorted(self.namedparams())]


def _updated(optimizer: Optimizer) -> Iterator[Parameter]:
    return (parameter for parameter in optimizer.target.params() if parameter.grad is not None)


# Methods of optimizers


def zero_grads(optimizer: Optimizer) -> None:
    """Fill the gradients with zeros. Today: `model.cleargrads()`."""
    for parameter in optimizer.target.params():
        parameter.grad = None if parameter.array is None else np.zeros_like(parameter.array)


def weight_decay(optimizer: Optimizer, decay: float) -> None:
    """Add `decay` times the parameter to each gradient. Today: `optimizer.add_hook(WeightDecay(decay))`."""
    for parameter in _updated(optimizer):
        WeightDecay(decay)(parameter.update_rule, parameter)


def clip_grads(optimizer: GradientMethod, maxnorm: float) -> None:
    """Scale the gradients to a norm of `maxnorm` at most. Today: `optimizer.add_hook(GradientClipping(maxnorm))`."""
    GradientClipping(maxnorm)(optimizer)


def compute_grads_norm(optimizer: Optimizer) -> float:
    """Return the norm of all gradients."""
    return sum(squared_norm(parameter.grad) for parameter in _updated(optimizer)) ** 0.5


def accumulate_grads(optimizer: Optimizer, grads: Sequence[Array]) -> None:
    """Add arrays, in the order of the paths, to the gradients. Today: `model.addgrads(other_model)`."""
    pairs = sorted(optimizer.target.namedparams())
    for (_, parameter), gradient in zip(pairs, grads, strict=True):
        parameter.grad = gradient.copy() if parameter.grad is None else parameter.grad + gradient
