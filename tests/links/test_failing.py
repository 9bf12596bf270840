"""What is said when a link fails: path, sizes, the line that calls it; and a short traceback."""

from __future__ import annotations

import sys
import traceback

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.autograd.call_site import short_name
from chaingrad.utils.type_check import InvalidType


class MLP(chaingrad.Chain):
    def __init__(self, in_size=50):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(in_size, 20)
            self.l2 = L.Linear(50, 10)

    def forward(self, x):
        h = F.relu(self.l1(x))
        return self.l2(h)  # in the model


class Older(chaingrad.Chain):
    """In the style of before `forward`."""

    def __init__(self):
        super().__init__(inner=MLP())

    def __call__(self, x):
        return self.encode(x)

    def encode(self, x):
        return self.inner(x)


def note_of(error):
    """Return the note, which up to Python 3.10 is the last line of the message."""
    notes = getattr(error, '__notes__', None)
    return notes[-1] if notes else str(error).rpartition('\n')[2]


def line_of(text):
    with open(__file__, encoding='utf-8') as f:
        return next(i for i, line in enumerate(f, 1) if line.endswith(text + '\n'))


X = np.ones((4, 50), np.float32)
SOURCE = 'self.l2(h)' if sys.version_info >= (3, 11) else 'return self.l2(h)  # in the model'


@pytest.mark.parametrize(
    'model, path',
    [
        (MLP(), '/l2'),
        (L.Classifier(MLP()), '/predictor/l2'),
        (chaingrad.Sequential(L.Linear(50, 50), MLP()), '/1/l2'),
        (chaingrad.Sequential(F.relu, F.relu, Older()), '/0/inner/l2'),
        (Older(), '/inner/l2'),
        (MLP(None), '/l2'),
    ],
)
def test_the_path_in_the_model(model, path):
    arguments = (X, np.zeros(4, 'i')) if isinstance(model, L.Classifier) else (X,)
    with pytest.raises(InvalidType) as caught:
        model(*arguments)
    expected = f'in {path} (Linear 50 -> 10), called at {short_name(__file__)}:{line_of("# in the model")}: {SOURCE}'
    assert note_of(caught.value) == expected
    assert '\n'.join(traceback.format_exception(caught.value)).count('Linear 50 -> 10') == 1


def test_a_link_alone():
    with pytest.raises(InvalidType) as caught:
        L.Convolution2D(3, 8, 3)(X)
    assert note_of(caught.value).startswith('in / (Convolution2D 3 -> 8), called at ')


def test_sizes_that_are_open():
    layer = L.Linear(None, 2)
    with pytest.raises(InvalidType) as caught:
        layer(X.astype('i'))
    assert note_of(caught.value).startswith('in / (Linear ? -> 2), called at ')


def test_an_error_of_the_user_keeps_its_type_and_cause():
    class Net(chaingrad.Chain):
        def forward(self, x):
            try:
                return {}['a']
            except KeyError as error:
                raise ValueError('mine') from error

    with pytest.raises(ValueError, match='mine') as caught:
        Net()(X)
    assert isinstance(caught.value.__cause__, KeyError)
    assert note_of(caught.value).startswith('in / (Net), called at ')


def test_an_error_that_is_caught_and_raised_again_has_one_note():
    class Net(MLP):
        def forward(self, x):
            try:
                return super().forward(x)
            except InvalidType:
                raise

    with pytest.raises(InvalidType) as caught:
        L.Classifier(Net())(X, np.zeros(4, 'i'))
    assert len(getattr(caught.value, '__notes__', [''])) == 1


def frames_below(error):
    """Return the files of the frames below the last one of this file."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    last = max(i for i, file in enumerate(files) if file == __file__)
    return files[last + 1 :]


@pytest.mark.parametrize(
    'call',
    [
        lambda: MLP()(X),
        lambda: L.Classifier(MLP(20))(X, np.zeros(4, 'i')),
        lambda: F.linear(X, np.ones((2, 3), 'f')),
        lambda: F.relu(np.ones(3, 'i')),
        lambda: F.matmul(X, X),
        lambda: chaingrad.Variable(X) + np.ones(7, 'f'),
        lambda: F.convolution_2d(X, X),
        lambda: L.LSTM(3, 4)(X),
        lambda: L.BatchNormalization(3)(X),
        lambda: F.softmax_cross_entropy(X, X[:3]),
        lambda: (chaingrad.Variable(X) * 2).backward(),
        lambda: chaingrad.grad([chaingrad.Variable(X)], 3),
    ],
)
def test_at_most_three_frames_below_the_users(call):
    with pytest.raises(Exception) as caught:
        call()
    below = frames_below(caught.value)
    assert 1 <= len(below) <= 3
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_debug_mode_shows_all_frames():
    with chaingrad.using_config('debug', True), pytest.raises(InvalidType) as caught:
        MLP()(X)
    assert len(frames_below(caught.value)) > 3


def test_frames_of_a_users_function_stay():
    class Strict(chaingrad.FunctionNode):
        def check_type_forward(self, in_types):
            check(in_types)

        def forward(self, inputs):
            return inputs

    def check(in_types):
        raise InvalidType('mine')

    with pytest.raises(InvalidType) as caught:
        Strict().apply((X,))
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-2:] == ['check_type_forward', 'check']
