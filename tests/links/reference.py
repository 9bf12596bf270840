"""Where the files written by the reference are, for the tests that load them."""

import os
import pathlib

import pytest

BESIDE = pathlib.Path(__file__).resolve().parents[2].parent / 'shared' / 'data'
FOLDER = pathlib.Path(os.environ.get('CHAINGRAD_TEST_DATA', BESIDE)) / 'reference_snapshots'


def snapshot(name):
    """Return the path of a file of the reference; skip the test where it is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f'{path} is absent')
    return path
