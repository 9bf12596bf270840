"""What a notebook shows of Variables, Parameters, links, optimizers and the Trainer."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Parameter, Variable, optimizer_hooks, optimizers
from chaingrad.training import extensions
from tests.training.small import make_trainer


def rows_of(html):
    """Return the rows of all tables as lists of texts, and check that the tags are balanced."""
    root = ElementTree.fromstring(f'<div>{html.replace(" open>", ">")}</div>')
    return [[''.join(cell.itertext()) for cell in row] for row in root.iter('tr')]


def test_variables():
    x = Variable(np.array([[1.0, 2.0]], 'f'), name='<x>')
    y = x * 3
    html = x._repr_html_()
    assert '<b>Variable &lt;x&gt;</b>' in html
    assert rows_of(html) == [
        ['dtype', 'float32'], ['shape', '(1, 2)'], ['array', '[[1., 2.]]'], ['gradient', 'None']
    ]  # fmt: skip
    F.sum(y).backward()
    assert rows_of(x._repr_html_())[3] == ['gradient', '[[3., 3.]]']
    assert rows_of(y._repr_html_())[4] == ['made by', '_ * 3, rank 0']
    assert rows_of(chaingrad.as_variable(np.zeros(1000, 'i'))._repr_html_())[2:] == [
        ['array', 'mean 0 sd 0 zeros 100% [█]'], ['made by', 'nothing; gradients do not reach it']
    ]  # fmt: skip


def test_what_is_not_a_number_is_red():
    x = Variable(np.array([1.0, np.nan]))
    assert 'color:#d62728' in x._repr_html_() and 'color' not in Variable(np.ones(2))._repr_html_()


def test_parameters():
    assert rows_of(Parameter(0, name='b')._repr_html_()) == [['array', 'not initialized']]
    model = L.Linear(2, 1)
    optimizers.SGD().setup(model)
    assert rows_of(model.b._repr_html_())[-1] == ['update rule', 'SGDRule']
    model.disable_update()
    assert rows_of(model.b._repr_html_())[-1] == ['update rule', 'SGDRule (frozen)']


def test_links():
    model = L.Classifier(chaingrad.Sequential(L.Linear(None, 3), F.relu, L.Linear(3, 2)))
    html = model._repr_html_()
    assert '<b>Linear</b> <code>/predictor/1</code> 8 parameters' in html
    assert '<b>Classifier</b> <code>/</code> 11 parameters, 1 arrays without shape yet' in html
    assert ['W', 'no shape yet', '', '', ''] in rows_of(html)
    model(np.ones((1, 4), 'f'), np.zeros(1, 'i'))
    optimizers.SGD().setup(model)
    model.predictor[0].disable_update()
    model.cleargrads()
    html = model._repr_html_()
    assert '<b>Classifier</b> <code>/</code> 23 parameters, 15 of them frozen' in html
    assert ['W', '(3, 4)', 'float32', 'None', 'frozen'] in rows_of(html) and html.count('<details open>') == 4


def test_a_link_with_many_children_is_closed():
    html = chaingrad.ChainList(*[L.Linear(1, 1) for _ in range(20)])._repr_html_()
    assert html.count('<details>') == 20 and html.count('<details open>') == 1


def test_optimizers():
    optimizer = optimizers.Adam(alpha=0.01).setup(L.Linear(2, 1))
    optimizer.add_hook(optimizer_hooks.WeightDecay(0.1))
    rows = rows_of(optimizer._repr_html_())
    assert ['alpha', '0.01'] in rows and ['hooks', 'WeightDecay'] in rows and ['t', '0'] in rows
    assert ['target', 'Linear, 3 parameters'] in rows
    assert ['target', 'None'] in rows_of(optimizers.SGD()._repr_html_())
    optimizer.target.cleargrads()
    optimizer.update(lambda: F.sum(optimizer.target(np.ones((1, 2), 'f'))))
    rows = rows_of(optimizer.target.W.update_rule._repr_html_())
    assert ['enabled', 'True'] in rows and ['m', 'float32 (1, 2)'] in rows and ['t', '1'] in rows


def test_the_trainer(tmp_path):
    trainer = make_trainer(tmp_path, (2, 'epoch'), [extensions.LogReport()])
    assert rows_of(trainer._repr_html_())[0] == ['iteration', '0']
    trainer.run()
    rows = rows_of(trainer._repr_html_())
    assert ['iteration', '7'] in rows and ['epoch', '2.10'] in rows and ['out', str(tmp_path)] in rows
    assert [row[0] for row in rows].count('LogReport') == 1 and ['target', 'Classifier, 67 parameters'] in rows
    assert float(dict(row for row in rows if len(row) == 2)['main/loss']) > 0


@pytest.mark.parametrize('module', ['html', 'drawing.graph', 'links.display', 'profiling'])
def test_nothing_of_it_is_loaded_at_first(module):
    code = f'import sys, chaingrad; print([name for name in sys.modules if name.endswith({module!r})])'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout == '[]\n'
