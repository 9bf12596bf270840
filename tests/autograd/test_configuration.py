"""Configuration per thread and for all threads."""

import io
import os
import pathlib
import subprocess
import sys
import threading

import numpy as np
import pytest

import chaingrad
from chaingrad import Variable, config, get_dtype, global_config, mixed16, using_config
from chaingrad.autograd.configuration import active_hooks


def in_thread(function):
    """Run a function in a new thread and return its result."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def run_program(program, environment):
    """Run a program in a new interpreter, with these environment variables besides its own."""
    root = pathlib.Path(__file__).parents[2]
    command = [sys.executable, '-c', program]
    return subprocess.run(
        command, cwd=root, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )


def test_defaults():
    assert config.train is True
    assert config.enable_backprop is True
    assert config.debug is False
    assert config.type_check is True
    assert config.dtype == np.float32
    assert config.keep_graph_on_report is False


def test_a_value_is_of_one_thread():
    config.train = False
    assert in_thread(lambda: config.train) is True
    assert config.train is False
    assert global_config.train is True


def test_a_global_value_is_seen_by_all_threads():
    global_config.train = False
    assert config.train is False
    assert in_thread(lambda: config.train) is False


def test_a_thread_of_its_own_mind_does_not_see_the_global_value():
    config.train = True
    global_config.train = False
    assert config.train is True
    del config.train
    assert config.train is False


def test_new_names():
    global_config.favourite = 'blue'
    assert config.favourite == 'blue'
    assert in_thread(lambda: config.favourite) == 'blue'
    del global_config.favourite
    with pytest.raises(AttributeError, match='favourite'):
        config.favourite  # noqa: B018
    with pytest.raises(AttributeError, match='favourite'):
        global_config.favourite  # noqa: B018


def test_using_config_restores():
    with using_config('train', False):
        assert config.train is False
        with using_config('train', True):
            assert config.train is True
        assert config.train is False
    assert config.train is True


def test_using_config_restores_after_an_error():
    with pytest.raises(KeyError), using_config('train', False):
        raise KeyError
    assert config.train is True


def test_using_config_leaves_no_value_behind():
    """A value for the thread would hide later changes of the global one."""
    with using_config('train', False):
        pass
    global_config.train = False
    assert config.train is False


def test_using_config_of_a_new_name():
    with using_config('colour', 'red'):
        assert config.colour == 'red'
    assert not hasattr(config, 'colour')


def test_using_config_of_all_threads():
    with using_config('train', False, global_config):
        assert in_thread(lambda: config.train) is False
    assert in_thread(lambda: config.train) is True


def test_using_config_as_decorator():
    @using_config('train', False)
    def f():
        return config.train

    assert f() is False
    assert config.train is True


def test_no_backprop_mode():
    x = Variable(np.ones(2))
    with chaingrad.no_backprop_mode():
        y = x * 2
    assert y.creator is None
    assert in_thread(lambda: (x * 2).creator) is not None


def test_force_backprop_mode():
    x = Variable(np.ones(2))
    with chaingrad.no_backprop_mode():
        with chaingrad.force_backprop_mode():
            y = x * 2
        z = x * 2
    assert y.creator is not None
    assert z.creator is None


def test_debug():
    assert not chaingrad.is_debug()
    chaingrad.set_debug(True)
    assert chaingrad.is_debug()
    assert not in_thread(chaingrad.is_debug)
    with chaingrad.DebugMode(False):
        assert not chaingrad.is_debug()
    assert chaingrad.is_debug()
    chaingrad.set_debug(False)


@pytest.mark.parametrize('values', [config, global_config], ids=['thread', 'all threads'])
def test_functions_are_watched_only_while_debug_mode_is_on(values):
    def switch_on_twice():
        values.debug = True
        values.debug = True
        return list(active_hooks)

    assert active_hooks == []
    assert switch_on_twice() == ['debug mode']
    values.debug = False
    assert active_hooks == []
    with chaingrad.DebugMode(True), chaingrad.DebugMode(False):
        assert active_hooks == []
    with using_config('debug', True, values):
        assert active_hooks == ['debug mode']
    assert active_hooks == []
    assert in_thread(switch_on_twice)[:1] == ['debug mode']


def test_threads_switch_debug_mode_each_for_itself():
    def switch_on_and_off():
        chaingrad.set_debug(True)
        both = list(active_hooks)
        chaingrad.set_debug(False)
        return both

    with chaingrad.DebugMode(True):
        assert in_thread(switch_on_and_off) == ['debug mode'] * 2
        assert active_hooks == ['debug mode']
    assert active_hooks == []


def test_debug_mode_finds_nan_in_forward():
    x = Variable(np.array([-1.0]))
    with chaingrad.DebugMode(True), np.errstate(invalid='ignore'), pytest.raises(RuntimeError, match='NaN.*forward'):
        x**0.5
    with np.errstate(invalid='ignore'):
        assert np.isnan((x**0.5).array)


@pytest.mark.parametrize('double', [False, True])
def test_debug_mode_finds_nan_in_backward(double):
    x = Variable(np.array([0.0]))
    y = x**0.5
    y.grad = np.array([0.0])
    with (
        chaingrad.DebugMode(True),
        np.errstate(divide='ignore', invalid='ignore'),
        pytest.raises(RuntimeError, match='NaN in the'),
    ):
        y.backward(enable_double_backprop=double)


def test_debug_mode_is_seen_by_threads_when_global():
    global_config.debug = True
    assert in_thread(chaingrad.is_debug)


def test_get_dtype():
    assert get_dtype() == np.float32
    assert get_dtype(np.float64) == np.float64
    with using_config('dtype', np.float16):
        assert get_dtype() == np.float16
        assert chaingrad.Parameter(1, (2,)).dtype == np.float16


@pytest.mark.behaviour('mixed16')
def test_mixed16_is_float16_unless_mapped():
    assert get_dtype(mixed16) == np.float16
    assert get_dtype(mixed16, np.float32) == get_dtype(mixed16, map_mixed16='f4') == np.float32
    assert get_dtype(np.float64, map_mixed16=np.float32) == np.float64
    assert get_dtype(map_mixed16=np.float64) == np.float32  # config.dtype is not mixed16
    with using_config('dtype', mixed16):
        assert get_dtype() == np.float16
        assert get_dtype(map_mixed16=np.float32) == np.float32
        assert get_dtype(np.float16, map_mixed16=np.float32) == np.float16
        assert chaingrad.Parameter(1, (2,)).dtype == np.float16
    assert (str(mixed16), repr(mixed16)) == ('mixed16', "dtype('mixed16')")


@pytest.mark.behaviour('mixed16')
@pytest.mark.parametrize('variable', ['CHAINER_DTYPE', 'CHAINGRAD_DTYPE'])
@pytest.mark.parametrize('name', ['mixed16', 'float16', 'float64'])
def test_dtype_of_the_environment(variable, name):
    program = 'import chaingrad; print(chaingrad.config.dtype, chaingrad.global_config.dtype)'
    result = run_program(program, {variable: name})
    assert result.stdout == f'{name} {name}\n', result.stderr


def test_unknown_dtype_of_the_environment():
    result = run_program('import chaingrad', {'CHAINER_DTYPE': 'float8'})
    assert result.stderr.endswith(
        "TypeError: CHAINER_DTYPE: it must be one of float16, float32, float64, mixed16, but it is 'float8'.\n"
    )


@pytest.mark.parametrize('which', [config, global_config], ids=['config', 'global_config'])
def test_show_names_every_value(which):
    out = io.StringIO()
    which.show(out)
    lines = dict(line.split(None, 1) for line in out.getvalue().splitlines())
    assert lines['train'] == 'True'
    assert lines['enable_backprop'] == 'True'
    assert 'show' not in lines


def test_show_shows_what_the_thread_sees():
    config.train, config.mine = False, 1
    out = io.StringIO()
    config.show(out)
    lines = dict(line.split(None, 1) for line in out.getvalue().splitlines())
    assert (lines['train'], lines['mine']) == ('False', '1')
