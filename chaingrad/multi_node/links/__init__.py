"""Links of several ranks: batch normalization over all of them, chains and recurrent layers across them."""

from chaingrad.multi_node.links.batch_normalization import MultiNodeBatchNormalization, create_mnbn_model
from chaingrad.multi_node.links.chain_list import MultiNodeChainList
from chaingrad.multi_node.links.n_step_rnn import create_multi_node_n_step_rnn

__all__ = [
    'MultiNodeBatchNormalization',
    'MultiNodeChainList',
    'create_mnbn_model',
    'create_multi_node_n_step_rnn',
]
