"""Training and inference of whole models, compared with PyTorch: `python -m benchmarks.workloads`."""
