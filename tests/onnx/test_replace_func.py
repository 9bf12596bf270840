"""A piece of code as one function, and as one operator."""

import numpy as np
import onnx
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import gradient_check
from chaingrad.onnx import export
from chaingrad.onnx.replace_func import as_funcnode, fake_as_funcnode
from tests.onnx.running import assert_same_in_onnxruntime


def scaled(xs, by=2.0, more=None):
    total = xs[0] * by + F.sin(xs[1])
    return total if more is None else (total, more)


def test_inputs_and_attributes():
    x, y, z = (chaingrad.Variable(np.full(3, value)) for value in (1.0, 2.0, 3.0))
    wrapped = fake_as_funcnode(scaled, 'Scaled', rename_attributes=[('by', 'factor')])
    out = wrapped([x, y], 4.0)
    np.testing.assert_allclose(out.array, 4 + np.sin(2.0) * np.ones(3))
    node = out.creator
    assert (node.label, node.factor, node.more, len(node.inputs)) == ('Scaled', 4.0, None, 2)
    first, second = wrapped((x, y), more=z)
    assert first.creator is second.creator
    assert len(first.creator.inputs) == 3
    with pytest.raises(ValueError, match='Scaled must be called with a Variable'):
        wrapped([1, 2])


def test_gradient():
    wrapped = as_funcnode('Scaled')(scaled)
    rng = np.random.RandomState(0)
    x, y, gy = rng.rand(3), rng.rand(3), rng.rand(3)
    gradient_check.check_backward(lambda a, b: wrapped([a, b], 3.0), (x, y), gy, dtype='d', atol=1e-5, rtol=1e-3)


def test_one_operator_stands_for_it():
    @as_funcnode('Mish')
    def mish(x):
        return x * F.tanh(F.softplus(x))

    def convert(call):
        half, whole = (f'{call.output_names[0]}/{i}' for i in range(2))
        return (
            onnx.helper.make_node('Softplus', call.input_names, [half]),
            onnx.helper.make_node('Tanh', [half], [whole]),
            onnx.helper.make_node('Mul', [*call.input_names, whole], call.output_names),
        )

    def make(n):
        return [np.random.RandomState(n).rand(n, 3).astype('f')]

    def model(x):
        return mish(x) + 1

    with pytest.raises(ValueError, match='Mish'):
        export(model, tuple(make(2)))
    exported = assert_same_in_onnxruntime(model, make, external_converters={'Mish': convert})
    assert [node.op_type for node in exported.graph.node] == ['Softplus', 'Tanh', 'Mul', 'Add']
