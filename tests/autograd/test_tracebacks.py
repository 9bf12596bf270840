"""Short tracebacks: which frames are cut, and which are kept."""

import traceback

import numpy as np
import pytest

import chaingrad
import chaingrad.links as L
from chaingrad import Variable
from chaingrad.autograd.tracebacks import short_traceback


def frames_of(call):
    """Return the error of a call and the names of the functions in its traceback, below that of this file's."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 (any)
        call()
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    return caught.value, names[2:]


class Net(chaingrad.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.layers = chaingrad.Sequential(L.Linear(3, 3), chaingrad.Sequential(L.Linear(5, 2)))

    def forward(self, x):
        return self.layers(x)


def test_a_check_deep_in_a_model_shows_the_line_of_the_model():
    error, names = frames_of(lambda: Net()(np.ones((4, 3), np.float32)))
    assert names == ['__call__', 'forward', '__call__']  # the first and the last are ours
    assert error.__cause__ is None and error.__suppress_context__ is (error.__context__ is not None)


def test_an_operator_shows_its_line():
    error, names = frames_of(lambda: Variable(np.ones(3)) + Variable(np.ones(4)))
    assert names == ['method', 'apply']
    assert error.__suppress_context__  # NumPy's own error is in the text


def test_debug_mode_keeps_everything():
    with chaingrad.DebugMode(True):
        error, names = frames_of(lambda: Net()(np.ones((4, 3), np.float32)))
        assert len(names) > 6
        error, names = frames_of(lambda: Variable(np.ones(3)) + Variable(np.ones(4)))
        assert isinstance(error.__cause__, ValueError)


def test_the_frames_of_a_user_are_kept():
    class Mine(chaingrad.FunctionNode):
        def forward(self, inputs):
            return self.helper(inputs[0])

        def helper(self, x):
            raise ValueError('mine')

    error, names = frames_of(lambda: Mine().apply((np.ones(3),)))
    assert names == ['apply', 'forward', 'helper']
    assert error.args == ('mine',) and error.__context__ is None


def test_a_chain_that_the_user_made_is_kept():
    class Mine(chaingrad.FunctionNode):
        def forward(self, inputs):
            try:
                return inputs[5]
            except IndexError as error:
                raise ValueError('mine') from error

    error, _ = frames_of(lambda: Mine().apply((np.ones(3),)))
    assert isinstance(error.__cause__, IndexError)


def test_what_nobody_raised_on_purpose_keeps_its_frames():
    """A mistake of ours could not be found otherwise."""

    with pytest.raises(IndexError) as caught, short_traceback():
        _outer()
    assert [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)][-2:] == ['_outer', '_inner']


def _outer():
    return _inner()


def _inner():
    return [][1]


def test_the_block_cuts_what_a_check_raised(monkeypatch):
    monkeypatch.setitem(globals(), '__name__', 'chaingrad.tests')
    with pytest.raises(IndexError) as caught, short_traceback():
        _outer()
    assert traceback.extract_tb(caught.value.__traceback__)[-1].name == '_inner'
    with pytest.raises(ValueError, match='on purpose') as told, short_traceback():
        _checked()
    assert traceback.extract_tb(told.value.__traceback__)[-1].name == 'test_the_block_cuts_what_a_check_raised'


def _checked():
    _refuse()


def _refuse():
    raise ValueError('on purpose')
