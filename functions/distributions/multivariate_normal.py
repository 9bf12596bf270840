"""MultivariateNormal, the normal distribution of vectors."""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.array_ops import broadcast_to
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import sum
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.distributions.distribution import Numbers
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.parametric import Parametric, parameter
from chaingrad.functions.elementwise import log
from chaingrad.functions.linalg.inverse import Inv


class MultivariateNormal(Parametric):
    """The normal distribution of vectors.

    p(x) = exp(-|L^-1 (x - loc)|^2 / 2) / ((2 pi) ** (d / 2) det(L)), where the covariance matrix is L L^T. Samples are
    loc + L noise, so that gradients reach the parameters.

    Args:
        loc: Variable or array, (..., d), the mean.
        scale_tril: Variable or array, (..., d, d), the lower triangular matrix L with a positive diagonal; elements
            above the diagonal are ignored.

    Raises:
        ValueError: when scale_tril is not given.
        InvalidType: when the shapes do not fit.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> d = D.MultivariateNormal(np.zeros(2), scale_tril=np.array([[1.0, 0.0], [1.0, 2.0]]))
        >>> d.covariance
        variable([[1., 1.],
                  [1., 5.]])
        >>> d.log_prob(np.zeros(2))
        variable(-2.53102425)
    """

    support = 'real'
    loc = parameter('loc', 'The mean, `(..., d)`.')
    scale_tril = parameter('scale_tril', 'The lower triangular factor of the covariance matrix, `(..., d, d)`.')
    _non_batch_axes = {'loc': 1, 'scale_tril': 2}

    def __init__(self, loc: Numbers, *, scale_tril: Numbers | None = None) -> None:
        if scale_tril is None:
            raise ValueError('MultivariateNormal: scale_tril must be given, the Cholesky factor of the covariance.')
        loc_shape = np.shape(as_array(loc))
        tril_shape = np.shape(as_array(scale_tril))
        if not loc_shape or tril_shape[-2:] != loc_shape[-1:] * 2:
            raise InvalidType(
                'MultivariateNormal: loc must be (..., d) and scale_tril (..., d, d), but they are '
                f'{loc_shape} and {tril_shape}.'
            )
        self._set_parameters(loc=loc, scale_tril=scale_tril)

    def __copy__(self) -> MultivariateNormal:
        """Return a distribution with the same parameters."""
        return type(self)(self.loc, scale_tril=self.scale_tril)

    @property
    def d(self) -> int:
        """The number of elements of one outcome."""
        return self.loc.shape[-1]

    @property
    def event_shape(self) -> Shape:
        return (self.d,)

    @property
    def _lower(self) -> Variable:
        """scale_tril with zeros above the diagonal."""
        return self.scale_tril * self.xp.tril(self.xp.ones((self.d, self.d), self._dtype))

    @property
    def _log_det(self) -> Variable:
        """The logarithm of the determinant of scale_tril."""
        i = np.arange(self.d)
        return sum(log(self.scale_tril[..., i, i]), -1)

    def sample_n(self, n: int) -> Variable:
        return self.loc + _product(self._lower, self._draw('standard_normal', n))

    def log_prob(self, x: Numbers) -> Variable:
        z = _product(_inverse(self._lower), self._cast(x) - self.loc)
        return -0.5 * sum(z * z, -1) - self._log_det - 0.5 * self.d * math.log(2 * math.pi)

    @property
    def mean(self) -> Variable:
        return self._broadcast(self.loc)

    mode = mean

    @property
    def variance(self) -> Variable:
        return self._broadcast(sum(self._lower**2, -1))

    @property
    def covariance(self) -> Variable:
        covariance = matmul(self._lower, self._lower, transb=True)
        return broadcast_to(covariance, (*self.batch_shape, self.d, self.d))

    @property
    def entropy(self) -> Variable:
        return broadcast_to(self._log_det + 0.5 * self.d * (1 + math.log(2 * math.pi)), self.batch_shape)


def _inverse(matrices: Variable) -> Variable:
    """Return the inverses of matrices (..., d, d), with any number of axes before the last two."""
    return Inv().apply((matrices,))[0]


def _product(a: Variable, x: Variable) -> Variable:
    """Return the products of matrices (..., d, d) and vectors (..., d)."""
    return matmul(a, x.reshape((*x.shape, 1)))[..., 0]


@register_kl(MultivariateNormal, MultivariateNormal)
def _kl_multivariate_normal_multivariate_normal(dist1: MultivariateNormal, dist2: MultivariateNormal) -> Variable:
    inverse = _inverse(dist2._lower)
    trace = sum(matmul(inverse, dist1._lower) ** 2, (-1, -2))
    z = _product(inverse, dist2.loc - dist1.loc)
    return dist2._log_det - dist1._log_det + 0.5 * (trace + sum(z * z, -1) - dist1.d)
