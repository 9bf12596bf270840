"""A visual thinker: the graph of a loss as dot, with labels, colours, ranks, and by an extension of the Trainer."""

import os
import re

import numpy as np

import chainer
import chainer.computational_graph as c
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions

np.random.seed(0)
x = chainer.Variable(np.random.randn(2, 3).astype('f'), name='x')
link = L.Linear(3, 4)
h = F.relu(link(x))
y = F.sum(h * h + 1)
y.name = 'loss'

graph = c.build_computational_graph([y], variable_style={'shape': 'octagon', 'fillcolor': '#E0E0E0'}, rankdir='LR')
functions = [node for node in graph.nodes if isinstance(node, chainer.FunctionNode)]
variables = [node for node in graph.nodes if not isinstance(node, chainer.FunctionNode)]
assert sorted(f.label for f in functions) == sorted(['LinearFunction', 'ReLU', '_ * _', '_ + 1', 'Sum'])
# x, W, b; what the five functions give
assert len(variables) == 3 + 5
assert len(graph.edges) == 3 + 1 + 1 + 1 + 1 + 5  # h * h is one edge
text = graph.dump()
assert text.startswith('digraph graphname{') and 'rankdir=LR' in text and text.count('octagon') == 8
for label in ('LinearFunction', 'ReLU', '_ + 1', 'loss: float32', 'x: (2, 3), float32', 'W: (4, 3), float32'):
    assert '"%s"' % label in text, (label, text)
assert len(re.findall(r'\d+ -> \d+', text)) == len(graph.edges)

# A graph of two outputs; ranks by depth; nothing is drawn of what has been cut off.
assert y.rank == 5 and h.rank == 2 and x.rank == 0
two = c.build_computational_graph([y, F.tanh(h)], show_name=False).dump()
assert 'Tanh' in two and 'loss' not in two and two.count('ReLU') == 1
h.unchain()
cut = c.build_computational_graph((y,)).dump()
assert 'LinearFunction' not in cut and '_ * _' in cut

# Where the gradients flow: each function in the order of its rank, by a walk of one's own.
y = F.sum(F.tanh(link(x)) ** 2)
order, stack = [], [y.creator]
while stack:
    function = stack.pop()
    order.append((function.rank, function.label))
    stack.extend(v.creator for v in function.inputs if v.creator is not None)
assert [label for _, label in sorted(order)] == ['LinearFunction', 'Tanh', '_ ** 2', 'Sum']

dataset = chainer.datasets.TupleDataset(x.data, np.array([0, 1], dtype='i'))
model = L.Classifier(chainer.Sequential(L.Linear(3, 4), F.sigmoid, L.Linear(4, 2)))
updater = training.StandardUpdater(
    chainer.iterators.SerialIterator(dataset, 2), chainer.optimizers.SGD().setup(model)
)
trainer = training.Trainer(updater, (2, 'iteration'), out='result')
trainer.extend(extensions.DumpGraph('main/loss', filename='net.dot'))
trainer.run()
with open(os.path.join('result', 'net.dot')) as f:
    dot = f.read()
assert dot.count('"LinearFunction"') == 2 and '"Sigmoid"' in dot and '"SoftmaxCrossEntropy"' in dot
