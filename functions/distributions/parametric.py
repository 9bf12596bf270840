"""Parametric, the base of the distributions of this folder, and functions that their formulas share.

A formula is written on Variables. Outside the support the logarithm of a density is -inf and its gradients are 0: there
the formula gets a point inside the support in place of x (`neg_inf_where`), because the gradient of log(-1) would be
NaN, and 0 * NaN is NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.array_ops import broadcast_to, downcast
from chaingrad.autograd.backends.array_module import get_array_module, is_array
from chaingrad.autograd.configuration import get_dtype
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array, as_variable
from chaingrad.functions.distributions.distribution import Distribution, Numbers
from chaingrad.functions.elementwise import log, log1p, where


class Parametric(Distribution):
    """Base of the distributions whose parameters are arrays that broadcast together.

    `_non_batch_axes` holds, for parameters that are vectors or matrices, how many of their last axes are no batch axes.
    """

    _non_batch_axes: ClassVar[dict[str, int]] = {}

    def _set_parameters(self, **given: Numbers) -> None:
        """Keep the parameters as Variables of one dtype."""
        who = type(self).__name__
        self._params = _as_parameters(who, given)
        self._dtype = next(iter(self._params.values())).dtype
        shapes = [v.shape[: v.ndim - self._non_batch_axes.get(name, 0)] for name, v in self._params.items()]
        try:
            self._batch_shape = np.broadcast_shapes(*shapes)
        except ValueError as error:
            types = ' and '.join([f'{name} is {v.dtype} {v.shape}' for name, v in self._params.items()])
            raise InvalidType(f'{who}: the parameters must broadcast together, but {types}.') from error

    def _set_one_of(self, *choices: dict[str, Any], **others: Numbers) -> None:
        """Keep the parameters, of which some can be given in several ways; raise unless exactly one way was chosen."""
        chosen = [choice for choice in choices if any(value is not None for value in choice.values())]
        if len(chosen) != 1 or any(value is None for value in chosen[0].values()):
            names = ', or '.join([' and '.join(choice) for choice in choices])
            given = [name for choice in choices for name, value in choice.items() if value is not None]
            raise ValueError(
                f'{type(self).__name__}: give exactly one of these: {names}. Given: {" and ".join(given) or "none"}.'
            )
        self._set_parameters(**others, **chosen[0])

    @property
    def params(self) -> dict[str, Variable]:
        """The parameters by name."""
        return dict(self._params)

    @property
    def batch_shape(self) -> Shape:
        """The shape of the batch: that of the parameters, broadcast together."""
        return self._batch_shape

    @property
    def event_shape(self) -> Shape:
        """The shape of one outcome."""
        return ()

    @property
    def xp(self) -> ModuleType:
        """The array module of the parameters: numpy or cupy."""
        return get_array_module(*[v.array for v in self._params.values()])

    def log_cdf(self, x: Numbers) -> Variable:
        return log_or_neg_inf(self.cdf(x))

    def log_survival_function(self, x: Numbers) -> Variable:
        return log_or_neg_inf(self.survival_function(x))

    def _cast(self, x: Numbers) -> Variable:
        """Return outcomes or probabilities as a Variable of the parameters' dtype."""
        if isinstance(x, Variable):
            return downcast(x, self._dtype)
        return Variable(self.xp.asarray(x, self._dtype), requires_grad=False)

    def _broadcast(self, x: Variable) -> Variable:
        """Broadcast to the shape of one sample."""
        return broadcast_to(x, self.batch_shape + self.event_shape)

    def _draw(self, name: str, n: int, *params: VariableOrArray, discrete: bool = False) -> Variable:
        """Return n samples for the whole batch from the named function of `numpy.random`; they need no gradient."""
        generate = getattr(self.xp.random, name)
        samples = generate(*[as_array(p) for p in params], size=(n, *self.batch_shape, *self.event_shape))
        if not discrete:
            samples = samples.astype(self._dtype, copy=False)
        return Variable(samples, requires_grad=False)


def parameter(name: str, text: str, derived: Callable[[Any], Variable] | None = None) -> property:
    """Return the property for a parameter; its value is `derived(distribution)` where it was not given itself."""

    def get(self: Parametric) -> Variable:
        if derived is None or name in self._params:
            return self._params[name]
        return derived(self)

    return property(get, doc=text)


def _as_parameters(who: str, given: dict[str, Any]) -> dict[str, Variable]:
    """Return Variables of one floating dtype: that of the Variables given, else of the arrays, else `config.dtype`."""
    variables = {name: x for name, x in given.items() if isinstance(x, Variable) and x.dtype.kind == 'f'}
    if len({x.dtype for x in variables.values()}) > 1:
        types = ' and '.join([f'{name} is {x.dtype} {x.shape}' for name, x in variables.items()])
        raise InvalidType(f'{who}: the parameters must have one dtype, but {types}. Convert one with F.cast.')
    candidates = variables or given
    dtypes = [x.dtype for x in candidates.values() if hasattr(x, 'dtype') and x.dtype.kind == 'f']
    dtype = np.result_type(*dtypes) if dtypes else get_dtype()
    params = {}
    for name, x in given.items():
        if isinstance(x, Variable):
            params[name] = downcast(x, dtype)
        else:
            array = x if is_array(x) else np.asarray(x)
            params[name] = as_variable(array.astype(dtype, copy=False))
    return params


def constant_where(
    mask: Array, constant: float, formula: Callable[[Variable], Variable], x: Variable, inside: float
) -> Variable:
    """Return formula(x), but a constant with gradient 0 where a mask is true.

    `inside` is a point where formula is finite.
    """
    if not mask.any():
        return formula(x)
    xp = get_array_module(mask)
    y = formula(where(mask, xp.full((), inside, x.dtype), x))
    return where(mask, xp.full((), constant, y.dtype), y)


def neg_inf_where(mask: Array, formula: Callable[[Variable], Variable], x: Variable, inside: float = 1.0) -> Variable:
    """Return formula(x), but -inf with gradient 0 where a mask is true."""
    return constant_where(mask, -np.inf, formula, x, inside)


def log_or_neg_inf(x: Variable) -> Variable:
    """Return log(x); for 0 it is -inf with gradient 0, without a warning."""
    return neg_inf_where(x.array <= 0, log, x)


def log1m_or_neg_inf(x: Variable) -> Variable:
    """Return log(1 - x); for 1 it is -inf with gradient 0, without a warning."""
    return neg_inf_where(x.array >= 1, _log1m, x, inside=0.0)


def _log1m(x: Variable) -> Variable:
    return log1p(-x)


def xlogy(x: Variable, y: Variable) -> Variable:
    """Return x log(y), which is 0 where x is 0, even if y is 0 too (as in SciPy)."""
    return weighted_log(x, log_or_neg_inf(y))


def xlog1my(x: Variable, y: Variable) -> Variable:
    """Return x log(1 - y), which is 0 where x is 0, even if y is 1."""
    return weighted_log(x, log1m_or_neg_inf(y))


def weighted_log(weight: Variable, log_p: Variable) -> Variable:
    """Return weight * log_p, which is 0 where the weight is 0, even if log_p is infinite."""
    xp = get_array_module(log_p.array)
    ignored = (weight.array == 0) & ~xp.isfinite(log_p.array)
    if ignored.any():
        log_p = where(ignored, xp.zeros((), log_p.dtype), log_p)
    return weight * log_p
