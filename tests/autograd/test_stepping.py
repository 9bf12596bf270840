"""backward_steps: the same bits as backward, each function once, and what a step tells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chaingrad
import chaingrad.functions as F
from chaingrad import Variable


class Square(chaingrad.FunctionNode):
    """A user's node: its rule works on Variables."""

    def forward(self, inputs):
        self.retain_inputs((0,))
        return (inputs[0] ** 2,)

    def backward(self, indexes, grad_outputs):
        return (2 * self.get_retained_inputs()[0] * grad_outputs[0],)


def halves(x):
    return list(F.split_axis(x, 2, 0))


CALLS = {
    'sin': (1, lambda x: [F.sin(x)]),
    'tanh': (1, lambda x: [F.tanh(x)]),
    'times': (1, lambda x: [x * 0.7]),
    'square': (1, lambda x: list(Square().apply((x,)))),
    'halves': (1, lambda x: [F.concat([h, h * 0.3], 0) for h in halves(x)]),
    'one half': (1, lambda x: [F.repeat(halves(x)[1], 2, 0)]),
    'sum': (1, lambda x: [F.broadcast_to(F.sum(x), x.shape)]),
    'add': (2, lambda x, y: [x + y]),
    'mul': (2, lambda x, y: [x * y]),
    'matmul': (2, lambda x, y: [F.matmul(x, y) / 4]),
}
LINES = st.lists(st.tuples(st.sampled_from(sorted(CALLS)), st.integers(0, 99), st.integers(0, 99)), max_size=14)


def build(lines, seed):
    """Return the leaves, all Variables and the last three, made by the lines of a program: function, inputs."""
    rng = np.random.default_rng(seed)
    leaves = [Variable(rng.uniform(-1, 1, (4, 4)).astype('f')) for _ in range(3)]
    variables = [*leaves, Variable(np.ones((4, 4), 'f'), requires_grad=False)]
    for name, *places in lines:
        arity, call = CALLS[name]
        variables += call(*[variables[place % len(variables)] for place in places[:arity]])
    outputs = [F.sum(y) for y in variables[-3:]]
    outputs[0].grad = np.array(0.3, 'f')
    return leaves, variables, outputs


def bits(variables):
    return [None if v.grad is None else (v.grad.dtype, v.grad.shape, v.grad.tobytes()) for v in variables]


@settings(max_examples=50)
@given(lines=LINES, seed=st.integers(0, 2**32 - 1), retain=st.booleans(), double=st.booleans())
def test_the_same_bits_as_backward(lines, seed, retain, double):
    leaves, variables, outputs = build(lines, seed)
    chaingrad.autograd.backprop.backward(outputs, retain, double, None)
    wanted = bits([*leaves, *variables, *outputs])
    leaves, variables, outputs = build(lines, seed)
    steps = list(chaingrad.backward_steps(outputs, retain, double))
    assert bits([*leaves, *variables, *outputs]) == wanted
    functions = [step.function for step in steps]
    assert len(set(map(id, functions))) == len(functions)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        assert step.total >= len(steps)
        assert len(step.grad_inputs) == len(step.inputs) == len(step.function._node_targets)


@settings(max_examples=50)
@given(lines=LINES, seed=st.integers(0, 2**32 - 1))
def test_what_goes_to_a_leaf_adds_up_to_its_gradient(lines, seed):
    leaves, _, outputs = build(lines, seed)
    sums = {}
    for step in chaingrad.backward_steps(outputs):
        for node, gx in zip(step.inputs, step.grad_inputs):
            sums[node] = gx if node not in sums else sums[node] + gx
    for x in leaves:
        assert x.grad is None if x.node not in sums else np.array_equal(x.grad, sums[x.node])


def small_net():
    x = Variable(np.array([[1.0, 2.0]]), name='x')
    W = Variable(np.array([[3.0, 4.0], [5.0, 6.0]]), name='W')
    return x, W, F.sum((x @ W) ** 2)


def test_what_a_step_tells():
    x, W, loss = small_net()
    steps = loss.backward_steps()
    first = next(steps)
    assert repr(first) == '<step 1 of 3: Sum>' and [f.label for f in first.waiting] == ['_ ** 2']
    assert first.function is loss.creator and first.grad_outputs == (1.0,)
    np.testing.assert_array_equal(first.grad_inputs[0], [[1, 1]])
    assert x.grad is None and W.grad is None
    *_, last = steps
    assert str(last) == (
        'step 3 of 3: MatMul\n  came: [[26., 32.]]\n  goes to x (1, 2): [[206., 322.]]\n'
        '  goes to W (2, 2):\n    [[26., 32.],\n     [52., 64.]]'
    )
    assert last.waiting == () and [node.name for node in last.inputs] == ['x', 'W']
    np.testing.assert_array_equal(W.grad, [[26, 32], [52, 64]])


def test_what_waits_and_how_many_functions_there_are():
    x, t = Variable(np.array(2.0)), Variable(np.array(3.0), requires_grad=False)
    short, long = F.exp(x), F.sin(x * 2)
    steps = list(((short + long) * F.exp(t)).backward_steps())
    waiting = [[f.label for f in step.waiting] for step in steps]
    assert waiting == [['_ + _'], ['sin', 'exp'], ['exp', '_ * 2'], ['_ * 2'], []]
    assert {step.total for step in steps} == {5}, 'no gradient reaches exp(t)'


def test_several_outputs_and_large_arrays():
    x = Variable(np.ones((100, 2), 'f'))
    a, b = F.split_axis(x, 2, 1)
    *_, last = F.sum(a * 3).backward_steps()
    assert last.function.label == 'SplitAxis' and last.grad_outputs[1] is None
    assert str(last).splitlines()[1:] == [
        '  came to output 0: float32 (100, 1), largest magnitude 3',
        '  came to output 1: nothing',
        '  goes to a leaf (100, 2): float32 (100, 2), largest magnitude 3',
    ]
    assert b is not None


def test_who_leaves_the_loop_changes_nothing():
    x, _, loss = small_net()
    for step in loss.backward_steps(retain_grad=True):
        if step.number == 2:
            break
    assert x.grad is None and loss.grad is None
    loss.backward()
    assert x.grad is not None


def test_gradients_add_to_what_is_there_and_the_scale_is_noted():
    x, _, loss = small_net()
    x.grad = np.ones((1, 2))
    for _ in loss.backward_steps(loss_scale=2.0):
        pass
    np.testing.assert_array_equal(x.grad, [[413, 645]])
    assert x._loss_scale == 2.0


def test_the_callers_code_is_not_part_of_the_pass():
    x, _, loss = small_net()
    with chaingrad.no_backprop_mode():
        recorded = [(x * 2).creator is not None for _ in loss.backward_steps(enable_double_backprop=True)]
    assert recorded == [False] * 3
    (ggx,) = chaingrad.grad([F.sum(x.grad_var)], [x])
    np.testing.assert_allclose(
        ggx.array, 2 * (np.array([[3, 4], [5, 6.0]]).sum(0) @ np.array([[3, 5], [4, 6.0]]))[None]
    )


def test_hooks_see_every_step():
    seen = []

    class Seen(chaingrad.FunctionHook):
        def backward_preprocess(self, function, in_data, out_grad):
            seen.append(function)

    _, _, loss = small_net()
    with Seen():
        assert [step.function for step in loss.backward_steps()] == seen


@pytest.mark.filterwarnings('ignore:backward. no gradient flows')
def test_a_leaf_and_errors():
    assert list(Variable(np.array(1.0)).backward_steps()) == []
    with pytest.raises(RuntimeError, match='only a Variable of one element'):
        (Variable(np.ones(3)) * 2).backward_steps()
    with pytest.raises(TypeError, match=r'but it is Variable\. For one Variable write loss\.backward_steps'):
        chaingrad.backward_steps(Variable(np.array(1.0)))
