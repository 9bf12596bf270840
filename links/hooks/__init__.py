"""Ready-made link hooks, public as `chaingrad.link_hooks`."""

from chaingrad.links.hooks.spectral_normalization import SpectralNormalization
from chaingrad.links.hooks.timer import TimerHook
from chaingrad.links.hooks.weight_standardization import WeightStandardization

__all__ = ['SpectralNormalization', 'TimerHook', 'WeightStandardization']
