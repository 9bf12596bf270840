"""Pictures in location: names of parameters, folding by link, values and gradients, files, the tree."""

from __future__ import annotations

import io
import itertools
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable
from chaingrad.autograd.drawing.folding import Folded
from chaingrad.autograd.drawing.frames import Rectangle, frames_around
from chaingrad.autograd.drawing.statistics import NO_GRADIENT, RED, colour, describe, magnitude, size_of
from chaingrad.autograd.drawing.tree import tree_of
from tests.autograd.test_stepping import LINES, build
from tools import pictures


class Block(chaingrad.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.a = L.Linear(4, 4)
            self.b = L.Linear(4, 4)

    def forward(self, x):
        return F.relu(self.b(F.relu(self.a(x))) + x)


class Net(chaingrad.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.first = Block()
            self.second = Block()
            self.scale = chaingrad.Parameter(1.0, (1,))

    def forward(self, x):
        h = self.second(self.first(x))
        return F.sum(h * F.broadcast_to(self.scale, h.shape))


X = np.ones((2, 4), np.float32)


def titles(graph):
    return [graph.lines(piece)[0] for piece in graph.pieces]


def texts(svg):
    return [''.join(words.itertext()) for words in ElementTree.fromstring(svg).iter('{http://www.w3.org/2000/svg}text')]


# Names and locations


def test_parameters_have_the_paths_of_the_model():
    model = L.Classifier(chaingrad.Sequential(L.Linear(4, 3), F.relu, L.Linear(3, 2)))
    loss = model(X, np.zeros(2, 'i'))
    graph = loss.graph()
    assert titles(graph) == [
        'array (2, 4)', '/predictor/0 Linear', 'ReLU', '/predictor/1 Linear', 'SoftmaxCrossEntropy', 'loss scalar'
    ]  # fmt: skip
    assert graph.lines(graph.pieces[1]) == ['/predictor/0 Linear', 'W (3, 4), b (3,)', '→ (2, 3)']
    assert titles(loss.graph(model=model.predictor))[1] == '/0 Linear'
    assert titles(loss.graph(model={'net': model.predictor}))[1] == '/net/0 Linear'


def test_two_models_have_two_names():
    a, b, c = Block(), Block(), Net()
    loss = F.sum(a(X) + b(X) + c(X))
    found = {title.split('/')[1].split(' ')[0] for title in titles(loss.graph(depth=1)) if title[0] == '/'}
    assert found == {'Block1', 'Block2', 'Net'}
    assert {title.split('/')[1] for title in titles(loss.graph([b, c], depth=2)) if title[0] == '/'} == {'Block', 'Net'}


def test_folding_by_depth():
    model, x = Net(), Variable(X, name='x')
    loss = model(x)
    loss.name = 'energy'
    outer = loss.graph(depth=1)
    assert titles(outer) == [
        'x (2, 4)', '/first Block, 3 functions', '_ + _', 'ReLU', '/second Block, 3 functions', '_ + _', 'ReLU',
        'BroadcastTo', '_ * _', 'Sum', 'energy scalar',
    ]  # fmt: skip
    assert outer.lines(outer.pieces[1])[1] == 'a/W (4, 4), a/b (4,), b/W (4, 4), b/b (4,)'
    assert 'scale (1,)' in outer.lines(outer.pieces[7])[1]
    inner = loss.graph(depth=2)
    assert [t for t in titles(inner) if t[0] == '/'] == [f'/{m}/{n} Linear' for m in ('first', 'second') for n in 'ab']
    assert titles(loss.graph()) == titles(inner), 'the deepest with few boxes'
    with pytest.raises(ValueError, match='depth must be 1 or more, but it is 0'):
        loss.graph(depth=0)


def test_many_boxes_fold_deeper_links():
    model = chaingrad.Sequential(*[Block() for _ in range(12)])
    found = titles(F.sum(model(Variable(X))).graph())
    assert found.count('_ + _') == 12 and '/11 Block, 3 functions' in found and '/11/a Linear' not in found


def test_each_call_of_a_link_is_a_box():
    model = pictures.Recurrent()
    words = np.arange(4, dtype='i')
    loss = F.add(*[F.sum(model(words[i : i + 1])) for i in range(4)])
    graph = loss.graph(depth=1)
    found = titles(graph)
    assert found.count('/embed EmbedID') == found.count('/out Linear') == 4
    functions = [title.partition(', ')[2] for title in found if title.startswith('/lstm')]
    assert functions == ['2 functions'] + ['4 functions'] * 3
    lstm = [piece for piece in graph.pieces if piece.path == ('lstm',)]
    assert [list(piece.params) for piece in lstm[1:]] == [['upward/W', 'upward/b', 'lateral/W']] * 3


def test_arrays_that_a_link_holds_are_not_drawn():
    model = chaingrad.Sequential(L.Linear(4, 3), L.BatchNormalization(3))
    with chaingrad.using_config('train', False):
        loss = F.sum(model(X))
    assert titles(loss.graph()) == ['array (2, 4)', '/0 Linear', '/1 BatchNormalization', 'Sum', 'loss scalar']


def test_a_graph_without_links():
    x, W = Variable(X, name='x'), Variable(np.ones((4, 4)), name='W')
    t = Variable(X)
    graph = (F.cast(x, 'float64') @ W + F.cast(t, 'd')).graph()
    found = [title for title in titles(graph) if '(' in title]
    assert found == ['x (2, 4)', 'W (4, 4) float64', 'variable (2, 4)', 'output (2, 4) float64']
    assert titles(x.graph()) == ['x (2, 4)', 'x (2, 4)']


def test_a_long_chain():
    y = Variable(X)
    for _ in range(500):
        y = y * 0.9
    assert len(y.graph().to_text().splitlines()) == 502


@settings(max_examples=40)
@given(lines=LINES, seed=st.integers(0, 99), data=st.data())
def test_no_cycle_however_functions_are_folded(lines, seed, data):
    """Functions are put into links at random; pieces keep all functions, and sources stand before their targets."""
    _, _, outputs = build(lines, seed)
    graph = Folded(outputs)
    paths = [(), ('a',), ('b',), ('a', 'c')]
    for location in graph.locations.values():
        location.path = data.draw(st.sampled_from(paths))
    graph._has_children = {path: path == ('a',) for path in paths}
    for depth in (1, 2):
        pieces = graph.pieces(depth)
        assert all(source < number for number, piece in enumerate(pieces) for source in piece.sources)
        assert sorted(map(id, itertools.chain(*[p.functions for p in pieces]))) == sorted(map(id, graph.functions))


def test_frames_around_the_boxes_of_a_link():
    net = Net()
    svg = net(Variable(X)).graph(depth=2).to_svg()
    assert '>/first Block<' in svg and '>/second Block<' in svg
    model = L.Classifier(pictures.LeNet())
    loss = model(np.ones((1, 1, 28, 28), 'f'), np.zeros(1, 'i'))
    graph = loss.graph()
    ((title, members),) = graph._groups().items()
    assert title == '/predictor LeNet' and [titles(graph)[i] for i in members] == titles(graph)[1:-2]
    assert 'rect' in graph.to_svg() and '>/predictor LeNet<' in graph.to_svg()


def test_frames_say_the_truth():
    boxes = [Rectangle(0, 44 * i, 20, 44 * i + 10) for i in range(5)]
    found = frames_around(boxes, {'/a': [0, 1, 2], '/a/b': [1, 2], '/c': [2, 3], '/d': [0, 4], '/e': [3, 4]})
    assert list(found) == ['/a', '/e', '/a/b']
    assert found['/a'] == (-14, -18, 34, 112) and found['/a/b'] == (-7, 26, 27, 105)


# Values and gradients


def test_values_and_gradients():
    x = Variable(np.array([1.0, np.nan, 0.5]), name='x')
    w = Variable(np.linspace(-1, 1, 30), name='w')
    loss = F.sum(x * 2) + F.sum(w * w)
    loss.backward(retain_grad=True)
    svg = loss.graph(values=True, grads=True).to_svg()
    words = '\n'.join(texts(svg))
    assert 'value = 1 nan 0.5' in words and 'gradient = 2 2 2' in words
    assert 'value = mean' in words and RED in svg and 'fill="white"' in svg
    assert RED not in loss.graph(grads=True).to_svg(), 'no gradient is NaN'
    plain = '\n'.join(texts(loss.graph().to_svg()))
    assert '=' not in plain
    w.grad[3] = np.inf
    assert RED in loss.graph(grads=True).to_svg()


def test_a_new_parameters_gradient_is_red():
    model = L.Linear(4, 1)
    loss = F.sum(model(X))
    assert RED in loss.graph(grads=True).to_svg()


def test_describe():
    assert describe(np.float32([1.25, -3])) == '1.25 -3' and describe(np.array([], 'f')) == 'empty'
    assert describe(np.array([True])) == 'True' and describe(Variable(np.array(2.0))) == '2'
    assert describe(np.zeros(8)) == 'mean 0 sd 0 zeros 100% [█]'
    assert describe(np.array([0, 0, 0, 0, 1, 2, 3, 4.0])) == 'mean 1.25 sd 1.48 zeros 50% [█▁▃▁▃▁▃▁▃]'
    assert describe(np.array([np.nan] * 7 + [np.inf, 1.0])) == '7 NaN 1 inf mean 1 sd 0 [█]'
    assert describe(np.full(9, np.nan)) == '9 NaN' and describe(np.ones(9, 'F')) == '9 elements'


def test_colours_and_sizes():
    assert colour(None, [1.0]) == NO_GRADIENT and colour(float('nan'), [1.0]) == RED
    assert colour(1e-3, [1e-3, 1.0]) == '#fff5eb' == colour(0.0, [0.0]) and colour(1.0, [1e-3, 1.0]) == '#e66e14'
    assert magnitude([np.array([3.0, 4.0]), np.zeros(2)]) == 2.5 and magnitude([]) is None
    assert size_of((2, 3), np.dtype('f')) == '(2, 3)' and size_of((), np.dtype('d')) == 'scalar float64'
    assert size_of(None, None) == 'no shape yet'


# Files and the terminal


def test_files(tmp_path):
    model = Net()
    loss = model(X)
    graph = loss.graph()
    for name in ('g.svg', 'g.png', 'g.dot'):
        graph.save(tmp_path / name)
    assert (tmp_path / 'g.svg').read_text('utf-8') == graph._repr_svg_() == loss.graph(model)._repr_svg_()
    dot = (tmp_path / 'g.dot').read_text('utf-8')
    assert dot.count('->') == sum(len(piece.sources) for piece in graph.pieces) and r'/first/a Linear\nW (4, 4)' in dot
    image = pytest.importorskip('PIL.Image').open(tmp_path / 'g.png')
    root = ElementTree.fromstring(graph.to_svg())
    assert abs(image.width - float(root.get('width'))) <= 1 and abs(image.height - float(root.get('height'))) <= 1
    assert len({image.getpixel((image.width // 2, y))[:3] for y in range(0, image.height, 3)}) > 3
    with pytest.raises(ValueError, match=r"must end in \.svg, \.png or \.dot, but it is 'g.pdf'"):
        graph.save('g.pdf')


def test_the_tree():
    x = Variable(X, name='x')
    h = F.sin(x)
    loss = F.sum(h * F.exp(h) + x)
    out = io.StringIO()
    loss.graph().show(out)
    assert out.getvalue() == (
        'loss scalar\nSum -> scalar\n_ + _ -> (2, 4)\n+- _ * _ -> (2, 4)\n|  +- sin -> (2, 4) [1]\n|  |  x (2, 4) [2]\n'
        '|  +- exp -> (2, 4)\n|     see [1] sin\n+- see [2] x\n'
    )
    text = loss.graph(values=True, grads=True).to_text()
    assert text.isascii() and 'value = mean 1 sd 0 [#]' in text
    assert repr(loss.graph()).startswith('<graph of 5 functions in 7 boxes')
    assert tree_of(['a', 'b'], [[], []]) == 'a\nb'


@pytest.mark.parametrize('name', ['spiral', 'lenet', 'lstm'])
def test_the_pictures_of_the_documentation_are_up_to_date(name):
    kept = (pictures.FOLDER / f'{name}.svg').read_text('utf-8')
    drawn = pictures.PICTURES[name]().to_svg()
    assert [t.split(' = ')[0] for t in texts(kept)] == [t.split(' = ')[0] for t in texts(drawn)]


def test_the_tool_writes_pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pictures, 'PICTURES', {'lenet': pictures.lenet})
    pictures.main(tmp_path / 'new')
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['lenet.svg']
    assert 'lenet: <graph of 13 functions' in capsys.readouterr().out
