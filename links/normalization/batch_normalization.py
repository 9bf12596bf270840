"""BatchNormalization, with its running statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Axis, Shape
from chaingrad.autograd.configuration import config, get_dtype
from chaingrad.autograd.initializer import generate_array, get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import refuse
from chaingrad.functions.normalization.batch import batch_normalization, fixed_batch_normalization
from chaingrad.links.annotations import DTypeLike, InitialValue
from chaingrad.links.checks import TEST, check_first_input
from chaingrad.links.initializers.constant import with_dtype
from chaingrad.links.link import Link


class BatchNormalization(Link):
    """Normalize each channel by the mean and variance of the batch, then scale and shift it.

    y = gamma (x - mean) / sqrt(var + eps) + beta

    In training mode (`config.train`) mean and variance are those of the batch, and the running averages are updated:
    avg = decay avg + (1 - decay) mean, the variance with the factor m / (m - 1) of m samples. Otherwise the running
    averages are used in their place.

    Args:
        size: number of channels, or shape of the axes that are not averaged over; None to take it from the first input,
            for which `axis` must be given.
        decay (float): share of the old running average that stays.
        eps (float): added to the variance, against division by zero.
        dtype: dtype of parameters and averages; `config.dtype` when None, float32 where that is `mixed16`.
        use_gamma (bool): scale by gamma.
        use_beta (bool): shift by beta.
        initial_gamma: initializer, number or array for gamma; ones when None.
        initial_beta: initializer, number or array for beta; zeros when None.
        axis: the axis, or tuple of axes, to average over; all but the channels' (the second, and as many after it as
            size has) when None.
        initial_avg_mean: initializer, number or array for the running mean; zeros when None.
        initial_avg_var: initializer, number or array for the running variance; ones when None.

    Attributes:
        gamma (Parameter): scale, or None.
        beta (Parameter): shift, or None.
        avg_mean: running mean; a persistent.
        avg_var: running variance; a persistent.
        N (int): number of batches since `start_finetuning()`; a persistent.

    Raises:
        RuntimeError: when neither size nor axis is given.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.BatchNormalization(2)
        >>> y = layer(np.array([[0, 10], [2, 30]], np.float32))
        >>> y.array.round(3)
        array([[-1., -1.],
               [ 1.,  1.]], dtype=float32)

    Source:
        Ioffe, Szegedy: Batch Normalization, algorithms 1 and 2 (ICML 2015).
    """

    gamma: Parameter | None = None
    beta: Parameter | None = None
    avg_mean: Any = None  # an Array, once the size is known
    avg_var: Any = None

    def __init__(
        self,
        size: int | Shape | None = None,
        decay: float = 0.9,
        eps: float = 2e-5,
        dtype: DTypeLike | None = None,
        use_gamma: bool = True,
        use_beta: bool = True,
        initial_gamma: InitialValue = None,
        initial_beta: InitialValue = None,
        axis: Axis = None,
        initial_avg_mean: InitialValue = None,
        initial_avg_var: InitialValue = None,
    ) -> None:
        super().__init__()
        if size is None and axis is None:
            raise RuntimeError(
                'BatchNormalization: size or axis must be given, but both are None. Without size, axis says over '
                'which axes the statistics are taken: 0 for vectors, (0, 2, 3) for images.'
            )
        self.decay = decay
        self.eps = eps
        self.axis = (axis,) if isinstance(axis, int) else axis
        self._dtype = get_dtype(dtype, map_mixed16=np.float32)
        self._initial_averages = {
            'avg_mean': get_initializer(initial_avg_mean, 0),
            'avg_var': get_initializer(initial_avg_var, 1),
        }
        with self.init_scope():
            if use_gamma:
                self.gamma = Parameter(with_dtype(get_initializer(initial_gamma, 1), self._dtype))
            if use_beta:
                self.beta = Parameter(with_dtype(get_initializer(initial_beta, 0), self._dtype))
        self.N = 0
        self.avg_mean = self.avg_var = None
        for name in ('avg_mean', 'avg_var', 'N'):
            self.register_persistent(name)
        if size is not None:
            self._initialize_params(size)

    def _initialize_params(self, shape: int | Shape) -> None:
        for name, initializer in self._initial_averages.items():
            setattr(self, name, generate_array(initializer, shape, self.xp, self._dtype, self.device))
        for param in (self.gamma, self.beta):
            if param is not None and not param.is_initialized:  # a copy, or a file, may have brought it
                param.initialize(shape)

    def _initialize_from(self, x: VariableOrArray) -> None:
        """Give parameters and averages their shapes, from the first input."""
        assert self.axis is not None  # __init__ has seen to it
        check_first_input('BatchNormalization', x, max(self.axis) + 1)
        averaged = [axis % len(x.shape) for axis in self.axis]
        self._initialize_params(tuple([n for i, n in enumerate(x.shape) if i not in averaged]))

    def _gamma_and_beta(self) -> tuple[VariableOrArray, VariableOrArray]:
        """Return gamma and beta, or ones and zeros in their place."""
        gamma = self.xp.ones_like(self.avg_mean) if self.gamma is None else self.gamma
        beta = self.xp.zeros_like(self.avg_mean) if self.beta is None else self.beta
        return gamma, beta

    def forward(self, x: VariableOrArray, *, finetune: bool = False, **kwargs: Any) -> Variable:
        """Normalize, and in training mode update the running averages.

        Args:
            x: Variable or array, (n, channels, ...).
            finetune: average over all batches since `start_finetuning()` with equal weights, to compute the
                statistics of another data set.

        Returns:
            Variable of the shape of x.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
            ValueError: for the keyword `test` of old programs.
        """
        refuse('BatchNormalization', kwargs, test=TEST)
        if self.avg_mean is None:
            self._initialize_from(x)
        gamma, beta = self._gamma_and_beta()
        if not config.train:
            return fixed_batch_normalization(x, gamma, beta, self.avg_mean, self.avg_var, self.eps, axis=self.axis)
        if config.in_recomputing:  # F.forget computes a second time: the averages are already updated
            return batch_normalization(x, gamma, beta, eps=self.eps, axis=self.axis)
        y = batch_normalization(
            x,
            gamma,
            beta,
            eps=self.eps,
            running_mean=self.avg_mean,
            running_var=self.avg_var,
            decay=1 - 1 / (self.N + 1) if finetune else self.decay,
            axis=self.axis,
        )
        if finetune:
            self.N += 1
        return y

    def start_finetuning(self) -> None:
        """Restart the averages that calls with `finetune=True` compute."""
        self.N = 0

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        yield 'size', None if self.avg_mean is None else self.avg_mean.shape
        yield 'decay', self.decay
        yield 'eps', self.eps
        yield 'dtype', self._dtype
        yield 'use_gamma', self.gamma is not None
        yield 'use_beta', self.beta is not None
        if self.axis is not None:
            yield 'axis', self.axis
