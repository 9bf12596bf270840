"""Measurements that support every claim of speed: `python -m benchmarks`."""
