"""Saving and loading of models, optimizers and trainers; public as `chaingrad.serializers`."""

from chaingrad.links.serializers.dictionary import DictionarySerializer
from chaingrad.links.serializers.npz import NpzDeserializer, load_npz, save_npz
from chaingrad.links.serializers.serializer import AbstractSerializer, Deserializer, Serializer

__all__ = [
    'AbstractSerializer',
    'Deserializer',
    'DictionarySerializer',
    'NpzDeserializer',
    'Serializer',
    'load_npz',
    'save_npz',
]
