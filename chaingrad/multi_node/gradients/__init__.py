"""Gradients on their way between the ranks: flat buffers, sent while the backward pass goes on."""

__all__ = []
