"""The base of the models for photographs: it prepares pictures, calls layers by name and finds files of weights."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.configuration import get_dtype, no_backprop_mode, using_config
from chaingrad.autograd.reduction import mean
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions.checks import refuse
from chaingrad.links import serializers  # whose formats are imported late
from chaingrad.links.chain import Chain
from chaingrad.links.checks import TEST, VOLATILE
from chaingrad.links.model.vision.caffe import CaffeNames, load_caffemodel

WeightsPath: TypeAlias = str | os.PathLike[str] | None
"""Path of an npz file or of a caffemodel, 'auto', or None for random parameters."""

ZEROS: Any = object()
"""Given in place of a file: parameters that are all zeros, for weights that come from elsewhere."""

_MODELS = os.path.join('pfnet', 'chainer', 'models')


def prepare_picture(image: Any, size: tuple[int, int] | None, bgr_means: Sequence[float]) -> Array:
    """Return a picture as these models take it: resized, blue before red, the mean color subtracted.

    Args:
        image: PIL image, or array (h, w), (h, w, 3), (1, h, w) or (3, h, w) of values from 0 to 255, red first.
        size: (width, height), or None to leave it as it is.
        bgr_means: mean of blue, green and red.

    Returns:
        Array (3, height, width) of `config.dtype`.

    Raises:
        ImportError: when Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(
            'prepare: pictures are resized by Pillow, which is not installed. Install it with pip install pillow.'
        ) from error
    if isinstance(image, np.ndarray):
        if image.ndim == 3 and image.shape[0] in (1, 3):
            image = image[0] if image.shape[0] == 1 else image.transpose(1, 2, 0)
        image = Image.fromarray(image.astype(np.uint8))
    image = image.convert('RGB')
    if size:
        image = image.resize(size)
    pixels = np.asarray(image, get_dtype(None))[:, :, ::-1]
    return np.ascontiguousarray((pixels - np.array(bgr_means, pixels.dtype)).transpose(2, 0, 1))


def ten_crops(images: Array, size: int) -> Array:
    """Return the corners, the middle and their mirror images of each picture, (10 n, 3, size, size)."""
    down = images.shape[2] - size
    right = images.shape[3] - size
    starts = [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]
    crops = np.stack([images[:, :, i : i + size, j : j + size] for i, j in starts], axis=1)
    both = np.concatenate([crops, crops[..., ::-1]], axis=1)
    return both.reshape(-1, *both.shape[2:])


def find_weights(who: str, pretrained_model: WeightsPath, name: str) -> WeightsPath:
    """Return the path of the weights; called before the model is built, which takes time and memory.

    Args:
        who: the model, for messages.
        pretrained_model: the argument as given; 'auto' is looked for in our folder of data sets and the reference's.
        name: name of the file there.

    Raises:
        FileNotFoundError: saying where to put which file.
    """
    if pretrained_model is None or pretrained_model is ZEROS:
        return pretrained_model
    if pretrained_model != 'auto':
        if not os.path.exists(pretrained_model):
            raise FileNotFoundError(
                f'{who}: pretrained_model must be the path of an npz or caffemodel file, but there is no '
                f'{os.fspath(pretrained_model)}.'
            )
        return pretrained_model
    our_root = os.environ.get('CHAINGRAD_DATASET_ROOT') or os.path.join('~', '.chaingrad', 'dataset')
    roots = [our_root, os.path.join('~', '.chainer', 'dataset')]
    paths = [os.path.expanduser(os.path.join(root, _MODELS, name)) for root in roots]
    for path in paths:
        if os.path.exists(path):
            return path
    raise FileNotFoundError(
        f"{who}: pretrained_model='auto' needs the weights, and nothing is downloaded. Put the reference's {name} at "
        f'{paths[0]} (looked for at {paths[1]} too), give the path of an npz or caffemodel file as pretrained_model, '
        'or None to start from random parameters.'
    )


class PictureModel(Chain):
    """Base of the models for photographs: a chain whose layers have names and are called in order.

    A subclass defines `functions`.
    """

    bgr_means: Sequence[float]
    default_extracted: str
    old_keywords: dict[str, str] = {'test': TEST}
    """The messages for keywords of old programs."""
    branches: dict[str, str] = {}
    """Layers whose input is the output of another layer than the one before."""

    @property
    def functions(self) -> OrderedDict[str, list[Callable[[Any], Variable]]]:
        """The functions called for each layer, by name, in order."""
        raise NotImplementedError(f'{type(self).__name__} must define functions.')

    @property
    def available_layers(self) -> list[str]:
        """The names of the layers, in order."""
        return list(self.functions)

    def _load(self, pretrained_model: WeightsPath) -> None:
        """Load the parameters that were asked for."""
        if pretrained_model is None or pretrained_model is ZEROS:
            return
        if os.fspath(pretrained_model).endswith('.caffemodel'):
            load_caffemodel(pretrained_model, self.caffe_names())
        else:
            serializers.load_npz(pretrained_model, self)

    def caffe_names(self) -> CaffeNames:
        """Return pairs of a layer and the names that a caffemodel has for it."""
        return [(child, (child.name or '',)) for child in self.children()]

    @classmethod
    def convert_caffemodel_to_npz(
        cls, path_caffemodel: str | os.PathLike[str], path_npz: str | os.PathLike[str]
    ) -> None:
        """Convert weights of Caffe to an npz file that `pretrained_model` takes.

        Args:
            path_caffemodel: the file of Caffe.
            path_npz: the file to write.

        Raises:
            UnreadableFileError: a ValueError: the file is damaged, of another kind, or of another model.
        """
        model: Any = cls(ZEROS)
        load_caffemodel(path_caffemodel, model.caffe_names())
        serializers.save_npz(path_npz, model, compression=False)

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> dict[str, Variable]: ...

    def forward(self, x: VariableOrArray, layers: Sequence[str] | None = None, **kwargs: Any) -> dict[str, Variable]:
        """Compute the outputs of layers.

        Args:
            x: Variable or array, pictures (n, 3, h, w) as `prepare` makes them.
            layers: names of the layers wanted; `['prob']`, the probabilities of the classes, when None.

        Returns:
            Dict of Variables by name of the layer.

        Raises:
            ValueError: for a name that no layer has, or a keyword of old programs.
            InvalidType: when shapes or dtypes do not fit.
        """
        who = type(self).__name__
        refuse(who, kwargs, **self.old_keywords)
        functions = self.functions
        wanted = {'prob'} if layers is None else set(layers)
        unknown = sorted(wanted - functions.keys())
        if unknown:
            raise ValueError(f'{who}: no layer has the name {unknown[0]!r}. There are {list(functions)}.')
        outputs: dict[str, Variable] = {}
        branch_inputs: dict[str, Variable] = {}
        h: Any = x
        for name, calls in functions.items():
            if len(outputs) == len(wanted):
                break
            if name in self.branches:
                h = branch_inputs[self.branches[name]]
            for call in calls:
                h = call(h)
            if name in wanted:
                outputs[name] = h
            if name in self.branches.values():
                branch_inputs[name] = h
        return outputs

    def extract(
        self,
        images: Sequence[Any],
        layers: Sequence[str] | None = None,
        size: tuple[int, int] | None = (224, 224),
        **kwargs: Any,
    ) -> dict[str, Variable]:
        """Compute the outputs of layers for pictures of any size.

        Training mode and gradients are as the configuration says: use `using_config('train', False)` and
        `no_backprop_mode()` for plain features.

        Args:
            images: list of PIL images or arrays, as `prepare` takes them.
            layers: names of the layers wanted; a layer of features when None.
            size: (width, height) that the pictures are resized to.

        Returns:
            Dict of Variables by name of the layer.

        Raises:
            ValueError: for a name that no layer has, or a keyword of old programs.
        """
        refuse(type(self).__name__, kwargs, **self.old_keywords, volatile=VOLATILE)
        x = np.stack([prepare_picture(image, size, self.bgr_means) for image in images])
        if layers is None:
            layers = [self.default_extracted]
        return self(as_variable(self.xp.asarray(x)), layers=layers)

    def predict(self, images: Sequence[Any], oversample: bool = True) -> Variable:
        """Return the probabilities of the classes for pictures of any size.

        Args:
            images: list of PIL images or arrays, as `prepare` takes them.
            oversample: average over ten crops of each picture; otherwise only use the middle.

        Returns:
            Variable (n, classes).
        """
        x = np.stack([prepare_picture(image, (256, 256), self.bgr_means) for image in images])
        x = ten_crops(x, 224) if oversample else x[:, :, 16:240, 16:240]
        with no_backprop_mode(), using_config('train', False):
            y = self(as_variable(self.xp.asarray(x)))['prob']
            if oversample:
                y = mean(y.reshape((-1, 10, y.shape[1])), axis=1)
            return y
