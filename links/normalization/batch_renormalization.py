"""BatchRenormalization, which trains with nearly the statistics that it tests with."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.configuration import config
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.normalization.batch import batch_renormalization, fixed_batch_normalization
from chaingrad.links.annotations import DTypeLike, InitialValue
from chaingrad.links.normalization.batch_normalization import BatchNormalization


class BatchRenormalization(BatchNormalization):
    """Normalize each channel by the batch, corrected towards the running averages, then scale and shift it.

    y = gamma ((x - mean) / s r + d) + beta,  r = s / running s clipped to [1 / rmax, rmax],
    d = (mean - running mean) / running s clipped to [-dmax, dmax],  s = sqrt(var + eps)

    With rmax 1 and dmax 0 it is batch normalization; raise them in the course of the training. In test mode the running
    averages are used in place of mean and variance.

    Args:
        size: number of channels, or shape of the axes that are not averaged over.
        rmax (float): largest correction of the scale, at least 1.
        dmax (float): largest correction of the shift, at least 0.
        decay, eps, dtype, use_gamma, use_beta, initial_gamma, initial_beta, initial_avg_mean, initial_avg_var: as in
            `BatchNormalization`.

    Attributes:
        gamma, beta, avg_mean, avg_var, N: as in `BatchNormalization`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.BatchRenormalization(2, rmax=3, dmax=5)
        >>> y = layer(np.array([[0, 10], [2, 30]], np.float32))
        >>> y.array.round(3)
        array([[0., 2.],
               [2., 8.]], dtype=float32)

    Source:
        Ioffe: Batch renormalization (NIPS 2017), algorithm 1.
    """

    _averages_before: tuple[Array, Array] | None = None  # of the last batch: r and d are computed from them

    def __init__(
        self,
        size: int | Shape,
        rmax: float = 1,
        dmax: float = 0,
        decay: float = 0.9,
        eps: float = 2e-5,
        dtype: DTypeLike | None = None,
        use_gamma: bool = True,
        use_beta: bool = True,
        initial_gamma: InitialValue = None,
        initial_beta: InitialValue = None,
        initial_avg_mean: InitialValue = None,
        initial_avg_var: InitialValue = None,
    ) -> None:
        super().__init__(
            size,
            decay,
            eps,
            dtype,
            use_gamma,
            use_beta,
            initial_gamma,
            initial_beta,
            initial_avg_mean=initial_avg_mean,
            initial_avg_var=initial_avg_var,
        )
        self.rmax = rmax
        self.dmax = dmax

    def forward(self, x: VariableOrArray, finetune: bool = False) -> Variable:
        """Normalize, and in training mode update the running averages.

        Args:
            x: Variable or array, (n, channels, ...).
            finetune: average over all batches since `start_finetuning()` with equal weights.

        Returns:
            Variable of the shape of x.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        gamma, beta = self._gamma_and_beta()
        if not config.train:
            return fixed_batch_normalization(x, gamma, beta, self.avg_mean, self.avg_var, self.eps)
        update = not config.in_recomputing  # F.forget computes a second time: the averages are already updated
        if update or self._averages_before is None:
            self._averages_before = (self.avg_mean.copy(), self.avg_var.copy())
        averages = (self.avg_mean, self.avg_var) if update else self._averages_before
        y = batch_renormalization(
            x,
            gamma,
            beta,
            self.rmax,
            self.dmax,
            self.eps,
            *averages,
            1 - 1 / (self.N + 1) if finetune else self.decay,
            update_statistics=update,
        )
        if finetune and update:
            self.N += 1
        return y
