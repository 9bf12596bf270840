"""Saving and loading of models, optimizers and trainers; public as `chaingrad.serializers`."""

from chaingrad.links.serializers.dictionary import DictionarySerializer
from chaingrad.links.serializers.from_torch import load_torch
from chaingrad.links.serializers.hdf5 import HDF5Deserializer, HDF5Serializer, load_hdf5, save_hdf5
from chaingrad.links.serializers.npz import NpzDeserializer, load_npz, save_npz
from chaingrad.links.serializers.safetensors import load_safetensors, save_safetensors
from chaingrad.links.serializers.serializer import AbstractSerializer, Deserializer, Serializer

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
]
