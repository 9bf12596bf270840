"""Recurrent layers. Read `lstm.py` and `n_step.py` first."""

from chaingrad.links.rnn.gru import GRU, StatefulGRU, StatelessGRU
from chaingrad.links.rnn.lstm import LSTM, StatelessLSTM
from chaingrad.links.rnn.mgu import StatefulMGU, StatelessMGU
from chaingrad.links.rnn.n_step_gru import NStepBiGRU, NStepGRU
from chaingrad.links.rnn.n_step_lstm import NStepBiLSTM, NStepLSTM
from chaingrad.links.rnn.n_step_rnn import NStepBiRNNReLU, NStepBiRNNTanh, NStepRNNReLU, NStepRNNTanh
from chaingrad.links.rnn.peephole import StatefulPeepholeLSTM, StatefulZoneoutLSTM
from chaingrad.links.rnn.tree_lstm import ChildSumTreeLSTM, NaryTreeLSTM

__all__ = [
    'GRU',
    'LSTM',
    'ChildSumTreeLSTM',
    'NStepBiGRU',
    'NStepBiLSTM',
    'NStepBiRNNReLU',
    'NStepBiRNNTanh',
    'NStepGRU',
    'NStepLSTM',
    'NStepRNNReLU',
    'NStepRNNTanh',
    'NaryTreeLSTM',
    'StatefulGRU',
    'StatefulMGU',
    'StatefulPeepholeLSTM',
    'StatefulZoneoutLSTM',
    'StatelessGRU',
    'StatelessLSTM',
    'StatelessMGU',
]
