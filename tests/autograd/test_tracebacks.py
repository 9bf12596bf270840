"""Short tracebacks of checks: `links/failing.py` has those of links, this file what is below functions."""

import traceback

import numpy as np
import pytest

import chaingrad
import chaingrad.links as L
from chaingrad import Variable
from chaingrad.autograd.tracebacks import short_traceback


def frames_of(call):
    """Return the error of a call and the names of the functions in its traceback, below the call itself."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 (any)
        call()
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    return caught.value, names[2:]


def test_an_operator_shows_its_line():
    error, names = frames_of(lambda: Variable(np.ones(3)) + Variable(np.ones(4)))
    assert names == ['method', 'apply']
    assert error.__suppress_context__  # NumPy's own error is in the text


def test_the_frames_of_a_user_are_kept():
    class Mine(chaingrad.FunctionNode):
        def forward(self, inputs):
            return self.helper(inputs[0])

        def helper(self, x):
            raise ValueError('mine')

    error, names = frames_of(lambda: Mine().apply((np.ones(3),)))
    assert names == ['apply', 'forward', 'helper']
    assert error.args == ('mine',)


def test_a_chain_that_the_user_made_is_kept():
    class Mine(chaingrad.FunctionNode):
        def forward(self, inputs):
            try:
                return inputs[5]
            except IndexError as error:
                raise ValueError('mine') from error

    error, _ = frames_of(lambda: Mine().apply((np.ones(3),)))
    assert isinstance(error.__cause__, IndexError)


def test_what_a_constructor_refuses_in_its_scope_shows_the_constructor_and_the_check():
    _, names = frames_of(lambda: L.Linear(3 / 2, 2))
    assert names == ['__init__', 'generate_array']


def _outer():
    return _inner()


def _inner():
    raise ValueError('on purpose')


def frames_in_a_block(monkeypatch):
    monkeypatch.setitem(globals(), '__name__', 'chaingrad.tests')  # as if the functions above were ours
    with pytest.raises(ValueError, match='on purpose') as caught, short_traceback():
        _outer()
    return [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_the_block_keeps_the_innermost_frame(monkeypatch):
    assert frames_in_a_block(monkeypatch) == ['frames_in_a_block', '_inner']


def test_debug_mode_keeps_everything(monkeypatch):
    with chaingrad.DebugMode(True):
        assert frames_in_a_block(monkeypatch) == ['frames_in_a_block', '_outer', '_inner']
