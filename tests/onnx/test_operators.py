"""The operators that `load` runs, with options that `export` does not write; options that are not supported."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from chaingrad.onnx import load
from chaingrad.onnx.operators import OPERATORS
from chaingrad.onnx.operators.node import NotLoadable
from tests.onnx.running import IS_OLD, made, session_of


def rows(*shape):
    return np.random.RandomState(sum(shape)).uniform(-1, 1, shape).astype('f')


def test_every_operator_is_listed_by_the_definitions_of_onnx():
    for kind in OPERATORS:
        assert onnx.defs.get_schema(kind, 17).name == kind


X, IMAGE, IDS = rows(3, 4), rows(2, 4, 7, 8), np.array([[2, 0], [1, -1]])
SEQUENCE = rows(5, 3, 4)


def recurrent(gates, directions=1, **states):
    shapes = {'W': (directions, 6 * gates, 4), 'R': (directions, 6 * gates, 6), 'B': (directions, 12 * gates)}
    return {name: rows(*shape) for name, shape in {**shapes, **states}.items()}


OPTIONS = [
    ('Gemm', {'a': rows(4, 3), 'b': rows(4, 2)}, {'alpha': 0.5, 'beta': 2.0, 'transA': 1}, {'c': rows(3, 2)}),
    ('Gemm', {'a': X, 'b': rows(4, 2)}, {}, {}),
    ('Conv', {'x': IMAGE}, {'pads': [1, 2, 0, 1], 'strides': [2, 1]}, {'W': rows(3, 4, 3, 3), 'b': rows(3)}),
    ('Conv', {'x': IMAGE}, {'pads': [1, 1, 0, 1], 'strides': [2, 2]}, {'W': rows(3, 4, 3, 3)}),
    ('ConvTranspose', {'x': IMAGE}, {'pads': [1, 0, 0, 2], 'strides': [2, 3]}, {'W': rows(4, 2, 3, 3), 'b': rows(2)}),
    (
        'ConvTranspose',
        {'x': IMAGE},
        {'pads': [0, 0, 0, 0], 'strides': [3, 3], 'output_padding': [2, 2]},
        {'W': rows(4, 2, 2, 2), 'b': rows(2)},
    ),
    ('MaxPool', {'x': IMAGE}, {'kernel_shape': [3, 2], 'strides': [2, 2], 'pads': [1, 0, 1, 0]}, {}),
    ('MaxPool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'strides': [2, 2], 'pads': [1, 0, 0, 2]}, {}),
    ('MaxPool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'strides': [2, 2], 'ceil_mode': 1}, {}),
    ('MaxPool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'strides': [2, 2], 'ceil_mode': 1, 'pads': [1, 0, 0, 1]}, {}),
    ('AveragePool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'pads': [1, 1, 1, 1]}, {}),
    ('AveragePool', {'x': IMAGE}, {'kernel_shape': [3, 3], 'pads': [1, 1, 1, 1], 'count_include_pad': 1}, {}),
    ('AveragePool', {'x': IMAGE}, {'kernel_shape': [3, 2], 'pads': [1, 0, 2, 1], 'count_include_pad': 1}, {}),
    ('Flatten', {'x': IMAGE}, {'axis': 3}, {}),
    ('Flatten', {'x': IMAGE}, {'axis': 0}, {}),
    ('Squeeze', {'x': rows(1, 3, 1)}, {}, {}),
    ('Gather', {'x': X}, {'axis': 1}, {'ids': IDS}),
    ('GatherElements', {'x': X}, {'axis': -1}, {'ids': IDS}),
    ('Slice', {'x': X}, {}, {'start': np.array([-9, 2]), 'end': np.array([9, -9]), 'axes': np.array([0, -1]),
                             'steps': np.array([2, -1])}),
    ('Slice', {'x': X}, {}, {'start': np.array([1]), 'end': np.array([3])}),
    ('HardSigmoid', {'x': 4 * X}, {'alpha': 0.3, 'beta': 0.4}, {}),
    ('PRelu', {'x': X}, {}, {'slope': rows(4)}),
    ('Clip', {'x': X}, {}, {'low': np.array(0.1, 'f')}),
    ('Softmax', {'x': IMAGE}, {}, {}),
    ('ReduceMean', {'x': IMAGE}, {}, {}),
    ('ReduceL2', {'x': IMAGE}, {'axes': [-1, 1], 'keepdims': 0}, {}),
    ('ReduceMax', {'x': IDS}, {'axes': [0]}, {}),
    pytest.param('ReduceSum', {'x': X}, {'noop_with_empty_axes': 1}, {},
                 marks=pytest.mark.skipif(IS_OLD, reason='onnxruntime before 1.24 fails at it')),
    ('Div', {'x': np.array([-7, 7, 6, -6])}, {}, {'b': np.array([2, -2, 3, -3])}),
    ('Mod', {'x': np.array([-7, 7, 6])}, {}, {'b': np.array([2, -2, 4])}),
    ('Mod', {'x': np.array([-7, 7, 6])}, {'fmod': 1}, {'b': np.array([2, -2, 4])}),
    ('Max', {'x': IDS, 'z': IDS[::-1].copy()}, {}, {}),
    ('Where', {'x': np.array([True, False])}, {}, {'a': IDS, 'b': IDS + 7}),
    ('Clip', {'x': IDS}, {}, {'low': np.array(0)}),
    ('CumSum', {'x': IDS}, {}, {'axis': np.array(1)}),
    ('Pad', {'x': IDS}, {}, {'pads': np.array([1, 0, 0, 2])}),
    ('Shape', {'x': IMAGE}, {'start': 1, 'end': -1}, {}),
    ('Det', {'x': rows(3, 3)}, {}, {}),
    ('DFT', {'x': rows(2, 3, 4, 2)}, {'axis': 2, 'inverse': 1}, {}),
    ('SoftmaxCrossEntropyLoss', {'x': X, 't': np.array([1, 3, 0])}, {'reduction': 'sum'}, {}),
    ('SoftmaxCrossEntropyLoss', {'x': X, 't': np.array([1, 3, 0])}, {'ignore_index': 3}, {'w': rows(4) + 2}),
    ('LSTM', {'x': SEQUENCE}, {'hidden_size': 6}, recurrent(4)),
    ('LSTM', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'reverse'}, recurrent(4)),
    ('LSTM', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'bidirectional'}, recurrent(4, 2)),
    ('GRU', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'reverse', 'linear_before_reset': 1}, recurrent(3)),
    ('GRU', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'bidirectional', 'linear_before_reset': 1},
     recurrent(3, 2)),
    ('RNN', {'x': SEQUENCE}, {'hidden_size': 6, 'activations': ['Relu']}, recurrent(1)),
    ('RNN', {'x': SEQUENCE}, {'hidden_size': 6, 'direction': 'bidirectional'}, recurrent(1, 2)),
]  # fmt: skip


@pytest.mark.parametrize(('kind', 'inputs', 'attributes', 'arrays'), OPTIONS, ids=lambda x: x if type(x) is str else '')
def test_options_of_operators(kind, inputs, attributes, arrays):
    outputs = {'LSTM': ['y', 'h', 'c'], 'GRU': ['y', 'h'], 'RNN': ['y', 'h']}.get(kind, ['y'])
    node = helper.make_node(kind, [*inputs, *arrays], outputs, **attributes)
    model = made(node, inputs, outputs, **arrays)
    found = load(model)(*inputs.values())
    found = found if isinstance(found, tuple) else (found,)
    for y, wanted in zip(found, session_of(model).run(None, inputs), strict=True):
        assert y.dtype == wanted.dtype
        np.testing.assert_allclose(y.array, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('reverse', [False, True])
def test_recurrent_layers_take_first_states(reverse):
    arrays = recurrent(4, h=(1, 3, 6), c=(1, 3, 6))
    names = ['x', 'W', 'R', 'B', '', 'h', 'c']
    node = helper.make_node('LSTM', names, ['y'], hidden_size=6, direction='reverse' if reverse else 'forward')
    model = made(node, {'x': SEQUENCE}, **arrays)
    np.testing.assert_allclose(
        load(model)(SEQUENCE).array, *session_of(model).run(None, {'x': SEQUENCE}), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize('kind', ['LSTM', 'GRU', 'RNN'])
def test_recurrent_layers_without_biases_or_with_one_state(kind):
    arrays = recurrent({'LSTM': 4, 'GRU': 3, 'RNN': 1}[kind], h=(1, 3, 6))
    options = {'hidden_size': 6, **({'linear_before_reset': 1} if kind == 'GRU' else {})}
    for names in (['W', 'R'], ['W', 'R', '', '', 'h']):
        node = helper.make_node(kind, ['x', *names], ['y'], **options)
        model = made(node, {'x': SEQUENCE}, **{name: arrays[name] for name in names if name})
        np.testing.assert_allclose(
            load(model)(SEQUENCE).array, *session_of(model).run(None, {'x': SEQUENCE}), rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize(('position', 'shape'), [(4, (3,)), (7, (1, 18))])
def test_lengths_and_peepholes_of_recurrent_layers_are_not_supported(position, shape):
    names = ['x', 'W', 'R', 'B', *[''] * (position - 4), 'more']
    more = np.full(shape, 2, 'i' if position == 4 else 'f')
    with pytest.raises(NotLoadable, match='has sequence_lens or peepholes'):
        load(made(helper.make_node('LSTM', names, ['y'], hidden_size=6), {'x': SEQUENCE}, more=more, **recurrent(4)))


@pytest.mark.parametrize('count', [2, 3])
def test_splits_of_equal_size(count):
    names = [f'y{i}' for i in range(count)]
    for opset, attributes in ((17, {}), (18, {'num_outputs': count})):
        model = made(helper.make_node('Split', ['x'], names, axis=1, **attributes), {'x': rows(3, 6)}, names, opset)
        for y, wanted in zip(load(model)(rows(3, 6)), session_of(model).run(None, {'x': rows(3, 6)}), strict=True):
            np.testing.assert_array_equal(y.array, wanted)


@pytest.mark.parametrize(
    ('node', 'words'),
    [
        (helper.make_node('Hardmax', ['x'], ['y'], name='last'), 'Hardmax (the node last) is no operator that chain'),
        (helper.make_node('Hardmax', ['x'], ['y']), 'Hardmax (the node that makes y)'),
        (helper.make_node('Pad', ['x', 'pads'], ['y'], mode='edge'), "has mode='edge', but only 'constant' can"),
        (helper.make_node('CumSum', ['x', 'axis'], ['y'], reverse=1), 'has reverse=1, but only 0'),
        (helper.make_node('Cast', ['x'], ['y'], to=TensorProto.BFLOAT16), 'casts to the dtype of number 16'),
    ],
)
def test_what_is_not_supported(node, words):
    arrays = {'pads': np.array([1, 0, 0, 2]), 'axis': np.array(1)}
    model = made(node, {'x': X}, **{key: x for key, x in arrays.items() if key in node.input})
    with pytest.raises(NotLoadable) as raised:
        load(model)
    assert words in str(raised.value)
    assert 'Nothing was loaded' in str(raised.value)
    if node.op_type == 'Hardmax':
        assert 'Not supported in the model: Hardmax. Supported: ' in str(raised.value)


@pytest.mark.parametrize(
    ('kind', 'attributes', 'outputs', 'words'),
    [
        ('MaxPool', {'dilations': [2, 2]}, ['y'], 'has dilations='),
        ('MaxPool', {}, ['y', 'i'], 'has indices as second output'),
        ('MaxPool', {'auto_pad': 'SAME_UPPER'}, ['y'], 'has auto_pad='),
        ('AveragePool', {'ceil_mode': 1}, ['y'], 'has ceil_mode=1'),
    ],
)
def test_options_of_pooling_that_are_not_supported(kind, attributes, outputs, words):
    node = helper.make_node(kind, ['x'], outputs, kernel_shape=[2, 2], **attributes)
    with pytest.raises(NotLoadable, match=words):
        load(made(node, {'x': IMAGE}, outputs))


def test_an_average_without_uneven_padding_is_not_run():
    node = helper.make_node('AveragePool', ['x'], ['y'], kernel_shape=[2, 2], pads=[1, 0, 0, 0])
    with pytest.raises(ValueError, match=r'is not run for pads=\[1, 0, 0, 0\] of \(2, 4, 7, 8\)'):
        load(made(node, {'x': IMAGE}))(IMAGE)


@pytest.mark.parametrize(
    ('kind', 'gates', 'attributes', 'words'),
    [
        ('GRU', 3, {}, 'linear_before_reset=0'),
        ('LSTM', 4, {'activations': ['Sigmoid', 'Relu', 'Tanh']}, 'has activations='),
        ('LSTM', 4, {'clip': 1.0}, 'has clip'),
        ('LSTM', 4, {'layout': 1}, 'has layout=1'),
    ],
)
def test_options_of_recurrent_layers_that_are_not_supported(kind, gates, attributes, words):
    node = helper.make_node(kind, ['x', 'W', 'R', 'B'], ['y'], hidden_size=6, **attributes)
    with pytest.raises(NotLoadable, match=words):
        load(made(node, {'x': SEQUENCE}, **recurrent(gates)))
