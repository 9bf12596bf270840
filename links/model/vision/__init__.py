"""Models for photographs. The parameters come from files; nothing is downloaded."""

from chaingrad.links.model.vision.googlenet import GoogLeNet
from chaingrad.links.model.vision.resnet import ResNet50Layers, ResNet101Layers, ResNet152Layers
from chaingrad.links.model.vision.vgg import VGG16Layers, VGG19Layers

__all__ = ['GoogLeNet', 'ResNet50Layers', 'ResNet101Layers', 'ResNet152Layers', 'VGG16Layers', 'VGG19Layers']
