"""Functions that reduce axes, and running sums and products."""

from chaingrad.functions.reduction.cumulative import cumprod, cumsum, prod
from chaingrad.functions.reduction.extremum import argmax, argmin, max, min
from chaingrad.functions.reduction.norms import batch_l2_norm_squared, logsumexp

__all__ = ['argmax', 'argmin', 'batch_l2_norm_squared', 'cumprod', 'cumsum', 'logsumexp', 'max', 'min', 'prod']
