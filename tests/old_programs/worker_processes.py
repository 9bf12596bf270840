"""MultiprocessIterator over a dataset that uses the library in the workers; the argument is the start method."""

import multiprocessing
import sys

import numpy as np

import chainer
from chainer.dataset import dataset_mixin
from chainer.iterators import MultiprocessIterator


class Squares(dataset_mixin.DatasetMixin):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def get_example(self, i):
        from chainer.functions.math import square

        y = square.square(chainer.Variable(np.array([float(i)], dtype='f')))
        return y.array, np.int32(chainer.__version__ == '7.8.1' and sys.argv[0].endswith('worker_processes.py'))


def main():
    method = sys.argv[1]
    if method not in multiprocessing.get_all_start_methods():
        return
    multiprocessing.set_start_method(method)
    iterator = MultiprocessIterator(Squares(20), 5, repeat=False, shuffle=False, n_processes=2)
    with iterator:
        batches = [chainer.dataset.concat_examples(batch) for batch in iterator]
    assert [x.sum() for x, _ in batches] == [30, 255, 730, 1455], batches
    assert all(flags.all() for _, flags in batches)


if __name__ == '__main__':
    main()
