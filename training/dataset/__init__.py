"""The parts that datasets and converters are built from; the datasets themselves are in `training.datasets`."""

from chaingrad.training.dataset import tabular
from chaingrad.training.dataset.convert import (
    ConcatWithAsyncTransfer,
    Converter,
    concat_examples,
    converter,
    to_device,
)
from chaingrad.training.dataset.download import (
    cache_or_load_file,
    cached_download,
    get_dataset_directory,
    get_dataset_root,
    set_dataset_root,
)
from chaingrad.training.dataset.mixin import DatasetMixin
from chaingrad.training.dataset.table import TabularDataset
from chaingrad.training.random_state import rng

__all__ = [
    'ConcatWithAsyncTransfer',
    'Converter',
    'DatasetMixin',
    'TabularDataset',
    'cache_or_load_file',
    'cached_download',
    'concat_examples',
    'converter',
    'get_dataset_directory',
    'get_dataset_root',
    'rng',
    'set_dataset_root',
    'tabular',
    'to_device',
]
