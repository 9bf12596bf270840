"""VGG16Layers and VGG19Layers, the deep plain nets for photographs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.variable import Variable
from chaingrad.functions.activation.rectifier import relu
from chaingrad.functions.activation.softmax import softmax
from chaingrad.functions.noise import dropout
from chaingrad.functions.pooling.pooling import max_pooling_2d
from chaingrad.links.connection.convolution_2d import Convolution2D
from chaingrad.links.connection.linear import Linear
from chaingrad.links.initializers import Normal
from chaingrad.links.model.vision.pictures import PictureModel, WeightsPath, find_weights, prepare_picture

_BGR_MEANS = (103.939, 116.779, 123.68)


def prepare(image: Any, size: tuple[int, int] | None = (224, 224)) -> Array:
    """Return a picture as VGG takes it.

    Args:
        image: PIL image, or array (h, w), (h, w, 3), (1, h, w) or (3, h, w) of values from 0 to 255, red first.
        size: (width, height) that it is resized to; None to leave it as it is.

    Returns:
        Array (3, height, width), blue first, the mean color subtracted.

    Example:
        >>> import numpy as np
        >>> from chaingrad.links.model.vision.vgg import prepare
        >>> prepare(np.zeros((30, 40, 3), np.uint8)).shape
        (3, 224, 224)
    """
    return prepare_picture(image, size, _BGR_MEANS)


class VGGLayers(PictureModel):
    """Base of VGG16Layers and VGG19Layers.

    Args:
        pretrained_model: path of an npz file of these weights, or of a caffemodel; 'auto' for the file in its usual
            location; None for random parameters.
        n_layers (int): 16 or 19.
    """

    bgr_means = _BGR_MEANS
    default_extracted = 'fc7'

    def __init__(self, pretrained_model: WeightsPath = 'auto', n_layers: int = 16) -> None:
        super().__init__()
        if n_layers not in (16, 19):
            raise ValueError(f'VGGLayers: n_layers must be 16 or 19, but it is {n_layers}.')
        weights_file = f'VGG_ILSVRC_{n_layers}_layers.npz'
        pretrained_model = find_weights(type(self).__name__, pretrained_model, weights_file)
        deep = 3 if n_layers == 16 else 4
        start: dict[str, Any] = {'initialW': Normal(0.01) if pretrained_model is None else 0, 'initial_bias': 0}
        self._plan = [(2, 64), (2, 128), (deep, 256), (deep, 512), (deep, 512)]
        channels = 3
        with self.init_scope():
            for block, (n, out_channels) in enumerate(self._plan, 1):
                for i in range(1, n + 1):
                    setattr(self, f'conv{block}_{i}', Convolution2D(channels, out_channels, 3, 1, 1, **start))
                    channels = out_channels
            self.fc6 = Linear(512 * 7 * 7, 4096, **start)
            self.fc7 = Linear(4096, 4096, **start)
            self.fc8 = Linear(4096, 1000, **start)
        self._load(pretrained_model)

    @property
    def functions(self) -> OrderedDict[str, list[Callable[[Any], Variable]]]:
        """The functions called for each layer, by name, in order."""
        layers: OrderedDict[str, list[Callable[[Any], Variable]]] = OrderedDict()
        for block, (n, _) in enumerate(self._plan, 1):
            for i in range(1, n + 1):
                layers[f'conv{block}_{i}'] = [self[f'conv{block}_{i}'], relu]
            layers[f'pool{block}'] = [partial(max_pooling_2d, ksize=2)]
        layers['fc6'] = [self.fc6, relu, dropout]
        layers['fc7'] = [self.fc7, relu, dropout]
        layers['fc8'] = [self.fc8]
        layers['prob'] = [softmax]
        return layers


class VGG16Layers(VGGLayers):
    """The net with 16 layers of the Visual Geometry Group, for photographs of 1,000 classes.

    Nothing is downloaded: get the reference's `VGG_ILSVRC_16_layers.npz`, or the caffemodel of its authors.

    Args:
        pretrained_model: path of an npz file of these weights, or of a caffemodel; 'auto' for the file in its usual
            location, which the error names when it is missing; None for random parameters.

    Example:
        >>> import chaingrad.links as L
        >>> L.VGG16Layers()
        Traceback (most recent call last):
        ...
        FileNotFoundError: VGG16Layers: pretrained_model='auto' needs the weights, and nothing is downloaded. ...

    Source:
        Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition (ICLR 2015), table 1, D.
    """

    def __init__(self, pretrained_model: WeightsPath = 'auto') -> None:
        super().__init__(pretrained_model, 16)


class VGG19Layers(VGGLayers):
    """The net with 19 layers of the Visual Geometry Group, for photographs of 1,000 classes.

    Nothing is downloaded: get the reference's `VGG_ILSVRC_19_layers.npz`, or the caffemodel of its authors.

    Args:
        pretrained_model: path of an npz file of these weights, or of a caffemodel; 'auto' for the file in its usual
            location, which the error names when it is missing; None for random parameters.

    Example:
        >>> import chaingrad.links as L
        >>> L.VGG19Layers('somewhere.npz')
        Traceback (most recent call last):
        ...
        FileNotFoundError: VGG19Layers: pretrained_model must be the path of an npz or caffemodel file, but there is ...

    Source:
        Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition (ICLR 2015), table 1, E.
    """

    def __init__(self, pretrained_model: WeightsPath = 'auto') -> None:
        super().__init__(pretrained_model, 19)
