"""Complete models, and the classifier that wraps a model."""

from chaingrad.links.model import vision
from chaingrad.links.model.classifier import Classifier
from chaingrad.links.model.vision import *  # noqa: F403

__all__ = ['Classifier']
__all__ += vision.__all__
