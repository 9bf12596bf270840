"""Names of other libraries are answered by what to write, and what is to be written exists."""

import copy
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable, datasets, iterators, optimizers, training
from chaingrad.autograd import habits, habits_table
from chaingrad.training import extensions

MODEL = L.Classifier(chaingrad.Sequential(L.Linear(3, 2)))
OPTIMIZER = optimizers.Adam().setup(MODEL)
OBJECTS = {
    'VARIABLE': Variable(np.ones((4, 3), np.float32)),
    'LINK': MODEL,
    'OPTIMIZER': OPTIMIZER,
}
MODULES = {
    'FRONT_DOOR': chaingrad,
    'FUNCTIONS': F,
    'LINKS': L,
    'OPTIMIZERS': optimizers,
    'DATA': iterators,
    'EXTENSIONS': extensions,
}
OWNERS = {**OBJECTS, **MODULES}
TABLES = [name for name in vars(habits_table) if name.isupper()]
ROWS = [(table, name) for table in TABLES for name in habits._read(getattr(habits_table, table))]
# What the answers begin with, and what it stands for.
ROOTS = {
    'F': F,
    'L': L,
    'chaingrad': chaingrad,
    'datasets': datasets,
    'extensions': extensions,
    'iterators': iterators,
    'layer': L.Linear(3, 2),
    'loss': Variable(np.array(1.0, np.float32)),
    'model': chaingrad.Sequential(L.Linear(3, 2)),
    'np': np,
    'optimizer': OPTIMIZER,
    'optimizers': optimizers,
    'param': MODEL.predictor[0].W,
    'training': training,
    'x': OBJECTS['VARIABLE'],
}


def ask(table, name):
    """Return the message that a missing name of a table gets."""
    owner = OWNERS[table]
    with pytest.raises(AttributeError) as caught:
        getattr(owner, name)
    return str(caught.value)


def test_there_are_a_hundred_names_and_more():
    assert len(set(ROWS)) > 200


@pytest.mark.parametrize(('table', 'name'), [row for row in ROWS if row[0] in OWNERS and row != ('OPTIMIZER', 'lr')])
def test_a_name_of_another_library_is_answered(table, name):
    code, _ = habits._read(getattr(habits_table, table))[name]
    text = ask(table, name)
    assert f"has no '{name}'; write {code.format(rate='alpha')}" in text
    assert not hasattr(OWNERS[table], name)


@pytest.mark.parametrize(('table', 'name'), ROWS)
def test_what_is_to_be_written_exists(table, name):
    text = ' '.join(habits._read(getattr(habits_table, table))[name]).format(rate='alpha')
    for path in re.findall(r'(?<![\w.\'/])([A-Za-z]\w*(?:\.\w+)+)', text):
        root, *names = path.split('.')
        if root not in ROOTS:
            assert root in ('self', 'trainer', 'copy', 'y'), path
            continue
        found = ROOTS[root]
        for attribute in names:
            if callable(found) and attribute == 'run':
                break
            found = getattr(found, attribute)


def test_a_function_or_an_array_may_have_the_name():
    assert 'write F.softmax(x).' in ask('VARIABLE', 'softmax')
    assert 'write x.array.tolist.' in ask('VARIABLE', 'tolist')


def test_the_nearest_name_of_a_module_is_shown():
    assert ask('FUNCTIONS', 'rleu').endswith("Did you mean 'relu'?")
    assert ask('OPTIMIZERS', 'Adagrad').endswith("Did you mean 'AdaGrad'?")
    assert ask('FRONT_DOOR', 'Varaible').endswith("Did you mean 'Variable'?")
    assert 'Did you mean' not in ask('FUNCTIONS', 'xyzzy')


@pytest.mark.parametrize('name', ['detach', 'xyzzy', '_private', '__array_interface__'])
@pytest.mark.parametrize('kind', OBJECTS)
def test_hasattr_and_getattr_know_what_is_missing(kind, name):
    assert not hasattr(OBJECTS[kind], name)
    assert getattr(OBJECTS[kind], name, 5) == 5


@pytest.mark.parametrize('kind', OBJECTS)
def test_copies_and_pickles_are_as_before(kind):
    copied = copy.deepcopy(OBJECTS[kind])
    assert type(copied) is type(OBJECTS[kind])
    if kind == 'VARIABLE':
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(OBJECTS[kind])).array, OBJECTS[kind].array)
        np.testing.assert_array_equal(copy.copy(OBJECTS[kind]).array, OBJECTS[kind].array)


def test_an_error_in_a_property_is_shown_as_it_is():
    class Net(chaingrad.Chain):
        @property
        def width(self):
            return self.l1.W.shape[0]

    class Mine(Variable):
        @property
        def width(self):
            return self.array.wdth

    with pytest.raises(AttributeError, match="'Net' object has no attribute 'l1'"):
        Net().width  # noqa: B018
    with pytest.raises(AttributeError, match='wdth'):
        Mine(np.ones(3)).width  # noqa: B018


def test_a_variable_without_array_says_so():
    with pytest.raises(AttributeError, match='Variable: there is no array yet, so there is no shape'):
        Variable().shape  # noqa: B018
    with pytest.raises(AttributeError, match='Parameter: there is no array yet'):
        chaingrad.Parameter(0).shape  # noqa: B018


KEYWORDS = [
    (lambda: optimizers.Adam(lr=0.1), "Adam: unexpected keyword argument 'lr'. Write 'alpha'."),
    (lambda: optimizers.SGD(learning_rate=0.1), "SGD: unexpected keyword argument 'learning_rate'. Write 'lr'."),
    (lambda: optimizers.Adam(betas=(0.9, 0.9)), "Write 'beta1' and 'beta2'."),
    (lambda: optimizers.SGD(weight_decay=0.1), 'Call optimizer.add_hook(chaingrad.optimizer_hooks.WeightDecay(rate))'),
    (lambda: optimizers.SGD(momentum=0.1), 'Write optimizers.MomentumSGD(lr, momentum).'),
    (lambda: optimizers.SGD(lrr=0.1), "Did you mean 'lr'?"),
    (lambda: optimizers.SGD(0.1, lr=0.1), 'SGD: lr is given twice, as argument 1 and by its name. It takes: lr.'),
    (lambda: L.Linear(3, 2, bias=False), "Linear: unexpected keyword argument 'bias'. Write nobias=True"),
    (lambda: L.Linear(3, 2, xyzzy=1), 'It takes: in_size, out_size, nobias, initialW, initial_bias.'),
    (lambda: L.Convolution2D(3, 2, kernel_size=3), "Convolution2D: unexpected keyword argument 'kernel_size'"),
    (lambda: L.Convolution2D(3, 2, kernel_size=3), "Write 'ksize'."),
    (lambda: F.dropout(np.ones(3, 'f'), p=0.5), "dropout: unexpected keyword argument 'p'. Write 'ratio'."),
    (lambda: F.convolution_2d(np.ones(3), np.ones(3), padding=1), "Write 'pad'."),
    (lambda: chaingrad.distributions.Normal(mu=0, sigma=1), "Write 'loc'."),
]


@pytest.mark.parametrize(('call', 'part'), KEYWORDS, ids=[part for _, part in KEYWORDS])
def test_a_keyword_that_is_not_taken(call, part):
    with pytest.raises(TypeError) as caught:
        call()
    assert part in str(caught.value)


def test_a_link_that_is_a_dictionary_too_takes_its_arguments():
    class Table(chaingrad.Link, dict):
        def __init__(self, *args, **kwargs):
            chaingrad.Link.__init__(self)
            dict.__init__(self, *args, **kwargs)

    assert Table(a=1)['a'] == 1


@pytest.mark.parametrize(
    ('statement', 'part'),
    [
        ('from chaingrad.links import Conv2d', 'L.Convolution2D(in_channels, out_channels, ksize)'),
        ('from chaingrad import no_grad', 'chaingrad.no_backprop_mode()'),
        ('from chaingrad.functions import rleu', "Did you mean 'relu'?"),
        ('from chaingrad.serializers import load_nzp', "Did you mean 'load_npz'?"),
    ],
)
def test_an_import_of_a_missing_name_is_answered(statement, part):
    with pytest.raises(ImportError) as caught:
        exec(statement, {})
    assert part in str(caught.value)


def test_the_tables_are_imported_by_a_mistake_only():
    code = (
        'import sys, chaingrad, numpy as np, chaingrad.functions as F, chaingrad.links as L\n'
        'model = L.Classifier(L.Linear(3, 2))\n'
        'optimizer = chaingrad.optimizers.Adam().setup(model)\n'
        'optimizer.update(model, np.ones((4, 3), "f"), np.zeros(4, "i"))\n'
        'assert "chaingrad.autograd.habits" not in sys.modules\n'
        'assert not hasattr(model, "detach")\n'
        'assert "chaingrad.autograd.habits" in sys.modules\n'
    )
    subprocess.run([sys.executable, '-c', code], check=True)
