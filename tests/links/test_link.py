"""Link: registration, paths, copies, updates, hooks, text."""

import contextlib
import copy
import pickle
import re
import warnings

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.autograd.initializer import Constant
from chaingrad.autograd.parameter import Parameter
from chaingrad.links.chain import Chain
from chaingrad.links.link import Link
from chaingrad.links.unregistered import unregistered


class Dense(Link):
    def __init__(self, n_in=3, n_out=2):
        super().__init__()
        with self.init_scope():
            self.b = Parameter(0, (n_out,))
            self.W = Parameter(1, (n_out, n_in))
        self.scale = 1.0
        self.register_persistent('scale')
        self.add_persistent('seen', np.zeros(2, np.float32))

    def forward(self, x):
        return x @ self.W.T + self.b


class Model(Chain):
    def __init__(self, factor=1.0):
        super().__init__()
        with self.init_scope():
            self.second = L.Linear(None, 2)
            self.first = Dense()
            self.factor = Parameter(factor, ())

    def forward(self, x):
        return self.second(self.first(x)) * self.factor


class Rule:
    enabled = True


def test_parameters_are_registered_in_init_scope_only():
    link = Dense()
    link.extra = Parameter(0, (2,))
    assert [p.name for p in link.params()] == ['W', 'b']
    assert [path for path, _ in link.namedparams()] == ['/W', '/b']
    assert not link.within_init_scope
    with link.init_scope():
        assert link.within_init_scope
        with link.init_scope():
            pass
        assert link.within_init_scope


def test_a_new_parameter_is_float32_with_nan_gradient():
    for param in L.Linear(3, 2).params():
        assert param.dtype == np.float32
        assert np.isnan(param.grad).all()


def test_old_ways_to_add_parameters():
    link = Link(W=(2, 3), b=(2, np.float64), c=((4,), 'f'), d=5)
    assert {n: (p.shape, p.dtype.char) for n, p in link.namedparams()} == {
        '/W': ((2, 3), 'f'),
        '/b': ((2,), 'd'),
        '/c': ((4,), 'f'),
        '/d': ((5,), 'f'),
    }
    assert np.isnan(link.W.array).all()
    link.add_param('e', (2,), np.float64, initializer=3)
    np.testing.assert_array_equal(link.e.array, [3, 3])
    assert link.e.dtype == np.float64
    link.add_param('lazy')
    assert not link.lazy.is_initialized
    with pytest.raises(AttributeError, match="new parameter 'e': the attribute exists"):
        link.add_param('e', (2,))
    with pytest.raises(AttributeError, match="new persistent 'e'"):
        link.add_persistent('e', 1)
    with pytest.raises(AttributeError, match="no attribute 'nowhere'"):
        link.register_persistent('nowhere')


def test_a_parameter_can_be_deleted_or_made_persistent():
    link = Dense()
    del link.b
    assert [path for path, _ in link.namedparams()] == ['/W']
    link.register_persistent('W')
    assert not list(link.params())
    with link.init_scope():
        link.W = Parameter(0, (1,))
    assert [path for path, _ in link.namedparams()] == ['/W']
    assert 'W' not in link._persistent


def test_uninitialized_parameters_can_be_left_out():
    model = Model()
    paths = [path for path, _ in model.namedparams()]
    assert paths == ['/factor', '/first/W', '/first/b', '/second/W', '/second/b']
    assert [path for path, _ in model.namedparams(include_uninit=False)] == [p for p in paths if p != '/second/W']
    assert len(list(model.params())) == 5
    assert len(list(model.params(include_uninit=False))) == 4


def test_count_params_names_what_it_cannot_count():
    model = Model()
    with pytest.warns(UserWarning, match='/second/W'):
        assert model.count_params() == 1 + 8 + 2
    model(np.zeros((1, 3), np.float32))
    assert model.count_params() == 1 + 8 + 6


def test_links_and_their_paths():
    model = Model()
    assert list(model.links()) == [model, model.first, model.second]
    assert list(model.links(skipself=True)) == [model.first, model.second]
    assert [path for path, _ in model.namedlinks()] == ['/', '/first', '/second']
    assert list(model.children()) == [model.first, model.second]
    assert list(model.first.children()) == []
    assert list(model.first.namedlinks(skipself=True)) == []
    assert model.first.name == 'first'


def test_clear_and_zero_gradients():
    model = Model()
    model.cleargrads()
    assert all(p.grad is None for p in model.params())
    with pytest.warns(DeprecationWarning, match='cleargrads'):
        model.zerograds()
    assert all((p.grad == 0).all() for p in model.params(include_uninit=False))
    model(np.ones((1, 3), np.float32))
    np.testing.assert_array_equal(model.second.W.grad, np.zeros((2, 2)))


def test_addgrads_and_copyparams():
    a, b = Model(), Model(factor=3)
    x = np.ones((1, 3), np.float32)
    for model in (a, b):
        y = model(x)
        model.cleargrads()
        y.grad = np.ones_like(y.array)
        y.backward()
    expected = [p.grad + q.grad for p, q in zip(a.params(), b.params())]
    b.first.scale, b.first.seen[...] = 4.0, 5
    a.addgrads(b)
    for param, grad in zip(a.params(), expected):
        np.testing.assert_array_equal(param.grad, grad)
    arrays, seen = [p.array for p in a.params()], a.first.seen
    a.copyparams(b, copy_persistent=False)
    assert a.first.scale == 1
    a.copyparams(b)
    for param, other, array in zip(a.params(), b.params(), arrays):
        assert param.array is array
        np.testing.assert_array_equal(param.array, other.array)
    assert a.first.scale == 4 and a.first.seen is seen and (seen == 5).all()


def test_copyparams_initializes_and_refuses_before_it_copies():
    a, b = Model(), Model()
    b(np.ones((1, 3), np.float32))
    a.copyparams(b)
    np.testing.assert_array_equal(a.second.W.array, b.second.W.array)
    wide = Chain(first=Dense(), second=L.Linear(7, 2))
    wide.add_param('factor', (), initializer=Constant(9))
    with pytest.raises(ValueError, match=re.escape('/second/W is (2, 2) here and (2, 7) there')):
        a.copyparams(wide)
    assert a.factor.array == 1
    with pytest.raises(KeyError, match='/second/W'):
        a.copyparams(Dense())


def test_copy_modes():
    model = Model()
    model(np.ones((1, 3), np.float32))
    shared, copied, fresh = (model.copy(mode) for mode in ('share', 'copy', 'init'))
    for other in (shared, copied, fresh):
        assert other.first is not model.first
        assert [path for path, _ in other.namedparams()] == [path for path, _ in model.namedparams()]
    for param, s, c, f in zip(*(m.params() for m in (model, shared, copied, fresh))):
        assert s is not param and s.array is param.array and s.grad is None
        assert c.array is not param.array and (c.array == param.array).all()
        assert f.array is not param.array
        assert np.isnan(param.grad).all()
    assert (fresh.second.W.array != model.second.W.array).all()
    with shared.init_scope():
        shared.third = L.Linear(2, 2)
    assert not hasattr(model, 'third') and len(list(model.links())) == 3
    with pytest.raises(ValueError, match="'share', 'copy' or 'init', but it is 'shared'"):
        model.copy('shared')


def test_deepcopy_and_pickling():
    model = Model()
    y = model(np.ones((1, 3), np.float32))
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other(np.ones((1, 3), np.float32)).array, y.array)
        assert other.first.W is not model.first.W


def test_repeat():
    link = L.Linear(2, 2)
    for mode, same in (('init', False), ('copy', True), ('share', True)):
        several = link.repeat(3, mode)
        assert len(several) == 3
        assert all((x.W.array == link.W.array).all() == same for x in several)
    assert len(link.repeat(0)) == 0
    with pytest.raises(ValueError, match="'typo'"):
        link.repeat(2, 'typo')


def test_enable_and_disable_update():
    model = Model()
    assert not model.update_enabled
    model.enable_update()
    for param in model.params():
        param.update_rule = Rule()
    assert model.update_enabled
    model.first.disable_update()
    assert model.update_enabled and not model.first.update_enabled
    model.disable_update()
    assert not model.update_enabled
    model.enable_update()
    assert model.first.update_enabled


@pytest.mark.behaviour('deprecation-to-device')
def test_to_cpu_and_to_gpu_are_deprecated():
    model = Model()
    with pytest.warns(DeprecationWarning, match='to_cpu is deprecated. Use to_device'):
        assert model.to_cpu() is model
    with (
        pytest.warns(DeprecationWarning, match='to_gpu is deprecated. Use to_device'),
        contextlib.suppress(RuntimeError),
    ):
        model.to_gpu()  # CuPy may be absent


def test_devices():
    model = Model()
    assert model.xp is np and str(model.device) == '@numpy'
    assert model.to_device('@numpy') is model

    class Doubling:
        def visit_device_resident(self, resident):
            pass

        def visit_variable(self, param):
            if param.is_initialized:
                param.array = np.asarray(param.array * 2)

        def visit_array(self, array):
            return array + 7

    model.device_resident_accept(Doubling())
    assert (model.first.W.array == 2).all() and (model.first.seen == 7).all() and model.first.scale == 1


# What bad input gets


@pytest.mark.behaviour('chain-without-init')
def test_forgotten_super_init():
    class Forgetful(Chain):
        def __init__(self):
            with self.init_scope():
                self.l1 = L.Linear(3, 2)

    class NoScope(Link):
        def __init__(self):
            self.x = 1

        def forward(self):
            return self.x

    text = r'Link.__init__\(\) has not been called. Begin Forgetful.__init__ with super\(\).__init__\(\)'
    with pytest.raises(RuntimeError, match=text):
        Forgetful()
    for use in (lambda link: link(), lambda link: list(link.params()), lambda link: link.add_param('W', 3), repr):
        with pytest.raises(RuntimeError, match=r'^NoScope: Link.__init__\(\) has not been called'):
            use(NoScope())

    class Unregistered(Chain):
        def __init__(self):
            self.l1 = L.Linear(3, 2)

        def forward(self, x):
            return self.l1(x)

    with pytest.raises(RuntimeError, match=r'^Unregistered: Link.__init__\(\) has not been called'):
        Unregistered()(np.ones((1, 3), np.float32))


def test_a_link_pickled_before_it_had_hooks_can_be_called():
    link = L.Linear(3, 2)
    del vars(link)['_local_link_hooks']
    assert link(np.ones((1, 3), np.float32)).shape == (1, 2)
    assert not link.local_link_hooks


def test_missing_forward_and_missing_attributes():
    with pytest.raises(AttributeError, match=r"no attribute 'forward'. Define Chain.forward\(self, x\)"):
        Chain()(1)
    with pytest.raises(AttributeError, match="'Dense' object has no attribute 'l3'") as error:
        _ = Dense().l3
    assert error.value.name == 'l3'
    assert not hasattr(Link(), '_children') and not hasattr(Link(), 'forward')


def test_links_in_a_plain_list_are_named():
    class Listed(Chain):
        def __init__(self, hidden='layers'):
            super().__init__()
            self.plain = L.Linear(2, 2)
            with self.init_scope():
                self.l1 = L.Linear(2, 2)
                setattr(self, hidden, [L.Linear(2, 2), self.l1])

    with pytest.warns(UserWarning, match=r'Listed.layers is a plain list.*: layers\[0\] \(Linear\). Use ChainList'):
        model = Listed()
    outer = Chain(inner=model)
    assert unregistered(outer, (Link, Parameter)) == ['/inner: plain (Linear)', '/inner: layers[0] (Linear)']
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        model = Listed('_layers')
    assert unregistered(model, (Link, Parameter)) == ['plain (Linear)']


def test_unregistered_in_dicts_sets_and_tuples():
    link = Link()
    link.heads = {'a': Parameter(0), 'b': (1, L.Linear(2, 2))}
    link.bag = {L.Linear(1, 1)}
    assert unregistered(link, (Link, Parameter)) == [
        "heads['a'] (Parameter)",
        "heads['b'][1] (Linear)",
        'a member of bag (Linear)',
    ]


# Calling, text


def test_old_style_call():
    class Old(Chain):
        def __init__(self):
            super().__init__(l1=L.Linear(3, 2))
            self.add_link('l2', L.Linear(2, 1))

        def __call__(self, x, scale=1):
            return self.l2(self.l1(x)) * scale

    class Older(L.Linear):
        def __call__(self, x):
            return super().__call__(x) + 1

    x = np.zeros((4, 3), np.float32)
    assert Old()(x, scale=2).shape == (4, 1)
    np.testing.assert_array_equal(Older(3, 2)(x).array, np.ones((4, 2)))


def test_text():
    assert repr(L.Linear(None, 4, nobias=True)) == 'Linear(in_size=None, out_size=4, nobias=True)'
    assert repr(Dense()) == 'Dense(W=(2, 3), b=(2,))'
    assert repr(Link()) == 'Link()'
    assert repr(Chain()) == 'Chain()'
    assert str(Model()) == (
        'Model(\n  (first): Dense(W=(2, 3), b=(2,)),\n  (second): Linear(in_size=None, out_size=2, nobias=False),\n)'
    )


def test_repr_of_a_link_with_a_parameter_without_shape():
    link = Link(W=(2, 3))
    link.add_param('lazy')
    assert repr(link) == 'Link(W=(2, 3), lazy=None)'
    assert repr(L.Swish(None)) == 'Swish(beta=None)'
