"""Case, one row of the table of functions; `tests/test_functions.py` says what is checked for each.

A module of this folder holds the rows of one family in a list `CASES`. A row is data only: the function, its formula in
NumPy, the bounds of its inputs, and hypothesis strategies for shapes and options.

    CASES = [
        Case(name='exp', call=F.exp, expected=np.exp),
        Case(name='log', call=F.log, expected=np.log, low=0.1),
        Case(name='relu', call=F.relu, expected=lambda x: np.maximum(x, 0), kinks=(0,)),
        Case(name='add', call=F.add, expected=np.add, arity=2, shapes=broadcastable_shapes(2)),
        Case(name='sum', call=F.sum, expected=np.sum, options=lambda shapes: {'axis': axes_of(shapes[0])}),
    ]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis.strategies import SearchStrategy

from tests.strategies import same_shapes


@dataclasses.dataclass(frozen=True)
class Case:
    """One function and what is known about it.

    Args:
        name: the public name in `chaingrad.functions`.
        call: takes `arity` Variables or arrays by position and the options by keyword; returns a Variable or a tuple
            (or list) of them.
        expected: the same formula in NumPy, on float64 arrays; returns an array or a tuple (or list) of them.
        arity: number of floating inputs; each of them must get a gradient.
        low, high: bounds of the inputs' elements: one number for all inputs or a tuple with one for each.
        options: keyword arguments for `call` and `expected`: a dict of constants and strategies, or a function that
            takes the tuple of shapes and returns such a dict. Masks, labels and ids are options: they get no gradient.
        order: 2: both orders of derivative are checked; 1: the first only; 0: there is none (accuracy, argmax).
        shapes: strategy for the tuple of the inputs' shapes; by default the same shape for all, which may have no axes
            and may have no elements.
        kinks: values that elements keep away from (by 0.05).
        distinct: whether no two elements of all inputs together may be closer than 0.01 (maximum, max, sort, pooling).
        dtype: dtype of the outputs: 'same' as the inputs', or 'expected', that of what `expected` returns.
        dtypes: the dtypes to try besides float64.
        tolerance: factor on the tolerances of value comparisons, for long sums and steep functions.
        config: configuration during the call, such as {'train': False}.
        variant: tells rows of one function apart.
    """

    name: str
    call: Callable[..., Any]
    expected: Callable[..., Any]
    arity: int = 1
    low: float | tuple[float, ...] = -2.0
    high: float | tuple[float, ...] = 2.0
    options: Mapping[str, Any] | Callable[[tuple[tuple[int, ...], ...]], Mapping[str, Any]] = dataclasses.field(
        default_factory=dict
    )
    order: int = 2
    shapes: SearchStrategy[Any] | None = None
    kinks: tuple[float, ...] = ()
    distinct: bool = False
    dtype: str = 'same'
    dtypes: tuple[str, ...] = ('float16', 'float32')
    tolerance: float = 1.0
    config: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    variant: str = ''

    def __str__(self) -> str:
        return f'{self.name}-{self.variant}' if self.variant else self.name

    @property
    def all_shapes(self) -> SearchStrategy[Any]:
        """Strategy for the tuple of the inputs' shapes."""
        return same_shapes(self.arity) if self.shapes is None else self.shapes
