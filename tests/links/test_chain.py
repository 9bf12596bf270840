"""Chain, ChainList and Sequential."""

import copy
import pickle

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.parameter import Parameter
from chaingrad.links.chain import Chain
from chaingrad.links.chain_list import ChainList
from chaingrad.links.sequential import Sequential


def linear(n_in=2, n_out=2):
    return L.Linear(n_in, n_out)


def paths(link):
    return [path for path, _ in link.namedparams()]


def test_chain_by_keywords_and_add_link():
    model = Chain(l2=linear(), l1=linear())
    model.add_link('l3', linear())
    assert paths(model) == ['/l1/W', '/l1/b', '/l2/W', '/l2/b', '/l3/W', '/l3/b']
    assert model['l3'] is model.l3
    with pytest.raises(AttributeError, match="new link 'l3': the attribute exists"):
        model.add_link('l3', linear())
    with pytest.raises(AttributeError, match="new link 'l1'"), model.init_scope():
        model.l1 = linear()
    with pytest.raises(TypeError, match="'act' must be a Link, but it is builtin_function_or_method"):
        model.add_link('act', abs)
    del model.l2
    assert [link.name for link in model.children()] == ['l1', 'l3']


def test_a_child_replaced_outside_of_init_scope_counts():
    model = Chain(l1=linear())
    model.l1 = linear(2, 5)
    assert [p.shape for p in model.params()] == [(5, 2), (5,)]


def test_chain_list_is_a_list():
    a, b, c, d = (linear() for _ in range(4))
    links = ChainList(a, b)
    links.append(c)
    links.insert(0, d)
    assert list(links) == [d, a, b, c] and len(links) == 4
    assert [x.name for x in links] == ['0', '1', '2', '3']
    assert links[1] is a and links[-1] is c and links[1:3] == [a, b]
    del links[0]
    links[0] = d
    assert list(links) == [d, b, c] and [x.name for x in links] == ['0', '1', '2']
    assert links.index(b) == 1 and b in links and a not in links
    assert links.pop() is c
    links.reverse()
    assert list(links) == [b, d] and b.name == '0'
    links.remove(b)
    links.extend([a, c])
    links[1:] = [b]
    links += [a]
    assert list(links) == [d, b, a]
    links.add_link(c)
    assert paths(links) == [f'/{i}/{name}' for i in range(4) for name in 'Wb']
    assert [path for path, _ in links.namedlinks()] == ['/', '/0', '/1', '/2', '/3']
    links.clear()
    assert not list(links.params())


def test_chain_list_takes_links_only():
    links = ChainList(linear())
    for call in (lambda: links.append(abs), lambda: links.__setitem__(0, abs), lambda: ChainList(1)):
        with pytest.raises(TypeError, match='an item must be a Link'):
            call()
    with pytest.raises(TypeError, match=r'cannot be registered.*append\(\)'), links.init_scope():
        links.l1 = linear()
    with links.init_scope():
        links.scale = Parameter(1, ())
    assert paths(links) == ['/scale', '/0/W', '/0/b']
    assert repr(links).splitlines()[1] == '  (0): Linear(in_size=2, out_size=2, nobias=False),'


@pytest.mark.parametrize('mode', ['share', 'copy', 'init'])
def test_copies_of_lists(mode):
    model = Chain(tower=ChainList(linear(), linear()), top=Sequential(linear(), abs, linear()))
    other = model.copy(mode)
    other.tower.append(linear())
    other.top.append(abs)
    assert len(model.tower) == 2 and len(model.top) == 3
    assert paths(model) == [f'/{x}/{i}/{p}' for x in ('top', 'tower') for i in '01' for p in 'Wb']
    assert other.top[0] is not model.top[0] and other.top[1] is abs
    assert (other.top[0].W.array is model.top[0].W.array) == (mode == 'share')
    assert other.top[0] is other.top._children[0]


def test_sequential_calls_in_order():
    model = Sequential(lambda a, b: (a, b), lambda a, b: a - b, abs, lambda x: x * 2)
    assert model(1, 4) == 6
    assert Sequential()(5) == 5
    x = np.ones((3, 2), np.float32)
    layers = Sequential(linear(), lambda y: reshape(y, (2, 3)), linear(3, 1))
    assert layers(x).shape == (2, 1)
    assert paths(layers) == ['/0/W', '/0/b', '/1/W', '/1/b']


def test_sequential_is_a_list_of_layers():
    a, b, c = (linear() for _ in range(3))
    model = Sequential(a, abs)
    model.insert(0, b)
    model.insert(-1, round)
    assert list(model) == [b, a, round, abs] and len(model) == 4
    assert [x.name for x in (b, a)] == ['0', '1']
    for i in (5, -5):
        with pytest.raises(IndexError, match=f'from -4 to 4, but it is {i}'):
            model.insert(i, a)
    part = model[1:3]
    assert isinstance(part, Sequential) and list(part) == [a, round] and a.name == '1'
    model[2] = c
    assert list(model) == [b, a, c, abs] and c.name == '2'
    assert model.index(abs) == 3 and model.count(abs) == 1 and model.index(c, 1, 3) == 2
    with pytest.raises(ValueError, match='list'):
        model.index(b, 1)
    assert model.pop(0) is b and model.pop() is abs
    model.remove(a)
    model.extend(Sequential(abs, a))
    assert list(model) == [c, abs, a] and list(model + Sequential(b)) == [c, abs, a, b]
    model += Sequential(round)
    assert isinstance(model, Sequential) and len(model) == 4
    assert model.count_by_layer_type('Linear') == 2 and model.count_by_layer_type('abs') == 1
    model.remove_by_layer_type('Linear')
    assert list(model) == [abs, round] and not list(model.params())
    del model[0]
    model[:] = [a, abs]
    model.reverse()
    assert list(model) == [abs, a]
    model.clear()
    assert len(model) == 0


def test_sequential_refuses():
    model = Sequential(linear())
    for call in (lambda: model.append(3), lambda: Sequential('x'), lambda: model.__setitem__(0, None)):
        with pytest.raises(ValueError, match='a layer must be callable'):
            call()
    for call in (lambda: model + [abs], lambda: model.extend([abs]), lambda: model.copyparams(ChainList(linear()))):
        with pytest.raises(ValueError, match='Sequential'):
            call()
    assert len(model) == 1


def test_flatten_repeat_and_copyparams():
    block = Sequential(linear(), abs)
    several = block.repeat(2)
    assert len(several) == 2 and paths(several) == [f'/{i}/0/{p}' for i in '01' for p in 'Wb']
    flat = Sequential(several, round).flatten()
    assert [getattr(x, '__name__', 'link') for x in flat] == ['link', 'abs', 'link', 'abs', 'round']
    other = several.copy('init')
    other.copyparams(several)
    for p, q in zip(other.params(), several.params()):
        np.testing.assert_array_equal(p.array, q.array)


def test_sequential_text_and_copies():
    model = Sequential(Sequential(linear(), abs), linear())
    assert str(model) == (
        'Sequential(\n'
        '  (0): Sequential(\n'
        '    (0): Linear(in_size=2, out_size=2, nobias=False),\n'
        '    (1): abs,\n'
        '  ),\n'
        '  (1): Linear(in_size=2, out_size=2, nobias=False),\n'
        ')'
    )
    x = np.ones((1, 2), np.float32)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other(x).array, model(x).array)
        assert other[0]._children == [other[0][0]]
