"""Recurrent cells, and layers of them over sequences of different lengths."""

from chaingrad.functions.rnn.lstm import lstm, slstm, tree_lstm
from chaingrad.functions.rnn.n_step_gru import n_step_bigru, n_step_gru
from chaingrad.functions.rnn.n_step_lstm import n_step_bilstm, n_step_lstm
from chaingrad.functions.rnn.n_step_rnn import n_step_birnn, n_step_rnn

# fmt: off
__all__ = [
    'lstm', 'n_step_bigru', 'n_step_bilstm', 'n_step_birnn', 'n_step_gru', 'n_step_lstm', 'n_step_rnn', 'slstm',
    'tree_lstm',
]
# fmt: on
