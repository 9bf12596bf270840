"""Checks of types, shapes and gradients."""
