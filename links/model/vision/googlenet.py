"""GoogLeNet, the net of Inception blocks."""

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
from chaingrad.functions.normalization.local import local_response_normalization
from chaingrad.functions.pooling.pooling import average_pooling_2d, max_pooling_2d
from chaingrad.links.checks import TRAIN
from chaingrad.links.connection.convolution_2d import Convolution2D
from chaingrad.links.connection.inception import Inception
from chaingrad.links.connection.linear import Linear
from chaingrad.links.initializers import LeCunUniform
from chaingrad.links.model.vision.caffe import CaffeNames
from chaingrad.links.model.vision.pictures import PictureModel, WeightsPath, find_weights, prepare_picture

_BGR_MEANS = (104.0, 117.0, 123.0)
_BLOCKS = {
    '3a': (192, 64, 96, 128, 16, 32, 32),
    '3b': (256, 128, 128, 192, 32, 96, 64),
    '4a': (480, 192, 96, 208, 16, 48, 64),
    '4b': (512, 160, 112, 224, 24, 64, 64),
    '4c': (512, 128, 128, 256, 24, 64, 64),
    '4d': (512, 112, 144, 288, 32, 64, 64),
    '4e': (528, 256, 160, 320, 32, 128, 128),
    '5a': (832, 256, 160, 320, 32, 128, 128),
    '5b': (832, 384, 192, 384, 48, 128, 128),
}
_CAFFE = {
    'conv1': 'conv1/7x7_s2',
    'conv2_reduce': 'conv2/3x3_reduce',
    'conv2': 'conv2/3x3',
    'loss3_fc': 'loss3/classifier',
    'loss1_conv': 'loss1/conv',
    'loss1_fc1': 'loss1/fc',
    'loss1_fc2': 'loss1/classifier',
    'loss2_conv': 'loss2/conv',
    'loss2_fc1': 'loss2/fc',
    'loss2_fc2': 'loss2/classifier',
}
_CAFFE_IN_BLOCK = {
    'conv1': '1x1', 'proj3': '3x3_reduce', 'conv3': '3x3', 'proj5': '5x5_reduce', 'conv5': '5x5', 'projp': 'pool_proj'
}  # fmt: skip


def prepare(image: Any, size: tuple[int, int] | None = (224, 224)) -> Array:
    """Return a picture as GoogLeNet takes it.

    Args:
        image: PIL image, or array (h, w), (h, w, 3), (1, h, w) or (3, h, w) of values from 0 to 255, red first.
        size: (width, height) that it is resized to; None to leave it as it is.

    Returns:
        Array (3, height, width), blue first, the mean color subtracted.

    Example:
        >>> import numpy as np
        >>> from chaingrad.links.model.vision.googlenet import prepare
        >>> prepare(np.zeros((30, 40), np.uint8), size=None)[:, 0, 0]
        array([-104., -117., -123.], dtype=float32)
    """
    return prepare_picture(image, size, _BGR_MEANS)


class GoogLeNet(PictureModel):
    """The net of nine Inception blocks, for photographs of 1,000 classes.

    Nothing is downloaded: get the reference's `bvlc_googlenet.npz`, or the caffemodel. The layers `loss1_fc2` and
    `loss2_fc2` are the two side classifiers that help to train it.

    Args:
        pretrained_model: path of an npz file of these weights, or of a caffemodel; 'auto' for the file in its usual
            location, which the error names when it is missing; None for random parameters.

    Example:
        >>> import chaingrad.links as L
        >>> model = L.GoogLeNet(None)
        >>> model.available_layers[-5:]
        ['pool5', 'loss3_fc', 'prob', 'loss1_fc2', 'loss2_fc2']

    Source:
        Szegedy et al.: Going deeper with convolutions (CVPR 2015), table 1.
    """

    bgr_means = _BGR_MEANS
    default_extracted = 'pool5'
    old_keywords = {'train': TRAIN}
    branches = {'loss1_fc2': 'inception_4a', 'loss2_fc2': 'inception_4d'}

    def __init__(self, pretrained_model: WeightsPath = 'auto') -> None:
        super().__init__()
        pretrained_model = find_weights('GoogLeNet', pretrained_model, 'bvlc_googlenet.npz')
        W = LeCunUniform() if pretrained_model is None else 0
        start: dict[str, Any] = {'initialW': W, 'initial_bias': 0}
        with self.init_scope():
            self.conv1 = Convolution2D(3, 64, 7, stride=2, pad=3, **start)
            self.conv2_reduce = Convolution2D(64, 64, 1, **start)
            self.conv2 = Convolution2D(64, 192, 3, stride=1, pad=1, **start)
            for name, sizes in _BLOCKS.items():
                setattr(self, f'inc{name}', Inception(*sizes, conv_init=W))
            self.loss3_fc = Linear(1024, 1000, **start)
            for i, channels in ((1, 512), (2, 528)):
                setattr(self, f'loss{i}_conv', Convolution2D(channels, 128, 1, **start))
                setattr(self, f'loss{i}_fc1', Linear(2048, 1024, **start))
                setattr(self, f'loss{i}_fc2', Linear(1024, 1000, **start))
        self._load(pretrained_model)

    @property
    def functions(self) -> OrderedDict[str, list[Callable[[Any], Variable]]]:
        """The functions called for each layer, by name, in order; the side classifiers come last."""
        pool = partial(max_pooling_2d, ksize=3, stride=2)
        normalize = partial(local_response_normalization, n=5, k=1, alpha=1e-4 / 5)
        layers: OrderedDict[str, list[Callable[[Any], Variable]]] = OrderedDict()
        layers['conv1'] = [self.conv1, relu]
        layers['pool1'] = [pool, normalize]
        layers['conv2_reduce'] = [self.conv2_reduce, relu]
        layers['conv2'] = [self.conv2, relu]
        layers['pool2'] = [normalize, pool]
        for name in _BLOCKS:
            layers[f'inception_{name}'] = [self[f'inc{name}']]
            if name in ('3b', '4e'):
                layers[f'pool{name[0]}'] = [pool]
        layers['pool5'] = [partial(average_pooling_2d, ksize=7, stride=1)]
        layers['loss3_fc'] = [partial(dropout, ratio=0.4), self.loss3_fc]
        layers['prob'] = [softmax]
        for i in (1, 2):
            layers[f'loss{i}_fc2'] = [
                partial(average_pooling_2d, ksize=5, stride=3),
                self[f'loss{i}_conv'],
                relu,
                self[f'loss{i}_fc1'],
                relu,
                self[f'loss{i}_fc2'],
            ]
        return layers

    def caffe_names(self) -> CaffeNames:
        """Return pairs of a layer and the name that the caffemodel has for it."""
        names: CaffeNames = []
        for ours, theirs in _CAFFE.items():
            names.append((self[ours], (theirs,)))
        for block in _BLOCKS:
            for ours, theirs in _CAFFE_IN_BLOCK.items():
                names.append((self[f'inc{block}'][ours], (f'inception_{block}/{theirs}',)))
        return names
