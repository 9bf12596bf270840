"""What a person at a prompt sees."""

import operator

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Parameter, Variable

W = np.array([[1.0, 2.0], [3.0, 4.5]], np.float32)


@pytest.mark.parametrize(
    ('variable', 'text'),
    [
        (Variable(W), 'variable([[1. , 2. ],\n          [3. , 4.5]])'),
        (Variable(W, name='W'), 'variable W([[1. , 2. ],\n            [3. , 4.5]])'),
        (Variable(np.array(3.0)), 'variable(3.)'),
        (Variable(np.array(3)), 'variable(3)'),
        (Variable(np.arange(3)), 'variable([0, 1, 2])'),
        pytest.param(
            Variable(np.zeros((0, 0)), name='x'),
            'variable x([], shape=(0, 0))',
            marks=pytest.mark.behaviour('repr-empty-variable'),
        ),
        (Variable(np.zeros((0, 3))), 'variable([], shape=(0, 3))'),
        (Variable(np.zeros(0)), 'variable([])'),
        (Variable(), 'variable(None)'),
        (Variable(name='x'), 'variable x(None)'),
        (Parameter(W, name='W'), 'variable W([[1. , 2. ],\n            [3. , 4.5]])'),
        (Parameter(0, name='b'), 'variable b(None)'),
    ],
)
def test_repr(variable, text):
    assert repr(variable) == text


@pytest.mark.behaviour('str-variable-aligned')
def test_str():
    assert str(Variable(W)) == 'variable([[1.  2. ]\n          [3.  4.5]])'
    assert str(Variable(W, name='W')) == 'variable W([[1.  2. ]\n            [3.  4.5]])'
    assert str(Variable(np.array(3.0), name='x')) == 'variable x(3.)' and str(Variable()) == 'variable(None)'


def test_long_arrays_are_shortened():
    assert '...' in repr(Variable(np.zeros(10_000)))


@pytest.mark.parametrize('shape', [(), (1,), (1, 1, 1)])
def test_numbers(shape):
    x = Variable(np.full(shape, 2.75))
    assert float(x) == 2.75 and type(float(x)) is float
    assert int(x) == 2 and type(int(x)) is int
    assert complex(x) == 2.75
    assert x.item() == 2.75
    assert f'{x:.1f}' == '2.8'
    assert f'{x:8.3e}' == '2.750e+00'
    assert f'{Variable(np.full(shape, 7)):03d}' == '007'


def test_a_loss_in_a_line():
    x = Variable(np.array([1.0, 2.0]))
    assert f'loss {F.sum(x):.3f}' == 'loss 3.000'
    assert f'{x}' == str(x)
    assert f'{x!r}' == repr(x)


@pytest.mark.parametrize(
    'convert', [float, int, complex, lambda v: f'{v:.3f}'], ids=['float', 'int', 'complex', 'format']
)
@pytest.mark.parametrize(
    'variable', [Variable(np.ones(2)), Variable(np.ones(0)), Variable()], ids=['two', 'none', 'no array']
)
def test_several_elements_are_no_number(convert, variable):
    with pytest.raises(TypeError, match='must have one element, but its shape is'):
        convert(variable)


COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize('compare', COMPARISONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize('other', [Variable(np.ones(2)), np.ones(2), 1.0, None, 'text'], ids=lambda o: type(o).__name__)
def test_comparisons_are_refused(compare, other):
    x = Variable(np.ones(2))
    for a, b in ((x, other), (other, x)):
        with pytest.raises(TypeError, match='is not defined. Write|does not work on Variables. Use v.array'):
            compare(a, b)


def test_truth_and_hash_are_refused():
    x = Variable(np.ones(1))
    with pytest.raises(TypeError, match='v.array.any'):
        bool(x)
    with pytest.raises(TypeError):
        if x:
            pass
    with pytest.raises(TypeError, match='hash'):
        hash(x)
    with pytest.raises(TypeError):
        {x: 1}  # noqa: B018


def test_identity_is_told_by_is():
    x = Variable(np.ones(1))
    assert x is x and x is not None


def test_summary():
    assert 'W' in Variable(W, name='W').summary()


def test_debug_print():
    text = Variable(W, name='W', grad=np.ones_like(W)).debug_print()
    for part in ('W', 'float32', '(2, 2)', '2.625', '@numpy'):
        assert part in text
    assert 'None' in Variable(W).debug_print()
    Variable(np.zeros((0,))).debug_print()
