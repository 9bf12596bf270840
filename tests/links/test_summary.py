"""summary: what the table holds, and that the model does not notice."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L


class Net(chaingrad.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(None, 4, 3)
            self.bn = L.BatchNormalization(4)
            self.out = L.Linear(None, 10)
            self.spare = L.Linear(2, 3)
            self.scale = chaingrad.Parameter(1, (1,))
        self.state = 0

    def forward(self, x):
        self.state += 1
        h = F.relu(self.bn(self.conv(x)))
        return F.broadcast_to(self.scale, (len(x), 10)) * self.out(h)


IMAGES = np.zeros((2, 3, 8, 8), 'f')


def test_rows():
    table = chaingrad.summary(Net(), IMAGES)
    assert [row[:4] for row in table.layers] == [
        ('/conv', 'Convolution2D', ((2, 4, 6, 6),), 4 * 3 * 9 + 4),
        ('/bn', 'BatchNormalization', ((2, 4, 6, 6),), 8),
        ('/out', 'Linear', ((2, 10),), 144 * 10 + 10),
        ('/', 'Net', ((2, 10),), 1),
    ]
    assert table.n_params == 112 + 8 + 1450 + 1 + 9 and table.parameter_bytes == 4 * table.n_params
    assert table.not_called == 9 and table.output_bytes == 4 * (288 + 288 + 20)
    functions = [row for row in table.rows if row.is_function]
    assert [(row.path, row.kind) for row in functions] == [('/', 'ReLU'), ('/', 'BroadcastTo'), ('/', '_ * _')]
    text = str(table)
    assert repr(table) == text and text.isascii() and '1,580 parameters, 6.2 kB; outputs 2.3 kB\n' in text
    assert '9 parameters belong to links that were not called' in text
    assert '<td>/conv</td><td>Convolution2D</td><td>(2, 4, 6, 6)</td><td>112</td>' in table._repr_html_()


def test_the_model_does_not_notice():
    model = Net()
    before = np.random.get_state()[1].copy()
    chaingrad.summary(model, IMAGES)
    assert np.array_equal(np.random.get_state()[1], before)
    assert not model.conv.W.is_initialized and model.state == 0 and (model.bn.avg_mean == 0).all()


def test_a_layer_called_twice_counts_once():
    class Twice(chaingrad.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.l = L.Linear(3, 3)

        def forward(self, x):
            return {'a': self.l(self.l(x)), 'b': (x, 1)}

    table = chaingrad.summary(Twice(), np.zeros((1, 3), 'f'))
    assert [row.n_params for row in table.rows] == [12, 0] and table.n_params == 12


def test_large_sizes():
    table = chaingrad.summary(L.Linear(1000, 600), np.zeros((1, 1000), 'f'))
    assert '2.3 MB' in str(table) and table.rows[0].path == '/'


def test_a_failing_model_leaves_nothing_behind():
    with pytest.raises(chaingrad.utils.type_check.InvalidType):
        chaingrad.summary(Net().spare, np.zeros((1, 7), 'f'))
    chaingrad.summary(Net(), IMAGES)
    with pytest.raises(TypeError, match='model must be a Link, but it is a function'):
        chaingrad.summary(F.relu, IMAGES)


def test_shapes_stand_for_data():
    class Add(chaingrad.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.embed = L.EmbedID(5, 3)

        def forward(self, x, scale=None):
            return self.embed(x) * scale

    table = chaingrad.summary(Add(), ((4,), 'i'), scale=(4, 3))
    assert [(row.path, row.kind, row.shapes) for row in table.rows] == [
        ('/embed', 'EmbedID', ((4, 3),)), ('/', '_ * _', ((4, 3),))
    ]  # fmt: skip
    with chaingrad.using_config('dtype', np.float64):
        assert chaingrad.summary(L.Linear(3, 2), (4, 3)).output_bytes == 4 * 2 * 8


def test_frozen_parameters():
    model = Net()
    model(IMAGES)
    chaingrad.optimizers.SGD().setup(model)
    model.conv.disable_update()
    model.out.W.update_rule.enabled = False
    table = chaingrad.summary(model, IMAGES)
    assert table.n_frozen == 112 + 1440 and table.layers[0].n_frozen == 112
    text = str(table)
    assert '112 (frozen)' in text and '1,450 (1,440 frozen)' in text
    assert text.splitlines()[-2] == '28 parameters are trainable, 1,552 are frozen'


@pytest.mark.parametrize(
    ('link', 'shape', 'count'),
    [
        (L.Linear(3, 5), (4, 3), 4 * 5 * 3),
        (L.Convolution2D(6, 4, 3), (2, 6, 8, 8), 2 * 4 * 36 * 6 * 9),
        (L.Convolution2D(6, 4, 3, groups=2), (2, 6, 8, 8), 2 * 4 * 36 * 3 * 9),
        (L.ConvolutionND(1, 2, 4, 3), (2, 2, 8), 2 * 4 * 6 * 2 * 3),
        (L.Deconvolution2D(6, 4, 3), (2, 6, 8, 8), 2 * 6 * 64 * 4 * 9),
        (L.BatchNormalization(3), (4, 3), 0),
    ],
    ids=lambda v: type(v).__name__ if isinstance(v, chaingrad.Link) else '',
)
def test_multiply_adds(link, shape, count):
    table = chaingrad.summary(link, shape)
    assert table.n_multiply_adds == table.layers[0].n_multiply_adds == count


@pytest.mark.parametrize('transa', [False, True])
def test_multiply_adds_of_matrix_products(transa):
    class Product(chaingrad.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.l = L.Linear(2, 2)

        def forward(self, a, b):
            return F.matmul(a, b, transa=transa)

    table = chaingrad.summary(Product(), (5, 7, 3) if transa else (5, 3, 7), (5, 7, 2))
    assert table.n_multiply_adds == 5 * 3 * 7 * 2


def test_what_is_kept_for_the_backward_pass():
    """A linear layer keeps its input, ReLU its output, which is the next layer's input; parameters do not count."""
    model = chaingrad.Sequential(L.Linear(3, 4), F.relu, L.Linear(4, 5), lambda h: F.reshape(h, (-1,)), F.exp)
    assert chaingrad.summary(model, (2, 3)).backward_bytes == 4 * 2 * (3 + 4 + 5)
    with chaingrad.no_backprop_mode():
        assert chaingrad.summary(model, (2, 3)).backward_bytes == 4 * 2 * (3 + 4 + 5)
    assert chaingrad.summary(chaingrad.Sequential(F.sin, F.sin), (2, 3)).n_multiply_adds == 0
