"""The bases of serializers; ready-made ones are in `chaingrad.serializers`."""

from chaingrad.links.serializer import AbstractSerializer, Deserializer, Serializer

__all__ = ['AbstractSerializer', 'Deserializer', 'Serializer']
