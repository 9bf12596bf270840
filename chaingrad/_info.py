"""The report of `python -m chaingrad info`: versions, the BLAS, oneDNN, numba, and the extras that are installed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from typing import Any

import numpy as np

from chaingrad._runtime_info import print_runtime_info
from chaingrad.autograd.configuration import config
from chaingrad.functions.kernels.onednn.shared_object import find_library, refused
from chaingrad.functions.kernels.threads import blas_threads, in_force

# The optional packages, by the extras that install them.
EXTRAS = {
    'progress': 'tqdm',
    'hdf5': 'h5py',
    'safetensors': 'safetensors',
    'tensorboard': 'tensorboardX',
    'repro': 'threadpoolctl',
    'special': 'scipy',
    'gpu': 'cupy',
    'mpi': 'mpi4py',
    'onnx': 'onnx',
}
# What works without its package, which other programs need.
_NOT_NEEDED = {'safetensors': 'chaingrad reads and writes these files itself'}


def print_info() -> None:
    """Print versions, the BLAS and its threads, oneDNN, and which extras are installed."""
    print_runtime_info()
    print(f'BLAS: {_blas()}')
    print(f'BLAS threads: {blas_threads()}')
    print(f'threads: {in_force()}')
    print(f'oneDNN: {_onednn()}')
    for sentence in refused():
        print(f'oneDNN: {sentence}')
    print(f'numba: {_installed("numba", "fast")}')
    for extra, package in EXTRAS.items():
        print(f'extra {extra}: {_installed(package, extra)}')


def _blas() -> str:
    """Return name and version of the BLAS that NumPy was built with."""
    build: Any = np.show_config(mode='dicts')
    blas = build.get('Build Dependencies', {}).get('blas', {})
    return f'{blas.get("name", "unknown")} {blas.get("version", "")}'.strip()


def _onednn() -> str:
    """Return version and file of oneDNN and whether kernels use it, or how to install it."""
    found = find_library()
    if found is None:
        return 'missing (pip install chaingrad[fast]); NumPy computes everything'
    return f'{found.version} in {found.path}, config.use_ideep={config.use_ideep!r}'


def _installed(package: str, extra: str) -> str:
    """Return a package's name and version, or how to install it."""
    if extra in _NOT_NEEDED:
        return f'{_version(package) or f"{package} is missing"}; not needed: {_NOT_NEEDED[extra]}'
    return _version(package) or f'{package} is missing (pip install chaingrad[{extra}])'


def _version(package: str) -> str | None:
    """Return a package's name and version, None where it is not installed."""
    if importlib.util.find_spec(package) is None:
        return None
    try:
        return f'{package} {importlib.metadata.version(package)}'
    except importlib.metadata.PackageNotFoundError:
        return f'{package} of unknown version'
