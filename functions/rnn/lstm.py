"""Cells with a memory: lstm, and slstm and tree_lstm, which join several memories."""

from __future__ import annotations

from chaingrad.autograd.annotations import Arrays, Indexes, Operand, Operands
from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array, as_variable
from chaingrad.functions.activation.sigmoid import Sigmoid, Tanh, sigmoid, tanh
from chaingrad.functions.array.joining import Concat, Stack
from chaingrad.functions.checks import fail, require_floats
from chaingrad.functions.kernels.recurrence import lstm_gates, split_shape


class LSTM(FunctionNode):
    """c = tanh(a) sigmoid(i) + sigmoid(f) c_prev, h = sigmoid(o) tanh(c).

    axis: 2 where a, i, f, o are interleaved unit by unit in x, 1 where they follow each other.
    """

    _retained_inputs: tuple[int, ...] = (0, 1)

    def __init__(self, axis: int = 2) -> None:
        self._axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        c_prev, x = inputs
        xp = get_array_module(x)
        n = len(x)
        a, i, f, o = lstm_gates(x, self._axis)
        c = f * c_prev[:n]
        c += a * i
        tanh_c = xp.tanh(c)
        self._gates = (a, i, f, o, tanh_c)
        if n < len(c_prev):
            c = xp.concatenate([c, c_prev[n:]])
        return c, o * tanh_c

    def _compute_gates(self, c_prev: Operand, x: Operand) -> Operands:
        """Return the gates and tanh(c): as forward left them for arrays, differentiable for Variables."""
        if self._array_pass:
            return self._gates
        x = x.reshape(split_shape(x.shape, self._axis))
        lead = (slice(None),) * self._axis
        a = Tanh.of(x[(*lead, 0)])
        i = Sigmoid.of(x[(*lead, 1)])
        f = Sigmoid.of(x[(*lead, 2)])
        o = Sigmoid.of(x[(*lead, 3)])
        return a, i, f, o, Tanh.of(a * i + f * c_prev)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        c_prev, x = self.get_retained_inputs()
        gc, gh = grad_outputs
        gradients = self._gradients(c_prev, x, gc, gh, 1 in indexes)
        return tuple([gradients[i] for i in indexes])

    def _gradients(
        self, c_prev: Operand, x: Operand, gc: Operand, gh: Operand, needs_x: bool = True
    ) -> tuple[Operand, Operand]:
        """Return the gradients of c_prev and x from those of c and h, of which one may be None."""
        n = x.shape[0]
        c_used = c_prev if n == c_prev.shape[0] else c_prev[:n]
        a, i, f, o, tanh_c = self._compute_gates(c_used, x)
        if gh is None:
            g = gc[:n]
            go = o * 0
        else:
            g = gh * o * (1 - tanh_c * tanh_c)
            go = gh * tanh_c * o * (1 - o)
            if gc is not None:
                g = g + gc[:n]
        gx = None
        if needs_x:
            ga = g * i * (1 - a * a)
            gi = g * a * i * (1 - i)
            gf = g * c_used * f * (1 - f)
            gx = Stack.of(ga, gi, gf, go, axis=self._axis).reshape(x.shape)
        gc_prev = g * f
        if n < c_prev.shape[0]:
            rest = as_array(c_prev)[n:] * 0 if gc is None else gc[n:]
            gc_prev = Concat.of(gc_prev, rest, axis=0)
        return gc_prev, gx


def lstm(c_prev: VariableOrArray, x: VariableOrArray) -> tuple[Variable, Variable]:
    """Return the next cell and output of long short-term memory units.

    With x split into a, i, f, o:

        c = tanh(a) sigmoid(i) + sigmoid(f) c_prev
        h = sigmoid(o) tanh(c)

    The four are interleaved: a_0, i_0, f_0, o_0, a_1, i_1, ... along the second axis. When x has fewer rows than c_prev
    (shorter sequences have ended), the other cells stay as they are.

    Args:
        c_prev: Variable or array, the previous cells, (m, units, ...), floating dtype.
        x: Variable or array, the inputs of cells and gates, (n, 4 units, ...), of the same dtype, n <= m.

    Returns:
        Tuple of two Variables: c, (m, units, ...), and h, (n, units, ...).

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.lstm(np.array([[1.0]]), np.array([[0.0, 0.0, 1000.0, 1000.0]]))
        (variable([[1.]]), variable([[0.76159416]]))

    Source:
        F. A. Gers, J. Schmidhuber, F. Cummins, Learning to Forget, Neural Computation 12, 2000.
    """
    _check('lstm', 4, c_prev=c_prev, x=x)
    c, h = LSTM().apply((c_prev, x))
    return c, h


def _check(who: str, parts: int, c_prev: VariableOrArray, x: VariableOrArray, suffix: str = '') -> None:
    """Raise InvalidType unless x has so many parts of the size of c_prev, and not more rows.

    suffix: what follows c_prev and x in the names of the arguments.
    """
    given = {f'c_prev{suffix}': c_prev, f'x{suffix}': x}
    require_floats(who, **given)
    fits = len(x.shape) == len(c_prev.shape) > 1 and x.shape[0] <= c_prev.shape[0] and x.shape[2:] == c_prev.shape[2:]
    if not fits or x.shape[1] != parts * c_prev.shape[1]:
        condition = f'c_prev{suffix} (m, units, ...) and x{suffix} (n, {parts} units, ...) with n <= m'
        fail(who, condition, '', **given)


def slstm(
    c_prev1: VariableOrArray, c_prev2: VariableOrArray, x1: VariableOrArray, x2: VariableOrArray
) -> tuple[Variable, Variable]:
    """Return the next cell and output of S-LSTM units, which join two memories.

    With x1 and x2 split into a, i, f, o each, interleaved as in `lstm`:

        c = tanh(a1) sigmoid(i1) + tanh(a2) sigmoid(i2) + sigmoid(f1) c_prev1 + sigmoid(f2) c_prev2
        h = sigmoid(o1 + o2) tanh(c)

    Args:
        c_prev1: Variable or array, cells of the first child, (n, units, ...), floating dtype.
        c_prev2: Variable or array, cells of the second child, of the same shape and dtype.
        x1: Variable or array, inputs from the first child, (n, 4 units, ...), of the same dtype.
        x2: Variable or array, inputs from the second child, of the same shape and dtype.

    Returns:
        Tuple of two Variables, c and h, (n, units, ...).

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> c, x = np.array([[2.0]]), np.array([[0.0, 0.0, 0.0, 1000.0]])
        >>> F.slstm(c, c, x, x)
        (variable([[2.]]), variable([[0.96402758]]))

    Source:
        X. Zhu, P. Sobhani, H. Guo, Long Short-Term Memory Over Tree Structures, ICML 2015.
    """
    _check('slstm', 4, c_prev1, x1, '1')
    _check('slstm', 4, c_prev2, x2, '2')
    same = x1.shape == x2.shape and x1.dtype == x2.dtype
    if not same or c_prev1.shape[0] != x1.shape[0] or c_prev2.shape[0] != x2.shape[0]:
        fail('slstm', 'x1 and x2 of one shape and dtype, as many rows as cells', x1=x1, x2=x2)
    c1, o1 = _child(c_prev1, x1)
    c2, o2 = _child(c_prev2, x2)
    c = c1 + c2
    return c, sigmoid(o1 + o2) * tanh(c)


def _child(c_prev: VariableOrArray, x: VariableOrArray) -> tuple[Variable, Variable]:
    """Return what a child adds to c, and to the output gate before its sigmoid."""
    gates = reshape(x, split_shape(x.shape, 2))
    a, i, f, o = gates[:, :, 0], gates[:, :, 1], gates[:, :, 2], gates[:, :, 3]
    return tanh(a) * sigmoid(i) + sigmoid(f) * c_prev, o


def tree_lstm(*inputs: VariableOrArray) -> tuple[Variable, Variable]:
    """Return the next cell and output of tree-structured units with any number of children.

    With x split into a, i, o, f1, ..., fn, one after the other (not interleaved):

        c = tanh(a) sigmoid(i) + sigmoid(f1) c1 + ... + sigmoid(fn) cn
        h = sigmoid(o) tanh(c)

    Args:
        inputs: Variables or arrays: the cells c1, ..., cn of the children, each (m, units, ...), floating dtype, and
            finally x, (m, (3 + n) units, ...), of the same dtype.

    Returns:
        Tuple of two Variables, c and h, (m, units, ...).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when there is no child.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.tree_lstm(np.array([[1.0]]), np.array([[2.0]]), np.array([[0.0, 0.0, 1000.0, 1000.0, 1000.0]]))
        (variable([[3.]]), variable([[0.99505475]]))

    Source:
        K. S. Tai, R. Socher, C. D. Manning, Improved Semantic Representations From Tree-Structured Long Short-Term
        Memory Networks, ACL 2015, eqs. 9 to 14.
    """
    if len(inputs) < 2:
        raise ValueError('tree_lstm: at least one child and x must be given: tree_lstm(c1, ..., cn, x).')
    *children, x = inputs
    n = len(children)
    for k, child in enumerate(children):
        _check('tree_lstm', 3 + n, child, x)
        if child.shape != (x.shape[0], *children[0].shape[1:]):
            given = {'c1': children[0], f'c{k + 1}': child, 'x': x}
            fail('tree_lstm', 'cells of one shape, as many rows as x', '', **given)
    parts = reshape(as_variable(x), (x.shape[0], 3 + n, x.shape[1] // (3 + n), *x.shape[2:]))
    c = tanh(parts[:, 0]) * sigmoid(parts[:, 1])
    for k, child in enumerate(children):
        c = c + sigmoid(parts[:, 3 + k]) * child
    return c, sigmoid(parts[:, 2]) * tanh(c)
