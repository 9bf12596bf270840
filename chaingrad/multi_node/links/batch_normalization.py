"""Batch normalization with the statistics of the batches of all ranks, and a model in which it replaces the usual."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands, Shape
from chaingrad.autograd.configuration import config
from chaingrad.autograd.reduction import Sum
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.kernels import normalization as kernels
from chaingrad.functions.normalization import batch
from chaingrad.links.annotations import DTypeLike, InitialValue
from chaingrad.links.link import Link
from chaingrad.links.normalization.batch_normalization import BatchNormalization
from chaingrad.multi_node.functions.collective import SumOverRanks

__all__ = ['BatchNormalizationOverRanks', 'MultiNodeBatchNormalization', 'create_mnbn_model']


class BatchNormalizationOverRanks(batch.BatchNormalization):
    """y = gamma (x - mean) / sqrt(var + eps) + beta, mean and var over the batches of all ranks.

    Sums of x and of its squares travel together. They are made, in float64, of the mean and the variance of each rank,
    so that their difference loses nothing.
    """

    who = 'MultiNodeBatchNormalization'

    def __init__(self, comm: Any, eps: float, mean: Array | None, var: Array | None, decay: float) -> None:
        super().__init__(eps, mean, var, decay)
        self.comm = comm

    def forward(self, inputs: Arrays) -> Arrays:
        x, gamma, beta = self._checked(inputs)
        wide = upcast(x, gamma)
        y, own_mean, own_variance, _ = kernels.statistics(wide, self.axis, self.eps)
        n = x.size // max(gamma.size, 1)
        sums, squares = own_mean.astype(np.float64).reshape(-1), own_variance.astype(np.float64).reshape(-1)
        total = self.comm.allreduce(np.concatenate([n * sums, n * (squares + sums * sums), [n]]))
        self.count = int(total[-1])
        mean, squares = total[:-1].reshape(2, -1) / self.count
        variance = np.maximum(squares - mean * mean, 0)
        self.mean, variance = (a.reshape(self._aligned_shape).astype(wide.dtype) for a in (mean, variance))
        self.inverse = (variance + self.eps) ** -0.5
        batch.move_average(self.running_mean, self.mean, self.decay)
        batch.move_average(self.running_var, variance * self.count / max(self.count - 1, 1), self.decay)
        y += own_mean - self.mean
        y *= gamma.reshape(self._aligned_shape) * self.inverse
        y += beta.reshape(self._aligned_shape)
        return (downcast(y, x.dtype),)

    def _standardized(self, x: Operand) -> tuple[Operand, Operand]:
        """Return x_hat and 1 / sqrt(var + eps), computed again in a pass on Variables."""
        if self._array_pass:
            return (x - self.mean) * self.inverse, self.inverse
        mean = self._sum_of_all(x) / self.count
        centred = x - mean
        inverse = (self._sum_of_all(centred * centred) / self.count + self.eps) ** -0.5
        return centred * inverse, inverse

    def _sum_of_all(self, x: Operand) -> Operand:
        return SumOverRanks.of(Sum.of(x, axis=self.axis, keepdims=True), comm=self.comm)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        x, gamma = self.get_retained_inputs()
        gy = upcast(grad_outputs[0], gamma)
        x_hat, inverse = self._standardized(upcast(x, gamma))
        ggamma = Sum.of(gy * x_hat, axis=self.axis, keepdims=True)
        gbeta = Sum.of(gy, axis=self.axis, keepdims=True)
        # All ranks come here, or none: they have the same graph.
        shift = SumOverRanks.of(gbeta, comm=self.comm) / self.count
        scale = SumOverRanks.of(ggamma, comm=self.comm) / self.count
        gx = self._aligned(gamma, x) * inverse * (gy - shift - x_hat * scale)
        gradients = (batch.fitted(gx, x), batch.fitted(ggamma, gamma), batch.fitted(gbeta, gamma))
        return tuple([gradients[i] for i in indexes])


class MultiNodeBatchNormalization(BatchNormalization):
    """Normalize each channel by the mean and variance of the batches of all ranks.

    Like BatchNormalization of the joint batch; for batches that are small on each rank.

    Args:
        size: number of channels, or shape of the axes that are not averaged over.
        comm (MpiCommunicator): the ranks; copies of the link share it.
        decay (float): share of the old running average that stays.
        eps (float): added to the variance.
        dtype: dtype of parameters and averages; `config.dtype` when None.
        use_gamma (bool): scale by gamma.
        use_beta (bool): shift by beta.
        initial_gamma: initializer, number or array for gamma; ones when None.
        initial_beta: initializer, number or array for beta; zeros when None.
        communication_backend (str): 'auto' or 'mpi', which is all there is; 'nccl' means the same.

    Raises:
        ValueError: when the backend is unknown.

    Example:
        >>> import numpy as np
        >>> from chaingrad import multi_node
        >>> layer = multi_node.links.MultiNodeBatchNormalization(2, multi_node.create_communicator())
        >>> layer(np.array([[0, 10], [2, 30]], np.float32)).array.round(3)
        array([[-1., -1.],
               [ 1.,  1.]], dtype=float32)

    Source: ChainerMN's `MultiNodeBatchNormalization`.
    """

    def __init__(
        self,
        size: int | Shape,
        comm: Any,
        decay: float = 0.9,
        eps: float = 2e-5,
        dtype: DTypeLike | None = None,
        use_gamma: bool = True,
        use_beta: bool = True,
        initial_gamma: InitialValue = None,
        initial_beta: InitialValue = None,
        communication_backend: str = 'auto',
    ) -> None:
        _check_backend('MultiNodeBatchNormalization', communication_backend)
        super().__init__(size, decay, eps, dtype, use_gamma, use_beta, initial_gamma, initial_beta)
        self.comm = comm

    def __deepcopy__(self, memo: dict[int, Any]) -> MultiNodeBatchNormalization:
        """Copy everything but the communicator, which the copy shares."""
        other = type(self).__new__(type(self))
        memo[id(self)] = other
        memo[id(self.comm)] = self.comm
        for name, value in self.__dict__.items():
            other.__dict__[name] = copy.deepcopy(value, memo)
        return other

    def __call__(self, x: VariableOrArray, finetune: bool = False) -> Variable:
        """Normalize, as `forward` says."""
        return super().__call__(x, finetune=finetune)

    def forward(self, x: VariableOrArray, finetune: bool = False) -> Variable:  # type: ignore[override]
        """Normalize, and in training mode update the running averages.

        Args:
            x: Variable or array, (n, channels, ...); n may differ from rank to rank.
            finetune (bool): average over all batches since `start_finetuning()` with equal weights.

        Returns:
            Variable of the shape of x.
        """
        if self.comm.size == 1 or not config.train:
            return super().forward(x, finetune=finetune)
        decay = 1 - 1 / (self.N + 1) if finetune else self.decay
        averages = (None, None) if config.in_recomputing else (self.avg_mean, self.avg_var)
        node = BatchNormalizationOverRanks(self.comm, self.eps, *averages, decay)
        y = node.apply((x, *self._gamma_and_beta()))[0]
        if finetune and not config.in_recomputing:
            self.N += 1
        return y


def _check_backend(who: str, backend: str) -> None:
    if backend not in ('auto', 'mpi', 'nccl'):
        raise ValueError(f"{who}: communication_backend must be 'auto', 'mpi' or 'nccl', but it is {backend!r}.")


def create_mnbn_model(link: Link, comm: Any, communication_backend: str = 'auto') -> Any:
    """Return a copy of a model in which every BatchNormalization is one over all ranks.

    Args:
        link (Link): the model.
        comm (MpiCommunicator): the ranks.
        communication_backend (str): as for MultiNodeBatchNormalization.

    Returns:
        The copy, with copies of all parameters.

    Raises:
        ValueError: when a BatchNormalization has not got its size yet, or has an axis of its own.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> from chaingrad import multi_node
        >>> model = chaingrad.Sequential(L.Linear(3, 2), L.BatchNormalization(2))
        >>> model = multi_node.links.create_mnbn_model(model, multi_node.create_communicator())
        >>> type(model[1]).__name__
        'MultiNodeBatchNormalization'

    Source: ChainerMN's `create_mnbn_model`.
    """
    _check_backend('create_mnbn_model', communication_backend)
    replaced: dict[int, Any] = {id(comm): comm}
    for path, part in link.namedlinks():
        if type(part) is BatchNormalization:
            replaced[id(part)] = _over_ranks(path, part, comm)
    return copy.deepcopy(link, replaced)


def _over_ranks(path: str, old: BatchNormalization, comm: Any) -> MultiNodeBatchNormalization:
    if old.avg_mean is None or old.axis is not None:
        raise ValueError(
            f'create_mnbn_model: BatchNormalization must have a size and the usual axes, but {path} has '
            f'{"no size yet" if old.avg_mean is None else f"axis={old.axis}"}. Give it its size when it is made.'
        )
    new = MultiNodeBatchNormalization(
        old.avg_mean.shape, comm, old.decay, old.eps, old._dtype, old.gamma is not None, old.beta is not None
    )
    new.name = old.name
    new.copyparams(old)
    new.N = old.N
    return new
