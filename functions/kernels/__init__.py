"""Kernels: what the functions do to plain arrays. No Variable, no graph. `twins.py` calls oneDNN where it fits."""

from chaingrad.functions.kernels import products

__all__ = ['products']
