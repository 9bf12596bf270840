"""What links accept and refuse, and how they show themselves, row by row as the reference does."""

import copy
import pickle

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Chain, ChainList, Link, Parameter, Sequential, optimizers
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.link_hooks import TimerHook


def floats(*shape):
    return np.random.default_rng(5).uniform(-1, 1, shape).astype(np.float32)


x, t = floats(4, 3), np.array([0, 1, 2, 0])
layer = L.Linear(3, 3)


@pytest.mark.behaviour('error-types-links')
@pytest.mark.parametrize(
    ('call', 'errors', 'words'),
    [
        (lambda: F.hinge(x, t, norm='L3'), NotImplementedError, "hinge: norm must be one of 'L1', 'L2', .*'L3'"),
        (lambda: F.hinge(x, t, reduce='max'), ValueError, "hinge: reduce .*'max'"),
        (lambda: L.InceptionBN(3, 1, 1, 1, 1, 1, 'min', 1), NotImplementedError, "InceptionBN: pooltype .*'min'"),
        (lambda: F.bias(x, floats(4)), (InvalidType, AssertionError), r'bias: .*\(4, 3\) and y is float32 \(4,\)'),
        (lambda: F.scale(x, floats(4)), (InvalidType, AssertionError), r'scale: .*\(4, 3\) and y is float32 \(4,\)'),
        (lambda: L.Bias(1, (3,))(x, x), (ValueError, AssertionError), 'Bias: 1 inputs .*there are 2'),
        (lambda: L.Scale(1)(x), (ValueError, AssertionError), 'Scale: 2 inputs .*there are 1'),
        (lambda: L.Scale(1, bias_term=True), ValueError, 'Scale: bias_shape'),
        (lambda: L.Bilinear(2, 3, 4, initialW=x), (AssertionError, ValueError), r'initialW .*\(2, 3, 4\), .*\(4, 3\)'),
        (
            lambda: L.Bilinear(2, 3, 4, initial_bias=(x, None, None)),
            (AssertionError, ValueError),
            r'V1 in initial_bias .*\(2, 4\), but it is \(4, 3\)',
        ),
        (lambda: L.Bilinear(2, 3, 4, initial_bias=x), ValueError, 'Bilinear: initial_bias must be a tuple'),
        (lambda: L.Classifier(layer, label_key=None), TypeError, 'Classifier: label_key .*NoneType'),
        (lambda: L.Classifier(layer)(), ValueError, 'Classifier: label key -1'),
        (lambda: L.Classifier(layer, label_key=2)(x, t), ValueError, 'Classifier: label key 2'),
        (lambda: L.Classifier(layer, label_key='t')(x, t), ValueError, "Classifier: label key 't'"),
        (lambda: optimizers.SGD().setup(x), TypeError, 'SGD.setup: link must be a Link.*ndarray'),
        (lambda: chaingrad.Optimizer().setup(None), TypeError, 'Optimizer.setup: link must be a Link.*NoneType'),
    ],
)
def test_types_of_errors(call, errors, words):
    for error in errors if isinstance(errors, tuple) else (errors,):
        with pytest.raises(error, match=words):
            call()


@pytest.mark.behaviour('maxout-initializer')
@pytest.mark.parametrize('in_size', [5, None])
def test_an_initializer_of_maxout_sees_three_axes(in_size):
    seen = []

    def fill(array):
        seen.append(array.shape)
        array[...] = np.arange(array.size).reshape(array.shape)

    maxout = L.Maxout(in_size, 2, 3, initialW=fill, initial_bias=fill)
    y = maxout(x[:, [0, 1, 2, 0, 1]])
    assert sorted(seen) == [(2, 3), (2, 3, 5)] and y.shape == (4, 2)
    assert maxout.linear.W.array.tolist() == np.arange(30.0).reshape(6, 5).tolist()
    assert maxout.linear.b.array.tolist() == [0, 1, 2, 3, 4, 5]
    # An Initializer computes its deviation from the number of inputs, so it sees the matrix.
    assert L.Maxout(10000, 2, 3, initialW=chaingrad.initializers.LeCunNormal()).linear.W.array.std() < 0.02
    assert pickle.loads(pickle.dumps(L.Maxout(None, 2, 3, initialW=np.ones_like))).pool_size == 3


@pytest.mark.behaviour('str-sequential-lambda')
def test_a_sequential_shows_the_source_of_a_lambda():
    text = str(Sequential(F.relu, lambda x: x * 2 + 1, L.Linear(3, 2)))
    assert text.split('\n')[1:3] == ['  (0): relu,', '  (1): lambda x: x * 2 + 1,']
    model = Sequential(
        lambda x: F.concat(
            (x, x),
        ),
        L.Linear(2),
    )
    assert 'lambda x: F.concat(' in str(model) and '(x, x),' in repr(model)
    model = Sequential(eval('lambda x: x'))
    assert str(model) == 'Sequential(\n  (0): <lambda>,\n)'


@pytest.mark.behaviour('str-chainlist-uninitialized')
def test_a_chain_list_shows_links_that_are_not_initialized():
    class Open(Link):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.W = Parameter()

    links = [L.Linear(2), L.Convolution2D(None, 3, 3), L.LayerNormalization(), L.GRU(None, 2), L.Scale(1), Open()]
    text = str(ChainList(*links, ChainList()))
    assert text.startswith('ChainList(\n  (0): Linear(in_size=None, out_size=2, nobias=False),\n  (1): Conv')
    assert '  (5): Open(W=None),\n  (6): ChainList(),\n)' in text


@pytest.mark.behaviour('link-mixin-call')
@pytest.mark.parametrize('base', [Link, Chain, ChainList])
def test_the_call_of_a_mixin_is_used(base):
    class Mixin:
        def __call__(self, x, factor=1):
            return self.double(x) * factor

    class Own(base, Mixin):
        def double(self, x):
            return 2 * x

        def forward(self, x):
            raise AssertionError

    class Derived(Own):
        pass

    class First(Mixin, base):
        double = Own.double

    class Overridden(Own):
        def __call__(self, x):
            return super().__call__(x, factor=5)

    assert [cls()(3) for cls in (Own, Derived, First, Overridden)] == [6, 6, 6, 30]
    link = Derived()
    link.add_hook(TimerHook())
    assert link(3, factor=2) == 12
    assert len(link.local_link_hooks['TimerHook'].call_history) == 1


@pytest.mark.behaviour('copy-mode-copy-gradients')
@pytest.mark.parametrize('mode', ['copy', 'share'])
def test_a_copy_has_no_gradients(mode):
    model = Chain(l1=L.Linear(3, 2), l2=L.Linear(None, 2))
    model.l1.W.grad = floats(2, 3)
    copied = model.copy(mode)
    assert all(param.grad is None for param in copied.params())
    assert model.l1.W.grad is not None and copy.deepcopy(model).l1.W.grad is not None
    assert (copied.l1.W.array is model.l1.W.array) is (mode == 'share')
    copied.l2(x)
    assert copied.l2.W.grad is None
