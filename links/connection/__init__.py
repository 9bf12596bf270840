"""Layers whose weights connect inputs with outputs."""

from chaingrad.links.connection.bilinear import Bilinear
from chaingrad.links.connection.convolution_2d import Convolution2D
from chaingrad.links.connection.convolution_nd import Convolution1D, Convolution3D, ConvolutionND
from chaingrad.links.connection.deconvolution import (
    Deconvolution1D,
    Deconvolution2D,
    Deconvolution3D,
    DeconvolutionND,
)
from chaingrad.links.connection.deformable_convolution_2d import DeformableConvolution2D
from chaingrad.links.connection.depthwise_convolution_2d import DepthwiseConvolution2D
from chaingrad.links.connection.dilated_convolution_2d import DilatedConvolution2D
from chaingrad.links.connection.embed_id import EmbedID
from chaingrad.links.connection.highway import Highway
from chaingrad.links.connection.inception import Inception, InceptionBN
from chaingrad.links.connection.linear import Linear
from chaingrad.links.connection.local_convolution_2d import LocalConvolution2D
from chaingrad.links.connection.mlp_convolution_2d import MLPConvolution2D
from chaingrad.links.connection.parameter import Parameter
from chaingrad.links.connection.scale import Bias, Scale

__all__ = [
    'Bias',
    'Bilinear',
    'Convolution1D',
    'Convolution2D',
    'Convolution3D',
    'ConvolutionND',
    'Deconvolution1D',
    'Deconvolution2D',
    'Deconvolution3D',
    'DeconvolutionND',
    'DeformableConvolution2D',
    'DepthwiseConvolution2D',
    'DilatedConvolution2D',
    'EmbedID',
    'Highway',
    'Inception',
    'InceptionBN',
    'Linear',
    'LocalConvolution2D',
    'MLPConvolution2D',
    'Parameter',
    'Scale',
]
