"""LogReport, PrintReport, PlotReport, ProgressBar: what they write, and where."""

from __future__ import annotations

import io
import json
import math
import os
import pathlib
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from chaingrad.links.reporter import report
from chaingrad.training import extensions
from chaingrad.training.plotting import COLORS, new_figure
from tests.training.small import make_trainer

matplotlib = pytest.importorskip('matplotlib')


class Terminal(io.StringIO):
    def isatty(self):
        return True


def read_log(folder, name='log'):
    def refuse(constant):
        raise ValueError(f'{constant} is no JSON')

    with open(os.path.join(folder, name), encoding='utf-8') as f:
        return json.load(f, parse_constant=refuse)


def reporting(**functions):
    def extension(trainer):
        report({name: function(trainer.updater.iteration) for name, function in functions.items()})

    extension.priority = 300
    return extension


# LogReport


def test_log_has_means_and_times(tmp_path):
    trainer = make_trainer(
        tmp_path, (4, 'iteration'), [reporting(i=float), extensions.LogReport(trigger=(2, 'iteration'))]
    )
    trainer.run()
    log = read_log(tmp_path)
    assert [list(entry) for entry in log] == [
        ['main/loss', 'main/accuracy', 'i', 'epoch', 'iteration', 'elapsed_time']
    ] * 2
    assert [entry['i'] for entry in log] == [1.5, 3.5] and [entry['iteration'] for entry in log] == [2, 4]
    assert 0 < log[0]['elapsed_time'] < log[1]['elapsed_time'] <= trainer.elapsed_time
    assert log == trainer.get_extension('LogReport').log


def test_log_is_strict_json(tmp_path):
    parts = [reporting(a=lambda i: math.nan, b=lambda i: math.inf), extensions.LogReport(trigger=(1, 'iteration'))]
    trainer = make_trainer(tmp_path, (1, 'iteration'), parts)
    trainer.run()
    entry = read_log(tmp_path)[0]
    assert entry['a'] is None and entry['b'] is None
    assert math.isnan(trainer.get_extension('LogReport').log[0]['a'])


def test_log_keys_postprocess_and_file_names(tmp_path):
    parts = [
        extensions.LogReport(['main/loss', 'unknown'], filename='log_{iteration}', postprocess=lambda e: e.update(x=1)),
        extensions.LogReport(log_name='second'),
        extensions.LogReport(log_name=None),
    ]
    make_trainer(tmp_path, (1, 'epoch'), parts).run()
    assert sorted(os.listdir(tmp_path)) == ['log_4', 'second']
    assert list(read_log(tmp_path, 'log_4')[0]) == ['main/loss', 'epoch', 'iteration', 'elapsed_time', 'x']


def test_log_before_training(tmp_path):
    trainer = make_trainer(tmp_path, (1, 'epoch'))
    trainer.extend(extensions.LogReport(), call_before_training=True)
    trainer.run()
    assert [entry['iteration'] for entry in read_log(tmp_path)] == [0, 4]


def test_a_log_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    trainer = make_trainer(tmp_path, (1, 'epoch'), [extensions.LogReport()])
    (tmp_path / 'log').write_text('old')
    monkeypatch.setattr(os, 'replace', lambda *a: (_ for _ in ()).throw(OSError(28, 'No space left on device')))
    with pytest.raises(OSError, match='No space left'):
        trainer.run(show_loop_exception_msg=False)
    assert (tmp_path / 'log').read_text() == 'old' and os.listdir(tmp_path) == ['log']


# PrintReport


def test_table(tmp_path):
    out = io.StringIO()
    entries = ['epoch', 'iteration', 'x', 'a_long_name_indeed']
    every = (2, 'iteration')
    sometimes = reporting(x=lambda i: 0.25, a_long_name_indeed=lambda i: 123456.75)
    sometimes.trigger = (4, 'iteration')
    parts = [sometimes, extensions.LogReport(trigger=every), extensions.PrintReport(entries, out=out)]
    make_trainer(tmp_path, (4, 'iteration'), parts).run()
    assert out.getvalue().splitlines() == [
        'epoch       iteration   x           a_long_name_indeed',
        '0           2                                           ',
        '1           4           0.25        123457              ',
    ]


def test_table_on_a_terminal_wipes_the_bar_below(tmp_path):
    out = Terminal()
    parts = [extensions.LogReport(), extensions.PrintReport(['epoch'], out=out)]
    make_trainer(tmp_path, (1, 'epoch'), parts).run()
    assert out.getvalue() == 'epoch     \n\033[J1           \n'


def test_table_goes_to_the_present_stdout(tmp_path, capsys):
    make_trainer(tmp_path, (1, 'epoch'), [extensions.LogReport(), extensions.PrintReport(['epoch'])]).run()
    assert capsys.readouterr().out == 'epoch     \n1           \n'


def test_table_of_a_log_of_its_own(tmp_path):
    out = io.StringIO()
    log = extensions.LogReport(trigger=(1, 'iteration'), log_name=None)
    make_trainer(tmp_path, (2, 'iteration'), [extensions.PrintReport(['iteration'], log, out)]).run()
    assert out.getvalue().split() == ['iteration', '1', '2']


def test_table_names_columns_that_were_never_reported(tmp_path):
    parts = [extensions.LogReport(), extensions.PrintReport(['main/los', 'epoch'], out=io.StringIO())]
    with pytest.warns(UserWarning, match="PrintReport: 'main/los' was never reported. The log has: .*'main/loss'"):
        make_trainer(tmp_path, (1, 'epoch'), parts).run()
    parts[1] = extensions.PrintReport(['lr'], out=io.StringIO())
    with pytest.warns(UserWarning, match="'lr' was never reported"):
        make_trainer(tmp_path, (1, 'epoch'), [extensions.LogReport(), parts[1]]).run()


def test_table_of_wrong_arguments(tmp_path):
    with pytest.raises(TypeError, match=r"Pass \['epoch'\]"):
        extensions.PrintReport('epoch')
    with pytest.raises(TypeError, match='log_report must be a name or a LogReport, but it is 3'):
        extensions.PrintReport(['epoch'], 3)
    trainer = make_trainer(tmp_path, (1, 'epoch'), [extensions.PrintReport(['epoch'])])
    with pytest.raises(ValueError, match='no extension of this name. Add trainer.extend.extensions.LogReport'):
        trainer.run(show_loop_exception_msg=False)


# ProgressBar


def test_bar_on_a_terminal(tmp_path):
    out = Terminal()
    make_trainer(tmp_path, (2, 'epoch'), [extensions.ProgressBar(update_interval=1, bar_length=10, out=out)]).run()
    frames = out.getvalue().split('\033[J')[1:]
    assert len(frames) == 8 and frames[-1] == ''
    lines = frames[2].split('\n')
    assert lines[0] == '     total [####......] 45.00%'
    assert lines[1] == 'this epoch [#########.] 90.00%'
    assert lines[2] == '         3 iter, 0 epoch / 2 epochs'
    assert 'iters/sec. Estimated time to finish: 0:00:0' in lines[3]
    assert lines[4] == '\033[4A'


def test_bar_elsewhere_has_no_control_characters(tmp_path):
    out = io.StringIO()
    make_trainer(tmp_path, (100, 'iteration'), [extensions.ProgressBar(update_interval=1, out=out)]).run()
    lines = out.getvalue().splitlines()
    assert len(lines) == 10 and all(character.isprintable() and character.isascii() for character in ''.join(lines))
    assert lines[4].startswith('progress: 50%, 50 iter, 15 epoch / 100 iterations, ')
    assert 'iters/sec, estimated time to finish 0:00:0' in lines[4]


def test_bar_of_a_training_without_end(tmp_path):
    out = io.StringIO()
    trainer = make_trainer(tmp_path, lambda t: t.updater.iteration >= 3)
    trainer.extend(extensions.ProgressBar(update_interval=3, out=out))
    trainer.run()
    assert out.getvalue() == 'progress: 3 iter, 0 epoch\n'
    out = io.StringIO()
    trainer = make_trainer(tmp_path, lambda t: t.updater.iteration >= 3)
    trainer.extend(extensions.ProgressBar((6, 'iteration'), update_interval=3, out=out))
    trainer.run()
    assert out.getvalue() == 'progress: 50%, 3 iter, 0 epoch / 6 iterations\n'


# PlotReport


def test_plot_is_saved(tmp_path):
    seen = []
    parts = [
        extensions.PlotReport(['main/loss', 'main/accuracy'], 'epoch'),
        extensions.PlotReport(
            'main/loss', filename='loss.svg', marker=None, grid=False, postprocess=lambda *a: seen.append(a)
        ),
        extensions.PlotReport(['main/loss'], file_name='old.pdf', trigger=(2, 'iteration')),
    ]
    make_trainer(tmp_path, (2, 'epoch'), parts).run()
    assert sorted(os.listdir(tmp_path)) == ['loss.svg', 'old.pdf', 'plot.png']
    assert (tmp_path / 'plot.png').read_bytes().startswith(b'\x89PNG')
    assert (tmp_path / 'old.pdf').read_bytes().startswith(b'%PDF')
    assert '<svg' in (tmp_path / 'loss.svg').read_text()
    (figure, axes, summary), _ = seen
    assert len(axes.lines) == 1 and list(summary.compute_mean()) == ['main/loss']
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ('iteration', 'loss', 'loss by iteration')
    assert figure.dpi == 150 and axes.lines[0].get_color() == COLORS[0]
    legend, window = axes.get_legend().get_window_extent(), axes.get_window_extent()
    assert window.x0 <= legend.x0 and legend.x1 <= window.x1 and legend.width < window.width / 2
    assert parts[0]._data['main/loss'][1][0] == 2 and len(parts[2]._data['main/loss']) == 3


def test_plot_names_what_was_never_reported(tmp_path):
    trainer = make_trainer(tmp_path, (1, 'epoch'), [extensions.PlotReport(['main/los'])])
    with pytest.warns(UserWarning, match="PlotReport: 'main/los' was never reported.*'main/accuracy', 'main/loss'"):
        trainer.run()
    assert os.listdir(tmp_path) == []


def test_plots_leave_the_global_state_of_matplotlib_alone(tmp_path):
    code = f"""
        import sys
        from chaingrad.training import extensions
        from tests.training.small import make_trainer
        assert 'matplotlib' not in sys.modules
        make_trainer({str(tmp_path)!r}, (1, 'epoch'), [extensions.PlotReport(['main/loss'])]).run()
        assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules
        import matplotlib
        assert matplotlib.rcParams._get_backend_or_none() is None
        now, before = matplotlib.rcParams, matplotlib.rcParamsOrig
        assert [key for key in now if key != 'backend' and now[key] != before[key]] == []
    """
    environment = {**os.environ, 'PYTHONPATH': str(pathlib.Path(__file__).resolve().parents[2])}
    command = [sys.executable, '-c', textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_missing_matplotlib_is_named(monkeypatch):
    for name in ('matplotlib.figure', 'matplotlib.backends.backend_agg'):
        monkeypatch.setitem(sys.modules, name, None)
    assert not extensions.PlotReport.available() and not extensions.VariableStatisticsPlot.available()
    with pytest.raises(ImportError, match='PlotReport: matplotlib is missing. Install it: pip install matplotlib'):
        new_figure('PlotReport')


def test_variable_statistics_plot(tmp_path):
    trainer = make_trainer(tmp_path, (3, 'epoch'))
    model = trainer.updater.get_optimizer('main').target
    full = extensions.VariableStatisticsPlot(model, max_sample_size=4)
    trainer.extend(full)
    trainer.extend(
        extensions.VariableStatisticsPlot(
            [model.predictor.l1.W, model.predictor.l2], report_grad=False, plot_mean=False, percentile_sigmas=50,
            filename='some.svg', figsize=(3, 2),
        )
    )  # fmt: skip
    trainer.extend(
        extensions.VariableStatisticsPlot(model, percentile_sigmas=(), report_data=False, file_name='mean.png')
    )
    trainer.run()
    assert sorted(os.listdir(tmp_path)) == ['mean.png', 'some.svg', 'statistics.png']
    assert [point[0] for point in full._points] == [4, 8]
    x = np.concatenate([p.array.ravel() for p in model.params()])
    assert full._measure('data')[:2] == pytest.approx([x.mean(), x.std()])
    assert full._measure('data')[2:] == pytest.approx(np.percentile(x, full._sigmas).tolist())


def test_variable_statistics_plot_of_nothing(tmp_path):
    for bad in ({'targets': []}, {'report_data': False, 'report_grad': False}):
        with pytest.raises(ValueError, match='nothing is to be plotted'):
            extensions.VariableStatisticsPlot(
                **{'targets': make_trainer(tmp_path).updater.get_optimizer('main').target, **bad}
            )
    with pytest.raises(ValueError, match="targets must be Variables or links, but one is 'l1'"):
        extensions.VariableStatisticsPlot(['l1'])
