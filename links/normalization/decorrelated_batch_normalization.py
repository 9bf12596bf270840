"""DecorrelatedBatchNormalization, which removes the correlation between channels."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.configuration import config
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import refuse
from chaingrad.functions.normalization.decorrelated import (
    decorrelated_batch_normalization,
    fixed_decorrelated_batch_normalization,
)
from chaingrad.links.annotations import DTypeLike
from chaingrad.links.link import Link


class DecorrelatedBatchNormalization(Link):
    """Normalize the channels of a group so that they have unit variance and no correlation.

    y = S^(-1/2) (x - mean), S the covariance of the channels of a group

    In training mode (`config.train`) the statistics are those of the batch, and the running averages are updated;
    otherwise the running averages are used in their place.

    Args:
        size (int): number of channels.
        groups (int): number of groups of channels, a divisor of size.
        decay (float): share of the old running average that stays.
        eps (float): added to the diagonal of the covariance.
        dtype: dtype of the averages.

    Attributes:
        avg_mean: running mean (groups, size / groups); a persistent.
        avg_projection: running S^(-1/2) (groups, size / groups, size / groups); a persistent.
        N (int): number of batches since `start_finetuning()`; a persistent.

    Raises:
        ValueError: when groups does not divide size.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.DecorrelatedBatchNormalization(2, groups=1)
        >>> y = layer(np.array([[0, 0], [2, 1], [4, 0], [2, -1]], np.float32)).array
        >>> (y.T @ y / 4).round(2) + 0
        array([[1., 0.],
               [0., 1.]], dtype=float32)

    Source:
        Huang, Yang, Lang, Deng: Decorrelated batch normalization (CVPR 2018), section 3.
    """

    _shown = ('size', 'groups', 'decay', 'eps')

    def __init__(
        self, size: int, groups: int = 16, decay: float = 0.9, eps: float = 2e-5, dtype: DTypeLike = np.float32
    ) -> None:
        super().__init__()
        if size % groups:
            raise ValueError(
                f'DecorrelatedBatchNormalization: size must be a multiple of groups, but it is {size} for {groups}.'
            )
        self.size = size
        self.groups = groups
        self.decay = decay
        self.eps = eps
        group_size = size // groups
        self.avg_mean = np.zeros((groups, group_size), dtype)
        self.avg_projection = np.tile(np.eye(group_size, dtype=dtype), (groups, 1, 1))
        self.N = 0
        for name in ('avg_mean', 'avg_projection', 'N'):
            self.register_persistent(name)

    def forward(self, x: VariableOrArray, *, finetune: bool = False, **kwargs: Any) -> Variable:
        """Normalize, and in training mode update the running averages.

        Args:
            x: Variable or array, (n, size, ...).
            finetune: average over all batches since `start_finetuning()` with equal weights.

        Returns:
            Variable of the shape of x.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        refuse('DecorrelatedBatchNormalization', kwargs)
        if not config.train:
            return fixed_decorrelated_batch_normalization(x, self.avg_mean, self.avg_projection, self.groups)
        if config.in_recomputing:  # F.forget computes a second time: the averages are already updated
            return decorrelated_batch_normalization(x, groups=self.groups, eps=self.eps)
        y = decorrelated_batch_normalization(
            x,
            groups=self.groups,
            eps=self.eps,
            running_mean=self.avg_mean,
            running_projection=self.avg_projection,
            decay=1 - 1 / (self.N + 1) if finetune else self.decay,
        )
        if finetune:
            self.N += 1
        return y

    def start_finetuning(self) -> None:
        """Restart the averages that calls with `finetune=True` compute."""
        self.N = 0
