"""TensorBoardReport: what stands in the files of events is what stands in the log, once each, also after a resume."""

from __future__ import annotations

import builtins
import struct

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad import iterators, optimizers, serializers, training
from chaingrad.training import extensions

tensorboardX = pytest.importorskip('tensorboardX')


def make_trainer(out, epochs, log_report=True):
    np.random.seed(0)
    data = [(np.float32([i]), np.float32([2 * i])) for i in range(4)]
    model = L.Classifier(L.Linear(1, 1), lossfun=lambda y, t: ((y - t) ** 2).mean())
    model.compute_accuracy = False
    updater = training.StandardUpdater(iterators.SerialIterator(data, 2), optimizers.SGD(0.01).setup(model))
    trainer = training.Trainer(updater, (epochs, 'epoch'), out)
    if log_report:
        trainer.extend(extensions.LogReport())
    trainer.extend(extensions.TensorBoardReport())
    return trainer


def events(folder):
    """Return the events of all files, in the order in which they were written."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns):
        content = path.read_bytes()
        while content:  # length, checksum of the length, event, checksum of the event
            (length,) = struct.unpack_from('<Q', content)
            found.append(Event.FromString(content[12 : 12 + length]))
            content = content[16 + length :]
    return found


def scalars(found):
    return [(event.step, value.tag, value.simple_value) for event in found for value in event.summary.value]


def expected(log):
    return [
        (entry['iteration'], name, pytest.approx(entry[name], rel=1e-6))
        for entry in log
        for name in ('elapsed_time', 'epoch', 'main/loss')
    ]


def test_events_are_those_of_the_log(tmp_path):
    trainer = make_trainer(tmp_path, 3)
    trainer.run()
    log = trainer.get_extension('LogReport').log
    assert [entry['iteration'] for entry in log] == [2, 4, 6]
    assert scalars(events(tmp_path / 'tensorboard')) == expected(log)


def test_a_resumed_run_goes_on(tmp_path):
    trainer = make_trainer(tmp_path, 2)
    trainer.run()
    serializers.save_npz(tmp_path / 'snapshot', trainer)
    resumed = make_trainer(tmp_path, 3)
    serializers.load_npz(tmp_path / 'snapshot', resumed)
    resumed.run()
    found = events(tmp_path / 'tensorboard')
    assert scalars(found) == expected(resumed.get_extension('LogReport').log)
    starts = [event.step for event in found if event.HasField('session_log')]
    assert starts == [5]  # TensorBoard hides what an earlier run has written from this iteration on


def test_it_needs_the_log(tmp_path):
    trainer = make_trainer(tmp_path, 1, log_report=False)
    with pytest.raises(ValueError, match="'LogReport' keeps, but the trainer has no extension"):
        trainer.run()


def test_it_needs_tensorboardx(tmp_path, monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == 'tensorboardX':
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, '__import__', refuse)
    with pytest.raises(ImportError, match=r'pip install chaingrad\[tensorboard\]'):
        make_trainer(tmp_path, 1).run()
