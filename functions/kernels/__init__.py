"""Kernels: what the functions do to plain arrays. No Variable, no graph."""
