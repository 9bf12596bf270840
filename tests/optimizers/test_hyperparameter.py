"""Hyperparameter: inheritance, and what survives a copy."""

import copy
import gc
import pickle

import numpy as np
import pytest

from chaingrad.optimizers.hyperparameter import Hyperparameter, HyperparameterProxy


def family():
    parent = Hyperparameter()
    parent.lr = 0.1
    child = Hyperparameter(parent)
    grandchild = Hyperparameter(child)
    return parent, child, grandchild


def test_children_follow_their_parent():
    parent, child, grandchild = family()
    assert child.lr == grandchild.lr == 0.1
    parent.lr = 0.2
    parent.momentum = 0.9
    assert (child.lr, grandchild.lr, grandchild.momentum) == (0.2, 0.2, 0.9)
    assert grandchild.parent is child and parent.parent is None


def test_own_values_come_first():
    parent, child, grandchild = family()
    child.lr = 0.5
    parent.lr = 0.3
    assert (parent.lr, child.lr, grandchild.lr) == (0.3, 0.5, 0.5)
    del child.lr
    assert child.lr == grandchild.lr == 0.3
    parent.lr = 0.4
    assert grandchild.lr == 0.4
    with pytest.raises(AttributeError, match=r"lr was not set here\. It has \{'lr': 0\.4\}"):
        del child.lr


def test_get_dict_and_repr():
    parent, child, _ = family()
    child.momentum = 0.9
    values = child.get_dict()
    assert values == {'lr': 0.1, 'momentum': 0.9}
    values['lr'] = 5
    assert child.lr == 0.1
    assert repr(child) == 'Hyperparameter(lr=0.1, momentum=0.9)'
    assert repr(Hyperparameter()) == 'Hyperparameter()'


def test_unknown_value_lists_the_names():
    parent, child, _ = family()
    child.momentum = 0.9
    with pytest.raises(AttributeError, match=r'no value rate\. The names are: lr, momentum'):
        _ = child.rate
    assert not hasattr(child, 'rate')


def test_numpy_numbers_become_python_numbers():
    parent, child, _ = family()
    parent.lr = np.float64(0.5)
    parent.n = np.array(3)
    parent.vector = np.arange(2)
    assert type(child.lr) is float and type(child.n) is int
    assert type(child.vector) is np.ndarray


@pytest.mark.parametrize('duplicate', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_deep_copies_are_a_family_of_their_own(duplicate):
    parent, child, _ = family()
    child.momentum = 0.9
    twin = duplicate(child)
    twin.parent.lr = 0.7
    assert (twin.lr, twin.momentum, child.lr) == (0.7, 0.9, 0.1)
    del twin.momentum
    assert child.momentum == 0.9 and not hasattr(twin, 'momentum')


def test_shallow_copy_has_the_same_parent():
    parent, child, _ = family()
    child.momentum = 0.9
    twin = copy.copy(child)
    parent.lr = 0.6
    twin.momentum = 0.5
    assert (twin.lr, twin.momentum, child.momentum) == (0.6, 0.5, 0.9)


def test_parent_does_not_keep_its_children_alive():
    parent, child, grandchild = family()
    gc.disable()
    try:
        del child, grandchild
        assert len(parent._children) == 0
    finally:
        gc.enable()


def test_proxy():
    class Owner:
        rate = HyperparameterProxy('lr')

        def __init__(self):
            self.hyperparam = Hyperparameter()

    owner = Owner()
    owner.rate = 0.25
    assert owner.hyperparam.lr == owner.rate == 0.25
    assert isinstance(Owner.rate, HyperparameterProxy)
    assert Owner.rate.__doc__ == 'Shorthand for `hyperparam.lr`.'
