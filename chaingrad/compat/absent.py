"""What chaingrad does not have: it can be imported, and says so in one sentence when it is used.

ChainerX arrays are in `chainerx.py`; files with pickled objects are refused where they are read.
"""

from __future__ import annotations

from typing import Any, NoReturn

_CAFFE = (
    'chaingrad builds no model from a Caffe file. Write the model as a Chain, and bring its weights as npz or '
    'safetensors; L.VGG16Layers and L.ResNet50Layers read their own with convert_caffemodel_to_npz.'
)
_THEANO = 'chaingrad has no Theano. Write the function with chaingrad.functions, or as a FunctionNode.'
_INTEL64 = 'chaingrad has no iDeep arrays. Use NumPy arrays; oneDNN computes where the extra `fast` is installed.'


class CaffeFunction:
    """A model of a Caffe file, which chaingrad does not read."""

    available = False

    def __init__(self, model_path: Any) -> None:
        raise NotImplementedError(f'CaffeFunction: {_CAFFE}')


class TheanoFunction:
    """A function of Theano, which chaingrad does not know."""

    def __init__(self, inputs: Any, outputs: Any) -> None:
        raise NotImplementedError(f'TheanoFunction: {_THEANO}')


def export(*args: Any, **kwargs: Any) -> NoReturn:
    """Refuse to write a Caffe file."""
    raise NotImplementedError('exporters.caffe.export: chaingrad writes no Caffe files. Save the weights as npz.')


class mdarray:
    """The type of iDeep arrays, which no array has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(f'intel64.mdarray: {_INTEL64}')


def is_ideep_available() -> bool:
    """Return False: there are no iDeep arrays."""
    return False


def check_ideep_available() -> NoReturn:
    """Raise the error that says so."""
    raise RuntimeError(f'intel64.check_ideep_available: {_INTEL64}')


def should_use_ideep(level: str) -> bool:
    """Return False: there are no iDeep arrays."""
    return False


def inputs_all_ready(inputs: Any, supported_ndim: Any = (2, 4)) -> bool:
    """Return False: no input is an iDeep array."""
    return False
