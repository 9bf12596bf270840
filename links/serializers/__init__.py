"""Saving and loading of models, optimizers and trainers; public as `chaingrad.serializers`."""

import importlib
from typing import TYPE_CHECKING, Any

from chaingrad.autograd.advice import module_getattr
from chaingrad.links.serializer import AbstractSerializer, Deserializer, Serializer

if TYPE_CHECKING:
    from chaingrad.links.serializers.dictionary import DictionarySerializer
    from chaingrad.links.serializers.from_torch import load_torch
    from chaingrad.links.serializers.hdf5 import HDF5Deserializer, HDF5Serializer, load_hdf5, save_hdf5
    from chaingrad.links.serializers.npz import NpzDeserializer, load_npz, save_npz
    from chaingrad.links.serializers.safetensors import load_safetensors, save_safetensors
    from chaingrad.links.serializers.to_torch import save_torch

# The module of each name, imported when first asked for: the formats need zipfile and json, which cost time.
_MODULES = {
    'DictionarySerializer': 'dictionary',
    'HDF5Deserializer': 'hdf5',
    'HDF5Serializer': 'hdf5',
    'NpzDeserializer': 'npz',
    'load_hdf5': 'hdf5',
    'load_npz': 'npz',
    'load_safetensors': 'safetensors',
    'load_torch': 'from_torch',
    'save_hdf5': 'hdf5',
    'save_npz': 'npz',
    'save_safetensors': 'safetensors',
    'save_torch': 'to_torch',
}

__all__ = [
    'AbstractSerializer',
    'Deserializer',
    'DictionarySerializer',
    'HDF5Deserializer',
    'HDF5Serializer',
    'NpzDeserializer',
    'Serializer',
    'load_hdf5',
    'load_npz',
    'load_safetensors',
    'load_torch',
    'save_hdf5',
    'save_npz',
    'save_safetensors',
    'save_torch',
]


_no_name = module_getattr(__name__, __all__)


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for."""
    if name not in _MODULES:
        _no_name(name)
    return getattr(importlib.import_module(f'{__name__}.{_MODULES[name]}'), name)
