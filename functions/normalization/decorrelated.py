"""Batch normalization that also removes the correlation of channels (ZCA whitening)."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands
from chaingrad.autograd.array_ops import Cast
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Mean
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.normalization.batch import move_average


class SquareRoots(FunctionNode):
    """P = S ** -1/2 and Q = S ** 1/2 of symmetric positive definite matrices.

    From Q Q = S follows Q dQ + dQ Q = dS, and from P Q = 1 that dP = -P dQ P. The same without Q, a product with four
    P, loses twice as many digits where S is nearly singular.
    """

    def forward(self, inputs: Arrays) -> Arrays:
        (S,) = inputs
        xp = get_array_module(S)
        values, vectors = xp.linalg.eigh(S)
        roots = values[..., None, :] ** 0.5
        transposed = vectors.swapaxes(-1, -2)
        self.retain_outputs((0, 1))
        return (vectors / roots) @ transposed, (vectors * roots) @ transposed

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        P, Q = self.get_retained_outputs()
        gP, gQ = grad_outputs
        if gP is not None:
            change = -(P @ gP @ P)
            gQ = change if gQ is None else gQ + change
        return (Lyapunov.of(Q, (gQ + gQ.transpose((0, 2, 1))) * 0.5),)


class Lyapunov(FunctionNode):
    """The X with P X + X P = R, P symmetric positive definite. As a map of R it is its own adjoint."""

    def forward(self, inputs: Arrays) -> Arrays:
        P, R = inputs
        xp = get_array_module(P)
        values, U = xp.linalg.eigh(P)
        U_transposed = U.swapaxes(-1, -2)
        sums = values[..., :, None] + values[..., None, :]
        self.retain_inputs((0,))
        self.retain_outputs((0,))
        return (U @ (U_transposed @ R @ U / sums) @ U_transposed,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (P,) = self.get_retained_inputs()
        (X,) = self.get_retained_outputs()
        (gX,) = grad_outputs
        gR = Lyapunov.of(P, gX)
        X_transposed = X.transpose((0, 2, 1))
        gP = -(gR @ X_transposed + X_transposed @ gR)
        gradients = (gP, gR)
        return tuple([gradients[i] for i in indexes])


def _by_groups(x: Variable, groups: int) -> Variable:
    """Return x (n, c, ...) as (groups, c / groups, samples)."""
    c = x.shape[1]
    return x.transpose((1, 0, *range(2, x.ndim))).reshape((groups, c // groups, x.size // c))


def _from_groups(y: Variable, x: Variable) -> Variable:
    """Return what `_by_groups` made of x, or an array of that shape, in the shape and dtype of x."""
    n, c, *size = x.shape
    return downcast(y.reshape((c, n, *size)).transpose((1, 0, *range(2, x.ndim))), x.dtype)


def _check_input(who: str, x: Variable, groups: int) -> None:
    checks.require_floats(who, x=x)
    if x.ndim < 2 or x.shape[1] % groups or x.size == 0:
        checks.fail(who, f'x.ndim >= 2, x.size > 0 and x.shape[1] % groups == 0 (groups={groups})', x=x)


def _check_statistics(
    who: str, x: Variable, groups: int, names: tuple[str, str], mean: Operand, projection: Operand
) -> None:
    """Raise InvalidType unless mean and projection, where they are given, have the sizes that fit x."""
    c = x.shape[1] // groups
    mean_name, projection_name = names
    if mean is not None and mean.size != groups * c:
        checks.fail(who, f'{mean_name}.shape == {(groups, c)}', '', x=x, **{mean_name: mean})
    if projection is not None and projection.size != groups * c * c:
        checks.fail(who, f'{projection_name}.shape == {(groups, c, c)}', '', x=x, **{projection_name: projection})


def decorrelated_batch_normalization(
    x: VariableOrArray,
    *,
    groups: int = 16,
    eps: float = 2e-5,
    running_mean: Array | None = None,
    running_projection: Array | None = None,
    decay: float = 0.9,
) -> Variable:
    """Normalize by the batch so that the channels of a group have unit variance and no correlation.

    `y = S^(-1/2) (x - mean)` with the covariance `S + eps I` of the channels of a group, over samples and positions.
    Running averages that are given move towards the mean and `S^(-1/2)`, in place.

    Args:
        x: Variable or array, (n, c, ...), floating dtype.
        groups (int): number of groups of channels, a divisor of c.
        eps (float): added to the diagonal of the covariance.
        running_mean: array, (groups, c / groups), changed in place, or None.
        running_projection: array, (groups, c / groups, c / groups), changed in place, or None.
        decay (float): share of the old value that the running averages keep.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.random.default_rng(0).standard_normal((100, 4)) @ np.ones((4, 4)) / 2 + np.arange(4)
        >>> x += np.random.default_rng(1).standard_normal((100, 4))
        >>> y = F.decorrelated_batch_normalization(x, groups=1).array
        >>> bool(np.allclose(y.T @ y / 100, np.eye(4), atol=1e-3))
        True

    Source:
        L. Huang et al., Decorrelated batch normalization, 2018, equations (5) to (8).
    """
    who = 'decorrelated_batch_normalization'
    x = as_variable(x)
    _check_input(who, x, groups)
    _check_statistics(who, x, groups, ('running_mean', 'running_projection'), running_mean, running_projection)
    # In float64: where the covariance is singular but for eps, the rounding errors of float32 are as large as eps, and
    # the gradient divides them by eps ** 1.5.
    data = _by_groups(x if x.dtype == np.float64 else Cast.of(x, dtype=np.float64), groups)
    mean = Mean.of(data, axis=2, keepdims=True)
    centred = data - mean
    identity = x.xp.eye(data.shape[1], dtype=data.dtype)
    covariance = centred @ centred.transpose((0, 2, 1)) / data.shape[2] + identity * eps
    projection, _ = SquareRoots.of(covariance)
    move_average(running_mean, mean.array, decay)
    move_average(running_projection, projection.array, decay)
    return _from_groups(projection @ centred, x)


def fixed_decorrelated_batch_normalization(
    x: VariableOrArray, mean: VariableOrArray, projection: VariableOrArray, groups: int = 16
) -> Variable:
    """Normalize by a mean and projection that are given: `y = projection (x - mean)`, group by group of channels.

    Args:
        x: Variable or array, (n, c, ...), floating dtype.
        mean: Variable or array, (groups, c / groups).
        projection: Variable or array, (groups, c / groups, c / groups).
        groups (int): number of groups of channels, a divisor of c.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[1.0, 2.0]])
        >>> F.fixed_decorrelated_batch_normalization(x, np.ones((1, 2)), 2 * np.eye(2)[None], groups=1).array
        array([[0., 2.]])

    Source:
        L. Huang et al., Decorrelated batch normalization, 2018, section 3.3.
    """
    who = 'fixed_decorrelated_batch_normalization'
    x = as_variable(x)
    mean = as_variable(mean)
    projection = as_variable(projection)
    _check_input(who, x, groups)
    _check_statistics(who, x, groups, ('mean', 'projection'), mean, projection)
    c = x.shape[1] // groups
    centred = _by_groups(upcast(x, mean), groups) - upcast(mean, x).reshape((groups, c, 1))
    return _from_groups(projection.reshape((groups, c, c)) @ centred, x)
