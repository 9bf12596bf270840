"""Kernels by oneDNN, the twins of those in `functions/kernels/`, for float32 arrays; `twins.py` says when they run.

`shared_object.py` finds the shared library, `descriptors.py` declares what it is called with, `plans.py` keeps
primitives with their memory for each thread, `arrays.py` knows the memory orders; then a file for each family of
kernels.
"""
