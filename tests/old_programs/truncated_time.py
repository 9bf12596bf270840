"""A language modeller: a stateful LSTM whose history is cut by unchain_backward, against states given as constants."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class RNNLM(chainer.Chain):
    def __init__(self, n_vocab, n_units):
        super(RNNLM, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units)
            self.rnn = L.LSTM(n_units, n_units)
            self.out = L.Linear(n_units, n_vocab)

    def reset_state(self):
        self.rnn.reset_state()

    def __call__(self, x):
        return self.out(self.rnn(self.embed(x)))


def depth(loss):
    """How many LSTMs are behind a loss."""
    seen, stack = set(), [loss.creator]
    while stack:
        function = stack.pop()
        if function is not None and function not in seen:
            seen.add(function)
            stack.extend(x.creator for x in function.inputs)
    return sum(function.label == 'LSTM' for function in seen)


def gradients(model):
    return {name: param.grad.copy() for name, param in model.namedparams()}


np.random.seed(0)
text = np.random.randint(0, 5, (25, 3)).astype('i')  # time, batch
model = RNNLM(5, 7)
model.reset_state()
bprop_len, found, states = 6, [], []
loss, model_states = 0, []
model.cleargrads()
for n, (x, t) in enumerate(zip(text[:-1], text[1:]), 1):
    if (n - 1) % bprop_len == 0:
        states.append((model.rnn.c, model.rnn.h))
    loss += F.softmax_cross_entropy(model(x), t)
    if n % bprop_len == 0:
        assert depth(loss) == bprop_len
        model.cleargrads()
        loss.backward()
        loss.unchain_backward()
        found.append(gradients(model))
        assert model.rnn.h.creator is None and model.rnn.c.creator is None and model.rnn.h.data is not None
        loss = 0
assert len(found) == 4 and states[0] == (None, None)

# The same window by window, without the link's state: the function lstm with constants to begin with.
for window, (c, h) in enumerate(states):
    c, h = [np.zeros((3, 7), 'f') if state is None else state.data for state in (c, h)]
    loss = 0
    for n in range(window * bprop_len, (window + 1) * bprop_len):
        c, h = F.lstm(c, model.rnn.upward(model.embed(text[n])) + model.rnn.lateral(h))
        loss += F.softmax_cross_entropy(model.out(h), text[n + 1])
    model.cleargrads()
    loss.backward()
    for name, param in model.namedparams():
        assert np.allclose(param.grad, found[window][name], atol=1e-5), (window, name)

# Without the cut the gradient is another: it reaches back to the start.
model.reset_state()
loss = 0
for n, (x, t) in enumerate(zip(text[:-1], text[1:]), 1):
    step = F.softmax_cross_entropy(model(x), t)
    loss = step if n == 19 else loss + step
    if n == 24:
        break
assert depth(loss) == 24
model.cleargrads()
loss.backward()
assert not np.allclose(model.rnn.lateral.W.grad, found[3]['/rnn/lateral/W'], atol=1e-5)

# Dreaming: the state goes on without a graph.
with chainer.no_backprop_mode(), chainer.using_config('train', False):
    model.reset_state()
    assert model.rnn.h is None and model.rnn.c is None
    word, words = np.zeros(1, 'i'), []
    for _ in range(5):
        word = model(word).data.argmax(axis=1).astype('i')
        words.append(int(word[0]))
assert model.rnn.h.creator is None and len(words) == 5
