"""The programs that the tests of this folder start and kill: `python -m tests.reliability.programs NAME`."""

from __future__ import annotations

import json
import os
import pathlib
import random
import subprocess
import sys
import time

import numpy as np

import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.links.serializers import save_npz
from chaingrad.training import Extension, ParallelUpdater, StandardUpdater, Trainer, extensions
from chaingrad.training.datasets.combined import TransformDataset
from chaingrad.training.iterators import MultiprocessIterator, MultithreadIterator, SerialIterator
from tests.reliability import datasets
from tests.training.small import MLP, data

ROOT = pathlib.Path(__file__).resolve().parents[2]
N, BATCH_SIZE, EPOCHS = 20, 6, 4  # 3 1/3 batches an epoch: most cuts are inside of one
OPTIMIZERS = {'SGD': optimizers.SGD, 'MomentumSGD': optimizers.MomentumSGD, 'Adam': optimizers.Adam}
ITERATORS = {
    'serial': SerialIterator,
    'threads': lambda dataset, size: MultithreadIterator(dataset, size, n_threads=2),
    'processes': lambda dataset, size: MultiprocessIterator(dataset, size, n_processes=2),
}
UPDATERS = {
    'standard': StandardUpdater,
    'parallel': lambda iterator, optimizer: ParallelUpdater(iterator, optimizer, devices={'main': -1, 'second': -1}),
    'accumulate': lambda iterator, optimizer: StandardUpdater(iterator, optimizer, accumulate=2),
}


def start(name, *arguments, **options):
    """Start a program of this module; its output comes through pipes."""
    command = [sys.executable, '-W', 'error', '-m', 'tests.reliability.programs', name, *map(str, arguments)]
    environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True, **options)


def finish(name, *arguments, code=0, timeout=300):
    """Run a program of this module to its end and return what it printed."""
    process = start(name, *arguments)
    out, errors = process.communicate(timeout=timeout)
    assert process.returncode == code, errors
    return out


def matrix(folder, optimizer, part, cut, seed):
    """Run every combination of dropout, iterator and updater with one optimizer: `whole`, `first` or `second` part."""
    for dropout in (0.0, 0.5):
        for iterator in ITERATORS:
            for updater in UPDATERS:
                out = f'{folder}/{dropout}-{iterator}-{updater}/{"whole" if part == "whole" else f"cut{cut}"}'
                matrix_run(out, OPTIMIZERS[optimizer](), dropout, iterator, updater, part, int(cut), int(seed))


def matrix_run(out, optimizer, dropout, iterator, updater, part, cut, seed):
    np.random.seed(seed)
    random.seed(seed)
    optimizer.setup(L.Classifier(MLP(dropout)))
    dataset = TransformDataset(data(N), datasets.augment)
    stop = (cut, 'iteration') if part == 'first' else (EPOCHS, 'epoch')
    trainer = Trainer(UPDATERS[updater](ITERATORS[iterator](dataset, BATCH_SIZE), optimizer), stop, out)
    evaluator = extensions.Evaluator(SerialIterator(data(9, 1), 4, repeat=False), optimizer.target)
    trainer.extend(evaluator, trigger=(2, 'iteration'))
    trainer.extend(extensions.LogReport(trigger=(3, 'iteration')))
    trainer.extend(extensions.ExponentialShift('lr' if not isinstance(optimizer, optimizers.Adam) else 'alpha', 0.97))
    trainer.extend(extensions.snapshot(autoload=part == 'second'), trigger=(cut, 'iteration'))
    trainer.run()
    save_npz(os.path.join(out, 'end'), trainer, compression=False)


class Ballast(Extension):
    """Ten megabytes that tell by which iteration they were saved."""

    def __init__(self):
        self.values = np.zeros(10 * 2**20 // 8)

    def __call__(self, trainer):
        self.values[:] = trainer.updater.iteration

    def serialize(self, serializer):
        self.values = serializer('values', self.values)


def make_small(out, stop, dropout=0.5, seed=0, n=20):
    np.random.seed(seed)
    optimizer = optimizers.Adam().setup(L.Classifier(MLP(dropout)))
    return Trainer(StandardUpdater(SerialIterator(data(n), 6), optimizer), stop, str(out))


def snapshots(out, n):
    """Save ten megabytes in every iteration, and tell of every one that has begun."""
    trainer = make_small(out, (int(n), 'iteration'))
    trainer.extend(Ballast())
    save = lambda file, target: save_npz(file, target, compression=False)
    trainer.extend(extensions.snapshot(save, n_retains=2, autoload=True), trigger=(1, 'iteration'))
    trainer.extend(lambda t: print(t.updater.iteration, flush=True), 'tell', priority=1000)
    trainer.run()
    values = set(trainer.get_extension('Ballast').values.tolist())
    assert values == {trainer.updater.iteration}, (values, trainer.updater.iteration)
    print('loaded', trainer.updater.iteration)


def signalled(out, where, n):
    """Take 10 ms for an iteration; `where` says what it is doing when a signal comes."""
    trainer = make_small(out, (int(n), 'iteration'))
    if where == 'worker':
        iterator = MultiprocessIterator(datasets.Hanging(data(20), 30), 6, n_processes=1)
        trainer.updater._iterators['main'] = iterator
    trainer.extend(lambda t: time.sleep(0.01), 'slow')
    trainer.extend(extensions.LogReport(trigger=(5, 'iteration')))
    trainer.extend(extensions.snapshot(autoload=True), trigger=(1000, 'iteration'))
    model = trainer.updater.get_optimizer('main').target
    if where == 'evaluator':
        slow = lambda x, t: (print('here', flush=True), time.sleep(30), model(x, t))
        iterator = SerialIterator(data(9, 1), 4, repeat=False)
        trainer.extend(extensions.Evaluator(iterator, model, eval_func=slow), trigger=(3, 'iteration'))
    trainer.extend(lambda t: print('here' if t.updater.iteration == 3 else '.', flush=True), 'tell', priority=1000)
    trainer.run()


def memory(out, n):
    """Print by how many bytes the process has grown in the last n iterations."""
    trainer, seen = make_small(out, (int(n) + 500, 'iteration'), n=60), []

    def look(trainer):
        if trainer.updater.iteration in (500, int(n) + 500):
            with open('/proc/self/statm', encoding='ascii') as file:
                seen.append(int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE'))

    evaluator = extensions.Evaluator(
        SerialIterator(data(9, 1), 4, repeat=False), trainer.updater.get_optimizer('main').target
    )
    trainer.extend(evaluator, trigger=(50, 'iteration'))
    trainer.extend(extensions.LogReport(trigger=(100, 'iteration')))
    trainer.extend(extensions.PrintReport(['iteration', 'main/loss'], out=open(os.devnull, 'w', encoding='utf-8')))
    trainer.extend(extensions.ProgressBar(out=open(os.devnull, 'w', encoding='utf-8')))
    trainer.extend(extensions.snapshot(n_retains=2), trigger=(100, 'iteration'))
    trainer.extend(look)
    trainer.run()
    print(json.dumps(seen))


if __name__ == '__main__':
    globals()[sys.argv[1]](*sys.argv[2:])
