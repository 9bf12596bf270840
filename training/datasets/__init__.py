"""Datasets: made from others, read from files, published ones, and small ones that come with the package."""

from chaingrad.training.datasets.cifar import get_cifar10, get_cifar100
from chaingrad.training.datasets.combined import ConcatenatedDataset, DictDataset, TransformDataset, TupleDataset
from chaingrad.training.datasets.embedded_data import get_digits, get_iris, get_spiral
from chaingrad.training.datasets.images import (
    ImageDataset,
    LabeledImageDataset,
    LabeledZippedImageDataset,
    MultiZippedImageDataset,
    ZippedImageDataset,
)
from chaingrad.training.datasets.mnist import (
    get_fashion_mnist,
    get_fashion_mnist_labels,
    get_kuzushiji_mnist,
    get_kuzushiji_mnist_labels,
    get_mnist,
)
from chaingrad.training.datasets.pickles import (
    PickleDataset,
    PickleDatasetWriter,
    open_pickle_dataset,
    open_pickle_dataset_writer,
)
from chaingrad.training.datasets.ptb import get_ptb_words, get_ptb_words_vocabulary
from chaingrad.training.datasets.splits import (
    SubDataset,
    get_cross_validation_datasets,
    get_cross_validation_datasets_random,
    split_dataset,
    split_dataset_n,
    split_dataset_n_random,
    split_dataset_random,
)
from chaingrad.training.datasets.svhn import get_svhn
from chaingrad.training.datasets.text import TextDataset

__all__ = [
    'ConcatenatedDataset',
    'DictDataset',
    'ImageDataset',
    'LabeledImageDataset',
    'LabeledZippedImageDataset',
    'MultiZippedImageDataset',
    'PickleDataset',
    'PickleDatasetWriter',
    'SubDataset',
    'TextDataset',
    'TransformDataset',
    'TupleDataset',
    'ZippedImageDataset',
    'get_cifar10',
    'get_cifar100',
    'get_cross_validation_datasets',
    'get_cross_validation_datasets_random',
    'get_digits',
    'get_fashion_mnist',
    'get_fashion_mnist_labels',
    'get_iris',
    'get_kuzushiji_mnist',
    'get_kuzushiji_mnist_labels',
    'get_mnist',
    'get_ptb_words',
    'get_ptb_words_vocabulary',
    'get_spiral',
    'get_svhn',
    'open_pickle_dataset',
    'open_pickle_dataset_writer',
    'split_dataset',
    'split_dataset_n',
    'split_dataset_n_random',
    'split_dataset_random',
]
