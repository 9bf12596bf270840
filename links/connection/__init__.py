"""Layers whose weights connect inputs with outputs."""

from chaingrad.links.connection.convolution_2d import Convolution2D
from chaingrad.links.connection.embed_id import EmbedID
from chaingrad.links.connection.linear import Linear

__all__ = ['Convolution2D', 'EmbedID', 'Linear']
