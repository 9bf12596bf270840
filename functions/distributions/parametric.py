"""Parametric, the base of the distributions of this folder, and what their formulas share.

A formula is written on Variables. Outside the support the logarithm of a density is -inf, and its gradients 0: the
formula gets a harmless point there (`within`), because the gradient of log(-1) would be NaN and 0 * NaN is NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from chaingrad.autograd.array_ops import broadcast_to, cast
from chaingrad.autograd.backends.array_module import get_array_module, is_array
from chaingrad.autograd.configuration import get_dtype
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array, as_variable
from chaingrad.functions.distributions.distribution import Distribution
from chaingrad.functions.elementwise import log, log1p, where

_INF = float('inf')


class Parametric(Distribution):
    """Base of the distributions whose parameters are arrays that broadcast together.

    `_matrix_axes` says how many of a parameter's last axes are no batch axes, where there are any.
    """

    _matrix_axes: ClassVar[dict[str, int]] = {}

    def _take(self, **given: Any) -> None:
        """Keep the parameters as Variables of one dtype."""
        self._params = _as_parameters(type(self).__name__, given)
        self._dtype = next(iter(self._params.values())).dtype
        axes = self._matrix_axes
        try:
            shapes = [v.shape[: v.ndim - axes.get(name, 0)] for name, v in self._params.items()]
            self._batch_shape = np.broadcast_shapes(*shapes)
        except ValueError as error:
            found = ' and '.join(f'{name} is {v.dtype} {v.shape}' for name, v in self._params.items())
            raise InvalidType(f'{type(self).__name__}: the parameters must broadcast together, but {found}.') from error

    def _take_one(self, *ways: dict[str, Any], **others: Any) -> None:
        """Take parameters of which some can be given in several ways, by name; raise unless exactly one was chosen."""
        chosen = [way for way in ways if any(v is not None for v in way.values())]
        if len(chosen) != 1 or any(v is None for v in chosen[0].values()):
            names = ', or '.join(' and '.join(way) for way in ways)
            raise ValueError(f'{type(self).__name__}: give exactly one of these: {names}.')
        self._take(**others, **chosen[0])

    @property
    def params(self) -> dict[str, Variable]:
        """The parameters by name."""
        return dict(self._params)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """The shape of the batch: that of the parameters, broadcast together."""
        return self._batch_shape

    @property
    def event_shape(self) -> tuple[int, ...]:
        """The shape of one outcome."""
        return ()

    @property
    def xp(self) -> Any:
        """The array module of the parameters: numpy or cupy."""
        return get_array_module(*[v.array for v in self._params.values()])

    def log_cdf(self, x: Any) -> Variable:
        return log_or_inf(self.cdf(x))

    def log_survival_function(self, x: Any) -> Variable:
        return log_or_inf(self.survival_function(x))

    def _points(self, x: Any) -> Variable:
        """Return outcomes (Variable, array or number) as a Variable of the parameters' dtype."""
        if isinstance(x, Variable):
            return cast(x, self._dtype)
        return Variable(self.xp.asarray(x, self._dtype), requires_grad=False)

    def _spread(self, x: Variable) -> Variable:
        """Broadcast to the shape of one sample."""
        return broadcast_to(x, self.batch_shape + self.event_shape)

    def _draw(self, kind: str, n: int, *params: Any, discrete: bool = False) -> Variable:
        """Return n random arrays for the whole batch, from a function of `numpy.random`; no gradient flows."""
        generate = getattr(self.xp.random, kind)
        drawn = generate(*[as_array(p) for p in params], size=(n, *self.batch_shape, *self.event_shape))
        return Variable(drawn if discrete else drawn.astype(self._dtype, copy=False), requires_grad=False)


def parameter(name: str, text: str, otherwise: Callable[[Any], Any] | None = None) -> Any:
    """Return the property for a parameter; `otherwise(distribution)` where another was given in its place."""

    def value(self: Any) -> Variable:
        return self._params[name] if otherwise is None or name in self._params else otherwise(self)

    return property(value, doc=text)


def _as_parameters(who: str, given: dict[str, Any]) -> dict[str, Variable]:
    """Return Variables of one floating dtype: that of the Variables given, else of the arrays, else `config.dtype`."""
    found = {name: x for name, x in given.items() if isinstance(x, Variable) and x.dtype.kind == 'f'}
    if len({x.dtype for x in found.values()}) > 1:
        names = ' and '.join(f'{name} is {x.dtype} {x.shape}' for name, x in found.items())
        raise InvalidType(f'{who}: the parameters must have one dtype, but {names}. Convert one with F.cast.')
    arrays = [x.dtype for x in (found or given).values() if hasattr(x, 'dtype') and x.dtype.kind == 'f']
    dtype = np.result_type(*arrays) if arrays else get_dtype()
    params = {}
    for name, x in given.items():
        if isinstance(x, Variable):
            params[name] = cast(x, dtype)
        else:
            x = x if is_array(x) else np.asarray(x)
            params[name] = as_variable(x.astype(dtype, copy=False))
    return params


def within(x: Variable, outside: Any, formula: Callable[[Variable], Any], harmless: float = 1.0) -> Any:
    """Return formula(x), and -inf with gradient 0 where the mask `outside` is true."""
    if not outside.any():
        return formula(x)
    xp = get_array_module(outside)
    y = formula(where(outside, xp.full((), harmless, x.dtype), x))
    return where(outside, xp.full((), -_INF, y.dtype), y)


def log_or_inf(x: Variable) -> Any:
    """Return log(x), -inf for 0, with no warning and gradient 0 there."""
    return within(x, x.array <= 0, log)


def log1m_or_inf(x: Variable) -> Any:
    """Return log(1 - x), -inf for 1, with no warning and gradient 0 there."""
    return within(x, x.array >= 1, lambda x: log1p(-x), 0.0)


def times(weight: Any, y: Any) -> Any:
    """Return weight * y, where 0 times an infinite y is 0: impossible outcomes that did not happen cost nothing."""
    lost = (weight.array == 0) & ~get_array_module(y.array).isfinite(y.array)
    if lost.any():
        y = where(lost, get_array_module(lost).zeros((), y.dtype), y)
    return weight * y
