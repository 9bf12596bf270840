"""Extensions of several ranks: evaluation, snapshots, checkpoints, persistent values, observations, early stopping."""

from chaingrad.multi_node.extensions.allreduce_persistent import AllreducePersistent
from chaingrad.multi_node.extensions.checkpoint import create_multi_node_checkpointer
from chaingrad.multi_node.extensions.evaluators import GenericMultiNodeEvaluator, create_multi_node_evaluator
from chaingrad.multi_node.extensions.observations import MultiNodeEarlyStoppingTrigger, ObservationAggregator
from chaingrad.multi_node.extensions.snapshot import multi_node_snapshot

__all__ = [
    'AllreducePersistent',
    'GenericMultiNodeEvaluator',
    'MultiNodeEarlyStoppingTrigger',
    'ObservationAggregator',
    'create_multi_node_checkpointer',
    'create_multi_node_evaluator',
    'multi_node_snapshot',
]
