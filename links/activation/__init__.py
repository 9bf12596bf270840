"""Activations with parameters."""

from chaingrad.links.activation.maxout import Maxout
from chaingrad.links.activation.prelu import PReLU
from chaingrad.links.activation.simplified_dropconnect import SimplifiedDropconnect
from chaingrad.links.activation.swish import Swish

__all__ = ['Maxout', 'PReLU', 'SimplifiedDropconnect', 'Swish']
