"""Batch normalization that also removes the correlation of channels (ZCA whitening)."""

from __future__ import annotations

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Mean
from chaingrad.autograd.variable import Variable, as_variable
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast, upcast


class InverseSquareRoot(FunctionNode):
    """P = S ** -1/2 of symmetric positive definite matrices. From P P = S ** -1: P dP + dP P = -P P dS P P."""

    def forward(self, inputs):
        (S,) = inputs
        xp = get_array_module(S)
        values, vectors = xp.linalg.eigh(S)
        self.retain_outputs((0,))
        return ((vectors * values[..., None, :] ** -0.5) @ vectors.swapaxes(-1, -2),)

    def backward(self, indexes, grad_outputs):
        (P,) = self.get_retained_outputs()
        (gP,) = grad_outputs
        solved = Lyapunov.of(P, (gP + gP.transpose((0, 2, 1))) * 0.5)
        square = P @ P
        return (-square @ solved @ square,)


class Lyapunov(FunctionNode):
    """The X with P X + X P = R, P symmetric positive definite. As a map of R it is its own adjoint."""

    def forward(self, inputs):
        P, R = inputs
        xp = get_array_module(P)
        values, U = xp.linalg.eigh(P)
        turned = U.swapaxes(-1, -2) @ R @ U / (values[..., :, None] + values[..., None, :])
        self.retain_inputs((0,))
        self.retain_outputs((0,))
        return (U @ turned @ U.swapaxes(-1, -2),)

    def backward(self, indexes, grad_outputs):
        (P,), (X,) = self.get_retained_inputs(), self.get_retained_outputs()
        gR = Lyapunov.of(P, grad_outputs[0])
        Xt = X.transpose((0, 2, 1))
        return -(gR @ Xt + Xt @ gR), gR


def _by_groups(x, groups):
    """Return x as (groups, c / groups, samples), and what is needed to undo it."""
    c = x.shape[1]
    order = (1, 0, *range(2, x.ndim))
    turned = x.transpose(order)
    return turned.reshape((groups, c // groups, x.size // c)), order, turned.shape


def _check(who, x, groups, **others) -> None:
    given = {name: a for name, a in others.items() if a is not None}
    checks.require_floats(who, x=x)
    if x.ndim < 2 or x.shape[1] % groups or x.size == 0:
        checks.fail(who, f'x.ndim >= 2, x.size > 0 and x.shape[1] % groups == 0 (groups={groups})', x=x)
    c = x.shape[1] // groups
    for name, array in given.items():
        size = groups * c * c if 'projection' in name else groups * c
        if array.size != size:
            shape = (groups, c, c) if 'projection' in name else (groups, c)
            checks.fail(who, f'{name}.shape == {shape}', x=x, **{name: array})


def decorrelated_batch_normalization(
    x, *, groups: int = 16, eps: float = 2e-5, running_mean=None, running_projection=None, decay: float = 0.9
) -> Variable:
    """Normalize by the batch so that the channels of a group have unit variance and no correlation.

    `y = S^(-1/2) (x - mean)` with the covariance `S + eps I` of the channels of a group, over samples and positions.
    Running averages that are given move towards the mean and `S^(-1/2)`, in place.

    Args:
        x: Array (n, c, ...), floating.
        groups: Number of groups of channels, a divisor of c.
        eps: Added to the diagonal of the covariance.
        running_mean: Array (groups, c / groups), changed in place, or None.
        running_projection: Array (groups, c / groups, c / groups), changed in place, or None.
        decay: What is kept of the running averages.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: When shapes or dtypes do not fit.

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
    x = as_variable(x)
    given = {'running_mean': running_mean, 'running_projection': running_projection}
    _check('decorrelated_batch_normalization', x, groups, **given)
    data, order, shape = _by_groups(upcast(x), groups)
    mean = Mean.of(data, axis=2, keepdims=True)
    centred = data - mean
    identity = x.xp.eye(data.shape[1], dtype=data.dtype) * eps
    covariance = centred @ centred.transpose((0, 2, 1)) / data.shape[2] + identity
    projection = InverseSquareRoot.of(covariance)
    for running, value in ((running_mean, mean), (running_projection, projection)):
        if running is not None:
            running *= decay
            running += ((1 - decay) * value.array).astype(running.dtype).reshape(running.shape)
    return downcast((projection @ centred).reshape(shape).transpose(order), x.dtype)


def fixed_decorrelated_batch_normalization(x, mean, projection, groups: int = 16) -> Variable:
    """Normalize by a mean and projection that are given: `y = projection (x - mean)`, group by group of channels.

    Args:
        x: Array (n, c, ...), floating.
        mean: Array (groups, c / groups).
        projection: Array (groups, c / groups, c / groups).
        groups: Number of groups of channels, a divisor of c.

    Returns:
        Variable of the shape and dtype of x.

    Raises:
        InvalidType: When shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[1.0, 2.0]])
        >>> F.fixed_decorrelated_batch_normalization(x, np.ones((1, 2)), 2 * np.eye(2)[None], groups=1).array
        array([[0., 2.]])

    Source:
        L. Huang et al., Decorrelated batch normalization, 2018, section 3.3.
    """
    x, mean, projection = as_variable(x), as_variable(mean), as_variable(projection)
    _check('fixed_decorrelated_batch_normalization', x, groups, mean=mean, projection=projection)
    data, order, shape = _by_groups(upcast(x), groups)
    c = data.shape[1]
    shift, matrix = upcast(mean).reshape((groups, c, 1)), upcast(projection).reshape((groups, c, c))
    y = matrix @ (data - shift)
    return downcast(y.reshape(shape).transpose(order), x.dtype)
