"""Evaluator, shifts, observations, checks, graphs."""

from __future__ import annotations

import os

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import config, optimizers
from chaingrad.links.reporter import report
from chaingrad.training import extensions
from chaingrad.training.iterators import SerialIterator
from tests.training.small import data, make_trainer, model_of

# Evaluator


def evaluator_of(model, **options):
    return extensions.Evaluator(SerialIterator(data(20, 1), 6, repeat=False, shuffle=False), model, **options)


def test_evaluator_reports_means_over_batches(tmp_path):
    trainer = make_trainer(tmp_path, (2, 'epoch'))
    model, seen = model_of(trainer), []
    evaluator = evaluator_of(model, eval_hook=lambda e: seen.append(config.train))
    trainer.extend(evaluator)
    trainer.extend(evaluator_of(model), name='second', trigger=(2, 'epoch'))
    trainer.extend(extensions.LogReport())
    trainer.run()
    log = trainer.get_extension('LogReport').log
    assert 'second/main/loss' not in log[0] and log[1]['second/main/loss'] == log[1]['validation/main/loss']
    assert seen == [False, False]
    x, t = (np.stack(column) for column in zip(*data(20, 1)[:]))
    with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
        losses = [
            float(F.softmax_cross_entropy(model.predictor(x[i : i + 6]), t[i : i + 6]).array) for i in (0, 6, 12, 18)
        ]
    assert log[1]['validation/main/loss'] == pytest.approx(np.mean(losses))


def test_evaluator_runs_without_training_and_restores_modes(tmp_path):
    model, modes = model_of(make_trainer(tmp_path)), []

    def function(x, t):
        modes.append((config.train, config.enable_backprop))
        report({'n': len(x)}, model)

    result = evaluator_of(model, eval_func=function)()
    assert result == {'main/n': 5.0} and modes == [(False, False)] * 4
    assert config.train and config.enable_backprop
    failing = evaluator_of(model, eval_func=lambda x, t: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        failing()
    assert config.train and config.enable_backprop


def test_evaluator_goes_anew_each_time(tmp_path):
    evaluator = evaluator_of(model_of(make_trainer(tmp_path)))
    assert evaluator() == evaluator()


def test_evaluator_of_dicts_and_a_converter(tmp_path):
    model = model_of(make_trainer(tmp_path))
    iterator = SerialIterator([{'x': np.ones(4, 'f'), 't': np.int32(1)}] * 3, 2, repeat=False, shuffle=False)
    evaluator = extensions.Evaluator({'main': iterator}, {'main': model, 'other': model.predictor})
    assert evaluator.get_iterator('main') is iterator and evaluator.get_target('other') is model.predictor
    assert list(evaluator.get_all_targets()) == ['main', 'other'] and list(evaluator.get_all_iterators()) == ['main']
    model.label_key = 't'
    assert list(evaluator()) == ['main/loss', 'main/accuracy']
    evaluator.converter = lambda batch, device: np.zeros((len(batch), 4), 'f')
    evaluator.eval_func = lambda x: report({'y': F.sum(x)}, model)
    assert evaluator() == {'main/y': 0.0}
    with pytest.raises(ValueError, match=r"a dict of targets needs one named 'main', but it has \['other'\]"):
        extensions.Evaluator(iterator, {'other': model})


@pytest.mark.behaviour('evaluator-empty-targets')
def test_evaluator_of_a_function_alone():
    def function(x, t):
        report({'n': len(x)})

    evaluator = evaluator_of({}, eval_func=function)
    assert evaluator.get_all_targets() == {} and evaluator() == {'n': 5.0}
    evaluator.name = 'validation'
    assert evaluator() == {'n': 5.0}  # without an observer the name gets no prefix
    model = L.Classifier(lambda x: x)
    evaluator = evaluator_of({}, eval_func=lambda x, t: report({'n': len(x)}, model))
    with pytest.raises(KeyError, match='the observer must be registered, but this Classifier is not'):
        evaluator()
    reporter = chaingrad.Reporter()
    reporter.add_observer('target', model)
    with reporter:
        assert evaluator.evaluate() == {'target/n': 5.0}
    assert reporter.observation == {} and repr(evaluator).startswith('Evaluator(iterator=')


def test_evaluator_refuses_iterators_without_end(tmp_path):
    model = model_of(make_trainer(tmp_path))
    with pytest.raises(ValueError, match=r"iterator 'main' \(SerialIterator\) has repeat=True.*repeat=False"):
        extensions.Evaluator(SerialIterator(data(), 5), model)


def test_evaluator_with_a_bar(tmp_path, capsys, monkeypatch):
    evaluator = evaluator_of(model_of(make_trainer(tmp_path)), progress_bar=True)
    evaluator()
    assert capsys.readouterr().out == ''
    monkeypatch.setattr('sys.stdout.isatty', lambda: True)
    evaluator()
    out = capsys.readouterr().out
    assert out.count('validation [') == 4 and '30.00%' in out and out.endswith('\033[J')


# Shifts: t from 0 (before training) to 6

SHIFTS = [
    (lambda: extensions.ExponentialShift('lr', 0.5), lambda t: 2.0 * 0.5**t),
    (lambda: extensions.ExponentialShift('lr', 0.5, init=1.0, target=0.2), lambda t: max(0.5**t, 0.2)),
    (lambda: extensions.ExponentialShift('lr', 2, init=1.0, target=5), lambda t: min(2.0**t, 5)),
    (lambda: extensions.ExponentialShift('lr', 2, init=-1.0, target=-5), lambda t: max(-(2.0**t), -5)),
    (lambda: extensions.InverseShift('lr', 0.5, 2, init=1.0), lambda t: (1 + 0.5 * t) ** -2),
    (lambda: extensions.InverseShift('lr', 1, -1, init=1.0, target=3), lambda t: min(1 + t, 3)),
    (lambda: extensions.LinearShift('lr', (1.0, 3.0), (1, 5)), lambda t: 1 + 2 * min(max(t - 1, 0) / 4, 1)),
    (lambda: extensions.MultistepShift('lr', 0.1, [2, 4], 1.0), lambda t: 0.1 ** ((t >= 2) + (t >= 4))),
    (lambda: extensions.PolynomialShift('lr', 0.5, 4, init=1.0), lambda t: max(1 - t / 4, 0) ** 0.5),
    (lambda: extensions.PolynomialShift('lr', 1, 4, init=1.0, target=0.4), lambda t: max(1 - t / 4, 0.4)),
    pytest.param(
        lambda: extensions.PolynomialShift('lr', -1, 4, init=1.0, target=3.0),
        lambda t: min(1 / max(1 - t / 4, 0.1), 3),
        marks=pytest.mark.behaviour('polynomial-shift-negative'),
    ),
    (lambda: extensions.StepShift('lr', 0.1, 3, init=1.0), lambda t: 0.1 ** (t // 3)),
    (lambda: extensions.StepShift('lr', 2, 2, init=1.0, target=3.0), lambda t: min(2 ** (t // 2), 3)),
    (lambda: extensions.WarmupShift('lr', 0.1, 4, 0.5), lambda t: 0.1 + 0.1 * min(t, 4)),
]


@pytest.mark.parametrize(('make', 'expected'), SHIFTS)
@pytest.mark.parametrize('cut', [None, 3])
def test_shifts(tmp_path, make, expected, cut):
    def values(folder, iterations, **options):
        trainer, found = make_trainer(tmp_path, (iterations, 'iteration'), optimizer=optimizers.SGD(2.0)), []
        optimizer = trainer.updater.get_optimizer('main')
        update = trainer.updater.update_core
        trainer.updater.update_core = lambda: (found.append(optimizer.lr), update())
        trainer.extend(make())
        trainer.extend(extensions.snapshot(**options), trigger=(3, 'iteration'))
        trainer.run()
        return [*found, optimizer.lr]

    found = values(tmp_path, 6) if cut is None else values(tmp_path, 3)[:3] + values(tmp_path, 6, autoload=True)
    assert found == pytest.approx([expected(t) for t in range(7)])


@pytest.mark.behaviour('polynomial-shift-negative')
def test_a_negative_rate_without_target_ends_at_max_count(tmp_path):
    optimizer = optimizers.SGD(1.0)
    shift = extensions.PolynomialShift('lr', -2, 4, optimizer=optimizer)
    trainer = make_trainer(tmp_path, (3, 'iteration'), [shift])
    trainer.run()
    assert optimizer.lr == 16
    with pytest.raises(ZeroDivisionError, match='lr is infinite at max_count, 4.*Give a target'):
        shift(trainer)


def test_shifts_of_another_optimizer_and_negative_rates(tmp_path):
    other = optimizers.SGD(1.0)
    trainer = make_trainer(tmp_path, (2, 'iteration'), [extensions.ExponentialShift('lr', 0.5, optimizer=other)])
    trainer.run()
    assert other.lr == 0.25
    for make in (
        lambda: extensions.ExponentialShift('lr', -1),
        lambda: extensions.InverseShift('lr', -1, 1),
        lambda: extensions.MultistepShift('lr', -1, [1], 1),
        lambda: extensions.StepShift('lr', -1, 1),
    ):
        with pytest.raises(ValueError, match='does not support negative'):
            make()


# Observations and checks


def test_observe_lr_and_value(tmp_path):
    trainer = make_trainer(tmp_path, (2, 'epoch'), optimizer=optimizers.SGD(0.5))
    trainer.extend(extensions.observe_lr())
    trainer.extend(extensions.observe_lr('main', 'rate'))
    trainer.extend(extensions.observe_value('twice', lambda t: 2 * t.updater.epoch))
    trainer.extend(extensions.LogReport())
    trainer.run()
    log = trainer.get_extension('LogReport').log
    assert [(e['lr'], e['rate'], e['twice']) for e in log] == [(0.5, 0.5, 2), (0.5, 0.5, 4)]


def test_fail_on_non_number(tmp_path):
    trainer = make_trainer(tmp_path, extensions=[extensions.FailOnNonNumber()])
    trainer.extend(lambda t: model_of(t).predictor.l2.b.array.fill(np.inf), 'damage', priority=300)
    with pytest.raises(
        RuntimeError, match="NaN or infinity in .*/predictor/l2/b.* of optimizer 'main' after iteration 1"
    ):
        trainer.run(show_loop_exception_msg=False)


def test_micro_average(tmp_path):
    def report_counts(trainer):
        i = trainer.updater.iteration
        report({'correct': np.float32(i), 'size': i * i})

    report_counts.priority = 300
    trainer = make_trainer(tmp_path, (4, 'iteration'), [report_counts])
    trainer.extend(extensions.MicroAverage('correct', 'size', 'rate', (2, 'iteration')))
    trainer.extend(extensions.LogReport(trigger=(2, 'iteration')))
    trainer.run()
    rates = [entry['rate'] for entry in trainer.get_extension('LogReport').log]
    assert rates == pytest.approx([3 / 5, 7 / 25])


def test_parameter_statistics(tmp_path):
    trainer = make_trainer(tmp_path, (1, 'iteration'))
    model, seen = model_of(trainer), {}
    trainer.extend(extensions.ParameterStatistics(model, prefix='p', trigger=(1, 'iteration')))
    one = extensions.ParameterStatistics([model.predictor.l1], {'n': len}, report_grads=False, trigger=(1, 'iteration'))
    one.register_statistics('norm', lambda x: float(x @ x))
    trainer.extend(one)
    trainer.extend(lambda t: seen.update(t.observation), 'see')
    trainer.run()
    W = model.predictor.l1.W
    assert seen['p/None/predictor/l1/W/data/mean'] == W.array.mean()
    assert seen['p/None/predictor/l1/W/grad/max'] == W.grad.max()
    assert seen['p/None/predictor/l1/b/data/zeros'] == 0
    assert [seen[f'p/None/predictor/l1/W/data/percentile/{i}'] for i in (0, 3)] == list(
        np.percentile(W.array, [0.13, 50])
    )
    assert seen['l1/W/data/n'] == 32 and seen['l1/W/data/norm'] == pytest.approx(float((W.array**2).sum()))
    assert 'l1/W/grad/n' not in seen


def test_parameter_statistics_skip_nan(tmp_path):
    link, seen = L.Linear(2, 1), {}
    link.W.array[...] = np.nan
    statistics = extensions.ParameterStatistics(
        link, {'n': len}, report_grads=False, skip_nan_params=True, trigger=(1, 'iteration')
    )
    trainer = make_trainer(tmp_path, (1, 'iteration'), [statistics])
    trainer.extend(lambda t: seen.update(t.observation), 'see')
    trainer.run()
    assert np.isnan(seen['None/W/data/n']) and seen['None/b/data/n'] == 1


# Graphs


def test_dump_graph(tmp_path):
    trainer = make_trainer(tmp_path, (3, 'iteration'))
    trainer.extend(extensions.dump_graph('main/loss'))
    trainer.extend(extensions.DumpGraph('main/loss', 'other.svg', {'fillcolor': 'red'}, {'shape': 'box'}))
    creators = []
    trainer.extend(lambda t: creators.append(t.observation['main/loss'].creator_node is None), 'see')
    trainer.run()
    assert sorted(os.listdir(tmp_path)) == ['cg.dot', 'cg.svg', 'other.svg']
    text = (tmp_path / 'cg.dot').read_text()
    assert text.startswith('digraph') and 'SoftmaxCrossEntropy' in text and 'LinearFunction' in text
    assert '<svg' in (tmp_path / 'cg.svg').read_text()
    assert not config.keep_graph_on_report and creators == [True] * 3


def test_dump_graph_names_what_was_reported(tmp_path):
    trainer = make_trainer(tmp_path, extensions=[extensions.dump_graph('main/los')])
    with pytest.raises(KeyError, match="'main/los' was not reported; reported were: 'main/loss', 'main/accuracy'"):
        trainer.run(show_loop_exception_msg=False)
    assert not config.keep_graph_on_report
    number = lambda t: report({'x': 1})
    number.priority = 300
    trainer = make_trainer(tmp_path, extensions=[number, extensions.dump_graph('x')])
    with pytest.raises(TypeError, match="'x' must be a Variable, but a int was reported"):
        trainer.run(show_loop_exception_msg=False)


def test_unchain_variables(tmp_path):
    trainer = make_trainer(tmp_path, (3, 'iteration'))
    graphs = []

    def turn_off(trainer):
        config.keep_graph_on_report = trainer.updater.iteration < 2

    trainer.extend(turn_off)
    trainer.extend(extensions.unchain_variables())
    trainer.extend(lambda t: graphs.append(t.observation['main/loss'].creator_node is not None), 'see', priority=-2)
    config.keep_graph_on_report = True
    try:
        trainer.run()
    finally:
        config.keep_graph_on_report = False
    assert graphs == [True, False, False]


def test_reprs(tmp_path):
    model = model_of(make_trainer(tmp_path))
    assert repr(evaluator_of(model)).startswith('Evaluator(main=Classifier, iterator=SerialIterator(')
    assert repr(extensions.StepShift('lr', 0.1, 3)) == "StepShift('lr', t=0, last value=None)"
    assert repr(extensions.snapshot_writers.ThreadWriter()) == 'ThreadWriter(save_npz)'
