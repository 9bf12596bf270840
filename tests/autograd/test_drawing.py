"""Pictures of the graph: the dot text, the layout, the SVG."""

import random
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.drawing import layout, svg
from chaingrad.autograd.drawing.computational_graph import ComputationalGraph, DotNode, build_computational_graph
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.reduction import sum as sum_of
from chaingrad.autograd.variable import Variable

SVG = '{http://www.w3.org/2000/svg}'


def variable(*shape, name=None):
    return Variable(np.ones(shape, np.float32), name=name)


def residual_net():
    x, W1, b1, W2 = variable(8, 4, name='x'), variable(4, 4, name='W1'), variable(8, 4, name='b1'), variable(4, 4)
    h = x @ W1 + b1
    return sum_of((h * h) @ W2 + x)


def boxes_of(text):
    """Return the centre, width and height of every box, and its text."""
    result = []
    for group in ElementTree.fromstring(text).findall(f'{SVG}g')[1:]:
        for shape, words in zip(list(group)[::2], list(group)[1::2]):
            if shape.tag == f'{SVG}rect':
                x, y, w, h = (float(shape.get(k)) for k in ('x', 'y', 'width', 'height'))
            else:
                corners = [tuple(map(float, p.split(','))) for p in shape.get('points').split()]
                (x, *_, x1), (y, *_, y1) = sorted(p[0] for p in corners), sorted(p[1] for p in corners)
                w, h = x1 - x, y1 - y
            result.append((x + w / 2, y + h / 2, w, h, words.text))
    return result


def assert_no_overlap(boxes):
    for i, (x, y, w, h, _) in enumerate(boxes):
        for x1, y1, w1, h1, _ in boxes[:i]:
            assert abs(x - x1) >= (w + w1) / 2 - 0.2 or abs(y - y1) >= (h + h1) / 2 - 0.2


def test_dot_text():
    x = variable(2, 3, name='x')
    y = reshape(x * 2 + x, (6,))
    assert build_computational_graph([y]).dump() == (
        'digraph graphname{rankdir=TB;\n'
        '0 [label="x: (2, 3), float32",shape="octagon",fillcolor="#E0E0E0",style="filled"];\n'
        '1 [label="_ * 2",shape="record",fillcolor="#6495ED",style="filled"];\n'
        '2 [label="(2, 3), float32",shape="octagon",fillcolor="#E0E0E0",style="filled"];\n'
        '3 [label="_ + _",shape="record",fillcolor="#6495ED",style="filled"];\n'
        '4 [label="(2, 3), float32",shape="octagon",fillcolor="#E0E0E0",style="filled"];\n'
        '5 [label="Reshape",shape="record",fillcolor="#6495ED",style="filled"];\n'
        '6 [label="(6), float32",shape="octagon",fillcolor="#E0E0E0",style="filled"];\n'
        '0 -> 1;\n1 -> 2;\n2 -> 3;\n0 -> 3;\n3 -> 4;\n4 -> 5;\n5 -> 6;\n}'
    )


def test_options():
    x = variable(name='x')
    y = (x + 1) * x
    dot = build_computational_graph(y, True, {'shape': 'oval'}, {'shape': 'box'}, 'LR', show_name=False).dump()
    assert 'rankdir=LR' in dot and '[label="float32",shape="oval"]' in dot and '[label="_ + 1",shape="box"]' in dot
    assert 'x:' not in dot and 'octagon' not in dot
    functions = build_computational_graph([y], remove_variable=True).dump()
    assert 'float32' not in functions and functions.count('label') == 2 and functions.endswith('0 -> 1;\n}')
    with pytest.raises(ValueError, match='remove_split=False'):
        build_computational_graph([y], remove_split=False)
    with pytest.raises(ValueError, match="rankdir must be.*'XY'"):
        build_computational_graph([y], rankdir='XY')
    with pytest.raises(NotImplementedError, match="'png'"):
        build_computational_graph([y]).dump('png')


def test_several_outputs_and_nodes():
    x = variable(2, name='x')
    a, b = x + 1, x + 2
    graph = build_computational_graph((a, b.node))
    assert len(graph.nodes) == 5 and len(graph.edges) == 4
    assert [node.label for node in graph.nodes if not hasattr(node, 'data')] == ['_ + 1', '_ + 2']
    alone = build_computational_graph([x])
    assert len(alone.nodes) == 1 and alone.edges == [] and 'x: (2), float32' in alone.to_svg()
    assert build_computational_graph([]).dump('svg').startswith('<svg')


def test_dot_node():
    x = variable(2, 3, name='x')
    y = x + 1
    assert DotNode(x.node).label == f'{id(x.node)} [label="x: (2, 3), float32",shape="oval"];'
    assert DotNode(x.node, show_name=False).label.count('x:') == 0
    assert DotNode(y.creator_node, {'shape': 'record'}).label.endswith('[label="_ + 1",shape="record"];')
    assert 'shape="box"' in DotNode(y.creator_node).label
    assert 'not initialized' in DotNode(Parameter(None, name='W').node).label


def test_names_are_escaped():
    x = variable(name='<a> & "b" {c|d} \\e')
    graph = build_computational_graph([x], variable_style={'shape': 'record'})
    assert r'\<a\> & \"b\" \{c\|d\} \\e: float32' in graph.dump()
    assert boxes_of(graph.dump('svg'))[0][4] == '<a> & "b" {c|d} \\e: float32'


def test_picture_is_deterministic():
    assert build_computational_graph([residual_net()]).to_svg() == build_computational_graph([residual_net()]).to_svg()


@pytest.mark.parametrize('rankdir', ['TB', 'BT', 'LR', 'RL'])
def test_picture_of_a_residual_net(rankdir):
    graph = build_computational_graph([residual_net()], rankdir=rankdir)
    text = graph.dump('svg')
    assert text == graph._repr_svg_()
    boxes = boxes_of(text)
    assert [box[4] for box in boxes][:4] == ['x: (8, 4), float32', 'W1: (4, 4), float32', 'MatMul', '(8, 4), float32']
    assert_no_overlap(boxes)
    root = ElementTree.fromstring(text)
    width, height = float(root.get('width')), float(root.get('height'))
    for x, y, w, h, words in boxes:
        assert 0 < x - w / 2 and x + w / 2 < width and 0 < y - h / 2 and y + h / 2 < height
        assert w > len(words) * 7.5, 'the text fits'
    places = dict(zip(graph.nodes, boxes))
    axis, sign = (1 if rankdir in ('TB', 'BT') else 0), (1 if rankdir in ('TB', 'LR') else -1)
    for u, v in graph.edges:
        assert sign * places[v][axis] > sign * places[u][axis], 'arrows have one direction'
    assert len(re.findall('<polygon points="[^"]*" fill="#555555"', text)) == len(graph.edges), 'an arrow for each edge'


def test_chain_stands_in_line():
    y = variable(2, 3, name='x')
    for _ in range(5):
        y = y + variable(2, 3, name='a long name of a leaf')
    boxes = boxes_of(build_computational_graph([y]).to_svg())
    places = [box[0] for box in boxes if box[4] in ('_ + _', '(2, 3), float32')]
    assert max(places) - min(places) < 0.2


def test_long_chain():
    y = variable(2)
    for _ in range(2000):
        y = y + 1
    assert build_computational_graph([y]).to_svg().count('_ + 1') == 2000


def test_shared_weights():
    W, h = variable(4, 4, name='W'), variable(8, 4)
    for _ in range(30):
        h = variable(8, 4) @ W + h @ W
    text = build_computational_graph([h]).to_svg()
    assert len(text) < 300_000
    assert_no_overlap(boxes_of(text))


@st.composite
def graphs(draw):
    n = draw(st.integers(1, 25))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1])
    edges = draw(st.lists(pairs, unique=True, max_size=40)) if n > 1 else []
    return [draw(st.floats(1, 200)) for _ in range(n)], edges


@given(graphs())
def test_layout(graph):
    sizes, edges = graph
    result = layout.Layout(sizes, edges, 10.0)
    for u, v in edges:
        assert result.layer[u] < result.layer[v]
    for u, v in result.segments:
        assert result.layer[u] + 1 == result.layer[v]
    assert sorted(v for row in result.rows for v in row) == list(range(len(result.sizes)))
    assert not any(result.is_dummy(v) for v in range(len(sizes)))
    for row in result.rows:
        for u, v in zip(row, row[1:]):
            assert result.x[v] - result.x[u] >= (result.sizes[u] + result.sizes[v]) / 2 + 10 - 1e-6
    reached = {u: {u} for u in range(len(result.sizes))}
    for u, v in sorted(result.segments, key=lambda s: result.layer[s[0]]):
        reached[v] |= reached[u] if result.is_dummy(u) else {u}
    assert all(u in reached[v] for u, v in edges), 'segments lead from each source to its targets'


@given(graphs())
def test_crossings_are_counted(graph):
    result = layout.Layout(*graph, 10.0)
    position = {v: i for row in result.rows for i, v in enumerate(row)}
    count = 0
    for i, (a, b) in enumerate(result.segments):
        for c, d in result.segments[:i]:
            if result.layer[a] == result.layer[c]:
                count += (position[a] - position[c]) * (position[b] - position[d]) < 0
    assert count == result._count_crossings()


def test_order_saves_crossings():
    order = list(range(8))
    random.Random(3).shuffle(order)
    result = layout.Layout([10.0] * 16, [(i, 8 + j) for i, j in enumerate(order)], 10.0)
    assert result._count_crossings() == 0


def test_cycle_is_refused():
    with pytest.raises(ValueError, match='cycle'):
        svg.render_svg([svg.Box('a'), svg.Box('b')], [(0, 1), (1, 0)])


def test_styles_in_svg():
    boxes = [
        svg.Box('a', {'shape': 'oval', 'fillcolor': 'red"', 'fontcolor': 'white'}),
        svg.Box('b', {'shape': 'octagon', 'color': 'blue'}),
    ]
    text = svg.render_svg(boxes, [(0, 1)])
    assert 'fill="red&quot;"' in text and 'fill="white">a<' in text and 'stroke="blue"' in text
    assert 'rx="15.0"' in text
    ElementTree.fromstring(text)


def test_graph_of_given_nodes():
    x = variable(2, name='x')
    y = x + 1
    nodes = [x.node, y.creator_node]
    assert ComputationalGraph(nodes, [tuple(nodes)]).dump().endswith('0 -> 1;\n}')
