"""TimerHook and PrintHook."""

import contextlib
import io
import time

import numpy as np
import pytest

from chaingrad.autograd.backends import cuda
from chaingrad.autograd.function_hook import get_function_hooks
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable
from chaingrad.function import Function
from chaingrad.functions.function_hooks import PrintHook, TimerHook


class Slow(FunctionNode):
    def forward(self, inputs):
        time.sleep(0.002)
        return (inputs[0].copy(),)

    def backward(self, indexes, grad_outputs):
        time.sleep(0.003)
        return grad_outputs


class OldDouble(Function):
    def forward(self, inputs):
        return (inputs[0] * 2,)

    def backward(self, inputs, grad_outputs):
        return (2 * grad_outputs[0],)


def run(*nodes):
    y = Variable(np.ones((2, 3), np.float32))
    for node in nodes:
        y = node.apply((y,))[0]
    y.grad = np.ones((2, 3), np.float32)
    y.backward()


def history(*pairs):
    hook = TimerHook()
    hook.call_history += pairs
    return hook


def report(hook, unit='auto'):
    out = io.StringIO()
    hook.print_report(unit, out)
    return out.getvalue()


def test_timer_measures_forward_and_backward():
    with TimerHook() as hook:
        assert list(get_function_hooks()) == ['TimerHook']
        run(Slow(), Slow())
    names, seconds = zip(*hook.call_history)
    assert names == ('Slow',) * 4
    assert all(s >= 0.0019 for s in seconds[:2]) and all(s >= 0.0029 for s in seconds[2:])
    assert hook.total_time() == pytest.approx(sum(seconds)) and hook.total_time() >= 0.0099
    summary = hook.summary()
    assert summary['Slow']['occurrence'] == 4
    assert summary['Slow']['elapsed_time'] == pytest.approx(hook.total_time())


def test_timer_of_one_function():
    hook, node = TimerHook(), Slow()
    node.add_hook(hook)
    run(node, Slow())
    assert [name for name, _ in hook.call_history] == ['Slow', 'Slow']


def test_timer_names_old_style_functions():
    with TimerHook() as hook:
        OldDouble()(Variable(np.ones(2)))
    assert [name for name, _ in hook.call_history] == ['OldDouble']


def test_timer_inside_a_function_that_calls_others():
    class Outer(FunctionNode):
        def forward(self, inputs):
            time.sleep(0.002)
            return (Slow().apply(inputs)[0].array,)

    with TimerHook() as hook:
        Outer().apply((Variable(np.ones(2)),))
    (inner, inner_time), (outer, outer_time) = hook.call_history
    assert (inner, outer) == ('Slow', 'Outer') and outer_time > inner_time + 0.0019


def test_timer_report():
    hook = history(('Linear', 1.0), ('ReLU', 0.25), ('Linear', 0.5))
    assert report(hook) == (
        'FunctionName  ElapsedTime  Occurrence\n'
        '      Linear      1.50sec           2\n'
        '        ReLU      0.25sec           1\n'
    )
    assert '250.00ms' in report(hook, 'ms') and '1500.00ms' in report(hook, 'ms')
    assert '1.50sec' in report(hook, 'auto_foreach') and '250.00ms' in report(hook, 'auto_foreach')
    assert '12.00us' in report(history(('f', 12e-6))) and '0.00ns' in report(history(('f', 0.0)))
    assert report(history()) == 'FunctionName  ElapsedTime  Occurrence\n'
    with pytest.raises(ValueError, match="unit must be.*'hour'"):
        hook.print_report('hour')


def test_timer_report_goes_to_redirected_stdout(capsys):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        history(('f', 1.0)).print_report()
    assert '1.00sec' in out.getvalue() and capsys.readouterr().out == ''


def test_timer_waits_for_the_gpu(monkeypatch):
    waits = []

    class Module:
        __name__ = 'cupy'

        class cuda:
            @staticmethod
            def get_current_stream():
                class Stream:
                    @staticmethod
                    def synchronize():
                        waits.append(1)

                return Stream

    monkeypatch.setattr('chaingrad.functions.function_hooks.get_array_module', lambda *arrays: Module())
    with TimerHook():
        Slow().apply((Variable(np.ones(2)),))
    assert len(waits) == 2
    assert cuda.get_array_module(np.ones(1)) is np


def test_print_hook():
    out = io.StringIO()
    with PrintHook(file=out):
        run(Slow())
    forward, backward = out.getvalue().split('function\tSlow\n')[1:]
    assert forward.startswith('input data\n') and 'float32 (2, 3)' in forward and 'output gradient' not in forward
    assert backward.startswith('input data\n(removed)\noutput gradient\n') and 'float32 (2, 3)' in backward


def test_print_hook_options(capsys):
    class Stream(io.StringIO):
        flushed = 0

        def flush(self):
            self.flushed += 1

    out = Stream()
    with PrintHook(end='|', file=out, flush=False):
        run(Slow())
    assert out.getvalue().startswith('function\tSlow|input data|') and out.flushed == 0
    hook = PrintHook()
    assert (hook.sep, hook.end, hook.flush, hook.name) == (None, '\n', True, 'PrintHook')
    with hook:
        run(Slow())
    assert capsys.readouterr().out.count('function\tSlow') == 2


def test_print_hook_with_missing_gradient():
    out = io.StringIO()
    PrintHook(file=out).backward_preprocess(Slow(), (np.ones(2), None), (None,))
    assert out.getvalue().count('(removed)') == 2
