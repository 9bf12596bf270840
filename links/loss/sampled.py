"""Output layers for many classes that look at a few drawn ones only: NegativeSampling and BlackOut."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.configuration import get_dtype
from chaingrad.autograd.initializer import Constant
from chaingrad.autograd.parameter import Parameter
from chaingrad.functions.loss.sampling import black_out, negative_sampling
from chaingrad.links.checks import refuse_keywords
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.link import Link
from chaingrad.links.loss.walker_alias import WalkerAlias


class _Sampled(Link):
    """Base of the two: a vector for each class, and what draws classes."""

    def __init__(self, weights: Any, sample_size: int) -> None:
        super().__init__()
        self.sampler, self.sample_size = WalkerAlias(weights), sample_size

    def device_resident_accept(self, visitor: Any) -> None:
        """Show the parameter and the sampler's tables to a visitor."""
        super().device_resident_accept(visitor)
        self.sampler.device_resident_accept(visitor)


class NegativeSampling(_Sampled):
    """Loss of an output layer that compares the class with a few drawn ones, as word2vec does.

    loss = -log sigmoid(x W_t) - sum over the drawn classes s of log sigmoid(-x W_s)

    Args:
        in_size (int): length of the inputs.
        counts: how often each class occurs, a list.
        sample_size (int): number of classes to draw for each sample.
        power (float): classes are drawn in proportion to counts ** power.
        dtype: dtype of W; `config.dtype` when None.

    Attributes:
        W (Parameter): vectors of the classes (len(counts), in_size), zeros at first.
        sampler (WalkerAlias): what draws.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.NegativeSampling(3, [10, 5, 1], sample_size=2)
        >>> loss = layer(np.ones((4, 3), np.float32), np.array([0, 2, 1, 0]))
        >>> f'{loss:.3f}'  # 4 samples, 3 classes each, all scores zero: 12 log 2
        '8.318'

    Source:
        Mikolov et al.: Distributed representations of words and phrases (NIPS 2013), equation 4.
    """

    def __init__(self, in_size: int, counts: Any, sample_size: int, power: float = 0.75, dtype: Any = None) -> None:
        super().__init__(np.asarray(counts, np.float64) ** power, sample_size)
        with self.init_scope():
            self.W = Parameter(Constant(0, get_dtype(dtype)), (len(counts), in_size))

    def forward(self, x: Any, t: Any, reduce: str = 'sum', *, return_samples: bool = False, **kwargs: Any) -> Any:
        """Return the loss.

        Args:
            x: inputs (n, in_size), of the dtype of W.
            t: labels (n,), integers from 0 to len(counts) - 1, or -1 to be ignored.
            reduce: 'sum', or 'no' for one loss per sample.
            return_samples: whether to return the classes too.

        Returns:
            Variable of no axes, or (n,) with reduce='no'; with return_samples a tuple of it and the array of classes
            (n, 1 + sample_size).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
            ValueError: when a label is out of range, or reduce is unknown.
        """
        refuse_keywords('NegativeSampling', kwargs)
        sampler = self.sampler.sample
        return negative_sampling(x, t, self.W, sampler, self.sample_size, reduce, return_samples=return_samples)


class BlackOut(_Sampled):
    """Loss of an output layer that is a softmax over the class and a few drawn ones.

    loss = -log p_t - sum over the drawn classes s of log(1 - p_s), p = softmax of x W_c over t and all s

    Args:
        in_size (int): length of the inputs.
        counts: how often each class occurs, a list: classes are drawn in proportion.
        sample_size (int): number of classes to draw for each sample.

    Attributes:
        W (Parameter): vectors of the classes (len(counts), in_size), LeCunNormal at first.
        sampler (WalkerAlias): what draws.
        sample_data: array of classes (n, sample_size) to use instead of drawing; None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.BlackOut(3, [10, 5, 1], sample_size=2)
        >>> layer(np.ones((4, 3), np.float32), np.array([0, 2, 1, 0])).shape
        ()

    Source:
        Ji et al.: BlackOut (ICLR 2016), equation 6, with equal weights.
    """

    sample_data: Any = None

    def __init__(self, in_size: int, counts: Any, sample_size: int) -> None:
        super().__init__(counts, sample_size)
        with self.init_scope():
            self.W = Parameter(LeCunNormal(), (len(counts), in_size))

    def forward(self, x: Any, t: Any) -> Any:
        """Return the loss.

        Args:
            x: inputs (n, in_size), of the dtype of W.
            t: labels (n,), integers from 0 to len(counts) - 1.

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
