"""Comparison of gradients with numerical ones; above the engine, whose functions it checks."""
