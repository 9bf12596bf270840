"""The training loop: order and names of extensions, errors, what run leaves behind."""

from __future__ import annotations

import gc
import inspect
import os
import tracemalloc
import warnings

import numpy as np
import pytest

import chaingrad
from chaingrad.links.reporter import report
from chaingrad.training import Extension, Trainer, Updater, extensions, make_extension
from tests.training.small import make_trainer, model_of


def test_run_is_short():
    assert len(inspect.getsource(Trainer.run).splitlines()) <= 60


def test_runs_until_the_stop_trigger_fires(tmp_path):
    trainer = make_trainer(tmp_path / 'a' / 'b')
    assert trainer.is_before_training
    trainer.run()
    assert trainer.updater.iteration == 10 and trainer.updater.epoch == 3 and not trainer.is_before_training
    assert os.path.isdir(tmp_path / 'a' / 'b')
    assert trainer.elapsed_time > 0 and trainer.elapsed_time == trainer.elapsed_time


def test_runs_once_only(tmp_path):
    trainer = make_trainer(tmp_path)
    with pytest.raises(RuntimeError, match='has not been started'):
        _ = trainer.elapsed_time
    trainer.run()
    with pytest.raises(RuntimeError, match='multiple times'):
        trainer.run()


def test_extensions_come_by_priority_then_by_order(tmp_path):
    trainer, calls = make_trainer(tmp_path, (1, 'iteration')), []
    for name, priority in (('a', 1), ('b', None), ('c', 300), ('d', 1)):
        trainer.extend(lambda _, name=name: calls.append(name), name, priority=priority)
    trainer.run()
    assert calls == ['c', 'b', 'a', 'd']


def test_triggers_say_when(tmp_path):
    trainer, calls = make_trainer(tmp_path), []
    trainer.extend(lambda t: calls.append(t.updater.iteration), 'x', trigger=(4, 'iteration'))
    trainer.extend(lambda t: calls.append(-t.updater.iteration), 'y', trigger=(1, 'epoch'))
    trainer.run()
    assert calls == [4, -4, -7, 8, -10]


def test_names_are_unique(tmp_path):
    class Mine(Extension):
        def __call__(self, trainer):
            pass

    def plain(trainer):
        pass

    trainer = make_trainer(tmp_path)
    parts = [
        extensions.LogReport(),
        extensions.LogReport(),
        Mine(),
        plain,
        plain,
        plain,
        print,
        [].append,
        lambda t: None,
    ]
    for part in parts:
        trainer.extend(part)
    trainer.extend(plain, name='other')
    names = ['LogReport', 'LogReport_1', 'Mine', 'plain', 'plain_1', 'plain_2', 'print', 'append', '<lambda>', 'other']
    assert list(trainer._entries) == names
    assert trainer.get_extension('LogReport_1') is parts[1] and parts[1].name == 'LogReport_1'
    assert trainer.get_extension('Mine') is parts[2]
    with pytest.raises(ValueError, match="no extension is named 'Minor'; there are: LogReport, LogReport_1, Mine"):
        trainer.get_extension('Minor')


def test_extensions_argument_and_call_before_training(tmp_path):
    calls = []

    @make_extension(
        trigger=(1, 'epoch'), initializer=lambda t: calls.append('init'), finalizer=lambda: calls.append('end')
    )
    def each_epoch(trainer):
        report({'seen': 1})
        calls.append(trainer.updater.epoch)

    trainer = make_trainer(tmp_path, (2, 'epoch'), [extensions.LogReport()])
    trainer.extend(each_epoch, call_before_training=True)
    trainer.run()
    assert calls == ['init', 0, 1, 2, 'end']


def test_make_extension_sets_what_is_asked():
    @make_extension((2, 'epoch'), 'given', 7, on_error=print)
    def function(trainer):
        pass

    assert (function.trigger, function.default_name, function.priority) == ((2, 'epoch'), 'given', 7)
    assert function.on_error is print and function.finalize is None and function.initialize is None


def test_old_keywords_are_refused(tmp_path):
    with pytest.raises(ValueError, match='invoke_before_training has been removed'):
        make_extension(invoke_before_training=True)
    with pytest.raises(ValueError, match='invoke_before_training has been removed'):
        make_trainer(tmp_path).extend(print, invoke_before_training=True)
    with pytest.raises(TypeError, match='typo'):
        make_trainer(tmp_path).extend(print, typo=True)


def test_bad_extensions(tmp_path):
    trainer = make_trainer(tmp_path)
    with pytest.raises(TypeError, match='must be callable, but it is 3'):
        trainer.extend(3)
    with pytest.raises(TypeError, match=r'LogReport is a class. Pass an instance: LogReport\(...\)'):
        trainer.extend(extensions.LogReport)
    with pytest.raises(ValueError, match='prohibited'):
        trainer.extend(print, 'training')
    with pytest.raises(ValueError, match="unit must be 'epoch' or 'iteration', but it is 'epochs'"):
        trainer.extend(print, trigger=(1, 'epochs'))


def test_errors_reach_extensions_and_stderr(tmp_path, capsys):
    trainer, calls = make_trainer(tmp_path), []

    class Mine(Extension):
        def __call__(self, trainer):
            raise KeyError('lost')

        def on_error(self, trainer, exc, tb):
            calls.append((exc, tb is not None))
            raise OSError('handler')

        def finalize(self):
            calls.append('end')
            raise OSError('finalizer')

    trainer.extend(Mine())
    with pytest.raises(KeyError, match='lost'):
        trainer.run()
    assert isinstance(calls[0][0], KeyError) and calls[0][1] and calls[1:] == ['end']
    text = capsys.readouterr().err
    for part in (
        "Exception in main training loop: KeyError: 'lost' (will finalize trainer extensions and updater before "
        'reraising the exception)\n',
        'Exception in error handler of Mine: handler',
        'Exception in finalizer: finalizer',
    ):
        assert part in text


def test_the_message_can_be_left_out(tmp_path, capsys):
    trainer = make_trainer(tmp_path)
    trainer.extend(lambda t: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        trainer.run(show_loop_exception_msg=False)
    assert capsys.readouterr().err == ''


def test_all_is_finalized_and_the_first_failure_raised(tmp_path):
    trainer, calls = make_trainer(tmp_path, (1, 'iteration')), []

    def failing(name):
        def finalize():
            calls.append(name)
            raise OSError(name)

        return make_extension(finalizer=finalize)(lambda t: None)

    trainer.extend(failing('a'))
    trainer.extend(failing('b'))
    with pytest.raises(OSError, match='a'):
        trainer.run()
    assert calls == ['a', 'b']


def test_out_that_cannot_be_made(tmp_path):
    (tmp_path / 'file').write_text('')
    trainer = make_trainer(tmp_path / 'file' / 'result')
    with pytest.raises(NotADirectoryError, match='the folder out=.*cannot be made'):
        trainer.run()


def test_an_optimizer_without_target(tmp_path):
    trainer = make_trainer(tmp_path)
    trainer.updater.get_optimizer('main').target = None
    with pytest.raises(ValueError, match=r"optimizer 'main' \(Adam\) has no target. Call optimizer.setup\(model\)"):
        Trainer(trainer.updater)


def test_an_updater_of_a_user(tmp_path):
    class Count(Updater):
        iteration = 0

        def get_all_optimizers(self):
            return {}

        def update(self):
            self.iteration += 1

        def serialize(self, serializer):
            self.iteration = serializer('iteration', self.iteration)

    trainer = Trainer(Count(), (5, 'iteration'), str(tmp_path))
    trainer.extend(extensions.snapshot(), trigger=(5, 'iteration'))
    trainer.extend(extensions.ProgressBar(update_interval=1))
    trainer.run()
    assert trainer.updater.iteration == 5 and 'snapshot_iter_5' in os.listdir(tmp_path)


def test_observations_have_the_models_names(tmp_path):
    trainer = make_trainer(tmp_path, (1, 'iteration'))
    link, seen = model_of(trainer).predictor, {}
    trainer.extend(lambda t: report({'norm': 1.0}, link), 'norm', priority=300)
    trainer.extend(lambda t: seen.update(t.observation))
    trainer.run()
    assert list(seen) == ['main/loss', 'main/accuracy', 'main/predictor/norm']


def test_reprs_say_what_they_are(tmp_path):
    trainer = make_trainer('result', (3, 'epoch'), [extensions.LogReport()])
    text = repr(trainer)
    for part in ('Trainer(StandardUpdater(SerialIterator(', 'Adam(', "IntervalTrigger(3, 'epoch')", '[LogReport]'):
        assert part in text
    assert repr(Extension()) == "<Extension extension, trigger=(1, 'iteration')>"


def test_memory_does_not_grow(tmp_path):
    """1,000 iterations with the collector off: graphs, observations and reports must die by themselves."""
    trainer = make_trainer(tmp_path, (1200, 'iteration'))
    sizes = {}

    def measure(trainer):
        if trainer.updater.iteration in (200, 1200):
            sizes[trainer.updater.iteration] = tracemalloc.get_traced_memory()[0]

    trainer.extend(measure)
    trainer.extend(extensions.LogReport(trigger=(10_000, 'iteration')))
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        trainer.run()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert sizes[1200] - sizes[200] < 2**20
    assert np.isfinite(float(trainer.observation['main/loss'].array))


# A loss that is NaN


def run_with_losses(tmp_path, losses, key='loss'):
    trainer = make_trainer(tmp_path, (len(losses), 'iteration'))
    update, left = trainer.updater.update, iter(losses)

    def update_and_report():
        update()
        value = next(left)
        trainer.observation[f'main/{key}'] = chaingrad.Variable(np.array(value)) if value < 0 else value

    trainer.updater.update = update_and_report
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        trainer.run()
    return [str(each.message) for each in caught]


NAN = float('nan')


@pytest.mark.parametrize(
    'losses, since',
    [
        ([1, NAN, NAN, NAN, NAN, NAN, NAN], 2),
        ([-1, NAN, 1, NAN, NAN, NAN], 4),
        ([NAN], 1),
        ([1, 1, np.float32('nan')], 3),
    ],
)
def test_loss_that_stays_nan_is_warned_of_once(tmp_path, losses, since):
    (text,) = run_with_losses(tmp_path, losses)
    assert text.startswith(f'Trainer: main/loss is NaN since iteration {since}. Lower the learning rate')


@pytest.mark.parametrize('losses', [[1, NAN, NAN, 1, NAN, 1], [1, np.inf, -np.inf], [1, np.array([NAN, 1])[1:]]])
def test_loss_that_is_nan_for_a_moment_is_not(tmp_path, losses):
    assert run_with_losses(tmp_path, losses) == []


def test_other_values_may_be_nan(tmp_path):
    assert run_with_losses(tmp_path, [NAN] * 9, 'accuracy') == []
