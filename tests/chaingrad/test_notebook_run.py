"""A notebook runs in a real kernel, and its outputs hold pictures and tables."""

from __future__ import annotations

import os

import pytest

from tests.source import ROOT

CELLS = {
    'setup': """
import numpy as np, chaingrad, chaingrad.functions as F, chaingrad.links as L
model = L.Classifier(chaingrad.Sequential(L.Linear(4, 3), F.relu, L.Linear(3, 2)))
optimizer = chaingrad.optimizers.SGD().setup(model)
model.cleargrads()
with chaingrad.profile() as p:
    loss = model(np.ones((5, 4), np.float32), np.zeros(5, np.int32))
    loss.backward(retain_grad=True)
""",
    '/predictor/0 Linear': 'loss.graph(values=True, grads=True)',
    '<b>Variable</b>': 'loss',
    '<b>Parameter W</b>': 'model.predictor[0].W',
    '<code>/predictor/1</code>': 'model',
    '<b>SGD</b>': 'optimizer',
    'multiply-adds': 'chaingrad.summary(model.predictor, (5, 4))',
    'LinearFunction': 'p',
}


@pytest.mark.filterwarnings('ignore')  # those of the packages that run notebooks
def test_outputs_of_a_notebook(monkeypatch):
    nbclient = pytest.importorskip('nbclient')
    pytest.importorskip('ipykernel')
    import nbformat

    monkeypatch.setenv('PYTHONPATH', os.pathsep.join(filter(None, [str(ROOT), os.environ.get('PYTHONPATH')])))
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=100, kernel_name='python3').execute()
    _, graph, *others = notebook.cells
    assert not notebook.cells[0].outputs
    assert graph.outputs[0].data['image/svg+xml'].startswith('<svg')
    words = list(CELLS)[1:]
    assert words[0] in graph.outputs[0].data['image/svg+xml']
    for word, cell in zip(words[1:], others, strict=True):
        assert word in cell.outputs[0].data['text/html'], word
