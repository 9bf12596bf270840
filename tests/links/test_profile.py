"""profile: what is counted where, tables, files, and what an exception leaves behind."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable
from chaingrad.links.profiling import Profile, recorder
from chaingrad.links.profiling.flame import render_flame


class Clock:
    """Stands for the time: it goes on by a microsecond with every look."""

    now = 0.0

    def __call__(self):
        self.now += 1e-6
        return self.now


CLOCK = Clock()


class Slow(chaingrad.FunctionNode):
    """Takes 20 ms forward and 40 ms backward."""

    def forward(self, inputs):
        CLOCK.now += 0.02
        return (inputs[0].copy(),)

    def backward(self, indexes, grad_outputs):
        CLOCK.now += 0.04
        return grad_outputs


class Block(chaingrad.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(4, 4)
            self.l2 = L.Linear(4, 4)

    def forward(self, x):
        return self.l2(Slow().apply((self.l1(x),))[0]) + x


class Net(chaingrad.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.block = Block()

    def forward(self, x):
        return F.sum(self.block(self.block(x)))


X = np.ones((2, 4), np.float32)


def measure(model, calls=1):
    model.cleargrads()
    with chaingrad.profile() as p:
        for _ in range(calls):
            model(X).backward()
    return p


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(recorder, 'perf_counter', CLOCK)


@pytest.fixture
def measured():
    return measure(Net())


def by_key(p, by='function', sums=True):
    """Return the rows by path and function; without the sums of gradients, which hooks see as functions, on request."""
    return {(row.path, row.function): row for row in p.rows(by) if sums or row.path != '(no link)'}


def test_functions_are_counted_in_their_links(measured):
    rows = by_key(measured, sums=False)
    assert {key: row.calls for key, row in rows.items()} == {
        ('/block/l1', 'LinearFunction'): 2,
        ('/block', 'Slow'): 2,
        ('/block/l2', 'LinearFunction'): 2,
        ('/block', '_ + _'): 2,
        ('/', 'Sum'): 1,
    }
    slow = rows['/block', 'Slow']
    assert slow.forward == pytest.approx(0.04, abs=1e-4) and slow.backward == pytest.approx(0.08, abs=1e-4)
    assert slow.output_bytes == slow.gradient_bytes == 2 * X.nbytes
    linear = rows['/block/l1', 'LinearFunction']
    first = 4 * (16 + 4)  # the gradients of W and b alone: the data needs none
    assert linear.gradient_bytes == 2 * first + X.nbytes and linear.output_bytes == 2 * X.nbytes
    assert measured.rows()[0] is not None and measured.rows()[0].function == 'Slow'


def test_links_count_what_runs_inside(measured):
    rows = by_key(measured, 'link', sums=False)
    assert set(rows) == {('/', 'Net'), ('/block', 'Block'), ('/block/l1', 'Linear'), ('/block/l2', 'Linear')}
    assert rows['/', 'Net'].seconds == pytest.approx(measured.seconds, abs=1e-4)
    assert rows['/block', 'Block'].calls == 2 and rows['/block', 'Block'].backward > 0.08
    with pytest.raises(ValueError, match="by must be 'function' or 'link', but it is 'x'"):
        measured.rows('x')


def test_table(measured):
    lines = str(measured).splitlines()
    assert lines[0].split() == ['link', 'function', 'calls', 'forward', 'backward', 'share', 'outputs', 'gradients']
    assert re.match(r'/block +Slow +2 +40\.00 ms +80\.00 ms +\d+\.\d% +64 B +64 B', lines[2])
    assert lines[-1].startswith('14 functions forward, ') and len(measured.table(most=2).splitlines()) == 6
    assert '<td>/block</td><td>Slow</td><td>2</td>' in measured._repr_html_() and 'functions forward' in repr(measured)
    assert measured.table('link').splitlines()[2].startswith('/ ')


def test_picture(measured):
    root = ElementTree.fromstring(measured.to_svg())
    svg = '{http://www.w3.org/2000/svg}'
    boxes = {}
    for group in root.findall(f'{svg}g'):
        box = group.find(f'{svg}rect')
        boxes.setdefault(group.find(f'{svg}title').text.split(' ')[0], []).append(
            tuple(float(box.get(key)) for key in ('x', 'y', 'width'))
        )
    ((left, top, whole),) = boxes['all']
    assert (left, top, whole) == (0, 0, 1000)
    ((_, y, slow),) = boxes['Slow']
    assert slow > 800 and y == 44 and boxes['block'][0][1] == 22
    wide = [box for box in boxes['backward'] if box[2] > 300]
    assert len(wide) == 1 and wide[0][1] == 66
    assert render_flame({}, str).startswith('<svg')


def test_trace(measured, tmp_path):
    measured.save(tmp_path / 'p.json')
    events = json.loads((tmp_path / 'p.json').read_text())['traceEvents']
    assert len(events) == len(measured.events) == 9 + 9 + 7 + 5
    slow = [event for event in events if event['name'] == 'Slow']
    assert [event['cat'] for event in slow] == ['forward', 'forward', 'backward', 'backward']
    block = next(event for event in events if event['name'] == '/block Block')
    assert block['ts'] <= slow[0]['ts'] and slow[0]['ts'] + slow[0]['dur'] <= block['ts'] + block['dur']
    assert slow[0]['args'] == {'link': '/block', 'bytes': 32} and slow[0]['ph'] == 'X'


def test_files(measured, tmp_path):
    measured.save(tmp_path / 'p.svg')
    measured.save(tmp_path / 'p.txt')
    assert (tmp_path / 'p.svg').read_text('utf-8') == measured.to_svg()
    assert (tmp_path / 'p.txt').read_text('utf-8').count('calls') == 2
    with pytest.raises(ValueError, match=r"must end in \.svg, \.json or \.txt, but it is 'p.html'"):
        measured.save('p.html')


def test_functions_without_links_and_in_double_backprop():
    x = Variable(np.array(2.0))
    with Profile() as p:
        y = x * x * x
        y.backward(enable_double_backprop=True)
    rows = by_key(p)
    assert rows['(no link)', '_ * _'].calls > 2 and {path for path, _ in rows} == {'(no link)'}
    (row,) = p.rows('link')
    assert (row.path, row.calls) == ('(no link)', sum(r.calls for r in p.rows()))


def test_two_models_and_a_given_one():
    a, b, c = L.Linear(4, 4), L.Linear(4, 4), Block()
    with chaingrad.profile() as p:
        c(b(a(X)))
    assert {row.path for row in p.rows()} == {'/Linear1', '/Linear2', '/Block', '/Block/l1', '/Block/l2'}
    model = Net()
    with chaingrad.profile(model) as p:
        model.block.l2(X)
    assert [row.path for row in p.rows()] == ['/block/l2']


def test_a_link_that_is_not_registered():
    class Hiding(chaingrad.Chain):
        def forward(self, x):
            return L.Linear(4, 2)(x)

    with chaingrad.profile() as p:
        Hiding()(X)
    assert [row.path for row in p.rows()] == ['/Linear']


def test_nested_functions_count_once():
    with chaingrad.profile() as p:
        h = F.forget(lambda x: Slow().apply((x,))[0], Variable(X))
        F.sum(h).backward()
    rows = by_key(p)
    assert rows['(no link)', 'Forget'].seconds < 0.001 and rows['(no link)', 'Slow'].calls == 2


def test_an_exception_leaves_nothing_behind():
    model = Net()
    with chaingrad.profile() as p:
        with pytest.raises(chaingrad.utils.type_check.InvalidType):
            model(np.ones((2, 3), 'f'))
        model.block.l1(X)
    assert [(row.path, row.calls) for row in p.rows()] == [('/block/l1', 1)]
    assert not chaingrad.get_function_hooks() and not p._recorder.running
    with pytest.raises(KeyError, match='profile: a hook of this name is already in use'), chaingrad.profile():
        chaingrad.profile().__enter__()


def test_the_graph_of_a_profiled_model_knows_the_links_exactly():
    model = Net()
    with chaingrad.profile():
        loss = model(X)
    assert loss.graph(depth=1).lines(loss.graph(depth=1).pieces[1])[0] == '/block Block, 4 functions'
