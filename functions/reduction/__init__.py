"""Functions that reduce axes, and running sums and products."""

from chaingrad.autograd.reduction import average, mean
from chaingrad.functions.reduction.cumulative import cumprod, cumsum, prod
from chaingrad.functions.reduction.extremum import argmax, argmin, max, min
from chaingrad.functions.reduction.norms import batch_l2_norm_squared, logsumexp

# fmt: off
__all__ = [
    'argmax', 'argmin', 'average', 'batch_l2_norm_squared', 'cumprod', 'cumsum', 'logsumexp', 'max', 'mean',
    'min', 'prod',
]
# fmt: on
