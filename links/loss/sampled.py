"""NegativeSampling and BlackOut, output layers for many classes that only look at a few drawn ones; their sampler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends import DeviceResident, DeviceResidentsVisitor
from chaingrad.autograd.configuration import get_dtype
from chaingrad.autograd.initializer import Constant
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import refuse
from chaingrad.functions.loss.sampling import black_out, negative_sampling
from chaingrad.links.annotations import DTypeLike
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.link import Link


class WalkerAlias(DeviceResident):
    """Draw integers from a discrete distribution.

    Every number shares a box with at most one other, its alias; a draw takes a box and then one of the two. Randomness
    is that of `numpy.random` (cupy's on a GPU).

    Args:
        probs: weight of each integer from 0 on, not negative; they need not sum to one.

    Raises:
        ValueError: when a weight is negative or not finite, or all are zero.

    Example:
        >>> from chaingrad.utils import WalkerAlias
        >>> WalkerAlias([0, 1, 0]).sample((2, 3))
        array([[1, 1, 1],
               [1, 1, 1]], dtype=int32)

    Source:
        Walker: An efficient method for generating discrete random variables with general distributions (1977);
        Vose: A linear algorithm for generating random numbers with a given distribution (1991).
    """

    def __init__(self, probs: Sequence[float] | Array) -> None:
        super().__init__()
        weights = np.asarray(probs, np.float64)
        if weights.ndim != 1 or not weights.size or not np.isfinite(weights).all() or (weights < 0).any():
            raise ValueError('WalkerAlias: probs must be a list of weights that are finite and not negative.')
        if not weights.any():
            raise ValueError('WalkerAlias: at least one weight in probs must be above zero.')
        n = weights.size
        share = weights / weights.sum() * n  # of each box, which has room for 1
        keep = np.ones(n)
        alias = np.arange(n, dtype=np.int32)
        small = list(np.flatnonzero(share < 1))
        large = list(np.flatnonzero(share >= 1))
        while small and large:
            low = small.pop()
            high = large.pop()
            # The box of `low` is filled up with a part of the share of `high`.
            keep[low] = share[low]
            alias[low] = high
            share[high] -= 1 - share[low]
            if share[high] < 1:
                small.append(high)
            else:
                large.append(high)
        for i in small:  # left over by rounding: full boxes, except those of weight zero
            if not weights[i]:
                keep[i] = 0
                alias[i] = weights.argmax()
        self.size = n
        self.keep = keep
        self.alias = alias

    @property
    def use_gpu(self) -> bool:
        """True when the tables are on a GPU."""
        return self.xp is not np

    def device_resident_accept(self, visitor: DeviceResidentsVisitor) -> None:
        """Pass the tables to a visitor, such as the one that moves them to a GPU."""
        super().device_resident_accept(visitor)
        self.keep = visitor.visit_array(self.keep)
        self.alias = visitor.visit_array(self.alias)

    def sample(self, shape: int | Shape) -> Array:
        """Draw integers.

        Args:
            shape: int or tuple.

        Returns:
            Array of this shape, int32.
        """
        return self.sample_xp(self.xp, shape)

    def sample_gpu(self, shape: int | Shape) -> Array:
        """Draw integers as a CuPy array; the tables must be on a GPU."""
        return self.sample_xp(self.xp, shape)

    def sample_xp(self, xp: Any, shape: int | Shape) -> Array:
        """Draw integers by the generator of an array module.

        Args:
            xp: numpy or cupy, where the tables are.
            shape: int or tuple.
        """
        # One uniform number gives the box by its integer part, and the choice between the two by its fraction.
        u = xp.random.uniform(0, self.size, shape)
        box = xp.minimum(u.astype(np.int32), self.size - 1)
        return xp.where(u - box < self.keep[box], box, self.alias[box]).astype(np.int32)


class _Sampled(Link):
    """Base of the two: a vector for each class, and the sampler that draws classes."""

    W: Parameter

    def __init__(self, weights: Sequence[float] | Array, sample_size: int) -> None:
        super().__init__()
        self.sampler = WalkerAlias(weights)
        self.sample_size = sample_size

    def device_resident_accept(self, visitor: DeviceResidentsVisitor) -> None:
        """Pass the parameter and the sampler's tables to a visitor."""
        super().device_resident_accept(visitor)
        self.sampler.device_resident_accept(visitor)


class NegativeSampling(_Sampled):
    """Loss of an output layer that compares the class with a few drawn ones, as word2vec does.

    loss = -log sigmoid(x W_t) - sum over the drawn classes s of log sigmoid(-x W_s)

    Args:
        in_size (int): length of the inputs.
        counts: list of how often each class occurs.
        sample_size (int): number of classes to draw for each sample.
        power (float): classes are drawn in proportion to counts ** power.
        dtype: dtype of W; `config.dtype` when None.

    Attributes:
        W (Parameter): vectors of the classes (len(counts), in_size), zeros at first.
        sampler (WalkerAlias): draws the classes.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.NegativeSampling(3, [10, 5, 1], sample_size=2)
        >>> loss = layer(np.ones((4, 3), np.float32), np.array([0, 2, 1, 0]))
        >>> f'{loss:.3f}'  # 4 samples, 3 classes each, all scores zero: 12 log 2
        '8.318'

    Source:
        Mikolov et al.: Distributed representations of words and phrases (NIPS 2013), equation 4.
    """

    def __init__(
        self,
        in_size: int,
        counts: Sequence[float],
        sample_size: int,
        power: float = 0.75,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(np.asarray(counts, np.float64) ** power, sample_size)
        with self.init_scope():
            self.W = Parameter(Constant(0, get_dtype(dtype)), (len(counts), in_size))

    def forward(
        self,
        x: VariableOrArray,
        t: VariableOrArray,
        reduce: str = 'sum',
        *,
        return_samples: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return the loss.

        Args:
            x: Variable or array, (n, in_size), of the dtype of W.
            t: Variable or array, the labels (n,), integers from 0 to len(counts) - 1, or -1 to be ignored.
            reduce: 'sum', or 'no' for one loss per sample.
            return_samples: return the classes too.

        Returns:
            Variable of no axes, or (n,) with reduce='no'; with return_samples a tuple of it and the array of classes
            (n, 1 + sample_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
            ValueError: when a label is out of range, or reduce is unknown.
        """
        refuse('NegativeSampling', kwargs)
        return negative_sampling(
            x, t, self.W, self.sampler.sample, self.sample_size, reduce, return_samples=return_samples
        )


class BlackOut(_Sampled):
    """Loss of an output layer that is a softmax over the class and a few drawn ones.

    loss = -log p_t - sum over the drawn classes s of log(1 - p_s), p = softmax of x W_c over t and all s

    Args:
        in_size (int): length of the inputs.
        counts: list of how often each class occurs; classes are drawn in proportion.
        sample_size (int): number of classes to draw for each sample.

    Attributes:
        W (Parameter): vectors of the classes (len(counts), in_size), LeCunNormal at first.
        sampler (WalkerAlias): draws the classes.
        sample_data: array of classes (n, sample_size) to use instead of drawing; None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.BlackOut(3, [10, 5, 1], sample_size=2)
        >>> layer(np.ones((4, 3), np.float32), np.array([0, 2, 1, 0])).shape
        ()

    Source:
        Ji et al.: BlackOut (ICLR 2016), equation 6, with equal weights.
    """

    sample_data: Array | None = None

    def __init__(self, in_size: int, counts: Sequence[float], sample_size: int) -> None:
        super().__init__(counts, sample_size)
        with self.init_scope():
            self.W = Parameter(LeCunNormal(), (len(counts), in_size))

    def forward(self, x: VariableOrArray, t: VariableOrArray) -> Variable:
        """Return the loss.

        Args:
            x: Variable or array, (n, in_size), of the dtype of W.
            t: Variable or array, the labels (n,), integers from 0 to len(counts) - 1.

        Returns:
            Variable of no axes: the mean over the samples.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
            ValueError: when a label is out of range.
        """
        samples = self.sample_data
        if samples is None:
            samples = self.sampler.sample((x.shape[0], self.sample_size))
        return black_out(x, t, self.W, samples)
