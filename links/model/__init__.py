"""Whole models and what is wrapped around them."""

from chaingrad.links.model.classifier import Classifier

__all__ = ['Classifier']
