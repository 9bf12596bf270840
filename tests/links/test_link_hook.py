"""Link hooks, by context and of one link, and TimerHook."""

import io
import threading

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.links.chain import Chain
from chaingrad.links.hooks import TimerHook
from chaingrad.links.link import Link
from chaingrad.links.link_hook import LinkHook, get_link_hooks


class Recorder(LinkHook):
    def __init__(self, name='Recorder'):
        self.name, self.log = name, []

    def added(self, link):
        self.log.append(('added', link))

    def deleted(self, link):
        self.log.append(('deleted', link))

    def forward_preprocess(self, args):
        self.log.append(('before', args.link, args.forward_name, args.args, args.kwargs))

    def forward_postprocess(self, args):
        self.log.append(('after', args.link, args.forward_name, args.args, args.kwargs, args.out))


class Add(Link):
    def forward(self, x, y=1):
        return x + y


def test_hook_by_context():
    link, hook = Add(), Recorder()
    with hook as same:
        assert same is hook
        assert link(1, y=2) == 3
    link(5)
    assert hook.log == [
        ('added', None),
        ('before', link, 'forward', (1,), {'y': 2}),
        ('after', link, 'forward', (1,), {'y': 2}, 3),
        ('deleted', None),
    ]
    assert get_link_hooks() == {}


def test_hook_of_a_link():
    link, hook = Add(), Recorder()
    assert link.add_hook(hook) is link
    link(1)
    assert link.local_link_hooks == {'Recorder': hook}
    with pytest.raises(KeyError, match="hook 'Recorder' already"):
        link.add_hook(Recorder())
    link.add_hook(Recorder(), name='other')
    link.delete_hook('Recorder')
    link(2)
    with pytest.raises(KeyError, match=r"no hook 'Recorder'; there are \['other'\]"):
        link.delete_hook('Recorder')
    with pytest.raises(TypeError, match='a LinkHook must be given, but it is int'):
        link.add_hook(3)
    assert [entry[0] for entry in hook.log] == ['added', 'before', 'after', 'deleted']
    assert hook.log[0] == ('added', link)


def test_hooks_nest_and_have_names():
    outer, inner = Recorder(), Recorder('inner')
    model = Chain(l1=L.Linear(2, 2))
    with outer:
        with pytest.raises(KeyError, match='already in use'), Recorder():
            pass
        with inner:
            model.l1(np.zeros((1, 2), np.float32))
        model.l1(np.zeros((1, 2), np.float32))
    assert len(outer.log) == 6 and len(inner.log) == 4


def test_hooks_are_of_the_thread_and_survive_errors():
    link, hook = Add(), Recorder()
    with hook:
        thread = threading.Thread(target=link, args=(1,))
        thread.start()
        thread.join()
        with pytest.raises(TypeError):
            link('a')
    assert [entry[0] for entry in hook.log] == ['added', 'before', 'deleted']


def test_timer_hook():
    class Outer(Chain):
        def forward(self, x):
            return self.l1(x)

    model, hook = Outer(l1=L.Linear(2, 2)), TimerHook()
    with hook:
        for _ in range(3):
            model(np.zeros((1, 2), np.float32))
    assert [name for name, _ in hook.call_history] == ['Linear', 'Outer'] * 3
    summary = hook.summary()
    assert summary['Outer']['occurrence'] == 3
    assert 0 < summary['Linear']['elapsed_time'] < summary['Outer']['elapsed_time'] == pytest.approx(hook.total_time())
    out = io.StringIO()
    hook.print_report(unit='ms', file=out)
    lines = out.getvalue().splitlines()
    assert lines[0].split() == ['LinkName', 'ElapsedTime', 'Occurrence']
    assert lines[1].split()[0] == 'Linear' and lines[1].split()[1].endswith('ms')
    hook.print_report(file=out)
    with pytest.raises(ValueError, match="'days'"):
        hook.print_report('days')
