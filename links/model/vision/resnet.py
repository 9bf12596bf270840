"""ResNet50Layers, ResNet101Layers and ResNet152Layers, the residual nets for photographs."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.rectifier import relu
from chaingrad.functions.activation.softmax import softmax
from chaingrad.functions.pooling.pooling import average_pooling_2d, max_pooling_2d
from chaingrad.links import serializers
from chaingrad.links.annotations import InitialValue
from chaingrad.links.chain import Chain
from chaingrad.links.connection.convolution_2d import Convolution2D
from chaingrad.links.connection.linear import Linear
from chaingrad.links.initializers import HeNormal
from chaingrad.links.model.vision.caffe import CaffeNames, load_caffemodel
from chaingrad.links.model.vision.pictures import ZEROS, PictureModel, WeightsPath, find_weights, prepare_picture
from chaingrad.links.normalization.batch_normalization import BatchNormalization

_BGR_MEANS = (103.063, 115.903, 123.152)
_BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def prepare(image: Any, size: tuple[int, int] | None = (224, 224)) -> Array:
    """Return a picture as ResNet takes it.

    Args:
        image: PIL image, or array (h, w), (h, w, 3), (1, h, w) or (3, h, w) of values from 0 to 255, red first.
        size: (width, height) that it is resized to; None to leave it as it is.

    Returns:
        Array (3, height, width), blue first, the mean color subtracted.

    Example:
        >>> import numpy as np
        >>> from chaingrad.links.model.vision.resnet import prepare
        >>> prepare(np.zeros((30, 40, 3), np.uint8), size=(64, 32)).shape
        (3, 32, 64)
    """
    return prepare_picture(image, size, _BGR_MEANS)


class ResNetLayers(PictureModel):
    """Base of ResNet50Layers, ResNet101Layers and ResNet152Layers.

    Args:
        pretrained_model: path of an npz file of these weights, or of a caffemodel; 'auto' for the file in its usual
            location; None for random parameters.
        n_layers (int): 50, 101 or 152.
        downsample_fb (bool): images get smaller in the 3x3 convolutions, as Facebook has it, and not in the
            1x1 convolutions before them.

    Raises:
        ValueError: when n_layers is none of these.

    Example:
        >>> from chaingrad.links.model.vision.resnet import ResNetLayers
        >>> ResNetLayers(None, 34)
        Traceback (most recent call last):
        ...
        ValueError: ResNetLayers: n_layers must be 50, 101 or 152, but it is 34.
    """

    bgr_means = _BGR_MEANS
    default_extracted = 'pool5'

    def __init__(self, pretrained_model: WeightsPath, n_layers: int, downsample_fb: bool = False) -> None:
        super().__init__()
        if n_layers not in _BLOCKS:
            raise ValueError(f'ResNetLayers: n_layers must be 50, 101 or 152, but it is {n_layers}.')
        self.n_layers = n_layers
        pretrained_model = find_weights(type(self).__name__, pretrained_model, f'ResNet-{n_layers}-model.npz')
        W = HeNormal() if pretrained_model is None else 0
        channels, middle, stride = 64, 64, 1
        with self.init_scope():
            self.conv1 = Convolution2D(3, 64, 7, 2, 3, initialW=W)
            self.bn1 = BatchNormalization(64)
            for i, n in enumerate(_BLOCKS[n_layers], 2):
                block = BuildingBlock(n, channels, middle, 4 * middle, stride, W, downsample_fb)
                setattr(self, f'res{i}', block)
                channels, middle, stride = 4 * middle, 2 * middle, 2
            self.fc6 = Linear(2048, 1000, initialW=None if pretrained_model is None else 0)
        self._load(pretrained_model)

    @property
    def functions(self) -> OrderedDict[str, list[Callable[[Any], Variable]]]:
        """The functions called for each layer, by name, in order."""
        layers: OrderedDict[str, list[Callable[[Any], Variable]]] = OrderedDict()
        layers['conv1'] = [self.conv1, self.bn1, relu]
        layers['pool1'] = [partial(max_pooling_2d, ksize=3, stride=2)]
        for i in (2, 3, 4, 5):
            layers[f'res{i}'] = [self[f'res{i}']]
        layers['pool5'] = [_global_average_pooling]
        layers['fc6'] = [self.fc6]
        layers['prob'] = [softmax]
        return layers

    def caffe_names(self) -> CaffeNames:
        """Return pairs of a layer and the names that the caffemodel has for it."""
        names: CaffeNames = [
            (self.conv1, ('conv1',)),
            (self.fc6, ('fc1000',)),
            (self.bn1, ('bn_conv1', 'scale_conv1')),
        ]
        for i, n in enumerate(_BLOCKS[self.n_layers], 2):
            # The bottlenecks are a, b, c, ..., but a, b1, b2, ... in the long blocks of the deeper nets.
            is_long = self.n_layers > 50 and n > 3
            for k, bottleneck in enumerate(self[f'res{i}'].steps):
                letter = f'b{k}' if is_long and k > 0 else 'abcdefgh'[k]
                branches = {'1': '2a', '2': '2b', '3': '2c'}
                if k == 0:
                    branches['4'] = '1'
                for ours, theirs in branches.items():
                    branch = f'{i}{letter}_branch{theirs}'
                    names.append((bottleneck[f'conv{ours}'], (f'res{branch}',)))
                    names.append((bottleneck[f'bn{ours}'], (f'bn{branch}', f'scale{branch}')))
        return names

    @classmethod
    def convert_caffemodel_to_npz(
        cls, path_caffemodel: str | os.PathLike[str], path_npz: str | os.PathLike[str], n_layers: int = 50
    ) -> None:
        """Convert weights of Caffe to an npz file that `pretrained_model` takes.

        Args:
            path_caffemodel: the file of Caffe.
            path_npz: the file to write.
            n_layers: 50, 101 or 152.

        Raises:
            UnreadableFileError: a ValueError: the file is damaged, of another kind, or of another model.
        """
        model = ResNetLayers(ZEROS, n_layers)
        load_caffemodel(path_caffemodel, model.caffe_names())
        serializers.save_npz(path_npz, model, compression=False)


class ResNet50Layers(ResNetLayers):
    """The residual net with 50 layers, for photographs of 1,000 classes.

    Nothing is downloaded: get the reference's `ResNet-50-model.npz`, or the caffemodel of its authors.

    Args:
        pretrained_model: path of an npz file of these weights, or of a caffemodel; 'auto' for the file in its usual
            location, which the error names when it is missing; None for random parameters.
        downsample_fb (bool): images get smaller in the 3x3 convolutions, as Facebook has it.

    Example:
        >>> import chaingrad.links as L
        >>> L.ResNet50Layers()
        Traceback (most recent call last):
        ...
        FileNotFoundError: ResNet50Layers: pretrained_model='auto' needs the weights, and nothing is downloaded. ...

    Source:
        He, Zhang, Ren, Sun: Deep residual learning for image recognition (CVPR 2016), table 1.
    """

    def __init__(self, pretrained_model: WeightsPath = 'auto', downsample_fb: bool = False) -> None:
        super().__init__(pretrained_model, 50, downsample_fb)


class ResNet101Layers(ResNetLayers):
    """The residual net with 101 layers, for photographs of 1,000 classes.

    Nothing is downloaded: get the reference's `ResNet-101-model.npz`, or the caffemodel of its authors.

    Args:
        pretrained_model: path of an npz file of these weights, or of a caffemodel; 'auto' for the file in its usual
            location, which the error names when it is missing; None for random parameters.
        downsample_fb (bool): images get smaller in the 3x3 convolutions, as Facebook has it.

    Example:
        >>> import chaingrad.links as L
        >>> L.ResNet101Layers()
        Traceback (most recent call last):
        ...
        FileNotFoundError: ResNet101Layers: pretrained_model='auto' needs the weights, and nothing is downloaded. ...

    Source:
        He, Zhang, Ren, Sun: Deep residual learning for image recognition (CVPR 2016), table 1.
    """

    def __init__(self, pretrained_model: WeightsPath = 'auto', downsample_fb: bool = False) -> None:
        super().__init__(pretrained_model, 101, downsample_fb)


class ResNet152Layers(ResNetLayers):
    """The residual net with 152 layers, for photographs of 1,000 classes.

    Nothing is downloaded: get the reference's `ResNet-152-model.npz`, or the caffemodel of its authors.

    Args:
        pretrained_model: path of an npz file of these weights, or of a caffemodel; 'auto' for the file in its usual
            location, which the error names when it is missing; None for random parameters.
        downsample_fb (bool): images get smaller in the 3x3 convolutions, as Facebook has it.

    Example:
        >>> import chaingrad.links as L
        >>> L.ResNet152Layers()
        Traceback (most recent call last):
        ...
        FileNotFoundError: ResNet152Layers: pretrained_model='auto' needs the weights, and nothing is downloaded. ...

    Source:
        He, Zhang, Ren, Sun: Deep residual learning for image recognition (CVPR 2016), table 1.
    """

    def __init__(self, pretrained_model: WeightsPath = 'auto', downsample_fb: bool = False) -> None:
        super().__init__(pretrained_model, 152, downsample_fb)


class BuildingBlock(Chain):
    """Bottlenecks one after the other, the first of which changes size and channels.

    Args:
        n_layers (int): number of bottlenecks.
        in_channels (int): channels of the inputs.
        mid_channels (int): channels inside of the bottlenecks.
        out_channels (int): channels of the outputs.
        stride (int): stride of the first bottleneck.
        initialW: initializer for all weights; LeCunNormal when None.
        downsample_fb (bool): the 3x3 convolution has the stride.
    """

    def __init__(
        self,
        n_layers: int,
        in_channels: int,
        mid_channels: int,
        out_channels: int,
        stride: int,
        initialW: InitialValue = None,
        downsample_fb: bool = False,
    ) -> None:
        super().__init__()
        self.n_layers = n_layers
        with self.init_scope():
            self.a = BottleneckA(in_channels, mid_channels, out_channels, stride, initialW, downsample_fb)
            for i in range(1, n_layers):
                setattr(self, f'b{i}', BottleneckB(out_channels, mid_channels, initialW))

    @property
    def steps(self) -> Iterator[Chain]:
        """The bottlenecks, in order."""
        yield self.a
        for i in range(1, self.n_layers):
            yield self[f'b{i}']

    def forward(self, x: VariableOrArray) -> Variable:
        """Call the bottlenecks in order.

        Args:
            x: Variable or array, (n, in_channels, h, w).

        Returns:
            Variable (n, out_channels, h / stride, w / stride).
        """
        h: Any = x
        for bottleneck in self.steps:
            h = bottleneck(h)
        return h


class _Bottleneck(Chain):
    """Three convolutions, each with its batch normalization."""

    def _add(self, i: int, n_in: int, n_out: int, ksize: int, stride: int, pad: int, initialW: InitialValue) -> None:
        with self.init_scope():
            setattr(self, f'conv{i}', Convolution2D(n_in, n_out, ksize, stride, pad, nobias=True, initialW=initialW))
            setattr(self, f'bn{i}', BatchNormalization(n_out))

    def _branch(self, x: VariableOrArray) -> Variable:
        h = relu(self.bn1(self.conv1(x)))
        h = relu(self.bn2(self.conv2(h)))
        return self.bn3(self.conv3(h))


class BottleneckA(_Bottleneck):
    """A bottleneck with a convolution on its shortcut: it changes size and channels.

    Args:
        in_channels (int): channels of the inputs.
        mid_channels (int): channels inside.
        out_channels (int): channels of the outputs.
        stride (int): stride of the bottleneck.
        initialW: initializer for all weights; LeCunNormal when None.
        downsample_fb (bool): the 3x3 convolution has the stride, not the 1x1 convolution before it.
    """

    def __init__(
        self,
        in_channels: int,
        mid_channels: int,
        out_channels: int,
        stride: int = 2,
        initialW: InitialValue = None,
        downsample_fb: bool = False,
    ) -> None:
        super().__init__()
        stride1, stride2 = (1, stride) if downsample_fb else (stride, 1)
        self._add(1, in_channels, mid_channels, 1, stride1, 0, initialW)
        self._add(2, mid_channels, mid_channels, 3, stride2, 1, initialW)
        self._add(3, mid_channels, out_channels, 1, 1, 0, initialW)
        self._add(4, in_channels, out_channels, 1, stride, 0, initialW)

    def forward(self, x: VariableOrArray) -> Variable:
        """Return relu(branch(x) + shortcut(x)).

        Args:
            x: Variable or array, (n, in_channels, h, w).

        Returns:
            Variable (n, out_channels, h / stride, w / stride).
        """
        return relu(self._branch(x) + self.bn4(self.conv4(x)))


class BottleneckB(_Bottleneck):
    """A bottleneck that leaves size and channels as they are.

    Args:
        in_channels (int): channels of inputs and outputs.
        mid_channels (int): channels inside.
        initialW: initializer for all weights; LeCunNormal when None.
    """

    def __init__(self, in_channels: int, mid_channels: int, initialW: InitialValue = None) -> None:
        super().__init__()
        self._add(1, in_channels, mid_channels, 1, 1, 0, initialW)
        self._add(2, mid_channels, mid_channels, 3, 1, 1, initialW)
        self._add(3, mid_channels, in_channels, 1, 1, 0, initialW)

    def forward(self, x: VariableOrArray) -> Variable:
        """Return relu(branch(x) + x).

        Args:
            x: Variable or array, (n, in_channels, h, w).

        Returns:
            Variable (n, in_channels, h, w).
        """
        return relu(self._branch(x) + x)


def _global_average_pooling(x: Variable) -> Variable:
    y = average_pooling_2d(x, x.shape[2:], stride=1)
    return reshape(y, y.shape[:2])
